// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWhoComesAfterAHoldIsNotPaused, however many come while the probe is in flight:
// they wait for its answer.
func TestWhoComesAfterAHoldIsNotPaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback})
		var paused time.Duration
		slow := answer{status: 200, takes: 10 * time.Second}
		transport := NewTransport(gate, newScript(slow), Hooks{Paused: func(d time.Duration) { paused += d }})
		permit(t, gate).Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Minute}, time.Now())
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { get(t, transport) })
		}
		time.Sleep(time.Minute)
		for range 3 {
			time.Sleep(2 * time.Second)
			wg.Go(func() { get(t, transport) })
		}
		wg.Wait()
		assert.Equal(t, time.Minute, paused)
	})
}

// slowStore answers after a while, or as soon as nobody waits any more.
type slowStore struct{ takes time.Duration }

func (s slowStore) Read(ctx context.Context) ([]byte, error) {
	select {
	case <-time.After(s.takes):
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (slowStore) Write(context.Context, []byte, time.Duration) error { return nil }

// TestAStoreHasTwoSeconds to answer, and no more.
func TestAStoreHasTwoSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback, Store: slowStore{1999 * time.Millisecond}})
		require.NoError(t, gate.ReadStore(t.Context()))
		began := time.Now()
		gate = NewGate(Config{FallbackPause: fallback, Store: slowStore{time.Hour}})
		require.ErrorIs(t, gate.ReadStore(t.Context()), context.DeadlineExceeded)
		assert.Equal(t, 2*time.Second, time.Since(began))
	})
}
