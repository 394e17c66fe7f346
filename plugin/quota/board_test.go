// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wall is a board that can be down, or hang.
type wall struct {
	mu     sync.Mutex
	value  []byte
	ttl    time.Duration
	err    error
	hangs  bool
	reads  int
	writes int
}

func (w *wall) Read(ctx context.Context) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reads++
	if w.hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return w.value, w.err
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

func (w *wall) set(value []byte, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.value, w.err = value, err
}

// process is one that shares the board: its own gate, and a tenant's answers.
func process(w *wall, failed func(error), answers ...answer) (*Transport, *script) {
	base := newScript(answers...)
	return NewTransport(NewGate(Config{FallbackPause: fallback, Board: w, BoardFailed: failed}), base, Hooks{}), base
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
		get(t, two)
		var wg sync.WaitGroup
		wg.Go(func() { get(t, one) })
		synctest.Wait()
		get(t, two)
		wg.Wait()
		assert.Equal(t, after(0, 3600.5), first.at, "the one that was throttled waits for its wave")
		assert.Equal(t, after(0, 3601), second.at, "the other a second longer, for its clock")
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
		assert.Equal(t, after(3541.5), asked.at)
		assert.InDelta(t, time.Hour, w.ttl, float64(2*time.Second), "the entry expires with the hold")
	})
}

func TestAShorterHoldReplacesNoLongerOne(t *testing.T) {
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
		assert.Equal(t, after(0, 3602.5), asked.at)
		assert.Equal(t, 1, w.writes)
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
		w.set([]byte(`{"until":"2000-01-01T00:00:10Z","wait_ns":10000000000,"by":"another"}`), nil)
		time.Sleep(3 * time.Second)
		two, second := process(w, nil, fine)
		get(t, two)
		wg.Wait()
		assert.Equal(t, after(3598.5), second.at)
	})
}

func TestClocksThatDiffer(t *testing.T) {
	tests := []struct {
		name  string
		entry string // the bubble's clock says midnight
		want  float64
	}{
		{"they agree", `{"until":"2000-01-01T00:01:00Z","wait_ns":60000000000,"by":"x"}`, 61},
		{"ours is half a second ahead", `{"until":"2000-01-01T00:00:59.5Z","wait_ns":60000000000,"by":"x"}`, 60.5},
		{"ours is a day behind: the hold's own length at most", `{"until":"2000-01-02T00:00:00Z","wait_ns":60000000000,"by":"x"}`, 61},
		{"long gone", `{"until":"1999-12-31T00:00:00Z","wait_ns":60000000000,"by":"x"}`, 0},
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

func TestABoardThatFailsHoldsNobodyUpAndLetsNobodyThrough(t *testing.T) {
	boards := map[string]*wall{
		"down":          {err: errors.New("connection refused")},
		"hanging":       {hangs: true},
		"in pieces":     {value: []byte(`{"until":`)},
		"a foreign key": {value: []byte(`{"hello":"world"}`)},
	}
	for name, w := range boards {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told int
				transport, base := process(w, func(error) { told++ }, aMinute, fine)
				get(t, transport)
				get(t, transport)
				require.Len(t, base.at, 3)
				own := base.at[1] - base.at[0]
				assert.GreaterOrEqual(t, own, time.Minute)
				assert.LessOrEqual(t, own, time.Minute+2*boardTimeout)
				assert.LessOrEqual(t, base.at[2]-base.at[1], boardTimeout)
				assert.LessOrEqual(t, told, 2, "once for reading and once for writing, not at each request")
				assert.Positive(t, told)
			})
		})
	}
}

func TestABoardIsReadBeforeEveryRequest(t *testing.T) {
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

func TestPassServesThoseWhoseAnswersCannotBeSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		gate := NewGate(Config{FallbackPause: fallback, Board: w})
		assert.Zero(t, gate.Pass(t.Context()))
		throttled := permit(t, gate)
		throttled.Answer(Notice{Throttled: true, Ordered: true, RetryAfter: time.Minute}, time.Now())
		assert.Equal(t, time.Minute+waveMargin, gate.Pass(t.Context()))
		time.Sleep(time.Minute + waveMargin)
		probe := permit(t, gate)
		assert.Equal(t, askAgain, gate.Pass(t.Context()), "a probe is out")
		probe.Abandon()
		assert.Zero(t, gate.Pass(t.Context()), "it goes as the probe")
		assert.Zero(t, gate.Pass(t.Context()), "and counts as answered")
		w.set([]byte(`{"until":"2000-01-01T01:00:00Z","wait_ns":3600000000000,"by":"x"}`), nil)
		assert.Equal(t, time.Hour-time.Minute-waveMargin+skewMargin, gate.Pass(t.Context()))
	})
}
