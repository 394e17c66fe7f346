// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

const manifestKey = "queues-summary/_manifests/20261121T150000Z-20261122T150000Z.json"

// TestKilledAtEveryStepOfARunWithAManifest kills the export before it has stored anything, among
// its pages, between the last of them and the manifest, and behind that.
func TestKilledAtEveryStepOfARunWithAManifest(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	from := tenant(t, r, "--latency", "5ms")
	export := job(from)
	export.Set = []string{"input.genesys_analytics.manifest=true"}
	steps := []int{1, 2 + rand.IntN(100), 102 + rand.IntN(100), kstDay.Count() - 1, kstDay.Count(), kstDay.Count() + 1}
	t.Logf("killing before any and at %v objects", steps)

	p := run(t, r, export)
	untilReport(t, p, from, "the first request", func(r simulator.Report) bool { return r.Requests > 0 })
	p.Kill()
	for _, objects := range steps {
		p := run(t, r, export)
		untilObjects(t, r, p, objects)
		p.Kill()
	}
	assert.Zero(t, exit(t, run(t, r, export), waitLimit))

	manifest := assertWholeDayWithManifest(t, r)

	asked := report(t, from).Requests
	assert.Zero(t, exit(t, run(t, r, export), waitLimit))
	assert.LessOrEqual(t, report(t, from).Requests-asked, 1, "a run that is done is not repeated")
	assert.Equal(t, manifest, assertWholeDayWithManifest(t, r))
}

// TestTerminatedWhileItDrains ends the export while it waits for the acknowledgements of all its
// pages, which the output has batched up. They are delivered all the same, and what is left for
// the next run is the manifest.
func TestTerminatedWhileItDrains(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	from := tenant(t, r)
	export := job(from)
	export.Set = []string{"input.genesys_analytics.manifest=true"}
	batched := export
	batched.Set = append([]string{"output.aws_s3.batching.count=1000", "output.aws_s3.batching.period=2s"}, export.Set...)

	p := run(t, r, batched)
	untilReport(t, p, from, "all pages", func(r simulator.Report) bool { return len(r.Pages) == kstDay.Count() })
	require.NoError(t, p.Signal(syscall.SIGTERM))
	assert.Equal(t, tryAgain, exit(t, p, waitLimit), "its manifest is not stored")
	assertWholeDay(t, r) // and no manifest

	asked := report(t, from).Requests
	assert.Zero(t, exit(t, run(t, r, export), waitLimit))
	assert.LessOrEqual(t, report(t, from).Requests-asked, 1, "it asked for pages again")
	assertWholeDayWithManifest(t, r)
}

// assertWholeDayWithManifest checks that the bucket has the day and its manifest, which it gives,
// and nothing else.
func assertWholeDayWithManifest(t *testing.T, r *rig.Rig) (manifest string) {
	t.Helper()
	got := objects(t, r)
	require.Contains(t, got, manifestKey)
	manifest = string(got[manifestKey])
	assertManifest(t, manifest)
	delete(got, manifestKey)
	assertSpan(t, got, kstDay)
	return manifest
}

func assertManifest(t *testing.T, body string) {
	t.Helper()
	var m struct {
		Dataset    string
		Start, End time.Time
		Pages      int
		Records    int
		Complete   bool
		Intervals  []struct {
			Interval       string
			Pages, Records int
			Complete       bool
		}
	}
	require.NoError(t, json.Unmarshal([]byte(body), &m), body)
	assert.Equal(t, "queues-summary", m.Dataset)
	assert.True(t, m.Start.Equal(kstDay.Start) && m.End.Equal(kstDay.End), "%s to %s", m.Start, m.End)
	assert.Equal(t, kstDay.Count(), m.Pages)
	assert.True(t, m.Complete)
	require.Len(t, m.Intervals, kstDay.Count())
	pages, records, names := 0, 0, map[string]bool{}
	for _, iv := range m.Intervals {
		pages, records, names[iv.Interval] = pages+iv.Pages, records+iv.Records, true
		assert.True(t, iv.Complete, iv.Interval)
	}
	assert.Len(t, names, kstDay.Count(), "each interval once")
	assert.Equal(t, m.Pages, pages)
	assert.Equal(t, m.Records, records)
	assert.Positive(t, records)
}
