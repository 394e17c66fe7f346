// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package settings

import (
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAStartIsBeforeItsEnd where no clock is needed to tell. A date comes from lint
// as midnight in UTC, which in the zone may be up to 14 hours away.
func TestAStartIsBeforeItsEnd(t *testing.T) {
	date := func(day int) time.Time { return time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC) }
	for _, test := range []struct {
		name       string
		start, end any
		right      bool
	}{
		{"a day", "2026-11-22", "2026-11-23", true},
		{"a second", "2026-11-22T00:00:00Z", "2026-11-22T00:00:01Z", true},
		{"nothing", "2026-11-22T00:00:00Z", "2026-11-22T00:00:00Z", false},
		{"backwards", "2026-11-22", "2026-11-21", false},
		{"a start that needs a clock", "-P1D", "2026-11-21", true},
		{"an end that needs a clock", "2026-11-22", "now", true},
		{"a date that may be 14 h earlier", date(22), "2026-11-21T10:00:01Z", true},
		{"a date that is too late whatever the zone", date(22), "2026-11-21T10:00:00Z", false},
		{"an end that may be 14 h later", "2026-11-22T13:59:59Z", date(22), true},
		{"an end that is too early whatever the zone", "2026-11-22T14:00:00Z", date(22), false},
		{"both may be off", date(23), date(22), true},
		{"both, and it is too much", date(24), date(22), false},
		{"an hour is no date", date(22).Add(time.Hour), "2026-11-21T23:00:00Z", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := Input.LintBetween(inputWith("start", test.start, "end", test.end))
			if test.right {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "field `start`: "+asText(test.start)+" is not before `end`, which is "+asText(test.end))
		})
	}
}

// TestARunHasAnEnd: what is said of runs makes no sense without one.
func TestARunHasAnEnd(t *testing.T) {
	for _, test := range []struct {
		name   string
		fields []any
		says   string
	}{
		{"a manifest of a window", []any{"manifest", true}, ""},
		{"a manifest of a schedule", []any{"manifest", true, "end", nil, "schedule", "0 2 * * *"}, ""},
		{"no manifest of what follows the clock", []any{"end", nil}, ""},
		{"a manifest of what follows the clock", []any{"manifest", true, "end", nil}, "field `manifest`"},
		{"a lookback of a schedule", []any{"lookback", "P1D", "schedule", "0 2 * * *"}, ""},
		{"a lookback of nothing", []any{"lookback", "0s"}, ""},
		{"a lookback without a schedule", []any{"lookback", "PT1S"}, "field `lookback`"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Input.Parse(inputWith(test.fields...))
			if test.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.says)
		})
	}
}

// TestAPreviewCountsTheRequestsOfEachPage.
func TestAPreviewCountsTheRequestsOfEachPage(t *testing.T) {
	listing := previewOf(t, map[string]any{"start": "2026-11-22", "end": "2026-11-23"})
	assert.True(t, listing.Paged)
	assert.False(t, listing.Snapshot)
	assert.Equal(t, 1+288*3, listing.Requests(3))
	job := previewOf(t, map[string]any{"start": "2026-11-22", "end": "2026-11-23", "endpoint": "/api/v2/analytics/conversations/details/jobs"})
	assert.Equal(t, 1+288*(3+4), job.Requests(5), "submitted, polled and read")
	whole := previewOf(t, map[string]any{"start": "2026-11-22", "end": "2026-11-23", "endpoint": aggregates})
	assert.False(t, whole.Paged)
	assert.Equal(t, 1+288, whole.Requests(5), "one response has everything")
	state := previewOf(t, map[string]any{"start": "2026-11-22", "end": "2026-11-23", "endpoint": "/api/v2/analytics/queues/observations/query"})
	assert.True(t, state.Snapshot)

	open := previewOf(t, map[string]any{"start": "2026-11-22"})
	assert.NotZero(t, open.First)
	assert.Zero(t, open.Last, "an export that follows the clock has no last interval")
}

// TestAPreviewKnowsTheSameBucketsForFewerRequests, and offers no others.
func TestAPreviewKnowsTheSameBucketsForFewerRequests(t *testing.T) {
	for _, test := range []struct {
		name   string
		config map[string]any
		want   *Wider
	}{
		{"days of five minutes", map[string]any{"interval": "PT5M", "end": "2026-11-25"}, &Wider{"P1D", "PT5M", 3}},
		{"buckets of one's own", map[string]any{"interval": "PT1H", "granularity": "PT5M"}, &Wider{"P1D", "PT5M", 1}},
		{"a job", map[string]any{"endpoint": "/api/v2/analytics/conversations/aggregates/jobs", "interval": "PT1H"}, &Wider{"P1D", "PT1H", 1}},
		{"the last day is cut", map[string]any{"interval": "PT1H", "end": "2026-11-23T00:30:00Z"}, &Wider{"P1D", "PT1H", 2}},
		{"a day of 23 hours, by the hour", map[string]any{"interval": "PT1H", "timezone": "America/New_York", "start": "2026-03-08", "end": "2026-03-09"}, &Wider{"P1D", "PT1H", 1}},
		{"a day of 23 hours, by two", map[string]any{"interval": "PT2H", "timezone": "America/New_York", "start": "2026-03-08", "end": "2026-03-10"}, nil},
		{"days already", map[string]any{"interval": "P1D"}, nil},
		{"months", map[string]any{"interval": "P1M", "end": "2027-01-22"}, nil},
		{"24 hours", map[string]any{"interval": "PT24H", "end": "2026-11-25"}, nil},
		{"24 hours where a day has 25", map[string]any{"interval": "PT24H", "timezone": "America/New_York", "start": "2026-11-01", "end": "2026-11-02"}, nil},
		{"seven hours", map[string]any{"interval": "PT7H", "end": "2026-11-25"}, nil},
		{"one interval", map[string]any{"interval": "PT1H", "end": "2026-11-22T01:00:00Z"}, nil},
		{"two intervals", map[string]any{"interval": "PT1H", "end": "2026-11-22T02:00:00Z"}, &Wider{"P1D", "PT1H", 1}},
		{"it follows the clock", map[string]any{"interval": "PT1H", "end": nil}, nil},
		{"a listing hands them out in pages", map[string]any{"endpoint": summaries, "interval": "PT1H"}, nil},
		{"no granularity", map[string]any{"endpoint": details, "interval": "PT1H"}, nil},
		{"a job without granularity", map[string]any{"endpoint": "/api/v2/analytics/conversations/details/jobs", "interval": "PT1H"}, nil},
		{"of an unknown one nobody knows", map[string]any{"endpoint": unknown, "method": "POST", "paging": "none", "interval": "PT1H"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := map[string]any{"endpoint": aggregates, "start": "2026-11-22", "end": "2026-11-23"}
			maps.Copy(config, test.config)
			assert.Equal(t, test.want, previewOf(t, config).Wider)
		})
	}
	week := previewOf(t, map[string]any{"endpoint": aggregates, "start": "2026-11-22", "end": "2026-11-29"})
	assert.Equal(t, 1+7*288, week.Requests(1))
	assert.Equal(t, 1+7, week.WiderRequests(1))
}
