// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
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
