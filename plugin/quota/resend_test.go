// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestARequestThatIsSentAgainWaitsForTheGate: net/http sends a request again by
// itself when a connection that it reused dies before an answer; here while
// another request has been throttled.
func TestARequestThatIsSentAgainWaitsForTheGate(t *testing.T) {
	tests := []struct {
		name     string
		protocol protocol
		method   string
		fate     deed
	}{
		{"HTTP/1.1, a GET, closed", http1, http.MethodGet, drop},
		{"TLS, a GET, closed", tls1, http.MethodGet, drop},
		{"HTTP/2, a GET, refused", http2, http.MethodGet, refuseStream},
		{"HTTP/2, a POST, refused", http2, http.MethodPost, refuseStream},
		{"HTTP/2, a GET, GOAWAY", http2, http.MethodGet, goAway},
		{"HTTP/2, a POST, GOAWAY", http2, http.MethodPost, goAway},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, test.protocol, map[int]deed{2: test.fate | waiting, 3: throttle})
			_, err := r.send(t.Context(), test.method) // a connection to use again
			require.NoError(t, err)
			<-r.came
			var wg sync.WaitGroup
			for n := 2; n <= 3; n++ {
				wg.Go(func() {
					status, err := r.send(t.Context(), test.method)
					assert.NoError(t, err)
					assert.Equal(t, http.StatusOK, status)
				})
				require.Equal(t, n, <-r.came)
			}
			wg.Wait()
			at := r.arrivals()
			require.Len(t, at, 5, "each of the two once more")
			for _, again := range at[3:] {
				assert.GreaterOrEqual(t, again.Sub(at[2]), aMoment, "not within the hold")
			}
			assert.Equal(t, []int{200, 429, 200, 200}, r.statuses)
			assert.Zero(t, r.gate.inFlight)
		})
	}
}

// TestEachRequestOnTheWireCountsInTheBudget, the one that was lost too.
func TestEachRequestOnTheWireCountsInTheBudget(t *testing.T) {
	r := newRig(t, http1, map[int]deed{2: drop})
	var asked int
	r.transport.hooks.Before = func(context.Context) error { asked++; return nil }
	for range 2 {
		_, err := r.send(t.Context(), http.MethodGet)
		require.NoError(t, err)
	}
	assert.Len(t, r.arrivals(), 3)
	assert.Equal(t, 3, asked, "a rate limit besides is asked before each")
	permit(t, r.gate).Answer(t.Context(), Info{HasRemaining: true, Remaining: 10, HasReset: true, Reset: time.Hour}, time.Now())
	r.script[4] = drop
	_, err := r.send(t.Context(), http.MethodGet)
	require.NoError(t, err)
	assert.Len(t, r.arrivals(), 5)
	assert.EqualValues(t, 8, r.gate.budget.low, "the lost one, and the one that was sent again")
}

// TestALostConnectionIsAFaultInTheEnd, and never the end of a list.
func TestALostConnectionIsAFaultInTheEnd(t *testing.T) {
	every := func(fate deed) map[int]deed {
		script := map[int]deed{1: serve}
		for n := 2; n < 20; n++ {
			script[n] = fate
		}
		return script
	}
	tests := []struct {
		name     string
		protocol protocol
		method   string
		script   map[int]deed
		warm     bool // a first request is served
		arrivals int
		says     string
	}{
		{"a new connection is closed", http1, http.MethodGet, map[int]deed{1: drop}, false, 1, "closed without an answer"},
		{"a new connection is closed on a POST", tls1, http.MethodPost, map[int]deed{1: drop}, false, 1, "closed without an answer"},
		{"a used one is closed on a POST, which may have been done", http1, http.MethodPost, every(drop), true, 2, ""},
		{"a used one is closed, and the new one too", http1, http.MethodGet, every(drop), true, 3, "closed without an answer"},
		{"streams are refused for ever", http2, http.MethodPost, every(refuseStream), true, 2 + maxResends, "lost before an answer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, test.protocol, test.script)
			if test.warm {
				_, err := r.send(t.Context(), test.method)
				require.NoError(t, err)
			}
			_, err := r.send(t.Context(), test.method)
			require.ErrorContains(t, err, test.says)
			require.NotErrorIs(t, err, io.EOF)
			assert.Len(t, r.arrivals(), test.arrivals)
			assert.Zero(t, r.gate.inFlight)
		})
	}
}

// TestARequestThatSoughtAConnectionWhileAHoldBeganIsNotSentInIt: dialling and the
// TLS handshake take seconds at times.
func TestARequestThatSoughtAConnectionWhileAHoldBeganIsNotSentInIt(t *testing.T) {
	for _, p := range []protocol{http1, tls1, http2} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			t.Run(string(p)+" "+method, func(t *testing.T) {
				r := newRig(t, p, nil)
				dials, goOn := make(chan struct{}, 10), make(chan struct{})
				r.base.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
					dials <- struct{}{}
					<-goOn
					return dialSlow(ctx, network, addr)
				}
				other := permit(t, r.gate)
				done := make(chan error)
				var asked int
				r.transport.hooks.Before = func(context.Context) error { asked++; return nil }
				go func() {
					_, err := r.send(t.Context(), method)
					done <- err
				}()
				<-dials
				began := time.Now()
				other.Answer(t.Context(), Info{Throttled: true}, began)
				close(goOn)
				require.NoError(t, <-done)
				at := r.arrivals()
				require.Len(t, at, 1)
				assert.GreaterOrEqual(t, at[0].Sub(began), aMoment)
				assert.Equal(t, []int{200}, r.statuses)
				assert.Equal(t, 1, asked, "it was sent once")
				assert.Zero(t, r.gate.inFlight)
			})
		}
	}
}

// TestABodyIsClosedAlsoWhereNothingIsSent (see [http.RoundTripper]), if there is one.
func TestABodyIsClosedAlsoWhereNothingIsSent(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	transport := NewTransport(NewGate(Config{FallbackPause: fallback}), newScript(), Hooks{})
	body := &closes{Reader: strings.NewReader("x")}
	for _, content := range []io.Reader{body, nil} {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.test/", content)
		require.NoError(t, err)
		_, err = transport.RoundTrip(req)
		require.ErrorIs(t, err, context.Canceled)
	}
	assert.True(t, body.closed)
}

// closes is a body that notes that it is closed.
type closes struct {
	io.Reader

	closed bool
}

func (c *closes) Close() error { c.closed = true; return nil }
