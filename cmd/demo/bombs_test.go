// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// memoryLimit is what a small container has.
const memoryLimit = 300 << 20

// TestADayOfBombsFitsIntoASmallContainer: one answer in five is 64 KiB that unpack to 64 MiB,
// and eight are fetched at once. The kernel ends a process that has ever had more than its
// limit, so the most that it had is what counts, and no right is needed to know it.
func TestADayOfBombsFitsIntoASmallContainer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	from := tenant(t, r, "--bucket", "0", "--faults", "bomb=0.2")
	day := job(from)
	day.Set = []string{
		"input.genesys_analytics.parallelism=8",
		"input.genesys_analytics.fallback_pause=50ms",
		// The one that everybody waits for is never kept waiting, so three bodies of the
		// largest size stand beside what is read ahead: little is left for that.
		"input.genesys_analytics.max_in_flight_bytes=16777216",
	}
	day.Env = []string{"GOMEMLIMIT=200MiB"} // the binary's own pages come on top
	p := run(t, r, day)
	require.Zero(t, exit(t, p, 2*waitLimit), p.Output())
	assertWholeDay(t, r)
	require.Greater(t, report(t, from).Requests, 288+30, "there were bombs")
	assert.Less(t, p.PeakMemory(), int64(memoryLimit))
	t.Logf("peak: %d MiB, for bombs of %d MiB", p.PeakMemory()>>20, simulator.BombBytes>>20)
}
