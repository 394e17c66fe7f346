// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// TestADroppedPageSpoilsItsIntervalAndNoOther.
func TestADroppedPageSpoilsItsIntervalAndNoOther(t *testing.T) {
	start := time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC)
	run := &Run{Start: start, From: start, End: start.Add(15 * time.Minute)}
	var intervals []window.Interval
	for i := range 3 {
		iv := window.Interval{Start: start.Add(time.Duration(i) * 5 * time.Minute), End: start.Add(time.Duration(i+1) * 5 * time.Minute)}
		run = run.with(iv, genesys.Page{Number: 1, Last: true, Records: 2}, Counts{}, true)
		intervals = append(intervals, iv)
	}
	m := run.Manifest("", genesys.Endpoint{}, start, Counts{})
	assert.True(t, m.Complete)
	m.Dropped(intervals[1])
	assert.False(t, m.Complete)
	var complete []bool
	for _, iv := range m.Intervals {
		complete = append(complete, iv.Complete)
	}
	assert.Equal(t, []bool{true, false, true}, complete)
	assert.Equal(t, []Incomplete{{intervals[1].String(), "the output rejected a page of it, and it was dropped (auto_replay_nacks: false)"}}, m.Incomplete)
}
