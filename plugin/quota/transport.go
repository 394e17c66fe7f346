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

// Hooks are called when something happens at the gate. Each may be nil.
type Hooks struct {
	// Before is called before each request waits for the gate, the repeated ones too. It
	// may wait, and its error is the request's. The other hooks must not block.
	Before func(context.Context) error
	// Held is called when a response starts a hold or makes one noticeably longer.
	Held func(Hold)
	// Paused is called with how long requests have waited for the end of a hold since
	// the last call, about every second while they wait.
	Paused func(time.Duration)
	// Answered is called with each response's status and what it says about the quota.
	Answered func(status int, info Info)
	// Traced is called once for each request that was sent, when its response has arrived or
	// none will.
	Traced func(Exchange)
}

// Exchange is a request as it was sent, and what came of it.
type Exchange struct {
	Request        *http.Request
	Began, Arrived time.Time
	Status         int   // 0: there was no response
	Err            error // why there was none
	Hold           Hold  // that the response ordered; its Wait is 0 where there is none
}

// Transport is an [http.RoundTripper] that makes each request wait for the gate, passes
// each answer to the gate, and sends a throttled request (429, 503) again when the
// server allows it, as often as it takes. Callers see a throttled response only where
// the request's body cannot be obtained again (no GetBody).
//
// Each request that is written has a permit of its own. Base may be a
// [net/http.Transport], which by itself sends a request again when a connection that it
// reused dies before an answer. The Transport prevents that, and sends it again with a
// new permit, at most maxResends times. Beyond that, and where a new connection closes
// without an answer, callers get an error.
//
// The request's context bounds all of it, pauses included. A time limit for a single
// exchange belongs in Base, which ends that by [Abort].
type Transport struct {
	// Priority is the priority of the requests, see [Gate.Acquire]. It must not change
	// once requests are sent.
	Priority int

	gate  *Gate
	base  http.RoundTripper
	hooks Hooks
	pause *waitMeter
}

// maxResends is how often in a row a request is sent again at once because its
// connection was lost: net/http keeps two idle ones to a host, and both are lost when
// the server, or a gateway before it, goes away.
const maxResends = 2

// NewTransport returns a Transport that sends requests to base behind a gate.
func NewTransport(gate *Gate, base http.RoundTripper, hooks Hooks) *Transport {
	return &Transport{gate: gate, base: base, hooks: hooks, pause: &waitMeter{report: hooks.Paused}}
}

type notAfterKey struct{}

// NotAfter returns a context for a request that is of no use after t, because its token
// will have expired. If it may start only after t, the Transport returns [ErrExpired]
// instead of sending it.
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

// progress is how far a request is.
type progress struct {
	place place // at the gate, kept where it is sent again
	asked bool  // Before has returned, and the request has not been sent since
	sent  bool  // at least once
	lost  int   // connections, in a row
}

// again takes in how an exchange ended, and reports whether the request is to be sent
// again.
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
	a, e := newAttempt(req.Context(), permit), Exchange{Request: req, Began: time.Now()}
	res, err = t.base.RoundTrip(req.WithContext(a))
	e.Arrived = time.Now()
	if err != nil {
		e.Err = a.failed(err)
		t.trace(e)
		return nil, false, e.Err
	}
	e.Status = res.StatusCode
	res.Body = &answerBody{res.Body, a}
	info := ReadInfo(res.StatusCode, res.Header, e.Arrived)
	if info.Throttled && !info.HasRetryAfter {
		if err := t.readOrder(e, res, a, info); err != nil {
			return nil, true, err
		}
		return res, true, nil
	}
	t.answer(e, permit, info)
	if info.Throttled {
		readThrottle(res)
	}
	return res, info.Throttled, nil
}

// orderTimeout bounds the reading of a throttled response's body, during which no
// request starts. The body is a sentence, and its headers have arrived.
const orderTimeout = 10 * time.Second

// readOrder reads from the body how long to wait. All requests of the tenant wait for
// that, so it is read to its end even when the caller's context ends.
func (t *Transport) readOrder(e Exchange, res *http.Response, a *attempt, info Info) error {
	ctx := e.Request.Context()
	a.permit.ReadingBody()
	a.detach()
	stalled := time.AfterFunc(orderTimeout, func() { a.cancel(context.DeadlineExceeded) })
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer stalled.Stop()
		info.RetryAfter, info.HasRetryAfter = bodyDelay(readThrottle(res))
		t.answer(e, a.permit, info)
	}()
	select {
	case <-read:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// answer passes what a response says to the gate and to the hooks.
func (t *Transport) answer(e Exchange, permit *Permit, info Info) {
	e.Hold, _ = permit.Answer(e.Request.Context(), info, e.Arrived)
	if e.Hold.Notable && t.hooks.Held != nil {
		t.hooks.Held(e.Hold)
	}
	if t.hooks.Answered != nil {
		t.hooks.Answered(e.Status, info)
	}
	t.trace(e)
}

// trace reports an exchange, unless its request was not sent at all.
func (t *Transport) trace(e Exchange) {
	if t.hooks.Traced != nil && !errors.Is(e.Err, ErrOutdated) {
		t.hooks.Traced(e)
	}
}

// maxThrottleBody is how much of a throttled response is worth reading: the
// length of the pause, where it is there, is in the first sentence.
const maxThrottleBody = 64 << 10

// readThrottle reads the body of a throttled response, so that the connection can be
// used again, and replaces it by what was read. A body that breaks off counts as far as
// it goes.
func readThrottle(res *http.Response) []byte {
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxThrottleBody))
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	return body
}

// rewind returns the request with a new body; false where that cannot be obtained.
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
