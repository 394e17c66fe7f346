// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import "strconv"

// Report is what the tenant saw.
type Report struct {
	// Requests is every request, the token's included.
	Requests int `json:"requests"`
	// RequestsByStatus counts them by HTTP status, with "reset" for those whose
	// connection was reset, "closed" for those whose connection ended in an orderly
	// way, and "aborted" for clients that went away.
	RequestsByStatus map[string]int `json:"requests_by_status"`
	// TokenRequests is how many went to the token endpoint.
	TokenRequests int `json:"token_requests"`
	// Pages is how often each page was served whole, by method, path, interval and
	// number: "GET /api/v2/analytics/queues/summary
	// 2026-11-21T15:00:00.000Z/2026-11-21T15:05:00.000Z page 1". A job's pages are
	// under the path it was submitted to.
	Pages map[string]int `json:"pages"`
	// PagesLeftOut is how often a page was served that Pages has no room for. What
	// follows counts only those that it has.
	PagesLeftOut int `json:"pages_left_out,omitempty"`
	// Records is how many records were in those pages, each page counted once.
	Records int `json:"records"`
	// Throttled is how many requests were answered 429, or 503 for a penalty.
	Throttled int `json:"throttled"`
	// EarlyRequests is how many came before they were allowed. A client that obeys
	// has none.
	EarlyRequests int `json:"early_requests"`
	// Windows is how many windows of the quota were opened.
	Windows int `json:"windows"`
	// FewestRequests is the fewest requests the work could have taken: each page
	// once, a token, and for each job its submission and its polls.
	FewestRequests int `json:"fewest_requests"`
	// MinSeconds is the shortest time that the quota allows for them.
	MinSeconds float64 `json:"min_seconds"`
}

// maxPages bounds the report: a tenant that is left running for weeks, or that somebody asks
// for made-up intervals, must not grow without end.
const maxPages = 1 << 18

// tally is the report as it grows.
type tally struct {
	Report
	distinct map[uint64]struct{} // pages, by the whole query
	jobs     map[uint64]struct{} // job queries
	Statuses map[string]int
}

func newTally() tally {
	return tally{
		Report:   Report{Pages: map[string]int{}},
		distinct: map[uint64]struct{}{},
		jobs:     map[uint64]struct{}{},
		Statuses: map[string]int{},
	}
}

func (t *tally) arrive(path string) {
	t.Requests++
	if path == tokenPath {
		t.TokenRequests++
	}
}

func (t *tally) settle(x *exchange) {
	if name, none := x.fault.unanswered(); none {
		t.Statuses[name]++
		return
	}
	t.Statuses[strconv.Itoa(x.status)]++
	if x.fault != faultNone || x.reply.page == "" {
		return
	}
	if _, seen := t.Pages[x.reply.page]; !seen && len(t.Pages) >= maxPages {
		t.PagesLeftOut++
		return
	}
	t.Pages[x.reply.page]++
	if x.reply.job {
		t.jobs[x.reply.query] = struct{}{}
	}
	id := mix(x.reply.query, hashString(x.reply.page))
	if _, seen := t.distinct[id]; !seen {
		t.distinct[id] = struct{}{}
		t.Records += x.reply.records
	}
}
