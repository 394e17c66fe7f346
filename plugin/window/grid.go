// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window

import "time"

// Grid is the interval grid: each day's midnight in Location, and steps of Step
// of elapsed time from there until the next midnight. A Step that does not
// divide the day (and on a day of 23 or 25 hours hardly one does) leaves a short
// one at the day's end. With a Step of a day or longer only midnights count.
//
// A relative start is rounded down to the grid. The intervals from there on are a
// [Plan]'s.
type Grid struct {
	Step     Duration
	Location *time.Location // nil is UTC
}

// Floor returns the last time on the grid at or before t, in UTC.
func (g Grid) Floor(t time.Time) time.Time {
	day := dayStart(t, g.Location)
	step, ok := g.Step.Clock()
	if !ok || step <= 0 || step >= secondsPerDay*time.Second {
		return day
	}
	return day.Add(t.Sub(day).Truncate(step))
}
