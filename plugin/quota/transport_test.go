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

const fallback = 5 * time.Second

// script answers requests in turn, the last answer for ever, and notes when
// each request came.
type script struct {
	mu      sync.Mutex
	answers []answer
	began   time.Time
	at      []time.Duration
	bodies  []string
}

type answer struct {
	status int
	header http.Header
	body   string
	takes  time.Duration
	err    error
}

func newScript(answers ...answer) *script {
	return &script{answers: answers, began: time.Now()}
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	a := s.next(req)
	time.Sleep(a.takes) // the bubble's clock
	if a.err != nil {
		return nil, a.err
	}
	h := a.header.Clone()
	if h == nil {
		h = http.Header{}
	}
	return &http.Response{StatusCode: a.status, Header: h, Body: io.NopCloser(strings.NewReader(a.body)), Request: req}, nil
}

func (s *script) next(req *http.Request) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = append(s.at, time.Since(s.began))
	if req.Body != nil {
		body, _ := io.ReadAll(req.Body)
		s.bodies = append(s.bodies, string(body))
	}
	a := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	return a
}

func newRequest(t *testing.T, ctx context.Context) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://api.test/x", http.NoBody)
	require.NoError(t, err)
	return req
}

func get(t *testing.T, rt http.RoundTripper) *http.Response {
	t.Helper()
	res, err := rt.RoundTrip(newRequest(t, t.Context()))
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return res
}

func after(values ...float64) []time.Duration {
	out := make([]time.Duration, len(values))
	for i, v := range values {
		out[i] = time.Duration(v * float64(time.Second))
	}
	return out
}

// TestPausesAreKeptExactly: the times, in seconds from the start, at which
// requests leave, when each is sent as soon as the one before is answered. The
// numbers are rows of other clients' own tests.
func TestPausesAreKeptExactly(t *testing.T) {
	ok := answer{status: 200}
	now := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	x := func(limit, remaining, reset string) http.Header {
		return header("X-RateLimit-Limit", limit, "X-RateLimit-Remaining", remaining, "X-RateLimit-Reset", reset)
	}
	tests := []struct {
		name    string
		min     int64
		answers func() []answer
		want    []float64
	}{
		{name: "6: 429 with two seconds", want: []float64{0, 2}, answers: func() []answer {
			return []answer{{status: 429, header: header("Retry-After", "2")}, ok}
		}},
		{name: "6: 503 with a date", want: []float64{0, 2}, answers: func() []answer {
			return []answer{{status: 503, header: header("Retry-After", now(2*time.Second))}, ok}
		}},
		{name: "8: 502 with Retry-After holds, and goes back to the caller", want: []float64{0, 2}, answers: func() []answer {
			return []answer{{status: 502, header: header("Retry-After", "2")}, ok}
		}},
		{name: "25: 504 with Retry-After", want: []float64{0, 1}, answers: func() []answer {
			return []answer{{status: 504, header: header("Retry-After", "1")}, ok}
		}},
		{name: "a 200 with Retry-After is served and holds the next", want: []float64{0, 9}, answers: func() []answer {
			return []answer{{status: 200, header: header("Retry-After", "9")}, ok}
		}},
		{name: "9: 429 without a header holds fallback_pause", want: []float64{0, 5}, answers: func() []answer {
			return []answer{{status: 429}, ok}
		}},
		{name: "11: Retry-After 0 is obeyed once", want: []float64{0, 0}, answers: func() []answer {
			return []answer{{status: 429, header: header("Retry-After", "0")}, ok}
		}},
		{name: "Retry-After 0 for ever is no hot loop", want: []float64{0, 0, 5, 10, 15}, answers: func() []answer {
			zero := answer{status: 429, header: header("Retry-After", "0")}
			return []answer{zero, zero, zero, zero, ok}
		}},
		{name: "Retry-After 0 is obeyed again after an answer", want: []float64{0, 0, 0, 0}, answers: func() []answer {
			zero := answer{status: 429, header: header("Retry-After", "0")}
			return []answer{zero, ok, zero, ok}
		}},
		{name: "12: Retry-After that is no number counts as absent", want: []float64{0, 5}, answers: func() []answer {
			return []answer{{status: 429, header: header("Retry-After", "not-a-number")}, ok}
		}},
		{name: "absent: the body orders", want: []float64{0, 3}, answers: func() []answer {
			return []answer{{status: 429, body: `{"message":"Retry the request in [3] seconds"}`}, ok}
		}},
		{name: "absent: the body before the reset", want: []float64{0, 3}, answers: func() []answer {
			return []answer{{status: 429, header: header("X-RateLimit-Reset", "30"), body: `Retry the request in [3] seconds`}, ok}
		}},
		{name: "absent: the reset before fallback_pause", want: []float64{0, 30}, answers: func() []answer {
			return []answer{{status: 429, header: header("X-RateLimit-Reset", "30")}, ok}
		}},
		{name: "13: 503, 503, 200", want: []float64{0, 5, 10}, answers: func() []answer {
			return []answer{{status: 503}, {status: 503}, ok}
		}},
		{name: "16: much remaining, a reset that has passed", want: []float64{0, 0}, answers: func() []answer {
			return []answer{{status: 200, header: x("120", "118", "915148800")}, ok}
		}},
		{name: "17: nothing remaining, a reset that has passed", want: []float64{0, 0}, answers: func() []answer {
			return []answer{{status: 200, header: x("10", "0", "915148800")}, ok}
		}},
		{name: "18: nothing remaining holds until the reset, on a 200 too", want: []float64{0, 100}, answers: func() []answer {
			return []answer{{status: 200, header: x("10", "0", "100")}, ok}
		}},
		{name: "19: one remaining, none reserved", want: []float64{0, 0}, answers: func() []answer {
			return []answer{{status: 200, header: x("120", "1", "100")}, ok}
		}},
		{name: "19: one remaining, one reserved", min: 1, want: []float64{0, 100}, answers: func() []answer {
			return []answer{{status: 200, header: x("120", "1", "100")}, ok}
		}},
		{name: "20: 13 of 120 remaining, 12 reserved", min: 12, want: []float64{0, 0}, answers: func() []answer {
			return []answer{{status: 200, header: x("120", "13", "100")}, ok}
		}},
		{name: "20: 12 of 120 remaining, 12 reserved", min: 12, want: []float64{0, 100}, answers: func() []answer {
			return []answer{{status: 200, header: x("120", "12", "100")}, ok}
		}},
		{name: "21: 429 with a reset of now is retried once, at once", want: []float64{0, 0}, answers: func() []answer {
			return []answer{{status: 429, header: x("0", "0", "946684800")}, ok}
		}},
		{name: "nothing remaining and no reset: fallback_pause", want: []float64{0, 5}, answers: func() []answer {
			return []answer{{status: 200, header: header("X-RateLimit-Remaining", "0")}, ok}
		}},
		{name: "a short Retry-After does not shorten a longer reset", want: []float64{0, 60}, answers: func() []answer {
			return []answer{{status: 429, header: header("Retry-After", "2", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "60")}, ok}
		}},
		{name: "26: Genesys' own 429", want: []float64{0, 42}, answers: func() []answer {
			return []answer{{status: 429, header: header("Retry-After", "42"), body: `Retry the request in [42] seconds`}, ok}
		}},
		{name: "an hour is an hour", want: []float64{0, 3600}, answers: func() []answer {
			return []answer{{status: 429, header: header("Retry-After", "3600")}, ok}
		}},
		{name: "a day is a day, and there is no limit on the number of holds", want: []float64{0, 86400, 172800, 259200}, answers: func() []answer {
			day := answer{status: 429, header: header("Retry-After", "86400")}
			return []answer{day, day, day, ok}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				base := newScript(test.answers()...)
				transport := NewTransport(NewGate(Config{MinRemaining: test.min, FallbackPause: fallback}), base, Hooks{})
				for len(base.at) < len(test.want) {
					get(t, transport)
				}
				assert.Equal(t, after(test.want...), base.at)
			})
		})
	}
}

func TestTheBodyIsSentWholeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := newScript(answer{status: 429, header: header("Retry-After", "1")}, answer{status: 200})
		transport := NewTransport(NewGate(Config{FallbackPause: fallback}), base, Hooks{})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://api.test/x", strings.NewReader(`{"a":1}`))
		require.NoError(t, err)
		res, err := transport.RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Equal(t, []string{`{"a":1}`, `{"a":1}`}, base.bodies)
	})
}

func TestARequestThatCannotBeSentAgainGivesItsThrottledAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := newScript(answer{status: 429, header: header("Retry-After", "1"), body: "slow down"})
		transport := NewTransport(NewGate(Config{FallbackPause: fallback}), base, Hooks{})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://api.test/x", io.NopCloser(strings.NewReader("once")))
		require.NoError(t, err)
		res, err := transport.RoundTrip(req)
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Equal(t, "slow down", string(body))
		assert.Len(t, base.at, 1)
	})
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := NewTransport(NewGate(Config{FallbackPause: fallback}), newScript(answer{status: 429, header: header("Retry-After", "3600")}), Hooks{})
		stop := errors.New("the input closes")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(10*time.Second, func() { cancel(stop) })
		began := time.Now()
		_, err := transport.RoundTrip(newRequest(t, ctx))
		require.ErrorIs(t, err, stop)
		assert.Equal(t, 10*time.Second, time.Since(began))
	})
}

func TestAHoldBeyondTheDeadlineEndsTheWaitAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := NewTransport(NewGate(Config{FallbackPause: fallback}), newScript(answer{status: 429, header: header("Retry-After", "3600")}), Hooks{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		_, err := transport.RoundTrip(newRequest(t, ctx))
		var hold *HoldError
		require.ErrorAs(t, err, &hold)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, began.Add(time.Hour), hold.Until)
		assert.Zero(t, time.Since(began))
	})
}

func TestARequestThatExpiredInAHoldIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := newScript(answer{status: 429, header: header("Retry-After", "3600")}, answer{status: 200})
		transport := NewTransport(NewGate(Config{FallbackPause: fallback}), base, Hooks{})
		ctx := NotAfter(t.Context(), time.Now().Add(time.Minute))
		_, err := transport.RoundTrip(newRequest(t, ctx))
		require.ErrorIs(t, err, ErrExpired)
		require.Len(t, base.at, 1)
		get(t, transport)
		assert.Equal(t, after(0, 3600), base.at, "the permit that was not used is free for the next")
	})
}

func TestHooksTellHoldsPausesAndAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var holds []Hold
		var paused time.Duration
		var statuses []int
		hooks := Hooks{
			Held:     func(h Hold) { holds = append(holds, h) },
			Paused:   func(d time.Duration) { paused += d },
			Answered: func(status int, _ Info) { statuses = append(statuses, status) },
		}
		base := newScript(answer{status: 429, header: header("Retry-After", "2")}, answer{status: 200, header: header("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "7")}, answer{status: 200})
		transport := NewTransport(NewGate(Config{FallbackPause: fallback}), base, hooks)
		get(t, transport)
		get(t, transport)
		require.Len(t, holds, 2)
		assert.Equal(t, "Retry-After", holds[0].Cause)
		assert.Equal(t, 2*time.Second, holds[0].Wait)
		assert.Equal(t, "nothing remaining, rate limit reset", holds[1].Cause)
		assert.Equal(t, 9*time.Second, paused)
		assert.Equal(t, []int{429, 200, 200}, statuses)
	})
}

// TestAPauseIsToldWhileItLasts, so that a counter of it grows through a hold of
// hours, and it is one pause however many wait.
func TestAPauseIsToldWhileItLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var paused time.Duration
		told := func() time.Duration {
			mu.Lock()
			defer mu.Unlock()
			return paused
		}
		base := newScript(anHour, fine)
		transport := NewTransport(NewGate(Config{FallbackPause: fallback}), base, Hooks{Paused: func(d time.Duration) {
			mu.Lock()
			defer mu.Unlock()
			paused += d
		}})
		var wg sync.WaitGroup
		wg.Go(func() { get(t, transport) })
		for range 7 {
			time.Sleep(300 * time.Millisecond)
			wg.Go(func() { get(t, transport) })
		}
		time.Sleep(30 * time.Minute)
		synctest.Wait()
		assert.InDelta(t, 30*time.Minute+2100*time.Millisecond, told(), float64(reportInterval))
		wg.Wait()
		assert.Equal(t, time.Hour, told())
	})
}
