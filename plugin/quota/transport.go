// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// ErrExpired is returned for a request that had to wait beyond its [NotAfter].
// It was not sent.
var ErrExpired = errors.New("the request expired while it waited for the gate")

// Hooks are told what happens at the gate. Each may be nil.
type Hooks struct {
	// Before is asked ahead of the gate for each request, the repeated ones too,
	// and may wait; the other hooks may not block.
	Before func(context.Context) error
	// Held: a response began a hold or made one noticeably longer.
	Held func(Hold)
	// Paused: requests have waited this long for the end of a hold, since it was
	// last told. While a hold lasts that is at least every second.
	Paused func(time.Duration)
	// Answered: a response with what it says about the quota.
	Answered func(status int, notice Notice)
}

// Transport is a [http.RoundTripper] that lets each request wait for the gate,
// tells the gate each answer, and sends a throttled request (429, 503) again
// when the server allows it, as often as it takes. The caller sees a throttled
// response only where the request's body cannot be had again (no GetBody).
//
// The context bounds the whole, pauses included; a time limit for one exchange
// belongs into Base.
type Transport struct {
	gate  *Gate
	base  http.RoundTripper
	hooks Hooks
	pause *waitMeter
}

// NewTransport puts a gate before base.
func NewTransport(gate *Gate, base http.RoundTripper, hooks Hooks) *Transport {
	return &Transport{gate: gate, base: base, hooks: hooks, pause: &waitMeter{report: hooks.Paused}}
}

type notAfterKey struct{}

// NotAfter marks a request that is of no use after t, because its token will
// have expired: once the gate opens later than that, the Transport answers
// [ErrExpired] instead of sending it.
func NotAfter(ctx context.Context, t time.Time) context.Context {
	return context.WithValue(ctx, notAfterKey{}, t)
}

// RoundTrip implements [http.RoundTripper].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	for {
		permit, err := t.admit(req)
		if err != nil {
			closeBody(req)
			return nil, err
		}
		res, throttled, err := t.exchange(req, permit)
		if err != nil || !throttled {
			return res, err
		}
		again, ok := rewind(req)
		if !ok {
			return res, nil
		}
		closeBody(&http.Request{Body: res.Body})
		req = again
	}
}

func (t *Transport) admit(req *http.Request) (*Permit, error) {
	ctx := req.Context()
	if t.hooks.Before != nil {
		if err := t.hooks.Before(ctx); err != nil {
			return nil, err
		}
	}
	permit, err := t.gate.acquire(ctx, t.pause)
	if err != nil {
		return nil, fmt.Errorf("waiting for the tenant's quota: %w", err)
	}
	if limit, ok := ctx.Value(notAfterKey{}).(time.Time); ok && !time.Now().Before(limit) {
		permit.Abandon()
		return nil, ErrExpired
	}
	return permit, nil
}

func (t *Transport) exchange(req *http.Request, permit *Permit) (res *http.Response, throttled bool, err error) {
	res, err = t.base.RoundTrip(req)
	arrived := time.Now()
	if err != nil {
		permit.Unanswered()
		return nil, false, err
	}
	notice := ReadNotice(res.StatusCode, res.Header, arrived)
	if notice.Throttled && !notice.Ordered {
		permit.Reading()
		notice.RetryAfter, notice.Ordered = bodyDelay(readThrottle(res))
	}
	hold, ordered := permit.Answer(notice, arrived)
	if ordered {
		t.gate.post(req.Context(), hold)
	}
	if notice.Throttled {
		readThrottle(res)
	}
	t.tell(res.StatusCode, notice, hold)
	return res, notice.Throttled, nil
}

func (t *Transport) tell(status int, notice Notice, hold Hold) {
	if hold.Begins && t.hooks.Held != nil {
		t.hooks.Held(hold)
	}
	if t.hooks.Answered != nil {
		t.hooks.Answered(status, notice)
	}
}

// maxThrottleBody is how much of a throttled response is worth reading: the
// order, where there is one, is in its first sentence.
const maxThrottleBody = 64 << 10

// readThrottle takes the body of a throttled response off the wire, so that the
// connection can be used again. A cut body is as good as none. It can be called
// again and gives the same.
func readThrottle(res *http.Response) []byte {
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxThrottleBody))
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	return body
}

// rewind makes the request once more, with a body of its own.
func rewind(req *http.Request) (*http.Request, bool) {
	again := req.Clone(req.Context())
	if req.Body == nil || req.Body == http.NoBody {
		return again, true
	}
	if req.GetBody == nil {
		return nil, false
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, false
	}
	again.Body = body
	return again, true
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}
