// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"math"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAThrottleIsA429OrA503.
func TestAThrottleIsA429OrA503(t *testing.T) {
	for status, want := range map[int]bool{200: false, 400: false, 428: false, 429: true, 500: false, 502: false, 503: true, 504: false} {
		assert.Equal(t, want, ReadInfo(status, http.Header{}, newYear).Throttled, status)
	}
}

// TestOfSeveralBudgetsTheTightestCounts, in whatever order they come.
func TestOfSeveralBudgetsTheTightestCounts(t *testing.T) {
	for _, test := range []struct {
		name, field string
		left        int64
		reset       time.Duration
		resets      bool
	}{
		{"the fewest left, whenever it resets", `"a";r=1;t=5, "b";r=9;t=60`, 1, 5 * time.Second, true},
		{"the fewest left, last", `"b";r=9;t=60, "a";r=1;t=5`, 1, 5 * time.Second, true},
		{"of equals the later reset", `"a";r=5;t=60, "b";r=5;t=10`, 5, time.Minute, true},
		{"of equals the later reset, last", `"b";r=5;t=10, "a";r=5;t=60`, 5, time.Minute, true},
		{"one without a reset", `"a";r=1, "b";r=9;t=60`, 1, 0, false},
		{"one that names nothing left", `"a";t=60, "b";r=9`, 9, 0, false},
		{"a list in the list", `("a" "b");r=0;t=9, "c";r=9;t=60`, 9, time.Minute, true},
		{"an overdrawn one", `"a";r=-2;t=5`, -2, 5 * time.Second, true},
		{"a reset that has passed", `"a";r=2;t=-5`, 2, 0, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := ReadInfo(http.StatusOK, header("RateLimit", test.field), newYear)
			assert.True(t, n.HasRemaining)
			assert.Equal(t, test.left, n.Remaining)
			assert.Equal(t, test.reset, n.Reset)
			assert.Equal(t, test.resets, n.HasReset)
		})
	}
	assert.False(t, ReadInfo(http.StatusOK, header("RateLimit", `"a";t=60`), newYear).HasRemaining)
}

// TestHalfOfABudgetIsNone: what is allowed is no remaining where nobody says what was
// used.
func TestHalfOfABudgetIsNone(t *testing.T) {
	for _, one := range []string{"inin-ratelimit-allowed", "inin-ratelimit-count"} {
		n := ReadInfo(http.StatusOK, header(one, "300", "inin-ratelimit-reset", "9"), newYear)
		assert.False(t, n.HasRemaining, one)
		assert.Equal(t, 9*time.Second, n.Reset)
	}
	n := ReadInfo(http.StatusOK, header("inin-ratelimit-allowed", "300", "inin-ratelimit-count", "301"), newYear)
	assert.Equal(t, int64(-1), n.Remaining)
	n = ReadInfo(http.StatusOK, header("X-RateLimit-Remaining", "-3, 4"), newYear)
	assert.Equal(t, int64(-3), n.Remaining, "it is overdrawn")
}

// TestNumbersAtTheirBounds: the largest of each kind, and the one after it.
func TestNumbersAtTheirBounds(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"9223372036":                9_223_372_036 * time.Second,
		"9223372037":                forever,
		"9223372036854775799":       forever,
		"9223372036854775800":       forever,
		"9223372036854775807":       forever,
		"9223372036854775808":       forever,
		"9223372036854775809":       forever,
		"9223372036854775810":       forever,
		"92233720368547758079":      forever,
		"9223372036854775806.5":     forever,
		"00000000000000000000000.1": time.Second,
	} {
		n := ReadInfo(http.StatusOK, header("Retry-After", value), newYear)
		assert.True(t, n.HasRetryAfter, value)
		assert.Equal(t, want, n.RetryAfter, value)
	}
	for value, want := range map[string]int64{
		"9223372036854775798": math.MaxInt64 - 9, "9223372036854775809": math.MaxInt64, "99999999999999999999": math.MaxInt64,
	} {
		assert.Equal(t, want, ReadInfo(http.StatusOK, header("X-RateLimit-Remaining", value), newYear).Remaining, value)
	}
	for value, want := range map[string]time.Duration{
		"99999999":            99_999_999 * time.Second, // the last that is a number of seconds
		"100000000":           0,                        // a Unix time, in 1973
		"99999999999":         forever,                  // the last in seconds, in 5138
		"100000000000":        0,                        // the first in milliseconds
		"9223372036854775807": forever,
	} {
		n := ReadInfo(http.StatusOK, header("X-RateLimit-Reset", value), newYear)
		assert.True(t, n.HasReset, value)
		assert.Equal(t, want, n.Reset, value)
	}
}

// TestTheProbeOfAUsedUpBudgetWaitsForWhatIsInFlight: what the server said was left may
// be taken by a request that is in flight, so one more would be one too many.
func TestTheProbeOfAUsedUpBudgetWaitsForWhatIsInFlight(t *testing.T) {
	drained := Info{HasRemaining: true, Remaining: 1} // by other applications
	for name, use := range map[string]func(g *Gate, one, other *Permit){
		"one is lost":   func(_ *Gate, one, other *Permit) { one.answer(drained, time.Now()); other.Unanswered() },
		"one is silent": func(_ *Gate, one, other *Permit) { one.answer(drained, time.Now()); other.answer(Info{}, time.Now()) },
		"one is unseen": func(g *Gate, one, other *Permit) {
			g.TryAcquireUnseen(context.Background())
			other.Abandon()
			one.answer(drained, time.Now())
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate := NewGate(Config{FallbackPause: fallback})
				permit(t, gate).Answer(t.Context(), Info{HasRemaining: true, Remaining: 4}, time.Now())
				slow := permit(t, gate)
				use(gate, permit(t, gate), permit(t, gate))
				assert.True(t, blocked(gate), "one is in flight")
				assert.Equal(t, askAgain, gate.TryAcquireUnseen(t.Context()), "nor does a stock component pass")
				time.AfterFunc(time.Second, slow.Unanswered)
				began := time.Now()
				probe := permit(t, gate)
				assert.Equal(t, time.Second, time.Since(began))
				assert.True(t, blocked(gate), "the others wait for its answer")
				probe.Answer(t.Context(), Info{}, time.Now())
				assert.False(t, blocked(gate))
			})
		})
	}
}

// TestAnAnswerThatIsNotSeenIsNoProbe: after a hold, or when a budget is used up by our own
// count, it may have been throttled, so the requests after it still go one at a time.
func TestAnAnswerThatIsNotSeenIsNoProbe(t *testing.T) {
	for name, doubt := range map[string]func(g *Gate){
		"after a hold": func(g *Gate) {
			permit(t, g).answer(Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Minute}, time.Now())
			time.Sleep(time.Minute)
		},
		"a budget that was used up unseen": func(g *Gate) {
			permit(t, g).answer(Info{HasRemaining: true, Remaining: 1}, time.Now())
			assert.Zero(t, g.TryAcquireUnseen(t.Context()))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate := NewGate(Config{FallbackPause: fallback})
				doubt(gate)
				assert.Zero(t, gate.TryAcquireUnseen(t.Context()))
				assert.Zero(t, gate.TryAcquireUnseen(t.Context()), "nor does it hold up the next of its kind")
				probe := permit(t, gate)
				assert.True(t, blocked(gate), "the others wait for its answer")
				probe.Answer(t.Context(), Info{}, time.Now())
				assert.False(t, blocked(gate))
			})
		})
	}
}

// TestOfAnswersThatOvertakeEachOtherTheLeastCounts: the fewest left and the earliest
// reset that was told, as long as requests overlap.
func TestOfAnswersThatOvertakeEachOtherTheLeastCounts(t *testing.T) {
	early, late := newYear.Add(time.Minute), newYear.Add(time.Hour)
	for _, test := range []struct {
		name      string
		was, says time.Time // the reset
		left      int64     // of 5
		low       int64
		reset     time.Time
	}{
		{"an earlier reset, more left", late, early, 7, 5, early},
		{"a later reset, less left", early, late, 3, 3, early},
		{"no reset", early, time.Time{}, 3, 3, early},
		{"the first reset", time.Time{}, late, 3, 3, late},
		{"none, again", time.Time{}, time.Time{}, 9, 5, time.Time{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := budget{known: true, crowded: true, low: 5, reset: test.was}
			b.learn(test.left, test.says)
			assert.Equal(t, budget{known: true, crowded: true, low: test.low, reset: test.reset}, b)
			b = budget{known: true, low: 5, reset: test.was}
			b.learn(test.left, test.says)
			assert.Equal(t, budget{known: true, low: test.left, reset: test.says}, b, "alone it is believed")
		})
	}
}

// TestAWaitThatEndsSaysWhatForItWas: else who gives up after a day behind requests that
// go first reads of a deadline, and not of what kept it.
func TestAWaitThatEndsSaysWhatForItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback})
		permit(t, gate).Answer(t.Context(), Info{HasRemaining: true, Remaining: 1}, time.Now())
		slow := permit(t, gate)
		defer slow.Abandon()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := gate.Acquire(ctx, -1)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "waiting for a turn among the tenant's requests")
	})
}
