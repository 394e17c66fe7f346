// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAfterAHoldOfAnotherProcessOneProbeGoes, as after one of its own: nothing is known
// of what is left, and all processes start again at the same time.
func TestAfterAHoldOfAnotherProcessOneProbeGoes(t *testing.T) {
	for name, end := range map[string]func(*testing.T, HoldStore){
		"it is over":            func(*testing.T, HoldStore) { time.Sleep(2 * time.Minute) },
		"a person has ended it": func(t *testing.T, s HoldStore) { require.NoError(t, EndHolds(t.Context(), s)) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &wall{}
				minuteOf(t.Context(), permit(t, NewGate(Config{FallbackPause: fallback, Store: w})))
				gate := NewGate(Config{FallbackPause: fallback, Store: w})
				started := make(chan *Permit, 3)
				var wg sync.WaitGroup
				for range 3 {
					wg.Go(func() { started <- permit(t, gate) })
				}
				synctest.Wait()
				require.Empty(t, started)
				end(t, w)
				synctest.Wait()
				require.Len(t, started, 1, "the probe")
				(<-started).Answer(t.Context(), Info{}, time.Now())
				wg.Wait()
				assert.Len(t, started, 2)
			})
		})
	}
}
