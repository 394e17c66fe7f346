// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package settings

import (
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tuesday is 18:30 in Seoul.
var tuesday = time.Date(2026, time.November, 24, 9, 30, 0, 0, time.UTC)

func previewOf(t *testing.T, config map[string]any) Preview {
	t.Helper()
	written := map[string]any{"client_id": "id", "client_secret": "secret", "endpoint": "/api/v2/analytics/queues/summary"}
	maps.Copy(written, config)
	o, err := ReadPreview(written, tuesday)
	require.NoError(t, err)
	return o
}

func TestAPreviewTellsTheWindowOfARunWithoutAPosition(t *testing.T) {
	tests := []struct {
		name                string
		config              map[string]any
		intervals, requests int
		first, last         string
	}{
		{
			"a day of five minutes",
			map[string]any{"start": "2026-11-22", "end": "2026-11-23", "timezone": "Asia/Seoul"},
			288, 289,
			"2026-11-21T15:00:00.000Z/2026-11-21T15:05:00.000Z", "2026-11-22T14:55:00.000Z/2026-11-22T15:00:00.000Z",
		},
		{
			"the last interval is cut",
			map[string]any{"start": "2026-11-22T00:00:00Z", "end": "2026-11-22T00:07:00Z"},
			2, 3,
			"2026-11-22T00:00:00.000Z/2026-11-22T00:05:00.000Z", "2026-11-22T00:05:00.000Z/2026-11-22T00:07:00.000Z",
		},
		{
			"a day of 25 hours is one interval",
			map[string]any{"start": "2026-11-01", "end": "2026-11-02", "interval": "P1D", "timezone": "America/New_York"},
			1, 2,
			"2026-11-01T04:00:00.000Z/2026-11-02T05:00:00.000Z", "2026-11-01T04:00:00.000Z/2026-11-02T05:00:00.000Z",
		},
		{
			"up to now, only what has settled",
			map[string]any{"start": "-PT1H", "end": "now", "settle": "PT10M"},
			10, 11,
			"2026-11-24T08:30:00.000Z/2026-11-24T08:35:00.000Z", "2026-11-24T09:15:00.000Z/2026-11-24T09:20:00.000Z",
		},
		{
			"a schedule's first run is as of its tick",
			map[string]any{"start": "-P1D", "schedule": "0 2 * * *", "timezone": "Asia/Seoul", "interval": "PT1H"},
			24, 25,
			"2026-11-23T17:00:00.000Z/2026-11-23T18:00:00.000Z", "2026-11-24T16:00:00.000Z/2026-11-24T17:00:00.000Z",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := previewOf(t, test.config)
			assert.Equal(t, test.intervals, o.Intervals)
			assert.Equal(t, test.requests, o.Requests(1))
			assert.Equal(t, test.first, o.First.String())
			assert.Equal(t, test.last, o.Last.String())
		})
	}
}

// TestAPreviewCountsTheQueriesOfALongInterval: each month is asked for in weeks, with a
// filter at once, and the month that the clocks make longer in two parts.
func TestAPreviewCountsTheQueriesOfALongInterval(t *testing.T) {
	year := func(more map[string]any) map[string]any {
		config := map[string]any{"endpoint": details, "start": "2025-01-01", "end": "2026-01-01", "interval": "P1M", "timezone": "Europe/Berlin"}
		maps.Copy(config, more)
		return config
	}
	filter := map[string]any{"query": map[string]any{"segmentFilters": []any{map[string]any{"type": "or"}}}}
	for name, test := range map[string]struct {
		config   map[string]any
		requests int
	}{
		"months":             {year(nil), 1 + 11*5 + 4},
		"months of a filter": {year(filter), 1 + 11 + 2}, // October has 31 days and an hour
		"weeks":              {year(map[string]any{"interval": "P1W"}), 1 + 53 + 1},
		"days":               {year(map[string]any{"interval": "P1D"}), 1 + 365},
		"jobs":               {year(map[string]any{"endpoint": "/api/v2/analytics/conversations/details/jobs"}), 1 + 3*12},
		"nothing":            {map[string]any{"endpoint": details, "start": "-P1D", "end": "now", "interval": "P1M"}, 0},
	} {
		assert.Equal(t, test.requests, previewOf(t, test.config).Requests(1), name)
	}
	assert.Equal(t, 1+3*(11*5+4), previewOf(t, year(nil)).Requests(3))
}

func TestAPreviewSaysWhatIsOpen(t *testing.T) {
	follow := previewOf(t, map[string]any{"start": "-PT1H", "checkpoint_cache": "position"})
	assert.True(t, follow.End.IsZero(), "it follows the clock")
	assert.Zero(t, follow.Requests(1))
	assert.Equal(t, "2026-11-24T08:30:00.000Z/2026-11-24T08:35:00.000Z", follow.First.String())
	assert.Equal(t, "position", follow.Checkpoint)

	empty := previewOf(t, map[string]any{"start": "-PT2M", "end": "now", "settle": "PT1M"})
	assert.False(t, empty.End.IsZero())
	assert.Zero(t, empty.Intervals, "no interval is over yet")

	daily := previewOf(t, map[string]any{"start": "-P1D", "schedule": "0 2 * * *", "timezone": "Asia/Seoul"})
	assert.Equal(t, []time.Time{
		time.Date(2026, time.November, 24, 17, 0, 0, 0, time.UTC),
		time.Date(2026, time.November, 25, 17, 0, 0, 0, time.UTC),
		time.Date(2026, time.November, 26, 17, 0, 0, 0, time.UTC),
	}, daily.Ticks)
}

func TestAPreviewFindsWhatLintFinds(t *testing.T) {
	for _, test := range []struct {
		name   string
		config map[string]any
		says   string
	}{
		{"no endpoint", map[string]any{"start": "-P1D"}, "field `endpoint` is required"},
		{"no start", map[string]any{"endpoint": "/api/v2/analytics/queues/summary"}, "field `start` is required"},
		{"an unknown endpoint", map[string]any{"endpoint": "/api/v2/nothing", "start": "-P1D"}, "is not known"},
		{
			"one that has left the API",
			map[string]any{"endpoint": "/api/v2/analytics/conversations/transcripts/query", "start": "-P1D"},
			`has left the API: "/api/v2/speechandtextanalytics/transcripts/search" has taken its place`,
		},
		{"a wrong order", map[string]any{"endpoint": "/api/v2/analytics/queues/summary", "start": "2026-11-22", "end": "2026-11-21"}, "is not before `end`"},
		{"a schedule that is none", map[string]any{"endpoint": "/api/v2/analytics/queues/summary", "start": "-P1D", "schedule": "at two"}, "field `schedule`"},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := map[string]any{"client_id": "id", "client_secret": "secret"}
			maps.Copy(config, test.config)
			_, err := ReadPreview(config, tuesday)
			require.ErrorContains(t, err, test.says)
		})
	}
}
