// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
)

// again is the most requests that a run may repeat: its token, and the pages that were not
// acked when the one before it was killed.
const again = 40

func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	// Slow enough to be killed on the way.
	from := tenant(t, r, "--latency", "10ms")
	moments := []int{1, 100, 101 + rand.IntN(60), 161 + rand.IntN(60), 221 + rand.IntN(60)}
	t.Logf("killing at %v objects", moments)

	before := 0
	for _, objects := range moments {
		p := run(t, r, job(from))
		untilObjects(t, r, p, objects)
		p.Kill()
		assert.Equal(t, -1, p.ExitCode(), "it had ended by itself")
		seen := report(t, from).Requests
		assert.LessOrEqual(t, seen-before, len(keys(t, r))-doneBefore(moments, objects)+again)
		before = seen
	}

	p := run(t, r, job(from))
	assert.Zero(t, exit(t, p, waitLimit))
	assert.Contains(t, p.Output(), "The checkpoint is at ")
	assertWholeDay(t, r)
	last := report(t, from).Requests - before
	assert.LessOrEqual(t, last, kstDay.Count()-moments[len(moments)-1]+again, "it started over")
}

// doneBefore is the number of objects that the run before was killed at.
func doneBefore(moments []int, objects int) int {
	i := slices.Index(moments, objects)
	if i == 0 {
		return 0
	}
	return moments[i-1]
}

// tryAgain is the exit status of a bounded run that was stopped before its end.
const tryAgain = 75

func untilObjects(t *testing.T, r *rig.Rig, p *rig.Pipeline, n int) {
	t.Helper()
	require.NoError(t, p.Until(t.Context(), waitLimit, "objects in the bucket",
		func(ctx context.Context) (bool, error) {
			keys, err := r.Storage.Keys(ctx)
			return len(keys) >= n, err
		}))
}

func TestTerminatedInAHold(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const allowed = 20 // the token is one of them
	from := tenant(t, r, "--bucket", "20", "--window", "60s", "--penalty")
	p := run(t, r, job(from))
	untilObjects(t, r, p, allowed-1)
	untilReport(t, p, from, "the hold", throttledOnce)

	asked := time.Now()
	require.NoError(t, p.Signal(syscall.SIGTERM))
	assert.Equal(t, tryAgain, exit(t, p, 10*time.Second))
	assert.Less(t, time.Since(asked), 2*time.Second)
	assert.Zero(t, report(t, from).EarlyRequests)
	assert.Len(t, keys(t, r), allowed-1)

	// The position was kept: nothing that was acked is asked for again.
	from.Stop()
	next := tenant(t, r, "--listen", strings.TrimPrefix(from.URL, "http://")) // another address is another tenant
	assert.Zero(t, exit(t, run(t, r, job(next)), waitLimit))
	assert.Equal(t, kstDay.Count()-(allowed-1), len(report(t, next).Pages)) //nolint:testifylint // Len would print all pages
	assertWholeDay(t, r)
}

func TestAPageThatIsRejectedIsNotStored(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	from := tenant(t, r)
	strict := job(from)
	strict.Set = []string{`pipeline.processors.0.mapping=meta s3_key = ` +
		`if @genesys_interval_start == "2026-11-21T16:00:00Z" { throw("not today") } else { @genesys_key + ".json" }`}
	p := run(t, r, strict)
	require.NoError(t, p.Until(t.Context(), waitLimit, "the rejection", func(context.Context) (bool, error) {
		return strings.Contains(p.Output(), "not today"), nil
	}))
	untilObjects(t, r, p, 12) // those before it
	require.NoError(t, p.Signal(syscall.SIGTERM))
	assert.Equal(t, tryAgain, exit(t, p, 30*time.Second))
	assert.NotContains(t, strings.Join(keys(t, r), " "), "160000Z-160500Z")

	assert.Zero(t, exit(t, run(t, r, job(from)), waitLimit))
	assertWholeDay(t, r)
}

func TestARunThatFinishedIsNotRepeated(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	from := tenant(t, r)
	assert.Zero(t, exit(t, run(t, r, job(from)), waitLimit))
	assertWholeDay(t, r)
	first := report(t, from).Requests
	assert.Equal(t, kstDay.Count()+1, first)

	assert.Zero(t, exit(t, run(t, r, job(from)), waitLimit))
	assert.LessOrEqual(t, report(t, from).Requests-first, 1, "more than a token")
}
