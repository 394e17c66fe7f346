// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"
)

// Cursor is where in an interval the next page is. The zero value is its
// beginning.
type Cursor struct {
	// Page is the number of the next page; 0 stands for 1.
	Page int `json:"page,omitempty"`
	// Token is the service's own name of that page, where it has one.
	Token string `json:"cursor,omitempty"`
	// Job has the page, where it is a job's.
	Job string `json:"job,omitempty"`
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
// again: no page is skipped, none is given twice, but for those of a job that is
// lost: their interval starts over. It is for one goroutine.
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
	blank    *sheet // the interval's first page, if it is empty
	probed   bool   // the deepest page is served
	done     bool
	job      job
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
	return &Pages{client: c, query: query, interval: interval, at: from, job: job{id: from.Job}}
}

// Next gives the next page, and io.EOF after the last. An empty page is given
// only where it is the only one: that an interval is empty is worth knowing.
func (p *Pages) Next(ctx context.Context) (page Page, err error) {
	err = p.insist(func() error {
		current, err := p.find(ctx)
		if err == nil {
			page, err = p.release(ctx, current)
		}
		return err
	})
	return page, err
}

// Ahead asks for the next page and keeps it for Next, which then has only the
// one after it to ask for, if any. Its errors are those of Next.
func (p *Pages) Ahead(ctx context.Context) error {
	return p.insist(func() error {
		_, err := p.find(ctx)
		return err
	})
}

// insist does something once more where a job was lost.
func (p *Pages) insist(do func() error) error {
	for {
		err := do()
		if !errors.Is(err, errJobLost) {
			return err
		}
		if err := p.startOver(err); err != nil {
			return err
		}
	}
}

// find gives the next page that has records, or else the interval's first if it
// is all there is.
func (p *Pages) find(ctx context.Context) (*sheet, error) {
	for !p.done {
		current, err := p.peek(ctx)
		if err != nil {
			return nil, err
		}
		if current.Records > 0 {
			return current, nil
		}
		if p.at.Start() {
			p.blank = current
		}
		p.ahead, p.at, p.done = nil, current.Next, current.more == no
	}
	if p.blank == nil {
		return nil, io.EOF
	}
	return p.blank, nil
}

// peek gives the page at the cursor, asking for it at most once.
func (p *Pages) peek(ctx context.Context) (*sheet, error) {
	if p.ahead == nil {
		next, err := p.fetch(ctx, p.at)
		if err != nil {
			return nil, err
		}
		p.ahead = next
	}
	return p.ahead, nil
}

// release lets a page go once it is known whether it is the last.
func (p *Pages) release(ctx context.Context, current *sheet) (Page, error) {
	if current == p.blank {
		p.blank, current.Last = nil, true
		return current.Page, nil
	}
	if err := p.probe(ctx, current); err != nil {
		return Page{}, err
	}
	next, err := p.successor(ctx, current)
	if err != nil {
		return Page{}, err
	}
	p.ahead, p.blank, p.at = next, nil, current.Next
	current.Last = current.more == no
	p.done = current.Last
	return current.Page, nil
}

// successor asks for the page that makes current not the last, past those that
// are empty. One that the service promises is not asked for yet.
func (p *Pages) successor(ctx context.Context, current *sheet) (*sheet, error) {
	for current.more == perhaps {
		next, err := p.fetch(ctx, current.Next)
		if err != nil {
			return nil, err
		}
		if next.Records > 0 {
			return next, nil
		}
		current.Next, current.more = next.Next, next.more
	}
	return nil, nil
}

// manyPages is from how many pages on it is worth a request to know beforehand
// that the last of them is served.
const manyPages = 50

// probe asks for the page that the interval will end with before its first one
// leaves. If it lies too deep for the service, the interval has to be asked for
// in halves, and each of its records must leave only once.
func (p *Pages) probe(ctx context.Context, first *sheet) error {
	if p.probed || !p.at.Start() || !p.query.dives() || first.Total == nil {
		return nil
	}
	if deepest := *first.Total/int64(p.query.PageSize) + 1; deepest > manyPages {
		if _, err := p.fetch(ctx, Cursor{Page: int(deepest)}); err != nil {
			return err
		}
	}
	p.probed = true
	return nil
}

// fetch asks for one page.
func (p *Pages) fetch(ctx context.Context, at Cursor) (*sheet, error) {
	if p.query.Endpoint.Paging == PagingJob {
		return p.result(ctx, at)
	}
	r, err := p.query.request(p.interval, at)
	if err != nil {
		return nil, err
	}
	return p.client.page(ctx, p.query, r, at)
}

func (c *Client) page(ctx context.Context, q *Query, r request, at Cursor) (*sheet, error) {
	res, g, err := c.ask(ctx, r, q.Endpoint.List)
	if err != nil {
		return nil, err
	}
	s := &sheet{
		Page: Page{
			Number: max(1, at.Page), Body: res.body, Records: g.records, Total: g.total,
			CorrelationID: res.correlationID, FetchedAt: res.arrived,
		},
	}
	if s.Next, s.more, err = q.after(g, at); err != nil {
		return nil, fmt.Errorf("%s %s for %s: %w", r.method, r.path, r.interval, err)
	}
	return s, nil
}

// ask asks, and reads of the answer what is ours to read.
func (c *Client) ask(ctx context.Context, r request, list string) (*response, glance, error) {
	res, err := c.do(ctx, r)
	if err != nil {
		return nil, glance{}, err
	}
	g, err := readGlance(res.body, list)
	if err == nil {
		err = c.checkNextURI(g.nextURI)
	}
	if err != nil {
		return nil, glance{}, fmt.Errorf("%s %s%s: %w", r.method, r.path, forInterval(r.interval), err)
	}
	return res, g, nil
}

// after tells what follows the page at a cursor. A listing says so itself, and a
// token is there as long as more is; where nothing says, only a short page is
// surely the last.
func (q *Query) after(g glance, at Cursor) (Cursor, more, error) {
	number := max(1, at.Page)
	next := Cursor{Page: number + 1}
	switch {
	case q.Endpoint.Paging == PagingNone:
		return next, no, nil
	case q.Endpoint.Paging.tokened():
		return q.afterToken(g, at)
	case g.pageCount != nil && int64(number) < *g.pageCount, g.nextURI != "" && g.records > 0:
		return next, yes, nil
	case g.pageCount != nil, g.records < q.PageSize:
		return next, no, nil
	default:
		return next, perhaps, nil
	}
}

// afterToken counts only the pages that are given: those without records have
// tokens too.
func (q *Query) afterToken(g glance, at Cursor) (Cursor, more, error) {
	token, err := q.token(g)
	switch {
	case err != nil || token == "":
		return Cursor{}, no, err
	case token == at.Token:
		return Cursor{}, no, fmt.Errorf("it leads to itself: %w", errUnclear)
	}
	next := Cursor{Page: at.Page, Token: token, Job: at.Job}
	if g.records > 0 {
		next.Page = max(1, at.Page) + 1
	}
	return next, perhaps, nil
}

// token is the one for the next page; empty after the last.
func (q *Query) token(g glance) (string, error) {
	if q.Endpoint.Paging != PagingAfter {
		return g.cursor, nil
	}
	if g.after != "" || g.nextURI == "" {
		return g.after, nil
	}
	u, err := url.Parse(g.nextURI) // its cursor is escaped
	if err != nil || u.Query().Get("after") == "" {
		return "", fmt.Errorf("nextUri %q has no after: %w", g.nextURI, errUnclear)
	}
	return u.Query().Get("after"), nil
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
