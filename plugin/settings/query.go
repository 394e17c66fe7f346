// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package settings

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// Query is what to request, and the name of the data.
type Query struct {
	genesys.Query
	Dataset string
	// Bucket is the length of the granularity; 0 without one, and for one whose length
	// depends on the calendar.
	Bucket time.Duration

	// As written, or auto.
	method string
	paging genesys.Paging
	place  genesys.Place
}

// auto leaves a field to the table of endpoints.
const auto = "auto"

// usualPageSize is what Genesys' listings take; used where nothing is known.
const usualPageSize = 100

func (q *Query) rows() []row {
	return []row{
		{"endpoint", nil, into(&q.Endpoint.Path, endpoint)},
		{"query", map[string]any{}, exactly(&q.Params, "is none: want a map")},
		{"page_size", unset{0}, atLeast(1, &q.PageSize)},
		{"granularity", unset{""}, q.granularity},
	}
}

// overrides returns the fields that override what is known of an endpoint.
func (q *Query) overrides() []row {
	return []row{
		{"dataset", unset{""}, into(&q.Dataset, dataset)},
		{"method", auto, into(&q.method, oneOf(auto, http.MethodGet, http.MethodPost))},
		{"paging", auto, into(&q.paging, oneOf(pagings()...))},
		{"interval_in", auto, into(&q.place, oneOf(auto, genesys.Nowhere, genesys.InBody, genesys.InQuery))},
	}
}

func pagings() []genesys.Paging {
	all := []genesys.Paging{auto}
	for kind := range genesys.Pagings() {
		all = append(all, kind)
	}
	return all
}

func endpoint(s string) (string, error) { return s, genesys.CheckPath(s) }

func (q *Query) granularity(v any) error {
	var d window.Duration
	if err := into(&d, wholeSeconds)(v); err != nil {
		return err
	}
	q.Granularity, q.Bucket = d.String(), 0
	if !d.Calendar() {
		q.Bucket = d.Approx()
	}
	return nil
}

// resolve sets the endpoint and what follows from it, and checks that such a request can
// be made.
func (q *Query) resolve(zone *time.Location) error {
	known, err := q.find()
	if err != nil {
		return err
	}
	q.Endpoint, q.TimeZone = known, zone.String()
	q.PageSize = cmp.Or(q.PageSize, known.MaxPage)
	if q.PageSize == 0 && known.Paging.Numbered() {
		q.PageSize = usualPageSize // which page numbers are counted in
	}
	q.Dataset = cmp.Or(q.Dataset, genesys.Slug(known.Path))
	return q.Check()
}

// find returns the endpoint of the table, or of the overrides.
func (q *Query) find() (genesys.Endpoint, error) {
	path := q.Endpoint.Path
	e, known := genesys.KnownEndpoint(path)
	by, guess := genesys.Successor(path), q.method == auto || q.paging == auto
	switch {
	case known:
	case guess && by != "":
		return e, fmt.Errorf("field `endpoint`: %q has left the API: %q has taken its place, with a query of its own", path, by)
	case guess:
		return e, fmt.Errorf("field `endpoint`: %q is not known: correct it, or set `method` and `paging` to say how it is to be asked", path)
	default:
		e = genesys.Endpoint{Path: path, Granular: true}
	}
	if q.method != auto {
		e.Method = q.method
	}
	if q.paging != auto && q.paging != e.Paging {
		e.Paging, e.MaxPage, e.Flat, e.PageSizeOnSubmit = q.paging, 0, false, false
	}
	switch {
	case q.place != auto:
		e.Interval = q.place
	case !known && e.Method == http.MethodGet:
		e.Interval = genesys.InQuery
	case !known:
		e.Interval = genesys.InBody
	}
	return e, checkMethod(e)
}

func checkMethod(e genesys.Endpoint) error {
	switch {
	case e.Method != http.MethodGet || e.Interval != genesys.InBody && !e.Paging.Posted():
		return nil
	case e.Paging == genesys.PagingJob:
		return errors.New("field `method`: a job is submitted: set `method` to POST")
	}
	return errors.New("field `method`: a GET has no body: set `interval_in` and `paging` to query or none")
}
