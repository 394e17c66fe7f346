// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

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
	keys := s.data.groups(q.groupBy)
	if len(keys)*len(buckets) > maxCells {
		return iv, nil, badRequest("The query has too many groups and buckets: %d, at most %d", len(keys)*len(buckets), maxCells)
	}
	results := []group{}
	for i, key := range keys {
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
	_, err = bodyValue[map[string]any](c, "filter")
	return q, err
}
