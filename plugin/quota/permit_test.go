// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"fmt"
	"math"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// admittedAfter reports how long the next permit takes, and gives it back.
func admittedAfter(t *testing.T, gate *Gate) time.Duration {
	t.Helper()
	began := time.Now()
	permit(t, gate).Abandon()
	return time.Since(began)
}

// TestAPermitThatWaitedForTheStoreIsCheckedAgainstAll: reading the store takes
// time, in which another request's answer can order, or tell, anything.
func TestAPermitThatWaitedForTheStoreIsCheckedAgainstAll(t *testing.T) {
	const read = 100 * time.Millisecond
	tests := []struct {
		name string
		// tell is what becomes known through another request while the store is read.
		tell func(other *Permit)
		want time.Duration // from the beginning of the read
		left int           // how many then go at once
	}{
		{"nothing: it goes", func(*Permit) {}, read, 8},
		{"a hold", func(p *Permit) {
			p.Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Minute}, time.Now())
		}, read/2 + time.Minute + read, 1},
		{"a hold that is over: it goes as the probe", func(p *Permit) {
			p.Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: read / 4}, time.Now())
		}, read, 1},
		{"an order to ask again at once: it goes as the probe", func(p *Permit) { p.Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true}, time.Now()) }, read, 1},
		{"a throttle whose body is being read", func(p *Permit) {
			p.ReadingBody()
			time.AfterFunc(time.Second, func() {
				p.Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Minute}, time.Now())
			})
		}, read/2 + time.Second + time.Minute + read, 1},
		{"that two are left", func(p *Permit) {
			p.Answer(t.Context(), Info{HasRemaining: true, Remaining: 2, HasReset: true, Reset: time.Minute}, time.Now())
		}, read, 2},
		{"that nothing is left", func(p *Permit) {
			p.Answer(t.Context(), Info{HasRemaining: true, HasReset: true, Reset: time.Minute}, time.Now())
		}, read/2 + time.Minute + read, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &wall{takes: read}
				gate := NewGate(Config{FallbackPause: fallback, Store: w})
				other := permit(t, gate)
				var mu sync.Mutex
				var at []time.Duration
				began := time.Now()
				for range 8 {
					go func() {
						if _, err := gate.Acquire(t.Context(), 0); err == nil {
							mu.Lock()
							defer mu.Unlock()
							at = append(at, time.Since(began))
						}
					}()
				}
				time.Sleep(read / 2)
				test.tell(other)
				time.Sleep(test.want - read/2 + time.Nanosecond)
				synctest.Wait()
				assert.Len(t, at, test.left)
				assert.Equal(t, test.want, at[0])
			})
		})
	}
}

// TestAPermitIsGoodUntilItsRequestIsWritten, or not: a connection can take seconds.
func TestAPermitIsGoodUntilItsRequestIsWritten(t *testing.T) {
	counted := func(remaining int64) Info {
		return Info{HasRemaining: true, Remaining: remaining, HasReset: true, Reset: time.Minute}
	}
	tests := []struct {
		name string
		tell func(g *Gate, other *Permit)
		good bool
	}{
		{"nothing became known", func(*Gate, *Permit) {}, true},
		{"another was served", func(_ *Gate, o *Permit) { o.Answer(t.Context(), Info{}, time.Now()) }, true},
		{"another was lost", func(_ *Gate, o *Permit) { o.Unanswered() }, true},
		{"a hold", func(_ *Gate, o *Permit) {
			o.Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Minute}, time.Now())
		}, false},
		{"a hold that is over", func(_ *Gate, o *Permit) {
			o.Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Second}, time.Now())
			time.Sleep(time.Second)
		}, false},
		{"an order to ask again at once", func(_ *Gate, o *Permit) {
			o.Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true}, time.Now())
		}, false},
		{"a throttle whose body is being read", func(_ *Gate, o *Permit) { o.ReadingBody() }, false},
		{"that one is left, and this is the one", func(_ *Gate, o *Permit) { o.Answer(t.Context(), counted(1), time.Now()) }, true},
		{"that one is left, and another is on its way", func(g *Gate, o *Permit) {
			g.inFlight++
			o.Answer(t.Context(), counted(1), time.Now())
		}, false},
		{"that nothing is left", func(_ *Gate, o *Permit) { o.Answer(t.Context(), counted(0), time.Now()) }, false},
		{"the window ended", func(_ *Gate, o *Permit) {
			o.Answer(t.Context(), counted(9), time.Now())
			time.Sleep(time.Minute)
		}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate := NewGate(Config{FallbackPause: fallback})
				other, p := permit(t, gate), permit(t, gate)
				test.tell(gate, other)
				before := gate.inFlight
				assert.Equal(t, test.good, p.Confirm())
				if test.good {
					assert.Equal(t, before, gate.inFlight)
				} else {
					assert.Equal(t, before-1, gate.inFlight, "it has been given back")
				}
			})
		})
	}
}

// TestAPermitIsNotLeakedWhereTheStoreHolds: it counts in flight while the store is
// read, and no longer.
func TestAPermitIsNotLeakedWhereTheStoreHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		gate := NewGate(Config{FallbackPause: fallback, Store: w})
		for i := range 5 {
			until := time.Now().Add(time.Minute).UTC()
			w.set(fmt.Appendf(nil, `{"other %d":{"until":%q,"at":%q}}`, i, until.Format(time.RFC3339Nano), time.Now().UTC().Format(time.RFC3339Nano)), nil)
			assert.Equal(t, time.Minute, gate.TryAcquireUnseen(t.Context()))
			assert.Zero(t, gate.inFlight)
			assert.Nil(t, gate.probe)
			time.Sleep(time.Minute)
		}
	})
}

// TestThePaceIsThatOfTheStartsNotOfTheReadsOfTheStore: a store can be slow once.
func TestThePaceIsThatOfTheStartsNotOfTheReadsOfTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{takes: 700 * time.Millisecond}
		gate := NewGate(Config{FallbackPause: fallback, Store: w, Pace: 200 * time.Millisecond})
		var mu sync.Mutex
		var at []time.Time
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				p := permit(t, gate)
				mu.Lock()
				at = append(at, time.Now())
				mu.Unlock()
				p.Abandon()
			})
		}
		time.Sleep(100 * time.Millisecond)
		w.mu.Lock()
		w.takes = 0
		w.mu.Unlock()
		wg.Wait()
		require.Len(t, at, 8)
		for i := range at[1:] {
			assert.GreaterOrEqual(t, at[i+1].Sub(at[i]), 200*time.Millisecond)
		}
	})
}

// TestRetryAfterZeroIsNoHotLoopWhereStockComponentsAskToo: their answers are not
// known, so they are no proof that the tenant serves again.
func TestRetryAfterZeroIsNoHotLoopWhereStockComponentsAskToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback})
		zero := Info{Throttled: true, HasRetryAfter: true}
		permit(t, gate).Answer(t.Context(), zero, time.Now())
		for range 3 {
			require.Zero(t, gate.TryAcquireUnseen(t.Context()), "obeyed once")
			permit(t, gate).Answer(t.Context(), zero, time.Now())
			require.Equal(t, fallback, gate.Held())
			time.Sleep(fallback)
		}
		permit(t, gate).Answer(t.Context(), Info{}, time.Now())
		permit(t, gate).Answer(t.Context(), zero, time.Now())
		assert.Zero(t, gate.Held(), "an answer that is seen is one")
	})
}

// TestABudgetThatIsUsedUpByLostOrSilentAnswers opens again: at the reset, or with
// a probe at once where the server named none.
func TestABudgetThatIsUsedUpByLostOrSilentAnswers(t *testing.T) {
	ends := map[string]func(*testing.T, *Permit, *Gate){
		"lost":   func(_ *testing.T, p *Permit, _ *Gate) { p.Unanswered() },
		"silent": func(t *testing.T, p *Permit, _ *Gate) { p.Answer(t.Context(), Info{}, time.Now()) },
		"unseen": func(t *testing.T, p *Permit, g *Gate) {
			t.Helper()
			p.Abandon()
			assert.Zero(t, g.TryAcquireUnseen(t.Context()))
		},
	}
	for name, end := range ends {
		for _, resets := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, resets: %t", name, resets), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					gate := NewGate(Config{FallbackPause: fallback, MinRemaining: 1})
					permit(t, gate).Answer(t.Context(), Info{HasRemaining: true, Remaining: 4, HasReset: resets, Reset: time.Minute}, time.Now())
					for range 3 {
						end(t, permit(t, gate), gate)
					}
					want := time.Duration(0)
					if resets {
						want = time.Minute
						assert.Equal(t, time.Minute, gate.TryAcquireUnseen(t.Context()), "nor does a stock component pass")
					}
					began := time.Now()
					probe := permit(t, gate)
					assert.Equal(t, want, time.Since(began))
					assert.True(t, blocked(gate), "what is left now is not known")
					assert.Equal(t, askAgain, gate.TryAcquireUnseen(t.Context()), "nor does a stock component pass while a probe is out")
					probe.Answer(t.Context(), Info{}, time.Now())
					assert.Zero(t, admittedAfter(t, gate))
				})
			})
		}
	}
}

// TestWaitersOfAUsedUpBudgetAreWoken: not only who comes after.
func TestWaitersOfAUsedUpBudgetAreWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback})
		permit(t, gate).Answer(t.Context(), Info{HasRemaining: true, Remaining: 1, HasReset: true, Reset: time.Minute}, time.Now())
		only := permit(t, gate)
		admitted := make(chan time.Duration)
		go func() { admitted <- admittedAfter(t, gate) }()
		synctest.Wait()
		only.Unanswered()
		assert.Equal(t, time.Minute, <-admitted)
	})
}

// TestAStockComponentWaitsForTheProbeOfEachHold: a probe from before the present
// hold is none.
func TestAStockComponentWaitsForTheProbeOfEachHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback})
		other := permit(t, gate)
		permit(t, gate).Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Second}, time.Now())
		old := permit(t, gate) // the first probe, which hangs
		require.Equal(t, askAgain, gate.TryAcquireUnseen(t.Context()))
		other.Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Minute}, time.Now())
		require.Equal(t, time.Minute, gate.TryAcquireUnseen(t.Context()))
		time.Sleep(time.Minute)
		probe := permit(t, gate)
		assert.Equal(t, askAgain, gate.TryAcquireUnseen(t.Context()))
		old.Answer(t.Context(), Info{}, time.Now())
		assert.Equal(t, askAgain, gate.TryAcquireUnseen(t.Context()), "the old one proves nothing")
		probe.Answer(t.Context(), Info{}, time.Now())
		assert.Zero(t, gate.TryAcquireUnseen(t.Context()))
	})
}

// TestExtremeOrders: through the gate, the store, the entry's time to live and
// what is told. A peer keeps the hold, whatever its length.
func TestExtremeOrders(t *testing.T) {
	now := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	tests := []struct {
		name   string
		header func() http.Header
		want   time.Duration
	}{
		{"a second", func() http.Header { return header("Retry-After", "1") }, time.Second},
		{"60 days", func() http.Header { return header("Retry-After", "5184000") }, 60 * 24 * time.Hour},
		{"291 years", func() http.Header { return header("Retry-After", "9180000000") }, 9180000000 * time.Second},
		{"the last second that a duration has", func() http.Header { return header("Retry-After", "9223372036") }, 9223372036 * time.Second},
		{"one more", func() http.Header { return header("Retry-After", "9223372037") }, math.MaxInt64},
		{"9999999999", func() http.Header { return header("Retry-After", "9999999999") }, math.MaxInt64},
		{"the greatest int64", func() http.Header { return header("Retry-After", "9223372036854775807") }, math.MaxInt64},
		{"more digits than an int64 has", func() http.Header { return header("Retry-After", "99999999999999999999999999") }, math.MaxInt64},
		{"the year 9999", func() http.Header { return header("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT") }, math.MaxInt64},
		{"a date in an hour", func() http.Header { return header("Retry-After", now(time.Hour)) }, time.Hour},
		{"a reset of 99999999", func() http.Header { return header("X-RateLimit-Reset", "99999999") }, 99999999 * time.Second},
		{"a reset of the greatest int64", func() http.Header { return header("X-RateLimit-Reset", "9223372036854775807") }, math.MaxInt64},
		{"a structured reset of the greatest", func() http.Header { return header("RateLimit", `"a";r=0;t=999999999999999`) }, math.MaxInt64},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &wall{}
				gate := NewGate(Config{FallbackPause: fallback, Store: w})
				began := time.Now()
				hold, ordered := permit(t, gate).Answer(t.Context(), ReadInfo(429, test.header(), began), began)
				require.True(t, ordered)
				assert.Equal(t, test.want, hold.Wait)
				assert.Equal(t, test.want, gate.Held())
				assert.Equal(t, test.want, time.Until(hold.Until))
				assert.NotContains(t, fmt.Sprint(hold.Wait.Round(time.Millisecond)), "-", "it is told as it is")
				assert.Equal(t, test.want, gate.TryAcquireUnseen(t.Context()))
				ttl := min(addSaturating(test.want, skewMargin), maxTTL)
				assert.Equal(t, ttl, w.ttl, "the entry outlives the hold's last second, at any clock")

				time.Sleep(300 * time.Millisecond)
				peer := NewGate(Config{FallbackPause: fallback, Store: w})
				assert.GreaterOrEqual(t, peer.TryAcquireUnseen(t.Context()), test.want-300*time.Millisecond)
				assert.Positive(t, w.ttl)
			})
		})
	}
}
