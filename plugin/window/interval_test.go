// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func interval(start, end string) Interval { return Interval{at(start), at(end)} }

func TestIntervalIsWrittenAsGenesysDoes(t *testing.T) {
	iv := interval("2026-11-21T15:00:00Z", "2026-11-21T15:05:00Z")
	assert.Equal(t, "2026-11-21T15:00:00.000Z/2026-11-21T15:05:00.000Z", iv.String())
	assert.Equal(t, 5*time.Minute, iv.Duration())
	assert.Equal(t, "20261121T150000Z-20261121T150500Z", iv.Compact())

	again, err := ParseInterval(iv.String())
	require.NoError(t, err)
	assert.Equal(t, iv, again)
}

func TestParseIntervalTakesOffsets(t *testing.T) {
	iv, err := ParseInterval("2026-11-22T00:00:00+09:00/2026-11-21T15:05:00Z")
	require.NoError(t, err)
	assert.Equal(t, interval("2026-11-21T15:00:00Z", "2026-11-21T15:05:00Z"), iv)
}

func TestParseIntervalRefuses(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"nothing", "", `parsing interval "": want two RFC 3339 times`},
		{"one time", "2026-11-21T15:00:00Z", "want two RFC 3339 times"},
		{"three times", "2026-11-21T15:00:00Z/2026-11-21T15:05:00Z/2026-11-21T15:10:00Z", "want two RFC 3339 times"},
		{"times without an offset", "2026-11-21T15:00:00/2026-11-21T15:05:00", "want two RFC 3339 times"},
		{"an hour of one digit", "2026-11-21T5:00:00Z/2026-11-21T15:05:00Z", "want two RFC 3339 times"},
		{"a comma in the seconds", "2026-11-21T15:00:00,0Z/2026-11-21T15:05:00Z", "want two RFC 3339 times"},
		{"a day that does not exist", "2026-02-29T00:00:00Z/2026-03-01T00:00:00Z", "want two RFC 3339 times"},
		{"a fraction of a second", "2026-11-21T15:00:00.500Z/2026-11-21T15:05:00Z", "want whole seconds"},
		{"an end before the start", "2026-11-21T15:05:00Z/2026-11-21T15:00:00Z", "want a start before the end"},
		{"no time at all", "2026-11-21T15:00:00Z/2026-11-21T15:00:00Z", "want a start before the end"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := ParseInterval(row.in)
			assert.ErrorContains(t, err, row.want)
		})
	}
}

func TestKeyNamesAnInterval(t *testing.T) {
	for _, row := range []struct{ name, start, end, want string }{
		{"an end on the same day is a time", "2026-11-21T15:00:00Z", "2026-11-21T15:05:00Z", "2026/11/21/150000Z-150500Z"},
		{"an end on another day is written in full", "2026-11-21T15:00:00Z", "2026-11-22T15:00:00Z", "2026/11/21/150000Z-20261122T150000Z"},
		{"midnight is on another day", "2026-11-21T23:55:00Z", "2026-11-22T00:00:00Z", "2026/11/21/235500Z-20261122T000000Z"},
		{"the same day of another month is another day", "2026-11-21T00:00:00Z", "2026-12-21T00:00:00Z", "2026/11/21/000000Z-20261221T000000Z"},
		{"the day is the UTC one", "2026-11-22T00:00:00+09:00", "2026-11-22T00:05:00+09:00", "2026/11/21/150000Z-150500Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.want, interval(row.start, row.end).Key())
		})
	}
}

func TestHalvesSplitAtAWholeSecond(t *testing.T) {
	a, b, ok := interval("2026-11-21T15:00:00Z", "2026-11-21T15:00:05Z").Halves()
	require.True(t, ok)
	assert.Equal(t, interval("2026-11-21T15:00:00Z", "2026-11-21T15:00:02Z"), a)
	assert.Equal(t, interval("2026-11-21T15:00:02Z", "2026-11-21T15:00:05Z"), b)

	_, _, ok = interval("2026-11-21T15:00:00Z", "2026-11-21T15:00:01Z").Halves()
	assert.False(t, ok, "a second is as short as it gets")
}

func TestHalvesOfHalvesEndAtSecondsAndCoverTheWhole(t *testing.T) {
	whole := interval("2026-11-21T15:00:00Z", "2026-11-21T15:05:07Z")
	next := whole.Start
	var split func(Interval)
	split = func(iv Interval) {
		if a, b, ok := iv.Halves(); ok {
			split(a)
			split(b)
			return
		}
		require.Equal(t, time.Second, iv.Duration())
		require.Equal(t, next, iv.Start)
		next = iv.End
	}
	split(whole)
	assert.Equal(t, whole.End, next)
}

// TestPartsTileTheWhole: each but the last is as long as it may be.
func TestPartsTileTheWhole(t *testing.T) {
	const day = 24 * time.Hour
	for _, row := range []struct {
		end     string
		longest time.Duration
		want    []time.Duration
	}{
		{"2026-11-08T00:00:00Z", 7 * day, []time.Duration{7 * day}},
		{"2026-11-08T00:00:01Z", 7 * day, []time.Duration{7 * day, time.Second}},
		{"2026-11-15T00:00:00Z", 7 * day, []time.Duration{7 * day, 7 * day}},
		{"2026-11-20T00:00:00Z", 7 * day, []time.Duration{7 * day, 7 * day, 5 * day}},
		{"2026-12-31T00:00:00Z", 0, []time.Duration{60 * day}},
	} {
		whole := interval("2026-11-01T00:00:00Z", row.end)
		parts := whole.Parts(row.longest)
		next := whole.Start
		require.Len(t, parts, len(row.want))
		for i, part := range parts {
			assert.Equal(t, next, part.Start)
			assert.Equal(t, row.want[i], part.Duration())
			next = part.End
		}
		assert.Equal(t, whole.End, next)
	}
}
