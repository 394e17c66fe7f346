// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestALimitGoesOnWhereItWasPaused: a body that waits for memory has the time that was left of its request, no
// more and no less, however often it waits.
func TestALimitGoesOnWhereItWasPaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			wait func(*timeLimit)
			want time.Duration
		}{
			"never":       {func(*timeLimit) {}, 10 * time.Second},
			"for an hour": {func(l *timeLimit) { l.pause(); time.Sleep(time.Hour); l.resume() }, time.Hour + 10*time.Second},
			"not at all":  {func(l *timeLimit) { l.resume() }, 10 * time.Second},
			"twice": {func(l *timeLimit) {
				l.pause()
				l.resume()
				time.Sleep(time.Second)
				l.pause()
				time.Sleep(time.Minute)
				l.resume()
			}, time.Minute + 10*time.Second},
			"and goes on, and on":     {func(l *timeLimit) { l.pause(); l.resume(); time.Sleep(time.Second); l.resume() }, 10 * time.Second},
			"for longer than it has":  {func(l *timeLimit) { time.Sleep(9 * time.Second); l.pause(); time.Sleep(2 * time.Second); l.resume() }, 12 * time.Second},
			"when it is over already": {func(l *timeLimit) { time.Sleep(11 * time.Second); l.pause(); time.Sleep(time.Second); l.resume() }, 10 * time.Second},
		} {
			l, ended, began := &timeLimit{}, make(chan time.Time, 2), time.Now()
			l.start(time.AfterFunc(10*time.Second, func() { ended <- time.Now() }), 10*time.Second)
			test.wait(l)
			assert.Equal(t, test.want, (<-ended).Sub(began), name)
			time.Sleep(time.Minute)
			assert.Empty(t, ended, "%s: it ended twice", name)
		}
		none := &timeLimit{} // of a body that has no exchange
		none.pause()
		none.resume()
	})
}
