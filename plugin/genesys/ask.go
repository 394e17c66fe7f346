// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"fmt"
	"net/http"
)

// page sends a request for the page at a cursor.
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

// ask sends a request and returns what the response says. Its body is not kept.
func (c *Client) ask(ctx context.Context, r request, list string) (*summary, error) {
	res, s, err := c.askAndKeep(ctx, r, list)
	if err == nil {
		res.release()
	}
	return s, err
}

// askAndKeep is ask for callers that need the response too; they must release it. One
// that is not a whole document of the API is an error, whatever its status.
func (c *Client) askAndKeep(ctx context.Context, r request, list string) (*response, *summary, error) {
	r.list = list
	res, err := c.do(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	s, err := c.read2xx(res, list)
	if err != nil {
		res.release()
		return nil, nil, r.failed(c.redactor.Err(err))
	}
	return res, s, nil
}

// read2xx reads a response with a 2xx status.
func (c *Client) read2xx(res *response, list string) (*summary, error) {
	switch res.status {
	case http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNonAuthoritativeInfo:
	default: // a 204 has no body, and no request asks for the part that a 206 has
		return nil, fmt.Errorf("%w: status %d", errNoJSON, res.status)
	}
	s, err := res.scan(list)
	if err != nil {
		return nil, err
	}
	s.redactor = c.redactor
	if err := s.fault(list); err != nil {
		return nil, err
	}
	return s, c.checkNextURI(s.nextURI)
}

// checkNextURI refuses a nextUri of another origin. The URI itself is not requested: the
// next page is asked for by its number or its token.
func (c *Client) checkNextURI(uri string) error {
	if uri == "" {
		return nil
	}
	u, err := c.config.Origins.API.Parse(uri)
	if err != nil {
		return fmt.Errorf("nextUri %s is no URI: %w", c.redactor.quote(uri), ErrForeignOrigin)
	}
	if !sameOrigin(u, c.config.Origins.API) {
		return fmt.Errorf("nextUri leads to %s: %w", c.redactor.excerpt(u.Scheme+"://"+u.Host), ErrForeignOrigin)
	}
	return nil
}
