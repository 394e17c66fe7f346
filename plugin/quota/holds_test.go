// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"encoding/json"
	"errors"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var forEver = answer{status: 429, header: header("Retry-After", "9999999999")}

// TestAHoldThatAPersonEndsIsOverForEveryProcess: for the one that was ordered it,
// for one that waits with it, and for one that comes later. None writes it back.
func TestAHoldThatAPersonEndsIsOverForEveryProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		one, first := process(w, nil, forEver, fine, fine)
		two, second := process(w, nil, fine, fine)
		late, third := process(w, nil, fine)
		var wg sync.WaitGroup
		wg.Go(func() { get(t, one) })
		synctest.Wait()
		wg.Go(func() { get(t, two) })
		time.Sleep(time.Hour)

		holds, err := SharedHolds(t.Context(), w)
		require.NoError(t, err)
		require.Len(t, holds, 1)
		assert.Contains(t, holds[0].Owner, "(pid ")
		require.NoError(t, EndHolds(t.Context(), w))
		wg.Wait()
		assert.Less(t, time.Since(first.began), time.Hour+2*time.Second)
		get(t, late)
		assert.Len(t, first.at, 2)
		assert.Len(t, second.at, 1)
		assert.Len(t, third.at, 1)

		holds, err = SharedHolds(t.Context(), w)
		require.NoError(t, err)
		assert.Empty(t, holds)
	})
}

// TestALookAtTheStoreEndsNoHold that is not there yet, since its order came just now.
func TestALookAtTheStoreEndsNoHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback, Store: &wall{}})
		_, ordered, _ := permit(t, gate).answer(Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Minute}, time.Now())
		require.True(t, ordered)
		require.NoError(t, gate.ReadStore(t.Context()))
		assert.Equal(t, time.Minute, gate.Held())
	})
}

// TestAHoldThatWasEndedIsNotWrittenBack by who read it before and was not there
// when it was ended, nor by who writes at that moment.
func TestAHoldThatWasEndedIsNotWrittenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		one, _ := process(w, nil, forEver, fine)
		var wg sync.WaitGroup
		wg.Go(func() { get(t, one) })
		synctest.Wait()
		stale := append([]byte(nil), w.value...)
		go func() { // it writes what it read before, once the end is there
			time.Sleep(100 * time.Millisecond)
			w.set(stale, nil)
		}()
		require.NoError(t, EndHolds(t.Context(), w))
		wg.Wait()
		later := w.lines(t)
		for name, line := range later {
			later[name] = processHold{Until: line.Until.Add(time.Hour), At: line.At} // it was ordered more meanwhile
		}
		stale, err := json.Marshal(later)
		require.NoError(t, err)
		w.set(stale, nil)
		get(t, one) // who knows better says so
		for _, line := range w.lines(t) {
			assert.False(t, line.Ended.IsZero())
		}
		assert.Greater(t, w.ttl, 29*24*time.Hour)
		assert.LessOrEqual(t, w.ttl, maxTTL)
	})
}

// TestAfterTheEndOfAHoldTheNextOrderCounts, shorter as it is.
func TestAfterTheEndOfAHoldTheNextOrderCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		one, first := process(w, nil, forEver, aMinute, fine)
		two, second := process(w, nil, fine)
		var wg sync.WaitGroup
		wg.Go(func() { get(t, one) })
		time.Sleep(time.Hour)
		require.NoError(t, EndHolds(t.Context(), w))
		synctest.Wait()
		wg.Go(func() { get(t, two) })
		wg.Wait()
		assert.GreaterOrEqual(t, first.at[2]-first.at[1], time.Minute)
		assert.GreaterOrEqual(t, second.at[0], first.at[1]+time.Minute)
	})
}

// TestTheEndOfAHoldIsForgottenSomeDay.
func TestTheEndOfAHoldIsForgottenSomeDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		one, _ := process(w, nil, forEver, fine, aMinute, fine)
		var wg sync.WaitGroup
		wg.Go(func() { get(t, one) })
		synctest.Wait()
		require.NoError(t, EndHolds(t.Context(), w))
		wg.Wait()
		time.Sleep(endedFor + time.Hour)
		w.set(nil, nil)
		get(t, one)
		lines := w.lines(t)
		require.Len(t, lines, 1)
		for _, line := range lines {
			assert.True(t, line.Ended.IsZero())
		}
	})
}

// TestEndingTellsWhereItCannot: of a store that is down, of a process that does not
// know that a hold can be ended, and of nonsense, which it replaces.
func TestEndingTellsWhereItCannot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{err: errors.New("connection refused")}
		require.ErrorContains(t, EndHolds(t.Context(), w), "connection refused")

		old, err := json.Marshal(map[string]processHold{"old": {Until: time.Now().Add(time.Hour), At: time.Now()}})
		require.NoError(t, err)
		w = &wall{value: old}
		done := make(chan struct{})
		var writer sync.WaitGroup
		writer.Go(func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(lookEvery / 3):
					w.set(old, nil)
				}
			}
		})
		require.ErrorContains(t, EndHolds(t.Context(), w), "writes it back")
		close(done)
		writer.Wait()

		for _, nonsense := range []string{"half of a wr", `{"whose":{}}`} {
			w = &wall{value: []byte(nonsense)}
			require.Error(t, NewGate(Config{FallbackPause: fallback, Store: w}).ReadStore(t.Context()), nonsense)
			_, err = SharedHolds(t.Context(), w)
			require.ErrorIs(t, err, ErrIllegible)
			require.NoError(t, EndHolds(t.Context(), w))
			holds, err := SharedHolds(t.Context(), w)
			require.NoError(t, err)
			assert.Empty(t, holds)
		}
	})
}

// TestAForeignHoldSaysWhoseItIs.
func TestAForeignHoldSaysWhoseItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{}
		one, _ := process(w, nil, anHour, fine)
		var wg sync.WaitGroup
		wg.Go(func() { get(t, one) })
		synctest.Wait()
		var told []Hold
		gate := NewGate(Config{FallbackPause: fallback, Store: w, StoreHeld: func(h Hold) { told = append(told, h) }})
		require.NoError(t, gate.ReadStore(t.Context()))
		require.Len(t, told, 1)
		for line := range maps.Values(w.lines(t)) {
			assert.Equal(t, line.Owner, told[0].Owner)
			assert.NotEmpty(t, told[0].Owner)
		}
		wg.Wait()
	})
}
