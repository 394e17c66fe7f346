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
// It was not sent, or not again.
var ErrExpired = errors.New("the request expired while it waited for the gate")

// ErrExpiredUnsent is an [ErrExpired] of a request that was never sent, not even to
// be throttled.
var ErrExpiredUnsent = fmt.Errorf("%w, before it was sent at all", ErrExpired)

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
	Answered func(status int, info Info)
}

// Transport is a [http.RoundTripper] that lets each request wait for the gate,
// tells the gate each answer, and sends a throttled request (429, 503) again
// when the server allows it, as often as it takes. The caller sees a throttled
// response only where the request's body cannot be had again (no GetBody).
//
// Each request on the wire has a permit of its own. Base may be a
// [net/http.Transport], which sends a request again by itself when a connection
// that it reused dies before an answer: the Transport does not let it, and does so
// itself, with a new permit, at most maxResends times. Beyond that, and where a new
// connection closes without an answer, the caller gets an error.
//
// The context bounds the whole, pauses included; a time limit for one exchange
// belongs into Base.
type Transport struct {
	// Priority is that of the requests among all who wait at the gate: the higher
	// goes first. It is not to be changed once requests are sent.
	Priority int

	gate  *Gate
	base  http.RoundTripper
	hooks Hooks
	pause *waitMeter
}

// maxResends is how often in a row a request is sent again at once because its
// connection was lost: net/http keeps two idle ones to a host, and a server, or a
// gateway before it, that has gone away takes both.
const maxResends = 2

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
	p := progress{place: place{priority: t.Priority}}
	for {
		permit, err := t.admit(req, &p)
		if err != nil {
			closeBody(req)
			return nil, err
		}
		res, throttled, err := t.exchange(req, permit)
		if !p.again(throttled, err) {
			return res, err
		}
		next, ok := rewind(req)
		if !ok {
			return res, err
		}
		if res != nil {
			closeBody(&http.Request{Body: res.Body})
		}
		req = next
	}
}

// progress is what has become of a request so far.
type progress struct {
	place place // at the gate, kept where it is sent again
	asked bool  // Before has let it through, and it has not been sent since
	sent  bool  // at least once
	lost  int   // in a row
}

// again takes in how an exchange ended, and reports whether there is to be another.
func (p *progress) again(throttled bool, err error) bool {
	if errors.Is(err, ErrOutdated) {
		return true
	}
	p.asked, p.sent = false, true
	if errors.Is(err, errReplay) {
		p.lost++
		return p.lost <= maxResends
	}
	p.lost = 0
	return err == nil && throttled
}

func (t *Transport) admit(req *http.Request, p *progress) (*Permit, error) {
	ctx := req.Context()
	if t.hooks.Before != nil && !p.asked {
		if err := t.hooks.Before(ctx); err != nil {
			return nil, err
		}
	}
	p.asked = true
	permit, err := t.gate.acquire(ctx, &p.place, t.pause)
	if err != nil {
		return nil, fmt.Errorf("waiting for the tenant's quota: %w", err)
	}
	if limit, ok := ctx.Value(notAfterKey{}).(time.Time); ok && !time.Now().Before(limit) {
		permit.Abandon()
		if p.sent {
			return nil, ErrExpired
		}
		return nil, ErrExpiredUnsent
	}
	return permit, nil
}

func (t *Transport) exchange(req *http.Request, permit *Permit) (res *http.Response, throttled bool, err error) {
	a := newAttempt(req.Context(), permit)
	res, err = t.base.RoundTrip(req.WithContext(a.ctx))
	arrived := time.Now()
	if err != nil {
		return nil, false, a.failed(err)
	}
	res.Body = &answerBody{res.Body, a}
	info := ReadInfo(res.StatusCode, res.Header, arrived)
	if info.Throttled && !info.HasRetryAfter {
		if err := t.readOrder(req.Context(), res, a, info, arrived); err != nil {
			return nil, true, err
		}
		return res, true, nil
	}
	t.answer(req.Context(), res.StatusCode, permit, info, arrived)
	if info.Throttled {
		readThrottle(res)
	}
	return res, info.Throttled, nil
}

// orderTimeout bounds the reading of a throttled response's body, while which
// nothing is sent. It is a sentence, and its headers are there.
const orderTimeout = 10 * time.Second

// readOrder reads how long to wait out of the body. All requests of the tenant wait
// for that, so it is read to its end even if the caller goes.
func (t *Transport) readOrder(ctx context.Context, res *http.Response, a *attempt, info Info, arrived time.Time) error {
	a.permit.ReadingBody()
	a.detach()
	stalled := time.AfterFunc(orderTimeout, func() { a.cancel(context.DeadlineExceeded) })
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer stalled.Stop()
		info.RetryAfter, info.HasRetryAfter = bodyDelay(readThrottle(res))
		t.answer(ctx, res.StatusCode, a.permit, info, arrived)
	}()
	select {
	case <-read:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// answer takes in what a response says, for this process and for others.
func (t *Transport) answer(ctx context.Context, status int, permit *Permit, info Info, arrived time.Time) {
	hold, _ := permit.Answer(ctx, info, arrived)
	t.tell(status, info, hold)
}

func (t *Transport) tell(status int, info Info, hold Hold) {
	if hold.Notable && t.hooks.Held != nil {
		t.hooks.Held(hold)
	}
	if t.hooks.Answered != nil {
		t.hooks.Answered(status, info)
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
