// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"encoding/json"
	"testing"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

func TestARunIsWrittenAndReadWhole(t *testing.T) {
	total := int64(9)
	run := &Run{Start: three, End: minutes(60), From: minutes(5), StartedAt: minutes(61), Counts: Counts{1, 2, 3}}
	for n := range 5 {
		page := genesys.Page{Number: n%2 + 1, Records: 4, Last: n%2 == 1}
		if n > 2 {
			page.Total = &total
		}
		run = run.with(window.Interval{Start: minutes(n / 2 * 5), End: minutes(n/2*5 + 5)}, page, Counts{int64(n), 0, 0}, true)
	}
	data, err := json.Marshal(run)
	require.NoError(t, err)
	var again Run
	require.NoError(t, json.Unmarshal(data, &again))
	assert.Equal(t, *run, again)
}

func TestRunsOfSeveralPositionsDoNotDisturbEachOther(t *testing.T) {
	run := &Run{}
	var all []*Run
	for n := range 50 {
		run = run.with(window.Interval{Start: minutes(5 * n), End: minutes(5*n + 5)}, genesys.Page{Records: n, Last: true}, Counts{}, true)
		all = append(all, run)
	}
	for n, r := range all {
		tallies := r.tallies()
		require.Len(t, tallies, n+1)
		for i, tally := range tallies {
			assert.Equal(t, int64(i), tally.Records)
		}
	}
}
