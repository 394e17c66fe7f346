// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Available tells up to when the endpoint's data is complete: of an interval
// that ends later a job has a part, and no error. The answer may be up to
// [WatermarkAge] old, whoever asked.
func (c *Client) Available(ctx context.Context, q *Query) (time.Time, error) {
	mark := c.watermarks.of(q.Endpoint.Path)
	select {
	case mark.turn <- struct{}{}:
		defer func() { <-mark.turn }()
	case <-ctx.Done():
		return time.Time{}, context.Cause(ctx)
	}
	if !mark.asked.IsZero() && time.Since(mark.asked) < WatermarkAge {
		return mark.until, nil
	}
	r := request{method: http.MethodGet, path: q.Endpoint.Path + "/availability"}
	s, err := c.ask(ctx, r, WholeDocument)
	if err != nil {
		return time.Time{}, err
	}
	until, err := time.Parse(time.RFC3339, s.available)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s %s: dataAvailabilityDate %s: %w", r.method, r.path, s.redactor.quote(s.available), errNoContinuation)
	}
	mark.until, mark.asked = until, time.Now()
	return until, nil
}
