// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/day"
)

const backfill = "config/backfill/daily_and_year.yaml"

// TestTheBackfillTakesWhatTheDailyJobLeaves of a quota of one request a second, of which its four readers would
// otherwise have four of five. The daily job still wants more when they are counted, so it does not matter when that is.
func TestTheBackfillTakesWhatTheDailyJobLeaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--bucket", "1", "--window", "1s")
	p := w.start(t, backfill, "BACKFILL_START=2026-10-01", "BACKFILL_END=2026-10-03", "EXPORT_SCHEDULE=@every 1s", "EXPORT_START=-PT4H", "SETTLE=PT0S")
	var daily, year int
	count := func(context.Context) (bool, error) {
		daily, year = 0, 0
		for key := range w.objects(t, "queues-summary/") {
			if strings.HasPrefix(key, "queues-summary/2026/09/30/") || strings.HasPrefix(key, "queues-summary/2026/10/0") {
				year++
			} else {
				daily++
			}
		}
		return daily >= 10, nil
	}
	require.NoError(t, p.Until(t.Context(), patience, "ten pages of the daily job", count))
	require.Less(t, daily, 48, "counted too late")
	assert.Less(t, year, daily, "the daily job goes first from its first tick on")
	p.Kill()
}

// TestBackfill: two days beside the daily job against a small quota. The backfill is killed in the middle, goes on
// where it was, and has each interval once.
func TestBackfill(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--bucket", "60", "--window", "2s")
	env := []string{
		"BACKFILL_START=2026-10-01", "BACKFILL_END=2026-10-03", "EXPORT_SCHEDULE=@every 1s", "EXPORT_START=-PT4H", "SETTLE=PT0S",
	}
	plan, err := w.Ship(w.tenant, []string{"plan", backfill}, env...)
	require.NoError(t, err)
	status, err := plan.Wait(t.Context(), patience)
	require.NoError(t, err)
	require.Zero(t, status, plan.Output())
	assert.Contains(t, plan.Output(), "576 of PT5M")

	pages := func(span string) int { return len(w.objects(t, "queues-summary/2026/"+span)) }
	old := func() int { return pages("09/") + pages("10/") }
	now := time.Now().UTC()
	today := func() int {
		return pages(now.Format("01/02/")) + pages(now.AddDate(0, 0, -1).Format("01/02/"))
	}
	p := w.start(t, backfill, env...)
	require.NoError(t, p.Until(t.Context(), patience, "the daily job's four hours", func(context.Context) (bool, error) { return today() >= 47, nil }))
	require.NoError(t, p.Until(t.Context(), patience, "the middle of the backfill", func(context.Context) (bool, error) { return old() > 200, nil }))
	p.Kill()
	report, err := w.tenant.Report(t.Context())
	require.NoError(t, err)
	before, had := report.Requests, old()
	require.Less(t, had, 576)

	_, log := w.untilStopped(t, backfill, "the end of the backfill", func(context.Context) (bool, error) { return old() == 576, nil }, env...)
	report, err = w.tenant.Report(t.Context())
	require.NoError(t, err)
	assert.Zero(t, report.EarlyRequests)
	assert.Less(t, report.Requests-before, 576-had+60, "it started over")
	// Byte for byte, and nothing else.
	october := w.objects(t, "queues-summary/2026/10/")
	maps.Copy(october, w.objects(t, "queues-summary/2026/09/"))
	want, err := day.Expected(t.Context(), 0, day.Span{
		Start: time.Date(2026, 9, 30, 15, 0, 0, 0, time.UTC), End: time.Date(2026, 10, 2, 15, 0, 0, 0, time.UTC), Interval: 5 * time.Minute,
	})
	require.NoError(t, err)
	require.NoError(t, day.Check(october, want))
	w.measured(t, "backfill", len(october))
	for line := range strings.Lines(log) {
		// The S3 server of the tests stores an object and its checksum one after the other.
		assert.False(t, strings.Contains(line, "level=error") && !strings.Contains(line, "checksum did not match"), line)
	}
}
