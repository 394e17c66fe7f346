// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"fmt"
	"net/http"
)

// noJob is the id of a job that does not exist.
const noJob = "00000000-0000-0000-0000-000000000000"

// Try returns an error if the tenant would refuse a query, at the lowest cost: it requests
// one record of the interval. Of a job endpoint it requests the state of a job that does
// not exist, which a client without the permission is refused (403) and any other is not
// found (404).
func (c *Client) Try(ctx context.Context, q *Query, interval string) error {
	err := c.try(ctx, q, interval)
	if statusOf(err) == http.StatusForbidden && q.Endpoint.Permission != "" {
		return fmt.Errorf("%w: give the OAuth client a role with the permission %s", err, q.Endpoint.Permission)
	}
	return err
}

func (c *Client) try(ctx context.Context, q *Query, interval string) error {
	if q.Endpoint.Paging == PagingJob {
		res, err := c.do(ctx, request{method: http.MethodGet, path: q.Endpoint.Path + "/" + noJob})
		switch {
		case err == nil:
			res.release()
		case statusOf(err) == http.StatusNotFound:
			return nil
		}
		return err
	}
	small := *q
	small.PageSize = 1
	r, err := small.request(interval, Cursor{})
	if err != nil {
		return err
	}
	_, err = c.ask(ctx, r, small.Endpoint.List)
	return err
}
