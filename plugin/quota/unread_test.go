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

// faults are the ways in which a store cannot be read.
func faults(w *wall) map[string]func() {
	return map[string]func(){
		"down":          func() { w.set(nil, errors.New("connection refused")) },
		"hanging":       func() { w.hang(true) },
		"in pieces":     func() { w.set([]byte(`{"until":`), nil) },
		"a foreign key": func() { w.set([]byte(`{"hello":"world"}`), nil) },
	}
}

// TestAStoreThatFailsHoldsNobodyUp: it has been read before, so what is not known
// is what other processes were ordered since.
func TestAStoreThatFailsHoldsNobodyUp(t *testing.T) {
	for name := range faults(&wall{}) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told int
				w := &wall{}
				transport, base := process(w, func(error) { told++ }, fine, aMinute, fine)
				get(t, transport)
				faults(w)[name]()
				get(t, transport)
				get(t, transport)
				require.Len(t, base.at, 4)
				own := base.at[2] - base.at[1]
				assert.GreaterOrEqual(t, own, time.Minute)
				assert.LessOrEqual(t, own, time.Minute+2*storeTimeout)
				assert.LessOrEqual(t, base.at[3]-base.at[2], storeTimeout)
				assert.LessOrEqual(t, told, 2, "once for reading and once for writing, not at each request")
				assert.Positive(t, told)
			})
		})
	}
}

// TestNothingIsSentBeforeTheStoreHasBeenReadOnce: a worker that is started in a
// hold while the store is down cannot know of the hold.
func TestNothingIsSentBeforeTheStoreHasBeenReadOnce(t *testing.T) {
	for name := range faults(&wall{}) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told []error
				w := &wall{takes: time.Millisecond}
				faults(w)[name]()
				transport, base := process(w, func(err error) { told = append(told, err) }, fine)
				var wg sync.WaitGroup
				for range 3 {
					wg.Go(func() { get(t, transport) })
				}
				time.Sleep(illegibleFor / 2)
				synctest.Wait()
				require.Empty(t, base.at)
				require.Len(t, told, 1)
				require.ErrorIs(t, told[0], ErrStoreUnread, "it says what it waits for")
				assert.LessOrEqual(t, w.looks(), 3*6, "three wait, and none makes another look again")
				w.hang(false)
				w.set([]byte(`{"other":{"until":"2000-01-01T01:00:00Z","at":"2000-01-01T00:00:00Z"}}`), nil)
				wg.Wait()
				assert.GreaterOrEqual(t, base.at[0], time.Hour)
			})
		})
	}
}

func TestAWaitForAnUnreadStoreEndsWithItsContextAndSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wall{err: errors.New("connection refused")}
		transport, base := process(w, nil, fine)
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Minute)
		defer cancel()
		began := time.Now()
		_, err := transport.RoundTrip(newRequest(t, ctx))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "connection refused")
		assert.Equal(t, 90*time.Minute, time.Since(began))
		assert.Empty(t, base.at)
		assert.Equal(t, readAgainAfter, transport.gate.TryAcquireUnseen(t.Context()), "nor does a stock component pass")
	})
}

// TestAStoreThatNobodyCanReadHoldsNobodyUpForEver: half of a write that nobody
// will finish would keep all processes waiting for each other.
func TestAStoreThatNobodyCanReadHoldsNobodyUpForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []error
		w := &wall{value: []byte(`{"until":`)}
		transport, base := process(w, func(err error) { told = append(told, err) }, aMinute, fine)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		res, err := transport.RoundTrip(newRequest(t, ctx))
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Equal(t, after(10, 70), base.at)
		require.Len(t, told, 2)
		require.ErrorIs(t, told[0], ErrStoreUnread)
		require.NotErrorIs(t, told[1], ErrStoreUnread, "it goes on, and says so")
		assert.Len(t, w.lines(t), 1, "its own hold is there")
	})
}

func TestReadStoreReturnsWhyItCannotBeRead(t *testing.T) {
	require.NoError(t, NewGate(Config{}).ReadStore(t.Context()), "there is none")
	w := &wall{err: errors.New("AccessDenied: dynamodb:DescribeTable")}
	gate := NewGate(Config{Store: w})
	require.ErrorContains(t, gate.ReadStore(t.Context()), "AccessDenied: dynamodb:DescribeTable")
	w.set([]byte(`{"other":{"until":"9999-01-01T01:00:00Z","at":"2000-01-01T00:00:00Z"}}`), nil)
	require.NoError(t, gate.ReadStore(t.Context()))
	assert.Positive(t, gate.Held(), "what it read it knows")
}
