// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"connect-genesys.example/connect-genesys/plugin/quota"
)

// exchange is the innermost of our transports. It bounds the time of one request until
// the body of its response has been read, and measures how long it takes. It is behind
// the gate, so that no pause counts.
type exchange struct {
	base      http.RoundTripper
	timeout   time.Duration
	exchanged func(status int, took time.Duration) // see [Hooks]; may be nil
}

// RoundTrip implements [http.RoundTripper].
func (e *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	timer := time.AfterFunc(e.timeout, func() {
		quota.Abort(ctx, fmt.Errorf("no whole response within request_timeout (%s)", e.timeout))
	})
	if limit, ok := ctx.Value(timeLimitKey{}).(*timeLimit); ok {
		limit.start(timer, e.timeout)
	}
	began := time.Now()
	res, err := e.base.RoundTrip(req)
	if err != nil {
		err = ended(ctx, err)
		if !errors.Is(err, quota.ErrOutdated) { // with which it was not sent
			e.report(0, began)
		}
		timer.Stop()
		return nil, err
	}
	e.report(res.StatusCode, began)
	body := &boundBody{Closer: res.Body, Reader: res.Body, ctx: ctx, timer: timer}
	if res.StatusCode >= http.StatusMultipleChoices {
		body.Reader = io.LimitReader(res.Body, maxRead)
	}
	res.Body = body
	return res, nil
}

func (e *exchange) report(status int, began time.Time) {
	if e.exchanged != nil {
		e.exchanged(status, time.Since(began))
	}
}

// boundBody is a response's body, to which the time limit of its exchange applies until
// it is closed. That of an error ends after maxRead bytes.
type boundBody struct {
	io.Closer
	io.Reader
	ctx   context.Context //nolint:containedctx // it ends with the time limit
	timer *time.Timer
}

func (b *boundBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = ended(b.ctx, err)
	}
	return n, err
}

func (b *boundBody) Close() error {
	defer b.timer.Stop()
	return b.Closer.Close()
}
