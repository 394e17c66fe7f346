// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// trickling throttles the first request with a body that takes its time, and that
// breaks off where the request's context ends, as net/http's do. Others it serves.
type trickling struct {
	body  string
	takes time.Duration // 0: for ever

	mu    sync.Mutex
	began time.Time
	at    []time.Duration
}

func (s *trickling) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = append(s.at, time.Since(s.began))
	if len(s.at) > 1 {
		return &http.Response{StatusCode: 200, Body: http.NoBody, Request: req}, nil
	}
	body := &lateBody{ctx: req.Context(), takes: s.takes, body: strings.NewReader(s.body)}
	return &http.Response{StatusCode: 429, Body: body, Request: req}, nil
}

type lateBody struct {
	ctx   context.Context //nolint:containedctx // as net/http's bodies have it
	takes time.Duration
	body  io.Reader
}

func (b *lateBody) Read(p []byte) (int, error) {
	var due <-chan time.Time
	if b.takes > 0 {
		due = time.After(b.takes)
	}
	select {
	case <-due:
		return b.body.Read(p)
	case <-b.ctx.Done():
		return 0, context.Cause(b.ctx)
	}
}

func (*lateBody) Close() error { return nil }

// TestAnOrderInABodyIsKeptByAll: nobody starts while it is read, and it counts even
// if the one who asked is gone by then.
func TestAnOrderInABodyIsKeptByAll(t *testing.T) {
	gone := errors.New("the input was closed")
	tests := []struct {
		name  string
		takes time.Duration // the body; read twice, for its end
		leave time.Duration // the caller's; 0: it stays
		want  []float64     // requests
	}{
		{"the caller stays", time.Second, 0, []float64{0, 30, 30}},
		{"the caller goes", time.Second, 500 * time.Millisecond, []float64{0, 30}},
		{"the body never comes: as if there were none", 0, 0, []float64{0, 10, 10}},
		{"the body never comes, and the caller goes", 0, time.Second, []float64{0, 10}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				base := &trickling{body: `{"message":"Retry the request in [30] seconds"}`, takes: test.takes, began: time.Now()}
				transport := NewTransport(NewGate(Config{FallbackPause: fallback}), base, Hooks{})
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				var wg sync.WaitGroup
				wg.Go(func() {
					res, err := transport.RoundTrip(newRequest(t, ctx))
					if test.leave == 0 {
						require.NoError(t, err)
						assert.NoError(t, res.Body.Close())
						return
					}
					require.ErrorIs(t, err, gone)
					assert.Equal(t, test.leave, time.Since(base.began), "it is not kept waiting")
				})
				synctest.Wait()
				if test.leave > 0 {
					time.AfterFunc(test.leave, func() { cancel(gone) })
				}
				wg.Go(func() { get(t, transport) })
				wg.Wait()
				assert.Equal(t, after(test.want...), base.at)
				assert.Zero(t, transport.gate.readingBodies)
				assert.Zero(t, transport.gate.inFlight)
			})
		})
	}
}

// TestARequestEndsWithTheCauseOfItsContext, at the server too.
func TestARequestEndsWithTheCauseOfItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("the input was closed")
		base := hanging{}
		transport := NewTransport(NewGate(Config{FallbackPause: fallback}), base, Hooks{})
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(gone) })
		began := time.Now()
		_, err := transport.RoundTrip(newRequest(t, ctx))
		require.ErrorIs(t, err, gone)
		assert.Equal(t, time.Second, time.Since(began))
		assert.Zero(t, transport.gate.inFlight)
	})
}

// hanging never answers.
type hanging struct{}

func (hanging) RoundTrip(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// TestARequestThatExpiresSaysWhetherItWasSent.
func TestARequestThatExpiresSaysWhetherItWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback})
		base := newScript(anHour, fine)
		transport := NewTransport(gate, base, Hooks{})
		soon := func() *http.Request { return newRequest(t, NotAfter(t.Context(), time.Now().Add(time.Minute))) }
		_, err := transport.RoundTrip(soon())
		require.ErrorIs(t, err, ErrExpired)
		require.NotErrorIs(t, err, ErrExpiredUnsent)
		permit(t, gate).Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Hour}, time.Now())
		_, err = transport.RoundTrip(soon())
		require.ErrorIs(t, err, ErrExpired)
		require.ErrorIs(t, err, ErrExpiredUnsent)
		assert.Equal(t, after(0), base.at)
	})
}
