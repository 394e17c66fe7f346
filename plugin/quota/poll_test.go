// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// poll asks as Benthos does until it is let through, and returns how long it took.
func poll(ctx context.Context, gate *Gate) time.Duration {
	began := time.Now()
	for ctx.Err() == nil {
		wait := gate.TryAcquireUnseen(ctx)
		if wait == 0 {
			break
		}
		time.Sleep(wait)
	}
	return time.Since(began)
}

// busy has callers wait at a gate that are served for ten milliseconds each and come
// again at once, until stopped. It counts how often each was served.
func busy(t *testing.T, gate *Gate, answer Info, callers, priority int) (served []int, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	served = make([]int, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for {
				p, err := gate.Acquire(ctx, priority)
				if err != nil {
					return
				}
				time.Sleep(10 * time.Millisecond)
				served[i]++
				p.Answer(ctx, answer, time.Now())
			}
		})
	}
	synctest.Wait()
	return served, func() { cancel(); wg.Wait() }
}

// TestAPollerDoesNotStarve: nor do those that wait, however many poll.
func TestAPollerDoesNotStarve(t *testing.T) {
	const callers = 16
	few := func(n int64) Info {
		return Info{HasRemaining: true, Remaining: n, HasReset: true, Reset: 24 * time.Hour}
	}
	tests := []struct {
		name   string
		config Config
		answer Info
		within time.Duration // of each request of a poller
	}{
		// Its turn comes after all who wait, 10 ms each, and it is away for 20.
		{"one at a time", Config{}, few(1), 17*10*time.Millisecond + 2*askAgain},
		{"four at a time", Config{}, few(4), 5*10*time.Millisecond + 2*askAgain},
		{"at a pace", Config{Pace: 100 * time.Millisecond}, Info{}, 18 * 100 * time.Millisecond},
		{"at a pace, and the store is read", Config{Pace: 100 * time.Millisecond, Store: &wall{}}, Info{}, 18 * 100 * time.Millisecond},
		{"the store is read", Config{Store: &wall{takes: time.Millisecond}}, few(1), 17*11*time.Millisecond + 3*askAgain},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.config.FallbackPause = fallback
				gate := NewGate(test.config)
				permit(t, gate).Answer(t.Context(), test.answer, time.Now())
				served, stop := busy(t, gate, test.answer, callers, 0)
				for range 5 {
					took := poll(t.Context(), gate)
					assert.LessOrEqual(t, took, test.within)
					// A request that cannot be seen counts as spent; the server has more.
					gate.mu.Lock()
					gate.budget.low = test.answer.Remaining
					gate.unseen = 0
					gate.release()
				}
				stop()
				// A turn that comes at the stop is not taken.
				assert.LessOrEqual(t, slices.Max(served)-slices.Min(served), 2, "each has its share: %v", served)
				assert.GreaterOrEqual(t, slices.Min(served), 4)
			})
		})
	}
}

// TestPollersGoNotBeforeThoseThatWait with a better place, whether they ask in the
// very moment or not.
func TestPollersGoNotBeforeThoseThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(Config{Pace: time.Second}, Info{})
		permit(t, l.gate).Answer(t.Context(), Info{}, time.Now())
		l.join(t.Context(), "first", 0)
		assert.NotZero(t, l.gate.TryAcquireUnseen(t.Context()))
		l.join(t.Context(), "after the poller", 0)
		l.join(t.Context(), "urgent", 1)
		began := time.Now()
		assert.Equal(t, 2*time.Second+time.Second, time.Since(began)+poll(t.Context(), l.gate), "third")
		l.wg.Wait()
		assert.Equal(t, []string{"urgent", "first", "after the poller"}, l.order)
		assert.Equal(t, after(1, 2, 4), l.at)
	})
}

func TestABackfillGoesAfterPollers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(Config{Pace: time.Second}, Info{})
		permit(t, l.gate).Answer(t.Context(), Info{}, time.Now())
		l.join(t.Context(), "backfill", -1)
		assert.Equal(t, time.Second, poll(t.Context(), l.gate), "it came later, and goes first")
		l.wg.Wait()
		assert.Equal(t, after(2), l.at)
	})
}

// TestAPollerThatIsGoneHoldsNobodyUp for longer than a turn is kept.
func TestAPollerThatIsGoneHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(Config{}, one)
		permit(t, l.gate).Answer(t.Context(), one, time.Now())
		only := permit(t, l.gate)
		assert.Equal(t, askAgain, l.gate.TryAcquireUnseen(t.Context()))
		l.join(t.Context(), "waits", 0)
		only.Answer(t.Context(), one, time.Now())
		l.wg.Wait()
		assert.Equal(t, []time.Duration{2 * askAgain}, l.at)
		l.join(t.Context(), "next", 0)
		l.wg.Wait()
		assert.Equal(t, 2*askAgain+time.Second, l.at[1], "and once only")
		time.Sleep(goneAfter)
		only = permit(t, l.gate)
		l.join(t.Context(), "waits", 0)
		assert.Equal(t, askAgain, l.gate.TryAcquireUnseen(t.Context()))
		only.Answer(t.Context(), one, time.Now())
		synctest.Wait()
		assert.Len(t, l.at, 3, "one that asks after so long is another, and came later")
		l.wg.Wait()
	})
}

// TestTheFirstRequestAfterAHoldIsNotKeptForAPoller.
func TestTheFirstRequestAfterAHoldIsNotKeptForAPoller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(Config{}, Info{})
		minuteOf(t.Context(), permit(t, l.gate))
		assert.Equal(t, time.Minute, l.gate.TryAcquireUnseen(t.Context()))
		l.join(t.Context(), "waits", 0)
		l.wg.Wait()
		assert.Equal(t, after(60), l.at)
	})
}

// TestPollersWhoseTurnsAreRefusedHaveTheBestOfTheirPlaces.
func TestPollersWhoseTurnsAreRefusedHaveTheBestOfTheirPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback, Store: &wall{}})
		other := permit(t, gate)
		first, _, _ := gate.poll()
		second, _, _ := gate.poll()
		other.Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Minute}, time.Now())
		for _, w := range []*waiter{first, second} {
			permit, wait := gate.pollSettled(w, nil)
			assert.Nil(t, permit)
			assert.Equal(t, time.Minute, wait)
		}
		assert.Len(t, gate.queue, 1)
		assert.Equal(t, first.place, gate.pollers.place)
	})
}
