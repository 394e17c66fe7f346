// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Cursor is where in an interval the next page is. The zero value is its
// beginning.
type Cursor struct {
	// Page is the number of the next page; 0 stands for 1.
	Page int `json:"page,omitempty"`
}

// Start tells that nothing of the interval has been passed.
func (c Cursor) Start() bool { return c == Cursor{} }

// Page is one page as the server sent it.
type Page struct {
	Number  int    // from 1
	Last    bool   // no page of the interval follows
	Body    []byte // byte for byte
	Records int    // the length of its list
	Total   *int64 // hits of the interval, where the service tells
	// Next is where the page after it begins. It means nothing after the last.
	Next          Cursor
	CorrelationID string
	FetchedAt     time.Time
}

// Pages reads the pages of one interval in order. A call that fails can be made
// again: no page is skipped, none is given twice. It is for one goroutine.
//
// A page whose successor the service does not announce leaves only once the
// next one has been asked for, so that Last is true of the right page: the
// total is approximate while data arrives, and ends nothing.
type Pages struct {
	client   *Client
	query    *Query
	interval string
	at       Cursor
	ahead    *sheet // asked for already
	done     bool
}

// sheet is a page and what it says about the next.
type sheet struct {
	Page
	more more
}

// more is what a page tells about the one after it.
type more int

const (
	no more = iota
	perhaps
	yes
)

// Pages reads an interval, written as Genesys has it (ISO 8601, start/end), from
// a cursor on.
func (c *Client) Pages(query *Query, interval string, from Cursor) *Pages {
	return &Pages{client: c, query: query, interval: interval, at: from}
}

// Next gives the next page, and io.EOF after the last. An empty page is given
// only where it is the first: that an interval is empty is worth knowing.
func (p *Pages) Next(ctx context.Context) (Page, error) {
	for !p.done {
		current, err := p.peek(ctx)
		if err != nil {
			return Page{}, err
		}
		if current.Records > 0 || p.at.Start() {
			return p.release(ctx, current)
		}
		p.ahead, p.at, p.done = nil, current.Next, current.more != yes // the data shrank meanwhile
	}
	return Page{}, io.EOF
}

// peek gives the page at the cursor, asking for it at most once.
func (p *Pages) peek(ctx context.Context) (*sheet, error) {
	if p.ahead == nil {
		next, err := p.client.page(ctx, p.query, p.interval, p.at)
		if err != nil {
			return nil, err
		}
		p.ahead = next
	}
	return p.ahead, nil
}

// release lets a page go once it is known whether it is the last.
func (p *Pages) release(ctx context.Context, current *sheet) (Page, error) {
	var next *sheet
	if current.more == perhaps {
		var err error
		if next, err = p.client.page(ctx, p.query, p.interval, current.Next); err != nil {
			return Page{}, err
		}
		if next.Records == 0 {
			current.more = no
		}
	}
	p.ahead, p.at = next, current.Next
	current.Last = current.more == no
	p.done = current.Last
	return current.Page, nil
}

// page asks for one page.
func (c *Client) page(ctx context.Context, q *Query, interval string, at Cursor) (*sheet, error) {
	number := max(1, at.Page)
	r, err := q.request(interval, number)
	if err != nil {
		return nil, err
	}
	res, err := c.do(ctx, r)
	if err != nil {
		return nil, err
	}
	g, err := readGlance(res.body, q.Endpoint.List)
	if err != nil {
		return nil, fmt.Errorf("%s %s for %s: %w", r.method, r.path, interval, err)
	}
	if err := c.checkNextURI(g.nextURI); err != nil {
		return nil, fmt.Errorf("%s %s for %s: %w", r.method, r.path, interval, err)
	}
	return &sheet{
		Page: Page{
			Number: number, Body: res.body, Records: g.records, Total: g.total, Next: Cursor{Page: number + 1},
			CorrelationID: res.correlationID, FetchedAt: res.arrived,
		},
		more: q.after(g, number),
	}, nil
}

// after tells what follows page number. A listing says so itself; where it does
// not, only a short page is surely the last.
func (q *Query) after(g glance, number int) more {
	switch {
	case q.Endpoint.Paging == PagingNone:
		return no
	case g.pageCount != nil && int64(number) < *g.pageCount, g.nextURI != "" && g.records > 0:
		return yes
	case g.pageCount != nil, g.records < q.PageSize:
		return no
	default:
		return perhaps
	}
}

// checkNextURI refuses a listing that leads elsewhere. The URI itself is not
// followed: the page number says the same.
func (c *Client) checkNextURI(uri string) error {
	if uri == "" {
		return nil
	}
	u, err := c.config.Origins.API.Parse(uri)
	if err != nil {
		return fmt.Errorf("nextUri %q is no URI: %w", uri, ErrForeignOrigin)
	}
	if !sameOrigin(u, c.config.Origins.API) {
		return fmt.Errorf("nextUri leads to %s://%s: %w", u.Scheme, u.Host, ErrForeignOrigin)
	}
	return nil
}
