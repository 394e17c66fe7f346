// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import "time"

// Page is one page as the server sent it.
type Page struct {
	Number  int    // from 1
	Last    bool   // no page of the interval follows
	Body    []byte // byte for byte
	Records int    // the length of its list
	Total   *int64 // hits of the interval, where the service tells
	// Next is where the page after it starts. It means nothing after the last.
	Next          Cursor
	CorrelationID string
	FetchedAt     time.Time
}

// fetchedPage is a page and what it says about the one after it.
type fetchedPage struct {
	Page
	at       Cursor // its own
	final    bool   // nothing can follow it
	unlisted bool   // of an unknown endpoint: not known to be empty
	digest   string // of its body
	response *response
	summary  *summary
}

// empty reports whether the page is known to have no records.
func (p *fetchedPage) empty() bool { return p.Records == 0 && !p.unlisted }

// lack is what an empty page is without.
func (p *fetchedPage) lack() string {
	if p.summary.listed {
		return "no records"
	}
	return "no list of records"
}

// left says that the page is on its way.
func (p *fetchedPage) left() {
	if !p.response.place.keeps {
		p.response.release()
	}
}
