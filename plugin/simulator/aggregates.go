// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"encoding/json"
	"slices"
)

// aggregateResponse is the ...AggregateQueryResponse, and with a cursor the
// ...AsyncAggregateQueryResponse. The mappings are the users' only.
type aggregateResponse struct {
	Mappings map[string][]string `json:"systemToOrganizationMappings,omitempty"`
	Results  []group             `json:"results"`
	Cursor   string              `json:"cursor,omitempty"`
}

func (s *Simulator) aggregates(domain string) func(*call) (reply, *apiError) {
	return func(c *call) (reply, *apiError) {
		iv, results, err := s.aggregate(c, domain)
		if err != nil {
			return reply{}, err
		}
		return c.page(s.aggregateResponse(domain, results), iv.String(), 1, len(results)), nil
	}
}

func (s *Simulator) aggregateResponse(domain string, results []group) aggregateResponse {
	r := aggregateResponse{Results: results}
	if domain == "users" {
		r.Mappings = s.data.presences()
	}
	return r
}

// aggregate computes the answer of one domain. Groups, buckets and metrics
// without data are not in it.
func (s *Simulator) aggregate(c *call, domain string) (interval, []group, *apiError) {
	iv, err := c.interval()
	if err != nil {
		return iv, nil, err
	}
	q, err := readAggregateQuery(c)
	if err != nil {
		return iv, nil, err
	}
	buckets, err := bucketsOf(iv, q.granularity, q.timeZone)
	if err != nil {
		return iv, nil, err
	}
	if domain == "users" {
		if err := q.checkUsers(); err != nil {
			return iv, nil, err
		}
	}
	keys := s.data.groups(q.groupBy)
	if len(keys)*len(buckets) > maxCells {
		return iv, nil, badRequest("The query has too many groups and buckets: %d, at most %d", len(keys)*len(buckets), maxCells)
	}
	results := []group{}
	for i, key := range keys {
		if !q.wants(key) {
			continue
		}
		g := group{Group: key, Data: s.data.series(domain, i, key, buckets, q.metrics)}
		if len(g.Data) > 0 {
			results = append(results, g)
		}
	}
	return iv, results, nil
}

type aggregateQuery struct {
	granularity, timeZone string
	groupBy, metrics      []string
	filter                filter
}

// filter is AggregationFilter of the public API description, as far as it matters here.
type filter struct {
	Type       string      `json:"type"`
	Clauses    []filter    `json:"clauses"`
	Predicates []predicate `json:"predicates"`
}

type predicate struct {
	Type      string          `json:"type"`
	Dimension string          `json:"dimension"`
	Operator  string          `json:"operator"`
	Value     string          `json:"value"`
	Range     json.RawMessage `json:"range"`
	Metric    string          `json:"metric"`
	Property  string          `json:"property"`
	PropType  string          `json:"propertyType"`
}

// userIDs are those that its predicates name.
func (f filter) userIDs() (ids []string) {
	for _, p := range f.Predicates {
		if p.Dimension == "userId" {
			ids = append(ids, p.Value)
		}
	}
	for _, clause := range f.Clauses {
		ids = append(ids, clause.userIDs()...)
	}
	return ids
}

const (
	maxViews   = 10
	maxUserIDs = 100
)

// checkUsers: the users' aggregates alone have these limits.
func (q aggregateQuery) checkUsers() *apiError {
	if n := len(q.filter.userIDs()); n > maxUserIDs {
		return badRequest("The query has %d predicates on userId, at most %d are allowed", n, maxUserIDs)
	}
	for _, dimension := range q.groupBy {
		if dimension != "userId" {
			return invalidValue(dimension, "groupBy", "userId")
		}
	}
	return nil
}

// wants reports whether a group passes the filter: of all that it may say, only the users
// that it names are looked at.
func (q aggregateQuery) wants(group map[string]string) bool {
	ids := q.filter.userIDs()
	return len(ids) == 0 || group["userId"] == "" || slices.Contains(ids, group["userId"])
}

func readAggregateQuery(c *call) (q aggregateQuery, err *apiError) {
	if q.granularity, err = bodyValue[string](c, "granularity"); err != nil {
		return q, err
	}
	if q.timeZone, err = bodyValue[string](c, "timeZone"); err != nil {
		return q, err
	}
	if q.groupBy, err = bodyValue[[]string](c, "groupBy"); err != nil {
		return q, err
	}
	if q.metrics, err = bodyValue[[]string](c, "metrics"); err != nil {
		return q, err
	}
	if len(q.metrics) == 0 {
		return q, badRequest("The field \"metrics\" is required")
	}
	views, err := bodyValue[[]json.RawMessage](c, "views")
	if err != nil {
		return q, err
	}
	if len(views) > maxViews {
		return q, badRequest("The query has %d views, at most %d are allowed", len(views), maxViews)
	}
	q.filter, err = bodyValue[filter](c, "filter")
	return q, err
}
