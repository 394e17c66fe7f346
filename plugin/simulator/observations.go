// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"slices"
	"strconv"
)

// observation and observed are ObservationMetricData and the
// ...ObservationDataContainer of the public API description.
type (
	observation struct {
		Metric       string          `json:"metric"`
		Qualifier    string          `json:"qualifier,omitempty"`
		Stats        counted         `json:"stats"`
		Truncated    *bool           `json:"truncated,omitempty"`
		Observations []observedValue `json:"observations,omitempty"`
	}
	counted struct {
		Count int64 `json:"count"`
	}
	observedValue struct {
		ObservationDate string `json:"observationDate"`
		ConversationID  string `json:"conversationId"`
		SessionID       string `json:"sessionId"`
		RoutingPriority int    `json:"routingPriority"`
		Direction       string `json:"direction"`
	}
	observed struct {
		Group map[string]string `json:"group"`
		Data  []observation     `json:"data"`
	}
	observationResponse struct {
		Mappings map[string][]string `json:"systemToOrganizationMappings,omitempty"`
		Results  []observed          `json:"results"`
	}
)

// A snapshot has no interval, and data depends on nothing else: it never changes.

func (s *Simulator) queueObservations(c *call) (reply, *apiError) {
	return s.observe(c, s.data.groups([]string{"queueId"}), s.data.presences())
}

func (s *Simulator) userObservations(c *call) (reply, *apiError) {
	return s.observe(c, s.data.groups([]string{"userId"}), nil)
}

func (s *Simulator) flowObservations(c *call) (reply, *apiError) {
	return s.observe(c, s.data.groups([]string{"flowId"}), nil)
}

func (s *Simulator) observe(c *call, keys []map[string]string, mappings map[string][]string) (reply, *apiError) {
	metrics, err := bodyValue[[]string](c, "metrics")
	if err != nil {
		return reply{}, err
	}
	detailed, err := bodyValue[[]string](c, "detailMetrics")
	if err != nil {
		return reply{}, err
	}
	r := observationResponse{Mappings: mappings}
	for _, key := range keys {
		o := observed{Group: key}
		for _, m := range metrics {
			o.Data = append(o.Data, s.data.observation(key, m, slices.Contains(detailed, m)))
		}
		r.Results = append(r.Results, o)
	}
	return c.page(r, "", 1, len(r.Results)), nil
}

func (d dataset) observation(key map[string]string, metric string, detailed bool) observation {
	h := mix(d.seed, kindStat, hashString(spell(key), metric))
	o := observation{Metric: metric, Stats: counted{pick(h, 0, 9)}}
	switch metric {
	case "oUserRoutingStatuses", "oOnQueueUsers":
		o.Qualifier = "IDLE"
	case "oUserPresences":
		o.Qualifier = d.presences()["AVAILABLE"][0]
	}
	if !detailed {
		return o
	}
	o.Truncated = new(bool)
	for i := range uint64(o.Stats.Count) {
		o.Observations = append(o.Observations, observedValue{
			ObservationDate: stamp(epoch + pick(mix(h, i), 0, dayMillis-1)),
			ConversationID:  uuid(mix(h, kindConversation, i)),
			SessionID:       uuid(mix(h, kindSession, i)),
			Direction:       "inbound",
		})
	}
	return o
}

// activityResponse is the ...ActivityResponse of the public API description.
type (
	activityMetric struct {
		Metric string `json:"metric"`
		Count  int64  `json:"count"`
	}
	activityEntity struct {
		ActivityDate string `json:"activityDate"`
		UserID       string `json:"userId"`
	}
	activityData struct {
		Group     map[string]string `json:"group,omitempty"`
		Data      []activityMetric  `json:"data"`
		Truncated bool              `json:"truncated"`
		Entities  []activityEntity  `json:"entities"`
	}
	activityResponse struct {
		Results           []activityData `json:"results,omitempty"`
		EntityIDDimension string         `json:"entityIdDimension"`
	}
	activityQueryMetric struct {
		Metric  string `json:"metric"`
		Details bool   `json:"details"`
	}
)

var activityEntityIDs = map[string]string{
	"conversations": "conversationId", "flows": "conversationId",
	"routing": "userId", "users": "userId", "teams": "userId",
}

func (s *Simulator) activity(name string) func(*call) (reply, *apiError) {
	return func(c *call) (reply, *apiError) {
		metrics, err := bodyValue[[]activityQueryMetric](c, "metrics")
		if err != nil {
			return reply{}, err
		}
		dimensions, err := bodyValue[[]string](c, "groupBy")
		if err != nil {
			return reply{}, err
		}
		size, number, err := c.queryPaging(maxPage)
		if err != nil {
			return reply{}, err
		}
		keys := s.data.groups(dimensions)
		from, to := slice(len(keys), size, number)
		r := activityResponse{EntityIDDimension: activityEntityIDs[name]}
		for i, key := range keys[from:to] {
			r.Results = append(r.Results, s.data.activityData(name, from+i, key, metrics))
		}
		return c.page(r, "", number, len(r.Results)), nil
	}
}

func (d dataset) activityData(name string, nth int, key map[string]string, metrics []activityQueryMetric) activityData {
	a := activityData{Group: key, Data: []activityMetric{}, Entities: []activityEntity{}}
	for _, m := range metrics {
		h := mix(d.seed, kindStat, hashString("activity", name, spell(key), m.Metric))
		a.Data = append(a.Data, activityMetric{m.Metric, pick(h, 0, 9)})
		if m.Details {
			a.Entities = append(a.Entities, activityEntity{
				ActivityDate: stamp(epoch + pick(mix(h, 1), 0, dayMillis-1)),
				UserID:       d.userID(nth % d.users()),
			})
		}
	}
	return a
}

// agent is AnalyticsAgentStateAgentResponse of the public API description.
type (
	agent struct {
		UserID       string         `json:"userId"`
		DivisionID   string         `json:"divisionId"`
		UserName     string         `json:"userName"`
		SessionCount int            `json:"sessionCount"`
		Sessions     []agentSession `json:"sessions"`
	}
	agentSession struct {
		ConversationID string `json:"conversationId"`
		SessionID      string `json:"sessionId"`
		SessionStart   string `json:"sessionStart"`
		SegmentType    string `json:"segmentType"`
		RoutedQueueID  string `json:"routedQueueId"`
		MediaType      string `json:"mediaType"`
	}
)

// topAgents: the API's own text is "Retrieve the top 50 agents".
const topAgents = 50

func (s *Simulator) agentStatus(c *call) (reply, *apiError) {
	agents := []agent{}
	for i := range min(s.data.users(), topAgents) {
		agents = append(agents, s.data.agent(i))
	}
	return c.page(map[string]any{"entities": agents}, "", 1, len(agents)), nil
}

func (d dataset) agent(i int) agent {
	h := mix(d.seed, kindUser, uint64(i), kindSession)
	a := agent{UserID: d.userID(i), DivisionID: d.divisionID(), UserName: "Agent " + strconv.Itoa(i+1), Sessions: []agentSession{}}
	for n := range pick(h, 0, 2) {
		a.Sessions = append(a.Sessions, agentSession{
			ConversationID: uuid(mix(h, kindConversation, uint64(n))),
			SessionID:      uuid(mix(h, kindSession, uint64(n))),
			SessionStart:   stamp(epoch + pick(mix(h, uint64(n)), 0, dayMillis-1)),
			SegmentType:    "interact",
			RoutedQueueID:  d.queueID(i / agentsPerQueue),
			MediaType:      mediaTypes[n],
		})
	}
	a.SessionCount = len(a.Sessions)
	return a
}

func (s *Simulator) agentCounts(c *call) (reply, *apiError) {
	type count struct {
		SegmentType string `json:"segmentType"`
		Count       int    `json:"count"`
	}
	total := 0
	for i := range s.data.users() {
		total += s.data.agent(i).SessionCount
	}
	counts := []count{{"interact", total}}
	return c.page(map[string]any{"segmentCounts": counts}, "", 1, len(counts)), nil
}
