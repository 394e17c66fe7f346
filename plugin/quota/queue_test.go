// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// line is callers at a gate that note in which order they are let through. Each
// holds its permit for a second and is then answered.
type line struct {
	gate   *Gate
	answer Info

	mu    sync.Mutex
	began time.Time
	order []string
	at    []time.Duration
	wg    sync.WaitGroup
}

func newLine(config Config, answer Info) *line {
	config.FallbackPause = fallback
	return &line{gate: NewGate(config), answer: answer, began: time.Now()}
}

func (l *line) note(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.order, l.at = append(l.order, name), append(l.at, time.Since(l.began))
}

// join adds a caller, after those that joined before.
func (l *line) join(ctx context.Context, name string, priority int) {
	l.wg.Go(func() {
		p, err := l.gate.Acquire(ctx, priority)
		if err != nil {
			l.note(name + ": " + err.Error())
			return
		}
		l.note(name)
		time.Sleep(time.Second)
		p.Answer(ctx, l.answer, time.Now())
	})
	synctest.Wait()
}

// one leaves one request at a time.
var one = Info{HasRemaining: true, Remaining: 1, HasReset: true, Reset: time.Hour}

func minuteOf(ctx context.Context, p *Permit) {
	p.Answer(ctx, Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Minute}, time.Now())
}

func TestCallersGoByPriorityAndThenByArrival(t *testing.T) {
	for name, store := range map[string]HoldStore{"alone": nil, "shared": &wall{}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLine(Config{Store: store}, one)
				minuteOf(t.Context(), permit(t, l.gate))
				for _, c := range []struct {
					name     string
					priority int
				}{{"a0", 0}, {"b-1", -1}, {"c5", 5}, {"d0", 0}, {"e5", 5}, {"f-1", -1}, {"g0", 0}} {
					l.join(t.Context(), c.name, c.priority)
				}
				time.Sleep(time.Minute + 1500*time.Millisecond)
				l.join(t.Context(), "late 5", 5) // in the second second after the hold
				l.wg.Wait()
				assert.Equal(t, []string{"c5", "e5", "late 5", "a0", "d0", "g0", "b-1", "f-1"}, l.order)
				assert.Equal(t, after(60, 61, 62, 63, 64, 65, 66, 67), l.at, "each at the moment at which it may")
			})
		})
	}
}

// standing puts n callers in a gate's queue that do nothing when they are woken.
func standing(t *testing.T, gate *Gate, n int) (all []*waiter) {
	t.Helper()
	for range n {
		w := &waiter{}
		p, err := gate.join(w)
		require.NoError(t, err)
		require.Nil(t, p)
		all = append(all, w)
	}
	return all
}

func woken(all []*waiter) (n int) {
	for _, w := range all {
		n += len(w.woken)
	}
	return n
}

func TestAChangeWakesOnlyThoseThatMayGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback})
		permit(t, gate).Answer(t.Context(), one, time.Now())
		only := permit(t, gate)
		all := standing(t, gate, 64)
		only.Answer(t.Context(), one, time.Now())
		require.Equal(t, 1, woken(all), "one may go")
		require.NotNil(t, all[0].ticket)
		(&Permit{gate, all[0].ticket}).Answer(t.Context(), Info{HasRemaining: true, Remaining: 3, HasReset: true, Reset: time.Hour}, time.Now())
		require.Equal(t, 4, woken(all), "three more")
		minuteOf(t.Context(), &Permit{gate, all[1].ticket})
		require.Equal(t, 4, woken(all), "a hold begins: nobody may")
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 5, woken(all), "it ends: the probe may")
		require.NotNil(t, all[4].ticket)
	})
}

func TestATurnIsHandedOnByACallerWhoseContextEndsAsItComes(t *testing.T) {
	for name, store := range map[string]HoldStore{"alone": nil, "shared": &wall{takes: time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for range 20 { // which of the two the caller sees first is chance
					gone := errors.New("gone")
					l := newLine(Config{Store: store}, one)
					permit(t, l.gate).Answer(t.Context(), one, time.Now())
					only := permit(t, l.gate)
					ctx, cancel := context.WithCancelCause(t.Context())
					l.join(ctx, "first", 0)
					l.join(t.Context(), "second", 0)
					l.gate.mu.Lock()
					cancel(gone)
					l.gate.endLocked(only.ticket)
					l.gate.release() // its turn
					l.wg.Wait()
					assert.ElementsMatch(t, []string{"first: gone", "second"}, l.order)
					assert.Less(t, l.at[1]-l.at[0], time.Second, "at once")
					assert.Zero(t, l.gate.inFlight)
					assert.Empty(t, l.gate.queue)
					assert.Empty(t, l.gate.readers)
				}
			})
		})
	}
}

func TestTheNextGoesOnTimeWhereTheFirstLeavesInTheHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(Config{}, Info{})
		minuteOf(t.Context(), permit(t, l.gate))
		ctx, cancel := context.WithCancel(t.Context())
		l.join(ctx, "first", 0)
		l.join(t.Context(), "second", 0)
		cancel()
		l.wg.Wait()
		assert.Equal(t, []string{"first: context canceled", "second"}, l.order)
		assert.Equal(t, after(0, 60), l.at)
		assert.Zero(t, l.gate.due, "no timer runs where nobody waits")
	})
}

// TestAHoldThatBeginsEndsTheWaitsThatItOutlasts, not only those that begin in it.
func TestAHoldThatBeginsEndsTheWaitsThatItOutlasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(Config{}, Info{})
		permit(t, l.gate).Answer(t.Context(), one, time.Now())
		only := permit(t, l.gate)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		l.join(ctx, "short", 0)
		l.join(t.Context(), "long", 0)
		time.Sleep(time.Second)
		minuteOf(t.Context(), only)
		l.wg.Wait()
		assert.Equal(t, after(1, 61), l.at)
		assert.Contains(t, l.order[0], "which is past the deadline")
	})
}

// TestARequestThatIsSentAgainKeepsItsPlace: who came later does not go first.
func TestARequestThatIsSentAgainKeepsItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(Config{}, Info{})
		script := newScript(answer{status: 429, header: header("Retry-After", "60"), takes: time.Second}, fine)
		sent := 0
		transport := NewTransport(l.gate, seen(func(req *http.Request) (*http.Response, error) {
			if sent++; sent == 2 { // noted as it leaves: its answer lets the other one go
				l.note("sent again")
			}
			return script.RoundTrip(req)
		}), Hooks{})
		l.wg.Go(func() { get(t, transport) })
		synctest.Wait()
		waits := permit(t, l.gate) // sent meanwhile, and throttled as well
		minuteOf(t.Context(), waits)
		l.join(t.Context(), "later", 0)
		l.wg.Wait()
		assert.Equal(t, []string{"sent again", "later"}, l.order)
	})
}

// seen is a transport that a test looks into.
type seen func(*http.Request) (*http.Response, error)

func (s seen) RoundTrip(req *http.Request) (*http.Response, error) { return s(req) }

func TestATransportHasAPriority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(Config{}, Info{})
		minuteOf(t.Context(), permit(t, l.gate))
		for _, priority := range []int{-1, 0, 7} {
			transport := NewTransport(l.gate, newScript(answer{status: 200, header: header("X-RateLimit-Remaining", "1"), takes: time.Second}), Hooks{})
			transport.Priority = priority
			l.wg.Go(func() {
				get(t, transport)
				l.note(map[int]string{-1: "backfill", 0: "daily", 7: "urgent"}[priority])
			})
			synctest.Wait()
		}
		l.wg.Wait()
		assert.Equal(t, []string{"urgent", "daily", "backfill"}, l.order)
	})
}

// TestTheOrderIsKeptWhileTheStoreIsRead: what becomes known meanwhile leaves one of
// two callers, or a probe, and the first goes, be it the first to have read or not.
func TestTheOrderIsKeptWhileTheStoreIsRead(t *testing.T) {
	learned := map[string]Info{"one is left": one, "a probe is needed": {Throttled: true, HasRetryAfter: true}}
	for name, info := range learned {
		for _, first := range []time.Duration{10 * time.Millisecond, 90 * time.Millisecond} {
			t.Run(name+", the first reads for "+first.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := &wall{}
					l := newLine(Config{Store: w}, one)
					other := permit(t, l.gate)
					for _, takes := range []time.Duration{first, 50 * time.Millisecond} {
						w.mu.Lock()
						w.takes = takes
						w.mu.Unlock()
						l.join(t.Context(), takes.String(), 0)
					}
					w.mu.Lock()
					w.takes = 0
					w.mu.Unlock()
					other.Answer(t.Context(), info, time.Now())
					l.wg.Wait()
					assert.Equal(t, []string{first.String(), "50ms"}, l.order)
					assert.Equal(t, first, l.at[0])
					assert.Equal(t, first+time.Second, l.at[1])
				})
			})
		}
	}
}

// TestARefusedTurnKeepsItsPlace: what the store says holds all, whoever reads it
// first.
func TestARefusedTurnKeepsItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		w.set([]byte(`{"other":{"until":"2000-01-01T01:00:00Z","at":"2000-01-01T00:00:00Z"}}`), nil)
		l := newLine(Config{Store: w}, one)
		for _, takes := range []time.Duration{50 * time.Millisecond, 10 * time.Millisecond} {
			w.mu.Lock()
			w.takes = takes
			w.mu.Unlock()
			l.join(t.Context(), takes.String(), 0)
		}
		l.wg.Wait()
		assert.Equal(t, []string{"50ms", "10ms"}, l.order)
	})
}

func TestInAHoldOneOfAllThatWaitReadsTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		l := newLine(Config{Store: w}, Info{})
		minuteOf(t.Context(), permit(t, l.gate))
		before := w.looks()
		for range 64 {
			l.join(t.Context(), "", 0)
		}
		time.Sleep(30 * time.Second)
		assert.InDelta(t, 30*time.Second/lookEvery, w.looks()-before, 2)
		w.set([]byte(`{"other":{"until":"2000-01-01T01:00:00Z","at":"2000-01-01T00:00:00Z"}}`), nil)
		l.wg.Wait()
		assert.Equal(t, time.Hour+time.Second, l.at[0], "and all know of what it says: its end, and a second for the clocks")
	})
}

// TestAnAnswerIsOneCall: what it orders, other processes know of.
func TestAnAnswerIsOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		ctx, cancel := context.WithCancel(t.Context())
		p := permit(t, NewGate(Config{FallbackPause: fallback, Store: w}))
		cancel() // who asked is closing
		minuteOf(ctx, p)
		assert.Equal(t, time.Minute, NewGate(Config{FallbackPause: fallback, Store: w}).TryAcquireUnseen(t.Context()))
	})
}
