// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import "time"

// Page is one page of an interval.
type Page struct {
	Number  int    // from 1
	Last    bool   // no page of the interval follows
	Body    []byte // as the server sent it, but for compression
	Records int    // the length of its list
	Total   *int64 // records of all pages as the service counts them, nil if it does not
	// Next is the cursor of the page after it; undefined for the last.
	Next          Cursor
	CorrelationID string    // ININ-Correlation-Id
	FetchedAt     time.Time // when its response arrived
}

// fetchedPage is a page with what is known of it and of the one after it.
type fetchedPage struct {
	Page
	at       Cursor // its own
	final    bool   // no page follows it
	unlisted bool   // it has no list, of an unknown endpoint: it may have records all the same
	digest   string // of its body, set by judge
	response *response
	summary  *summary
}

// empty reports whether the page is known to have no records.
func (p *fetchedPage) empty() bool { return p.Records == 0 && !p.unlisted }

// lack says for an error what an empty page lacks.
func (p *fetchedPage) lack() string {
	if p.summary.listed {
		return "no records"
	}
	return "no list of records"
}

// emitted gives back the memory of a page that has been emitted, unless that is kept.
func (p *fetchedPage) emitted() {
	if !p.response.place.keeps {
		p.response.release()
	}
}
