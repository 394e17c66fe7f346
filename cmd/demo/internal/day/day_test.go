// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package day

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

var hour = Span{
	Start:    at("2026-11-21T23:30:00Z"),
	End:      at("2026-11-22T00:30:00Z"),
	Interval: 5 * time.Minute,
}

func TestKey(t *testing.T) {
	for _, test := range []struct {
		name, start, end, want string
	}{
		{
			"an interval inside a day names the time of its end",
			"2026-11-21T15:00:00Z", "2026-11-21T15:05:00Z", "queues-summary/2026/11/21/150000Z-150500Z/p0001.json",
		},
		{
			"one that ends at midnight names the day too",
			"2026-11-21T23:55:00Z", "2026-11-22T00:00:00Z", "queues-summary/2026/11/21/235500Z-20261122T000000Z/p0001.json",
		},
		{
			"another zone's time is told in UTC",
			"2026-11-22T00:00:00+09:00", "2026-11-22T00:05:00+09:00", "queues-summary/2026/11/21/150000Z-150500Z/p0001.json",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, QueueSummaries.Key(at(test.start), at(test.end), 1))
			start, end, err := QueueSummaries.parse(test.want)
			require.NoError(t, err)
			assert.True(t, start.Equal(at(test.start)), start)
			assert.True(t, end.Equal(at(test.end)), end)
		})
	}
}

func TestCheckFindsEveryDifference(t *testing.T) {
	want, err := Expected(t.Context(), 1, hour)
	require.NoError(t, err)
	require.Len(t, want, 12)
	first := QueueSummaries.Key(hour.Start, hour.Start.Add(hour.Interval), 1)
	last := QueueSummaries.Key(hour.End.Add(-hour.Interval), hour.End, 1)

	for _, test := range []struct {
		name  string
		spoil func(map[string][]byte)
		wrong string
	}{
		{"nothing", func(map[string][]byte) {}, ""},
		{"a missing object", func(m map[string][]byte) { delete(m, first) }, "missing: " + first},
		{"one too many", func(m map[string][]byte) { m["null.json"] = nil }, "one too many: null.json"},
		{"a byte more", func(m map[string][]byte) { m[last] = append(slices.Clone(m[last]), '\n') }, "not what the tenant serves: " + last},
		{"another interval's page", func(m map[string][]byte) { m[last] = m[first] }, "not what the tenant serves: " + last},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := maps.Clone(want)
			test.spoil(got)
			if err := Check(got, want); test.wrong == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, test.wrong)
			}
		})
	}
}

func TestCoveredFindsHolesAndOverlaps(t *testing.T) {
	want, err := Expected(t.Context(), 1, hour)
	require.NoError(t, err)
	keys := slices.Sorted(maps.Keys(want))

	for _, test := range []struct {
		name  string
		keys  []string
		wrong string
	}{
		{"the whole hour", keys, ""},
		{"nothing", nil, "it ends at 2026-11-21T23:30:00Z"},
		{"a hole", slices.Concat(keys[:3], keys[4:]), "starts at 2026-11-21T23:50:00Z, want 2026-11-21T23:45:00Z"},
		{"a tail is missing", keys[:11], "it ends at 2026-11-22T00:25:00Z"},
		{"one twice", append(slices.Clone(keys), keys[3]), "starts at 2026-11-21T23:45:00Z, want 2026-11-21T23:50:00Z"},
		{"a stranger", append(slices.Clone(keys), "null.json"), "reading object name null.json"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := Covered(test.keys, hour); test.wrong == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, test.wrong)
			}
		})
	}
}

// TestExpectedConversationsAreAllThatAreCounted holds the pages of each interval to the tenant's
// own count of it.
func TestExpectedConversationsAreAllThatAreCounted(t *testing.T) {
	const size = 5
	want, err := Conversations(size).Expected(t.Context(), 1, hour)
	require.NoError(t, err)
	require.NoError(t, Conversations(size).Covered(slices.Collect(maps.Keys(want)), hour))
	records, counted := map[string]int{}, map[string]int{}
	for key, body := range want {
		n, err := Records(body)
		require.NoError(t, err)
		assert.LessOrEqual(t, n, size, key)
		var page struct{ TotalHits int }
		require.NoError(t, json.Unmarshal(body, &page))
		records[path.Dir(key)] += n
		counted[path.Dir(key)] = page.TotalHits
	}
	assert.Equal(t, counted, records)
	assert.Greater(t, len(want), hour.Count(), "no interval has a second page")
}
