// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"slices"
	"time"
)

// find prefers a path without {id}: jobs/availability is not the job of that name.
func (s *Simulator) find(method, path string) (*route, string, *apiError) {
	var allowed []string
	var best *route
	var bestID string
	for i := range s.routes {
		rt := &s.routes[i]
		id, ok := rt.match(path)
		if !ok {
			continue
		}
		allowed = append(allowed, rt.method)
		if rt.method == method && (best == nil || id == "") {
			best, bestID = rt, id
		}
	}
	switch {
	case best != nil:
		return best, bestID, nil
	case allowed != nil:
		return nil, "", methodNotAllowed(method, slices.Compact(slices.Sorted(slices.Values(allowed)))...)
	}
	return nil, "", notFound(path)
}

func (s *Simulator) serveAPI(r *http.Request, now time.Time) (reply, *apiError) {
	rt, id, err := s.find(r.Method, r.URL.Path)
	if err != nil {
		return reply{}, err
	}
	if s.cfg.DenyPermission != "" && slices.Contains(rt.permissions, s.cfg.DenyPermission) {
		return reply{}, forbidden(rt.permissions)
	}
	c := &call{method: r.Method, path: r.URL.Path, id: id, query: r.URL.Query(), now: now, cfg: &s.cfg}
	if rt.rule != nil {
		if c.body, err = readBody(r, rt.rule); err != nil {
			return reply{}, err
		}
	}
	return rt.serve(c)
}

// domain is one family of aggregates.
type domain struct {
	name        string
	permissions []string
}

// domains are those of the public API description, and the three that later ones
// added.
var domains = []domain{
	{"actions", []string{"integrations:action:view", "bridge:actions:view"}},
	{"agentcopilots", []string{"analytics:agentCopilotAggregate:view"}},
	{"agentutilizations", []string{"analytics:agentUtilizationAggregate:view"}},
	{"bots", []string{"analytics:botAggregate:view"}},
	{"casemanagement", []string{"analytics:caseManagementAggregate:view"}},
	{"conversations", []string{"analytics:conversationAggregate:view"}},
	{"copilots", []string{"analytics:copilotsAggregate:view"}},
	{"evaluations", []string{"analytics:evaluationAggregate:view"}},
	{"flowexecutions", []string{"analytics:flowExecutionAggregate:view"}},
	{"flows", []string{"analytics:flowAggregate:view"}},
	{"journeys", []string{"analytics:journeyAggregate:view"}},
	{"knowledge", []string{"analytics:knowledgeAggregate:view"}},
	{"ratelimits", []string{"analytics:rateLimitAggregate:view"}},
	{"resolutions", []string{"analytics:resolutionAggregate:view"}},
	{"summaries", []string{"analytics:summaryAggregate:view"}},
	{"surveys", []string{"analytics:surveyAggregate:view"}},
	{"taskmanagement", []string{"analytics:taskManagementAggregate:view"}},
	{"transcripts", []string{"analytics:speechAndTextAnalyticsAggregates:view"}},
	{"users", []string{"analytics:userAggregate:view"}},
}

var (
	aggregateKeys = []string{
		"interval", "granularity", "timeZone", "groupBy", "filter", "metrics",
		"flattenMultivaluedDimensions", "views", "alternateTimeDimension", "queryType", "limit", "sortMetric",
	}
	aggregateRule    = &rule{aggregateKeys, []string{"interval", "metrics"}}
	aggregateJobRule = &rule{append([]string{"pageSize"}, aggregateKeys...), []string{"interval", "metrics"}}

	conversationKeys = []string{
		"conversationFilters", "segmentFilters", "evaluationFilters", "surveyFilters",
		"resolutionFilters", "order", "orderBy", "interval",
	}
	conversationRule    = &rule{append([]string{"aggregations", "paging"}, conversationKeys...), []string{"interval"}}
	conversationJobRule = &rule{append([]string{"limit", "startOfDayIntervalMatching"}, conversationKeys...), []string{"interval"}}

	userKeys    = []string{"interval", "userFilters", "presenceFilters", "routingStatusFilters", "order"}
	userRule    = &rule{append([]string{"presenceAggregations", "routingStatusAggregations", "paging"}, userKeys...), []string{"interval"}}
	userJobRule = &rule{append([]string{"limit"}, userKeys...), []string{"interval"}}

	observationRule = &rule{[]string{"filter", "metrics", "detailMetrics"}, []string{"filter", "metrics"}}
	activityRule    = &rule{[]string{"metrics", "groupBy", "filter", "order"}, []string{"metrics", "groupBy"}}
	agentsRule      = &rule{[]string{"userFilter", "sessionFilter", "userOrderBy", "userOrder", "sessionOrderBy", "sessionOrder"}, nil}
	countsRule      = &rule{[]string{"userFilter", "sessionFilter"}, nil}
	taskRule        = &rule{[]string{"groupBy", "metrics", "filter", "expands"}, []string{"groupBy", "metrics", "filter"}}
)

func (s *Simulator) table() []route {
	view := func(p string) []string { return []string{"analytics:" + p + ":view"} }
	conversations := []string{"analytics:conversationDetail:view", "analytics:agentConversationDetail:view"}
	routes := []route{
		{"GET", analytics + "/queues/summary", view("queueObservation"), nil, s.queuesSummary},
		{"GET", "/api/v2/routing/queues", []string{"routing:queue:view"}, nil, s.routingQueues},
		{"GET", analytics + "/reporting/exports", view("dataExport"), nil, s.reportingExports},
		{"POST", analytics + "/conversations/details/query", conversations, conversationRule, s.conversationsQuery},
		{"POST", analytics + "/users/details/query", view("userDetail"), userRule, s.usersQuery},
		{"POST", analytics + "/queues/observations/query", view("queueObservation"), observationRule, s.queueObservations},
		{"POST", analytics + "/users/observations/query", view("userObservation"), observationRule, s.userObservations},
		{"POST", analytics + "/flows/observations/query", view("flowObservation"), observationRule, s.flowObservations},
		{"POST", analytics + "/agents/status/query", view("agentState"), agentsRule, s.agentStatus},
		{"POST", analytics + "/agents/status/counts", view("agentState"), countsRule, s.agentCounts},
		{"GET", analytics + "/botflows/{id}/sessions", view("botFlowSession"), nil, s.botSessions},
		{"GET", analytics + "/botflows/{id}/divisions/reportingturns", view("botFlowDivisionAwareReportingTurn"), nil, s.botTurns},
		{"GET", analytics + "/botflows/{id}/reportingturns", view("botFlowReportingTurn"), nil, s.botTurns},
		{"POST", analytics + "/taskmanagement/metrics/query", view("taskManagementObservation"), taskRule, s.taskMetrics},
	}
	routes = append(routes, s.lookups()...)
	routes = append(routes, s.dimensions()...)
	for name, permission := range map[string]string{
		"conversations": "queueObservation", "routing": "queueObservation",
		"users": "userObservation", "teams": "teamObservation", "flows": "flowObservation",
	} {
		routes = append(routes, route{"POST", analytics + "/" + name + "/activity/query", view(permission), activityRule, s.activity(name)})
	}
	for _, d := range domains {
		base := analytics + "/" + d.name + "/aggregates"
		routes = append(routes, route{"POST", base + "/query", d.permissions, aggregateRule, s.aggregates(d.name)})
		if d.name != "ratelimits" {
			routes = append(routes, s.jobRoutes(base, d.permissions, aggregateJobRule, s.aggregateJob(d.name))...)
		}
	}
	routes = append(routes, s.jobRoutes(analytics+"/conversations/details", conversations, conversationJobRule, s.conversationJob)...)
	routes = append(routes, s.jobRoutes(analytics+"/users/details", view("userDetail"), userJobRule, s.userJob)...)
	return append(routes,
		route{"GET", analytics + "/conversations/details/jobs/availability", conversations[:1], nil, s.availability},
		route{"GET", analytics + "/users/details/jobs/availability", view("userDetail"), nil, s.availability})
}
