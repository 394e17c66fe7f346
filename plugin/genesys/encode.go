// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
)

// reserved are the names that the input sets itself.
var reserved = map[string]string{
	"interval":    "start, end and interval give it",
	"granularity": "the field granularity gives it",
	"timeZone":    "the field timezone gives it",
	"paging":      "the fields paging and page_size give it",
	"pageSize":    "the field page_size gives it",
	"pageNumber":  "the input counts the pages",
	"cursor":      "the input follows the pages",
	"after":       "the input follows the pages",
}

// Check finds what no request could carry.
func (q *Query) Check() error {
	for name := range q.Params {
		if why, ok := reserved[name]; ok && (name != "timeZone" || q.Endpoint.TimeZone) {
			return fmt.Errorf("query names %q: leave it out, %s", name, why)
		}
	}
	if q.Granularity != "" && !q.Endpoint.Granular {
		return fmt.Errorf("granularity %q: %s takes none", q.Granularity, q.Endpoint.Path)
	}
	if limit := q.Endpoint.MaxPage; limit > 0 && q.PageSize > limit {
		return fmt.Errorf("page_size %d: %s takes 1 to %d", q.PageSize, q.Endpoint.Path, limit)
	}
	_, err := q.request("", Cursor{})
	return err
}

// request is the one for a page of an interval, or for the job that has them.
func (q *Query) request(interval string, at Cursor) (request, error) {
	set, inQuery := map[string]any{}, url.Values{}
	put := func(name, value string) {
		if q.Endpoint.Interval == InQuery || q.Endpoint.Method == http.MethodGet {
			inQuery.Set(name, value)
			return
		}
		set[name] = value
	}
	if q.Endpoint.Interval != Nowhere {
		put("interval", interval)
	}
	if q.Granularity != "" {
		put("granularity", q.Granularity)
	}
	if q.Endpoint.TimeZone {
		put("timeZone", q.TimeZone)
	}
	q.Endpoint.Paging.row().put(q, at, set, inQuery)
	return q.complete(request{method: q.Endpoint.Method, path: q.Endpoint.Path, query: inQuery, interval: interval}, set)
}

// complete adds the user's own parameters where the verb has them.
func (q *Query) complete(r request, set map[string]any) (request, error) {
	if r.method == http.MethodGet {
		for name, value := range q.Params {
			if err := addValues(r.query, name, value); err != nil {
				return request{}, err
			}
		}
		return r, nil
	}
	maps.Copy(set, q.Params)
	body, err := json.Marshal(set) // of the standard library: it keeps the digits of a json.Number
	if err != nil {
		return request{}, fmt.Errorf("query cannot be written as JSON: %w", err)
	}
	r.body = body
	return r, nil
}

// addValues writes a scalar once and a list as repeated parameters, which is
// how the API description has its collections ("multi").
func addValues(into url.Values, name string, value any) error {
	if list, ok := value.([]any); ok {
		for _, element := range list {
			if err := addValues(into, name, element); err != nil {
				return err
			}
		}
		return nil
	}
	switch v := value.(type) {
	case float64: // no exponents
		value = strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any, nil:
		return fmt.Errorf("query.%s is %v: the query string of a GET takes text, numbers, true or false, and lists of them", name, value)
	}
	into.Add(name, fmt.Sprint(value))
	return nil
}

// results is the request for a page of a job's results.
func (q *Query) results(id, interval string, at Cursor) request {
	r, size := q.ofJob(http.MethodGet, id, interval), q.PageSize
	if q.Endpoint.PageSizeOnSubmit {
		size = 0
	}
	r.path += "/results"
	setPage(r.query, size, "cursor", at.Token)
	return r
}

// ofJob is a request about a job.
func (q *Query) ofJob(method, id, interval string) request {
	return request{method: method, path: q.Endpoint.Path + "/" + url.PathEscape(id), query: url.Values{}, interval: interval}
}
