// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestAPauseIsAHoldAndIsToldAsItEnds: who waits for the probe's answer after it is
// not paused, and what is not a whole second is not left out.
func TestAPauseIsAHoldAndIsToldAsItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(Config{FallbackPause: fallback})
		var paused time.Duration
		slow := answer{status: 200, takes: 10 * time.Second}
		transport := NewTransport(gate, newScript(slow), Hooks{Paused: func(d time.Duration) { paused += d }})
		permit(t, gate).Answer(t.Context(), Info{Throttled: true, HasRetryAfter: true, RetryAfter: 2500 * time.Millisecond}, time.Now())
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { get(t, transport) })
		}
		time.Sleep(2500 * time.Millisecond)
		synctest.Wait()
		assert.Equal(t, 2500*time.Millisecond, paused)
		wg.Wait()
		assert.Equal(t, 2500*time.Millisecond, paused)
	})
}
