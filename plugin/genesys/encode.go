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

// reserved are the parameters that requests set themselves, with what sets them.
var reserved = map[string]string{
	"interval":    "start, end and interval set it",
	"granularity": "the field granularity sets it",
	"timeZone":    "the field timezone sets it",
	"paging":      "the fields paging and page_size set it",
	"pageSize":    "the field page_size sets it",
	"pageNumber":  "the input counts the pages",
	"cursor":      "the input follows the pages",
	"after":       "the input follows the pages",
}

// Check returns an error for a query that cannot be sent as it is configured. It names
// the config field.
func (q *Query) Check() error {
	for name := range q.Params {
		if why, ok := reserved[name]; ok && (name != "timeZone" || q.Endpoint.TimeZone) {
			return fmt.Errorf("query names %q: leave it out, %s", name, why)
		}
	}
	if name, ok := q.setsPage(); ok {
		return fmt.Errorf("query names %q: leave it out, paging %s sets it", name, q.Endpoint.Paging)
	}
	if q.Granularity != "" && !q.Endpoint.Granular {
		return fmt.Errorf("granularity %q: %s takes none", q.Granularity, q.Endpoint.Path)
	}
	if limit := q.Endpoint.MaxPage; limit > 0 && q.PageSize > limit {
		return fmt.Errorf("page_size %d: %s takes 1 to %d", q.PageSize, q.Endpoint.Path, limit)
	}
	if err := q.checkLimits(); err != nil {
		return err
	}
	_, err := q.request("", Cursor{})
	return err
}

// setsPage returns a parameter of the user's that names the page in this kind of paging.
func (q *Query) setsPage() (name string, ok bool) {
	body, query := map[string]any{}, url.Values{}
	q.Endpoint.Paging.row().put(q, Cursor{Page: 1, Token: "next"}, body, query)
	for name := range q.Params {
		if body[name] != nil || query.Has(name) {
			return name, true
		}
	}
	return "", false
}

// request returns the request for a page of an interval, or to submit its job.
func (q *Query) request(interval string, at Cursor) (request, error) {
	body, query := map[string]any{}, url.Values{}
	put := func(name, value string) {
		if q.Endpoint.Interval == InQuery || q.Endpoint.Method == http.MethodGet {
			query.Set(name, value)
			return
		}
		body[name] = value
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
	q.Endpoint.Paging.row().put(q, at, body, query)
	return q.complete(request{method: q.Endpoint.Method, path: q.Endpoint.Path, query: query, interval: interval}, body)
}

// complete adds the user's own parameters to the query string of a GET, to the body of
// any other method.
func (q *Query) complete(r request, body map[string]any) (request, error) {
	if r.method == http.MethodGet {
		for name, value := range q.Params {
			if err := addValues(r.query, name, value); err != nil {
				return request{}, err
			}
		}
		for name, value := range q.Endpoint.Usual {
			if !r.query.Has(name) {
				r.query[name] = value
			}
		}
		return r, nil
	}
	maps.Copy(body, q.Params)
	var err error
	if r.body, err = json.Marshal(body); err != nil { // of the standard library: it keeps the digits of a json.Number
		return request{}, fmt.Errorf("encoding query as JSON: %w", err)
	}
	return r, nil
}

// addValues adds a scalar as one parameter and a list as one parameter for each element,
// as the API description has its collections ("multi").
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
	case float64: // without an exponent
		value = strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any, nil:
		return fmt.Errorf("query.%s is %v: the query string of a GET takes text, numbers, true or false, and lists of them", name, value)
	}
	into.Add(name, fmt.Sprint(value))
	return nil
}

// results returns the request for a page of a job's results.
func (q *Query) results(id, interval string, at Cursor) request {
	r, size := q.ofJob(http.MethodGet, id, interval), q.PageSize
	if q.Endpoint.PageSizeOnSubmit {
		size = 0
	}
	r.path += "/results"
	setPage(r.query, size, "cursor", at.Token)
	return r
}

// ofJob returns a request about a job.
func (q *Query) ofJob(method, id, interval string) request {
	return request{method: method, path: q.Endpoint.Path + "/" + id, query: url.Values{}, interval: interval}
}
