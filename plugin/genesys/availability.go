// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"
)

// WatermarkAge is how old a watermark may be: no more often is it requested.
const WatermarkAge = time.Minute

// watermark is the time up to which an endpoint's data is complete.
type watermark struct {
	turn  *semaphore.Weighted // of 1: to request it, and to use what follows
	until time.Time
	asked time.Time // when until was received, zero if never
}

// Available returns the time up to which the data of a job endpoint is complete (the
// dataAvailabilityDate of its /availability). The job of an interval that ends later
// returns a part of it, and no error. The time may be up to [WatermarkAge] old.
func (c *Client) Available(ctx context.Context, q *Query) (time.Time, error) {
	kept, _ := c.watermarks.LoadOrStore(q.Endpoint.Path, &watermark{turn: semaphore.NewWeighted(1)})
	mark := kept.(*watermark)
	if mark.turn.Acquire(ctx, 1) != nil {
		return time.Time{}, context.Cause(ctx)
	}
	defer mark.turn.Release(1)
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
		return time.Time{}, r.failed(fmt.Errorf("dataAvailabilityDate %s: %w", s.redactor.quote(s.available), errNoContinuation))
	}
	mark.until, mark.asked = until, time.Now()
	return until, nil
}
