// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Cursor is where in an interval the next page is. The zero value is its start.
type Cursor struct {
	// Page is the number of the next page; 0 stands for 1.
	Page int `json:"page,omitempty"`
	// Token is the service's own name of that page, where it has one.
	Token string `json:"cursor,omitempty"`
	// Job has the page, where it is a job's.
	Job string `json:"job,omitempty"`
	// Records is how many records the pages before it have; 0 where that is not
	// known.
	Records int64 `json:"records,omitempty"`
	// Seen are digests of the last pages before it, so that one of them is known
	// again after a restart too.
	Seen string `json:"seen,omitempty"`
}

// maxToken is how many bytes of a checkpoint a token takes at most: entries are
// small, whatever the tenant says.
const maxToken = 8 << 10

// Check refuses a cursor that no service would have given: one that is too long to
// be kept, or of a job whose name leads somewhere else in a path. It may come from
// a tenant, or from whoever can write to the cache of the checkpoint.
func (c Cursor) Check() error {
	token, err := json.Marshal(c.Token) // as it is kept: an escape takes six bytes
	switch {
	case err != nil || len(token) > maxToken:
		return fmt.Errorf("its cursor has %d bytes, and may have %d", len(token), maxToken)
	case c.Job != "" && !IsSegment(c.Job):
		return fmt.Errorf("its job %s is no name of one", quoted(c.Job))
	case len(c.Seen) > maxSeen*digestLength:
		return fmt.Errorf("it remembers %d bytes of pages, and may %d", len(c.Seen), maxSeen*digestLength)
	case c.Page < 0 || c.Records < 0:
		return errors.New("its page is negative")
	}
	return nil
}

// Start reports whether nothing of the interval has been passed.
func (c Cursor) Start() bool { return c == Cursor{} }

// number is the page's, from 1.
func (c Cursor) number() int { return max(1, c.Page) }

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
		p.response.gone()
	}
}

// page sends a request for a page and reads what the page says of itself.
func (c *Client) page(ctx context.Context, q *Query, r request, at Cursor) (*fetchedPage, error) {
	res, s, err := c.askAndKeep(ctx, r, q.Endpoint.List)
	if err != nil {
		return nil, err
	}
	return &fetchedPage{
		response: res,
		Page: Page{
			Number: at.number(), Body: res.body, Records: s.records, Total: s.total,
			CorrelationID: res.correlationID, FetchedAt: res.arrived,
		},
		at: at, summary: s, unlisted: q.Endpoint.List == "" && !s.listed,
	}, nil
}

// ask sends a request, and reads of the answer what is ours to read.
func (c *Client) ask(ctx context.Context, r request, list string) (*summary, error) {
	res, s, err := c.askAndKeep(ctx, r, list)
	if err == nil {
		res.gone()
	}
	return s, err
}

// askAndKeep is ask for who wants the answer too. One that is no whole document of
// the API is an error, whatever its status says.
func (c *Client) askAndKeep(ctx context.Context, r request, list string) (*response, *summary, error) {
	res, err := c.do(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	s, err := c.read2xx(res, list)
	if err != nil {
		res.gone()
		return nil, nil, fmt.Errorf("%s %s%s: %w", r.method, r.path, forInterval(r.interval), c.words.err(err))
	}
	return res, s, nil
}

func (c *Client) read2xx(res *response, list string) (*summary, error) {
	switch res.status {
	case http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNonAuthoritativeInfo:
	default: // 204 has no page, and of 206 nobody asked for a part
		return nil, fmt.Errorf("%w: status %d", errNoJSON, res.status)
	}
	s, err := scanSummary(res.body, list)
	if err != nil {
		return nil, err
	}
	s.words = c.words
	if err := s.fault(list); err != nil {
		return nil, err
	}
	return s, c.checkNextURI(s.nextURI)
}

// checkNextURI refuses a listing that leads elsewhere. The URI itself is not
// followed: the page number says the same.
func (c *Client) checkNextURI(uri string) error {
	if uri == "" {
		return nil
	}
	u, err := c.config.Origins.API.Parse(uri)
	if err != nil {
		return fmt.Errorf("nextUri %s is no URI: %w", c.words.quote(uri), ErrForeignOrigin)
	}
	if !sameOrigin(u, c.config.Origins.API) {
		return fmt.Errorf("nextUri leads to %s: %w", c.words.excerpt(u.Scheme+"://"+u.Host), ErrForeignOrigin)
	}
	return nil
}
