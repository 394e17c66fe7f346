// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window

import "time"

// Extent is what an export covers, as configured. Its methods are the one rule of
// which intervals a run walks: runs, their manifests' revisions, the plan that a
// user is shown and the grid that a planner puts on a queue all ask them.
type Extent struct {
	Grid Grid
	// Start is where the export starts. End bounds it, exclusive; the zero value does
	// not.
	Start, End TimeSpec
	// Schedule has a run for each of its ticks. Without one there is a single run, or,
	// with no end either, one that follows the clock.
	Schedule *Schedule
	// Settle is how long ago an interval must have ended to be read.
	Settle time.Duration
	// Lookback is how much each run of a schedule reads again.
	Lookback time.Duration
}

// Bounded reports whether the export has an end.
func (e Extent) Bounded() bool { return e.End != TimeSpec{} }

// Follows reports whether the export follows the clock: it has neither an end nor
// runs.
func (e Extent) Follows() bool { return !e.Bounded() && e.Schedule == nil }

// First returns the plan of a run at now that no run came before: it starts at the
// export's start.
func (e Extent) First(now time.Time) Plan { return e.Run(e.Origin(now), now) }

// Origin returns the time at which an export that is set up at now starts.
func (e Extent) Origin(now time.Time) time.Time { return e.Start.Resolve(now, e.Grid) }

// Run returns the plan of a run at now, counted from the export's origin. It is open
// where the export follows the clock. Of `end: now`, and of each run of a schedule,
// only whole intervals count that have settled: one that is going on would change
// under its key.
func (e Extent) Run(origin, now time.Time) Plan {
	plan := Plan{Grid: e.Grid, Start: origin, End: e.Limit(now)}
	if e.End.IsNow() || e.Schedule != nil {
		plan = plan.Until(now.Add(-e.Settle))
	}
	return plan
}

// Limit returns the configured end as of now, zero where there is none or where it
// moves on with the clock.
func (e Extent) Limit(now time.Time) time.Time {
	if !e.Bounded() || e.End.IsNow() {
		return time.Time{}
	}
	return e.End.Resolve(now, e.Grid)
}

// Reread returns where a run whose new intervals start at from starts to read again:
// at an interval's start, and not before the export's origin.
func (e Extent) Reread(origin, from time.Time) time.Time {
	start := Plan{Grid: e.Grid, Start: origin}.Floor(from.Add(-e.Lookback))
	return later(origin, start)
}
