// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMetricsAgreeWithTheTenant scrapes a run that waits in a hold, when nothing moves, and
// compares what it says with what the tenant counted.
func TestMetricsAgreeWithTheTenant(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const allowed = 30 // the token is one of them
	from := tenant(t, r, "--bucket", "30", "--window", "60s")
	p := run(t, r, job(from))
	untilObjects(t, r, p, allowed-1)
	report := untilReport(t, p, from, "the hold", throttledOnce)
	require.NoError(t, p.Until(t.Context(), waitLimit, "the gauges of the hold",
		func(ctx context.Context) (bool, error) {
			got, err := p.Scrape(ctx, "genesys_analytics_hold_seconds", "genesys_analytics_intervals_done")
			return got["genesys_analytics_hold_seconds"] > 0 && got["genesys_analytics_intervals_done"] == allowed-1, err
		}))

	got, err := p.Scrape(t.Context(),
		"genesys_analytics_requests_total", "genesys_analytics_throttled_total", "genesys_analytics_pages_total",
		"genesys_analytics_records_total", "genesys_analytics_hold_seconds", "genesys_analytics_lag_seconds",
		"genesys_analytics_intervals_planned", "genesys_analytics_fatal_errors_total", "genesys_analytics_checkpoint_errors_total")
	require.NoError(t, err)
	assert.InDelta(t, report.Requests, got["genesys_analytics_requests_total"], 0)
	assert.InDelta(t, report.Throttled, got["genesys_analytics_throttled_total"], 0)
	assert.InDelta(t, len(report.Pages), got["genesys_analytics_pages_total"], 0)
	assert.InDelta(t, report.Records, got["genesys_analytics_records_total"], 0)
	assert.InDelta(t, kstDay.Count(), got["genesys_analytics_intervals_planned"], 0)
	assert.LessOrEqual(t, got["genesys_analytics_hold_seconds"], 60.0)
	assert.Positive(t, got["genesys_analytics_lag_seconds"])
	assert.Zero(t, got["genesys_analytics_fatal_errors_total"]+got["genesys_analytics_checkpoint_errors_total"])
}
