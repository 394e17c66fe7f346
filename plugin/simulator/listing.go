// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"maps"
	"strconv"
	"time"
)

// listing is an entity listing of the public API description.
type listing[T any] struct {
	Entities    []T    `json:"entities"`
	PageSize    int    `json:"pageSize"`
	PageNumber  int    `json:"pageNumber"`
	Total       int    `json:"total"`
	FirstURI    string `json:"firstUri"`
	LastURI     string `json:"lastUri"`
	SelfURI     string `json:"selfUri"`
	NextURI     string `json:"nextUri,omitempty"`
	PreviousURI string `json:"previousUri,omitempty"`
	PageCount   int    `json:"pageCount"`
}

// cursorListing is one that pages by a cursor, handed out in nextUri: SessionsResponse,
// ReportingTurnsResponse and TeamEntityListing.
type cursorListing[T any] struct {
	Entities []T    `json:"entities"`
	NextURI  string `json:"nextUri,omitempty"`
	SelfURI  string `json:"selfUri"`
}

// list makes one page of total entities, and its reply.
func list[T any](c *call, over string, total, most int, entity func(i int) T) (reply, *apiError) {
	size, number, err := c.queryPaging(most)
	if err != nil {
		return reply{}, err
	}
	from, to := slice(total, size, number)
	l := listing[T]{Entities: make([]T, 0, to-from), PageSize: size, PageNumber: number, Total: total}
	for i := from; i < to; i++ {
		l.Entities = append(l.Entities, entity(i))
	}
	l.PageCount = (total + size - 1) / size
	at := func(n int) string {
		q := maps.Clone(c.query)
		q.Set("pageNumber", strconv.Itoa(n))
		q.Set("pageSize", strconv.Itoa(size))
		return relative(c.path, q)
	}
	l.FirstURI, l.LastURI, l.SelfURI = at(1), at(max(l.PageCount, 1)), at(number)
	if number < l.PageCount {
		l.NextURI = at(number + 1)
	}
	if number > 1 {
		l.PreviousURI = at(number - 1)
	}
	return c.page(l, over, number, len(l.Entities)), nil
}

type entityRef struct {
	ID      string `json:"id"`
	Name    string `json:"name,omitempty"`
	SelfURI string `json:"selfUri,omitempty"`
}

// epoch is when the tenant was set up: the date of what has no interval.
var epoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
