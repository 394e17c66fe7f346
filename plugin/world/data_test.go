// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// endpoint is one that a world exports.
type endpoint struct {
	path, method string
	paging       string // as the config has it
	list         string
	unknown      bool // to the table: the config says method and paging
	loose        bool // its total counts entries that no page has
	lags         bool // its data has a watermark
	underfills   bool // its pages may hold fewer entries than asked for
}

var endpoints = []endpoint{
	{path: "/api/v2/analytics/queues/summary", method: http.MethodGet, paging: "query", list: "entities"},
	{path: "/api/v2/analytics/conversations/details/query", method: http.MethodPost, paging: "body", list: "conversations", underfills: true},
	{path: "/api/v2/analytics/users/details/query", method: http.MethodPost, paging: "body", list: "userDetails", loose: true},
	{path: "/api/v2/analytics/conversations/aggregates/query", method: http.MethodPost, paging: "none", list: "results"},
	{path: "/api/v2/analytics/botflows/4c1e9d4e/sessions", method: http.MethodGet, paging: "after", list: "entities", underfills: true},
	{path: "/api/v2/analytics/conversations/details/jobs", method: http.MethodPost, paging: "job", list: "conversations", lags: true},
	{path: "/api/v2/beyond/summary", method: http.MethodGet, paging: "query", list: "results", unknown: true},
	{path: "/api/v2/beyond/query", method: http.MethodPost, paging: "body", list: "results", unknown: true, underfills: true},
	{path: "/api/v2/beyond/sessions", method: http.MethodGet, paging: "cursor", list: "entities", unknown: true, underfills: true},
}

// span is a half-open interval.
type span struct{ start, end time.Time }

const stampForm = "2006-01-02T15:04:05.000Z"

func (s span) String() string {
	return s.start.UTC().Format(stampForm) + "/" + s.end.UTC().Format(stampForm)
}

func parseSpan(text string) (s span, err error) {
	var a, b string
	if _, err = fmt.Sscanf(text, "%24s/%24s", &a, &b); err != nil || len(text) < 49 {
		return s, fmt.Errorf("interval %q", text)
	}
	if s.start, err = time.Parse(stampForm, text[:24]); err == nil {
		s.end, err = time.Parse(stampForm, text[25:])
	}
	return s, err
}

// slotsAnInterval is into how many slots of time a step is cut. Each slot has its
// records, so that the halves of an interval have those of the whole.
const slotsAnInterval = 4

// records are the ids of what an input's endpoint has in an interval, in order. They
// depend on the seed alone.
func (in *inputPlan) records(c chance, s span) (ids []string) {
	slot := int64(in.step/time.Second) / slotsAnInterval
	for n := s.start.Unix() / slot; n*slot < s.end.Unix(); n++ {
		at := n*slot + int64(c.below(int(slot), "instant", in.n, n))
		if at < s.start.Unix() || at >= s.end.Unix() {
			continue
		}
		for k := range c.below(in.density+1, "records", in.n, n) {
			ids = append(ids, fmt.Sprintf("%d-%d-%d", in.n, at, k))
		}
	}
	return ids
}

// sheet is a page of the tenant: the records from one to another, of entries that
// may count for more.
type sheet struct{ ids []string }

// sheets cut an interval's records into pages of a size.
func (in *inputPlan) sheets(c chance, s span, size int) (pages []sheet, entries int) {
	ids := in.records(c, s)
	switch {
	case in.endpoint.paging == "none":
		return []sheet{{ids}}, len(ids)
	case in.endpoint.loose:
		return in.repeated(c, ids, size)
	}
	for rest := ids; len(rest) > 0; {
		n := size
		if in.underfill && in.endpoint.underfills && c.share(50, "underfill", in.n, s.start.Unix(), len(rest)) {
			n = 1 + c.below(size, "filled", in.n, s.start.Unix(), len(rest))
		}
		n = min(n, len(rest))
		pages, rest = append(pages, sheet{rest[:n]}), rest[n:]
	}
	return pages, len(ids)
}

// repeated are pages out of which entries are left that repeat the one before them.
// The total counts them.
func (in *inputPlan) repeated(c chance, ids []string, size int) (pages []sheet, entries int) {
	page, held := sheet{}, 0
	add := func(id string) {
		if id != "" {
			page.ids = append(page.ids, id)
		}
		entries++
		if held++; held == size {
			pages, page, held = append(pages, page), sheet{}, 0
		}
	}
	for _, id := range ids {
		add(id)
		if size > 1 && held > 0 && c.share(20, "repeated", in.n, id) {
			add("")
		}
	}
	if held > 0 {
		pages = append(pages, page)
	}
	return pages, entries
}

type record struct {
	ID string `json:"id"`
}

func list(ids []string) []record {
	all := make([]record, 0, len(ids))
	for _, id := range ids {
		all = append(all, record{id})
	}
	return all
}

// idsIn are the records of a page as it was delivered.
func idsIn(e endpoint, body []byte) (ids []string) {
	var page map[string]json.RawMessage
	var all []record
	_ = json.Unmarshal(body, &page)
	_ = json.Unmarshal(page[e.list], &all)
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	return ids
}
