// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package contract

import (
	"maps"
	"slices"
	"testing"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// TestADayOf250000Conversations is read through the details query, which gives no
// more than 100,000 of one interval: the pipeline that a user would run, for a
// day in Seoul. Each conversation that started on it comes once.
func TestADayOf250000Conversations(t *testing.T) {
	const mapping = "../../config/mappings/conversations_started_in_interval.blobl"
	sim, err := simulator.New(simulator.Config{Conversations: 250_000})
	require.NoError(t, err)
	w := serve(t, &wire{sim: sim}) // what goes over it is validated elsewhere
	times, intervals := map[string]int{}, map[string]int{}
	w.run(t, "endpoint: "+analytics+"conversations/details/query\ntimezone: Asia/Seoul\nstart: 2020-01-02\nend: 2020-01-03\ninterval: P1D",
		`mapping: from "`+mapping+`"`, func(msg *service.Message) {
			require.NoError(t, msg.GetError())
			interval, _ := msg.MetaGet("genesys_interval")
			intervals[interval]++
			page, err := msg.AsStructured()
			require.NoError(t, err)
			for _, c := range page.(object)["conversations"].([]any) {
				times[c.(object)["conversationId"].(string)]++
			}
		})
	assert.Len(t, times, 250_000)
	for id, n := range times {
		require.Equal(t, 1, n, id)
	}
	report := sim.Report()
	t.Logf("%d requests for %d pages of %d intervals, %d of them refused, %d records",
		report.Requests, len(report.Pages), len(intervals), report.RequestsByStatus["400"], report.Records)
	assert.Equal(t, []string{
		"2020-01-01T15:00:00.000Z/2020-01-01T21:00:00.000Z",
		"2020-01-01T21:00:00.000Z/2020-01-02T03:00:00.000Z",
		"2020-01-02T03:00:00.000Z/2020-01-02T09:00:00.000Z",
		"2020-01-02T09:00:00.000Z/2020-01-02T15:00:00.000Z",
	}, slices.Sorted(maps.Keys(intervals)))
	assert.Equal(t, 3, report.RequestsByStatus["400"], "the day and its halves, each once")
}
