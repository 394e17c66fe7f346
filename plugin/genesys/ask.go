// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"fmt"
	"net/http"
)

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
