// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Within one instant, as in a testing/synctest bubble, only the order tells what
// was on its way.
func TestOrderDecidesWhereTheClockCannot(t *testing.T) {
	now := time.Now()
	until := now.Add(time.Minute)
	q := quota{}
	q.announce(verdict{until: until}, 5, now)
	assert.Zero(t, q.earlyUntil(arrival{seq: 4, at: now}))
	assert.Equal(t, until, q.earlyUntil(arrival{seq: 6, at: now}))
}

func TestAShorterOrderTakesNothingBack(t *testing.T) {
	now := time.Now()
	q := quota{}
	q.announce(verdict{until: now.Add(time.Minute)}, 1, now)
	q.announce(verdict{until: now.Add(time.Second)}, 2, now)
	late := now.Add(30 * time.Second)
	assert.Equal(t, now.Add(time.Minute), q.earlyUntil(arrival{seq: 3, at: late}))

	q.announce(verdict{until: now.Add(2 * time.Minute)}, 4, late)
	assert.Equal(t, now.Add(2*time.Minute), q.earlyUntil(arrival{seq: 5, at: late}))
	assert.Len(t, q.holds, 2)
	q.announce(verdict{until: now.Add(time.Hour)}, 6, now.Add(3*time.Minute))
	assert.Len(t, q.holds, 1, "what is over is forgotten")
}
