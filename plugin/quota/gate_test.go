// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAHoldIsOnlyEverExtended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback})
		long, short := permit(t, gate), permit(t, gate)
		hold, ordered := long.Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Hour}, time.Now())
		assert.True(t, ordered)
		assert.True(t, hold.Notable)
		hold, ordered = short.Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Second}, time.Now())
		assert.True(t, ordered)
		assert.False(t, hold.Notable)
		assert.Equal(t, time.Hour, gate.Held())
	})
}

func TestAHoldCountsFromTheArrivalOfTheHeaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback})
		p := permit(t, gate)
		arrived := time.Now()
		time.Sleep(3 * time.Second) // the body trickles in
		p.Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: 10 * time.Second}, arrived)
		assert.Equal(t, 7*time.Second, gate.Held())
	})
}

func TestNobodyStartsWhileAThrottledBodyIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback})
		throttled := permit(t, gate)
		throttled.ReadingBody()
		began, admitted := time.Now(), make(chan time.Duration)
		go func() {
			p, err := gate.Acquire(t.Context(), 0)
			assert.NoError(t, err)
			p.Abandon()
			admitted <- time.Since(began)
		}()
		time.Sleep(2 * time.Second)
		throttled.Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: 30 * time.Second}, began)
		assert.Equal(t, 30*time.Second, <-admitted)
	})
}

func permit(t *testing.T, gate *Gate) *Permit {
	t.Helper()
	p, err := gate.Acquire(t.Context(), 0)
	require.NoError(t, err)
	return p
}

// blocked tells whether the next request would have to wait, now.
func blocked(gate *Gate) bool {
	gate.mu.Lock()
	defer gate.mu.Unlock()
	now := time.Now()
	return gate.checkLocked(now, gate.claimLocked(now, 0)).blocked
}

func TestOneProbeGoesAfterAHold(t *testing.T) {
	tests := []struct {
		name  string
		probe func(*Permit)
		open  bool
	}{
		{"served: the gate is open", func(p *Permit) { p.Answer(t.Context(), Info{}, time.Now()) }, true},
		{"no answer: the next one probes", func(p *Permit) { p.Unanswered() }, false},
		{"never sent: the next one probes", func(p *Permit) { p.Abandon() }, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate := NewGate(Config{FallbackPause: fallback})
				permit(t, gate).Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Minute}, time.Now())
				assert.True(t, blocked(gate))
				probe := permit(t, gate)
				assert.True(t, blocked(gate), "the others wait for the probe's answer")
				test.probe(probe)
				next := permit(t, gate)
				assert.Equal(t, !test.open, blocked(gate))
				next.Abandon()
			})
		})
	}
}

func TestAThrottledProbeBeginsTheNextHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback})
		permit(t, gate).Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Minute}, time.Now())
		probe := permit(t, gate)
		hold, _ := probe.Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Hour}, time.Now())
		assert.True(t, hold.Notable)
		assert.Equal(t, time.Hour, gate.Held())
	})
}

func TestAnAnswerFromBeforeTheHoldProvesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback})
		slow, throttled := permit(t, gate), permit(t, gate)
		throttled.Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Second}, time.Now())
		probe := permit(t, gate)
		slow.Answer(t.Context(), Info{HasRemaining: true, Remaining: 500}, time.Now())
		assert.True(t, blocked(gate), "the probe has not been answered")
		probe.Answer(t.Context(), Info{}, time.Now())
		assert.False(t, blocked(gate))
	})
}

func TestRequestsInFlightNeverExceedTheRemaining(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{MinRemaining: 2, FallbackPause: fallback})
		permit(t, gate).Answer(t.Context(), Info{HasRemaining: true, Remaining: 5, HasReset: true, Reset: time.Minute}, time.Now())
		first, second, third := permit(t, gate), permit(t, gate), permit(t, gate)
		assert.True(t, blocked(gate), "three in flight, and two are left for others")
		second.Answer(t.Context(), Info{HasRemaining: true, Remaining: 3, HasReset: true, Reset: time.Minute}, time.Now())
		assert.True(t, blocked(gate), "one of three left can be taken, and two are in flight")
		first.Answer(t.Context(), Info{HasRemaining: true, Remaining: 4, HasReset: true, Reset: time.Minute}, time.Now())
		assert.True(t, blocked(gate), "an answer that was overtaken raises nothing")
		third.Answer(t.Context(), Info{HasRemaining: true, Remaining: 3, HasReset: true, Reset: time.Minute}, time.Now())
		assert.False(t, blocked(gate))
	})
}

// TestTheReserveOutlivesAHold: it is the config's, not the window's.
func TestTheReserveOutlivesAHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{MinRemaining: 2, FallbackPause: fallback})
		permit(t, gate).Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Minute}, time.Now())
		permit(t, gate).Answer(t.Context(), Info{HasRemaining: true, Remaining: 3, HasReset: true, Reset: time.Minute}, time.Now())
		permit(t, gate)
		assert.True(t, blocked(gate))
	})
}

func TestARequestThatCannotBeSeenCountsUntilAnAnswerMustHaveSeenIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback})
		permit(t, gate).Answer(t.Context(), Info{HasRemaining: true, Remaining: 10, HasReset: true, Reset: time.Minute}, time.Now())
		asked := permit(t, gate)
		for range 3 {
			assert.Zero(t, gate.TryAcquireUnseen(t.Context()))
		}
		asked.Answer(t.Context(), Info{HasRemaining: true, Remaining: 9, HasReset: true, Reset: time.Minute}, time.Now())
		var out []*Permit
		for !blocked(gate) {
			out = append(out, permit(t, gate))
		}
		assert.Len(t, out, 6, "of nine, three may have been taken since")
	})
}

// TestAHoldAfterAnotherIsReported, however short both are.
func TestAHoldAfterAnotherIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const short = 100 * time.Millisecond
		gate := NewGate(Config{FallbackPause: short})
		for range 3 {
			hold, _ := permit(t, gate).Answer(t.Context(), Info{Throttled: true}, time.Now())
			assert.True(t, hold.Notable)
			time.Sleep(short)
		}
	})
}

// TestAnAnswerToALaterRequestHasSeenThem, so they are not taken off its remaining again.
func TestAnAnswerToALaterRequestHasSeenThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback})
		for range 3 {
			assert.Zero(t, gate.TryAcquireUnseen(t.Context()))
		}
		permit(t, gate).Answer(t.Context(), Info{HasRemaining: true, Remaining: 6, HasReset: true, Reset: time.Minute}, time.Now())
		for range 6 {
			assert.False(t, blocked(gate))
			permit(t, gate)
		}
		assert.True(t, blocked(gate))
	})
}

func TestAnAnswerThatTellsNothingCountsAsOneSpent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback})
		permit(t, gate).Answer(t.Context(), Info{HasRemaining: true, Remaining: 3, HasReset: true, Reset: time.Minute}, time.Now())
		lost, silent := permit(t, gate), permit(t, gate)
		lost.Unanswered()
		silent.Answer(t.Context(), Info{}, time.Now())
		only := permit(t, gate)
		assert.True(t, blocked(gate), "one is left")
		only.Answer(t.Context(), Info{HasRemaining: true, Remaining: 100}, time.Now())
		permit(t, gate)
		assert.False(t, blocked(gate), "an answer that was alone on the wire is the truth")
	})
}

func TestANewWindowIsProbed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback})
		permit(t, gate).Answer(t.Context(), Info{HasRemaining: true, Remaining: 9, HasReset: true, Reset: time.Minute}, time.Now())
		time.Sleep(time.Minute)
		permit(t, gate)
		assert.True(t, blocked(gate), "what the new window holds is not known")
	})
}

func TestPaceSpreadsTheStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := newScript(answer{status: 200})
		transport := NewTransport(NewGate(Config{FallbackPause: fallback, Pace: 200 * time.Millisecond}), base, Hooks{})
		for range 4 {
			get(t, transport)
		}
		assert.Equal(t, after(0, 0.2, 0.4, 0.6), base.at)
	})
}

// tenant is a bucket that may show what is left.
type tenant struct {
	mu        sync.Mutex
	size      int
	window    time.Duration
	used      int
	ends      time.Time
	throttled int
	served    int
	show      bool
	unproven  bool // no request of this window has been answered
	crowding  int  // requests that did not wait for the probe of theirs
}

func (b *tenant) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(40 * time.Millisecond) // there
	res := b.serve(req)
	time.Sleep(40 * time.Millisecond) // and back
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unproven = false
	return res, nil
}

func (b *tenant) serve(req *http.Request) *http.Response {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if !now.Before(b.ends) {
		b.unproven = !b.ends.IsZero()
		b.used, b.ends = 0, now.Add(b.window)
	} else if b.unproven {
		b.crowding++
	}
	left := int((b.ends.Sub(now) + time.Second - 1) / time.Second)
	if b.used++; b.used > b.size {
		b.throttled++
		return &http.Response{StatusCode: 429, Header: header("Retry-After", strconv.Itoa(left)), Body: http.NoBody, Request: req}
	}
	b.served++
	h := http.Header{}
	if b.show {
		h = header("X-RateLimit-Remaining", strconv.Itoa(b.size-b.used), "X-RateLimit-Reset", strconv.Itoa(left))
	}
	return &http.Response{StatusCode: 200, Header: h, Body: http.NoBody, Request: req}
}

// crowd sends n requests from many goroutines at once.
func crowd(t *testing.T, transport http.RoundTripper, workers, n int) {
	t.Helper()
	var wg sync.WaitGroup
	jobs := make(chan struct{})
	for range workers {
		wg.Go(func() {
			for range jobs {
				get(t, transport)
			}
		})
	}
	for range n {
		jobs <- struct{}{}
	}
	close(jobs)
	wg.Wait()
}

func TestAShownBudgetIsNeverOverdrawn(t *testing.T) {
	for _, workers := range []int{1, 8, 64} {
		t.Run(strconv.Itoa(workers)+" workers", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &tenant{size: 20, window: time.Minute, show: true}
				transport := NewTransport(NewGate(Config{FallbackPause: fallback}), b, Hooks{})
				get(t, transport) // a token, before anybody else
				crowd(t, transport, workers, 400)
				assert.Zero(t, b.throttled)
				assert.Equal(t, 401, b.served)
			})
		})
	}
}

func TestWithoutHeadersAWindowCostsOneWave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const workers = 8
		b := &tenant{size: 50, window: time.Minute}
		transport := NewTransport(NewGate(Config{FallbackPause: fallback}), b, Hooks{})
		crowd(t, transport, workers, 500)
		assert.Equal(t, 500, b.served)
		assert.LessOrEqual(t, b.throttled, 10*workers, "at most the requests in flight, once a window")
		assert.Zero(t, b.crowding, "after each hold exactly one probe")
	})
}

func TestAnUnansweredRequestHoldsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reset := errors.New("connection reset by peer")
		base := newScript(answer{err: reset}, answer{status: 200})
		transport := NewTransport(NewGate(Config{FallbackPause: fallback}), base, Hooks{})
		_, err := transport.RoundTrip(newRequest(t, t.Context()))
		require.ErrorIs(t, err, reset)
		get(t, transport)
		assert.Equal(t, after(0, 0), base.at)
	})
}
