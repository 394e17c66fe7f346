// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wall is a store that can be down, or hang.
type wall struct {
	mu     sync.Mutex
	value  []byte
	ttl    time.Duration
	err    error
	hangs  bool
	takes  time.Duration // a read
	reads  int
	writes int
}

func (w *wall) Read(ctx context.Context) ([]byte, error) {
	w.mu.Lock()
	w.reads++
	value, err, hangs, takes := w.value, w.err, w.hangs, w.takes
	w.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	time.Sleep(takes)
	return value, err
}

func (w *wall) Write(_ context.Context, value []byte, ttl time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes++
	if w.err == nil {
		w.value, w.ttl = value, ttl
	}
	return w.err
}

func (w *wall) lines(t *testing.T) (lines map[string]processHold) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	require.NoError(t, json.Unmarshal(w.value, &lines))
	return lines
}

func (w *wall) looks() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reads
}

func (w *wall) hang(hangs bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hangs = hangs
}

func (w *wall) set(value []byte, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.value, w.err = value, err
}

// process is one that shares the store: its own gate, and a tenant's answers.
func process(w *wall, failed func(error), answers ...answer) (*Transport, *script) {
	base := newScript(answers...)
	return NewTransport(NewGate(Config{FallbackPause: fallback, Store: w, StoreFailed: failed}), base, Hooks{}), base
}

var (
	fine    = answer{status: 200}
	anHour  = answer{status: 429, header: header("Retry-After", "3600")}
	aMinute = answer{status: 429, header: header("Retry-After", "60")}
)

func TestAHoldIsKeptByEveryProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		one, first := process(w, nil, anHour, fine)
		two, second := process(w, nil, fine)
		late, third := process(w, nil, fine)
		var wg sync.WaitGroup
		wg.Go(func() { get(t, one) })
		synctest.Wait()
		wg.Go(func() { get(t, two) })
		time.Sleep(time.Minute)
		wg.Go(func() { get(t, late) })
		wg.Wait()
		assert.Equal(t, after(0, 3600), first.at)
		assert.Equal(t, after(3600), second.at, "it saw the hold begin: no clock is to be trusted for its end")
		assert.Equal(t, after(3601), third.at, "it saw it later, so it keeps it a second longer, for its clock")
	})
}

// TestAnOrderIsToldEvenWhereItsOwnGateIsHeldLonger: who keeps another's hold a
// little longer, for the clocks, can be ordered something between the two.
func TestAnOrderIsToldEvenWhereItsOwnGateIsHeldLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		first := answer{status: 429, header: header("Retry-After", "59"), takes: 100 * time.Millisecond}
		second := answer{status: 429, header: header("Retry-After", "58"), takes: 1500 * time.Millisecond}
		one, asked := process(w, nil, first, fine)
		two, other := process(w, nil, second, fine)
		var wg sync.WaitGroup
		wg.Go(func() { get(t, one) })
		wg.Go(func() { get(t, two) })
		time.Sleep(900 * time.Millisecond)
		wg.Go(func() { get(t, two) }) // reads of the hold until 59.1 s, 0.8 s late
		wg.Wait()
		assert.InDelta(t, 59.5, asked.at[1].Seconds(), lookEvery.Seconds(), "not at 59.1 s")
		assert.GreaterOrEqual(t, asked.at[1], 59500*time.Millisecond)
		assert.GreaterOrEqual(t, other.at[1], 59900*time.Millisecond)
	})
}

// TestWhoIsHeldSeesALongerHold: the orders of one throttled wave differ by up to
// a second, as they are whole ones, and the longest may be another process's.
func TestWhoIsHeldSeesALongerHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		longer := answer{status: 429, header: header("Retry-After", "62"), takes: 300 * time.Millisecond}
		var told []time.Duration
		base := newScript(aMinute, fine)
		one := NewTransport(NewGate(Config{
			FallbackPause: fallback, Store: w,
			StoreHeld: func(h Hold) { told = append(told, h.Wait) },
		}), base, Hooks{})
		two, _ := process(w, nil, longer, fine)
		var wg sync.WaitGroup
		wg.Go(func() { get(t, two) })
		synctest.Wait() // it is on its way before the other is throttled
		wg.Go(func() { get(t, one) })
		synctest.Wait()
		for range 7 {
			wg.Go(func() { get(t, one) })
		}
		time.Sleep(time.Second + lookEvery/2) // not just as they look
		reads := w.looks()
		time.Sleep(10 * time.Second)
		assert.Equal(t, 2*10*int(time.Second/lookEvery), w.looks()-reads, "one of all who wait looks")
		wg.Wait()
		allowed := 62*time.Second + longer.takes
		for _, at := range base.at[1:] { // a probe went first
			assert.GreaterOrEqual(t, at, allowed)
			assert.LessOrEqual(t, at, allowed+lookEvery)
		}
		assert.Len(t, told, 1)
	})
}

// TestASlowStoreIsReadByOneOfAllWhoWait in a hold, not by each.
func TestASlowStoreIsReadByOneOfAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{takes: 2 * lookEvery}
		one, _ := process(w, nil, anHour, fine)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { get(t, one) })
		}
		time.Sleep(10 * time.Second)
		reads := w.looks()
		time.Sleep(10 * time.Second)
		assert.LessOrEqual(t, w.looks()-reads, int(10*time.Second/lookEvery))
		assert.GreaterOrEqual(t, w.looks()-reads, int(10*time.Second/(3*lookEvery)))
		wg.Wait()
	})
}

func TestAProcessThatIsStartedInAHoldAsksNothingBeforeItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		one, _ := process(w, nil, anHour)
		ctx, kill := context.WithTimeout(t.Context(), time.Second)
		defer kill()
		_, err := one.RoundTrip(newRequest(t, ctx)) // gives up at once
		require.Error(t, err)
		time.Sleep(time.Minute)
		again, asked := process(w, nil, fine)
		get(t, again)
		assert.Equal(t, after(3541), asked.at)
		assert.InDelta(t, time.Hour, w.ttl, float64(2*time.Second), "the entry expires with the hold")
	})
}

func TestAShorterHoldIsNoEndOfALongerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		first, second := anHour, aMinute
		first.takes, second.takes = time.Second, 2*time.Second
		one, _ := process(w, nil, first, fine)
		two, asked := process(w, nil, second, fine)
		var wg sync.WaitGroup
		wg.Go(func() { get(t, one) })
		wg.Go(func() { get(t, two) })
		wg.Wait()
		assert.Equal(t, after(0, 3602), asked.at, "it saw it a second after it was written")
		assert.Len(t, w.lines(t), 2, "each has its own line")
	})
}

// TestAHoldThatWasOverwrittenIsWrittenAgain: caches know no compare-and-swap.
func TestAHoldThatWasOverwrittenIsWrittenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		one, _ := process(w, nil, anHour, fine)
		var wg sync.WaitGroup
		wg.Go(func() { get(t, one) })
		synctest.Wait()
		w.set([]byte(`{"another":{"until":"2000-01-01T00:00:10Z","at":"2000-01-01T00:00:00Z"}}`), nil)
		time.Sleep(lookEvery)
		synctest.Wait()
		two, second := process(w, nil, fine)
		get(t, two)
		wg.Wait()
		assert.Equal(t, after(3600-lookEvery.Seconds()), second.at)
	})
}

// TestAHoldIsHandedOnByWhoHasReadIt: it was written over at the same moment, and
// the process that was ordered it is gone.
func TestAHoldIsHandedOnByWhoHasReadIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{value: []byte(`{"gone":{"until":"2000-01-01T01:00:00Z","at":"2000-01-01T00:00:00Z"}}`)}
		one, _ := process(w, nil, fine)
		var wg sync.WaitGroup
		wg.Go(func() { get(t, one) })
		synctest.Wait()
		w.set([]byte(`{"other":{"until":"2000-01-01T00:01:00Z","at":"2000-01-01T00:00:00Z"}}`), nil)
		time.Sleep(lookEvery)
		synctest.Wait()
		assert.Len(t, w.lines(t), 2)
		two, asked := process(w, nil, fine)
		get(t, two)
		wg.Wait()
		assert.GreaterOrEqual(t, asked.at[0], time.Hour-lookEvery)
	})
}

func TestWhatIsOverLeavesTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{value: []byte(`{"gone":{"until":"1999-12-31T00:00:00Z","at":"1999-12-30T00:00:00Z"}}`)}
		one, _ := process(w, nil, aMinute, fine, fine)
		two, _ := process(w, nil, fine, aMinute, fine)
		get(t, one)
		assert.Len(t, w.lines(t), 1)
		get(t, two)
		get(t, two)
		assert.Len(t, w.lines(t), 1)
		get(t, one)
	})
}

// TestALineIsReckonedOnce: by a clock that is a day behind it is never over.
func TestALineIsReckonedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{value: []byte(`{"x":{"until":"2000-01-02T00:00:00Z","at":"2000-01-01T23:59:00Z"}}`)}
		one, asked := process(w, nil, fine)
		for range 3 {
			get(t, one)
		}
		assert.Equal(t, after(60, 60, 60), asked.at)
	})
}

func TestClocksThatDiffer(t *testing.T) {
	tests := []struct {
		name  string
		entry string // the bubble's clock says midnight
		want  float64
	}{
		{"they agree", `{"x":{"until":"2000-01-01T00:01:00Z","at":"2000-01-01T00:00:00Z"}}`, 60},
		{"they agree, seen 300 ms late", `{"x":{"until":"2000-01-01T00:00:59.7Z","at":"1999-12-31T23:59:59.7Z"}}`, 60},
		{"they agree, seen late", `{"x":{"until":"2000-01-01T00:00:30Z","at":"1999-12-31T23:59:30Z"}}`, 31},
		{"ours is a second ahead", `{"x":{"until":"2000-01-01T00:00:59Z","at":"1999-12-31T23:59:59Z"}}`, 60},
		{"ours is two seconds ahead: a second early", `{"x":{"until":"2000-01-01T00:00:58Z","at":"1999-12-31T23:59:58Z"}}`, 59},
		{"ours is a day behind", `{"x":{"until":"2000-01-02T00:00:00Z","at":"2000-01-01T23:59:00Z"}}`, 60},
		{"in another zone", `{"x":{"until":"2000-01-02T09:00:00+09:00","at":"2000-01-02T08:59:00+09:00"}}`, 60},
		{"it does not say when it was written", `{"x":{"until":"2000-01-01T00:01:00Z"}}`, 61},
		{"long gone", `{"x":{"until":"1999-12-31T00:00:00Z","at":"1999-12-30T23:59:00Z"}}`, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				transport, base := process(&wall{value: []byte(test.entry)}, nil, fine)
				get(t, transport)
				assert.Equal(t, after(test.want), base.at)
			})
		})
	}
}

func TestAStoreIsReadBeforeEveryRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		transport, _ := process(w, nil, fine)
		for range 5 {
			get(t, transport)
		}
		assert.Equal(t, 5, w.reads)
		assert.Zero(t, w.writes)
	})
}

func TestTryAcquireUnseenServesThoseWhoseAnswersCannotBeSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		gate := NewGate(Config{FallbackPause: fallback, Store: w})
		assert.Zero(t, gate.TryAcquireUnseen(t.Context()))
		throttled := permit(t, gate)
		throttled.Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Minute}, time.Now())
		assert.Equal(t, time.Minute, gate.TryAcquireUnseen(t.Context()))
		time.Sleep(time.Minute)
		probe := permit(t, gate)
		assert.Equal(t, askAgain, gate.TryAcquireUnseen(t.Context()), "a probe is out")
		probe.Abandon()
		assert.Zero(t, gate.TryAcquireUnseen(t.Context()), "it goes as the probe")
		assert.Zero(t, gate.TryAcquireUnseen(t.Context()), "and counts as answered")
		w.set([]byte(`{"x":{"until":"2000-01-01T01:01:00Z","at":"2000-01-01T00:01:00Z"}}`), nil)
		assert.Equal(t, time.Hour, gate.TryAcquireUnseen(t.Context()))
	})
}
