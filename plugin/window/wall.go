// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window

import (
	"cmp"
	"time"
)

// A wall clock reading is the local time of a place, kept as if it were UTC:
// every reading exists, once, and readings can be compared and counted with.

// wallOf returns what the clocks in loc show at t.
func wallOf(t time.Time, loc *time.Location) time.Time {
	_, offset := t.In(cmp.Or(loc, time.UTC)).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// instantOf returns the earliest instant at which the clocks in loc show wall or
// later. So a reading that occurs twice means the first time, one that is
// skipped means the first instant after the gap, and readings in order become
// instants in order (two readings in one gap become the same).
//
// [time.Date] promises less: for a skipped reading it picks either side.
func instantOf(wall time.Time, loc *time.Location) time.Time {
	// No offset has ever reached 30 hours, so wall still lies ahead here, and the
	// first zone that gets to it is the one.
	for t := wall.Add(-30 * time.Hour).UTC(); ; {
		offset, until := zoneFrom(t, loc)
		at := wall.Add(-offset)
		if at.Before(t) {
			at = t
		}
		if until.IsZero() || at.Before(until) {
			return at.UTC()
		}
		t = until
	}
}

// zoneFrom returns the offset of the clocks in loc at t, and until when at least they
// keep it; the zero time means for ever. The returned time is after t, though not
// always one at which clocks change, so a loop from one to the next ends.
//
// Time.ZoneBounds promises less. Past a location's last listed change it makes
// every year end after 365 days, so that on December 31 of a leap year the end
// that it returns lies before t. Locations without listed changes for years to
// come are what Go embeds into a binary; those of an operating system often list
// them up to 2037.
func zoneFrom(t time.Time, loc *time.Location) (offset time.Duration, until time.Time) {
	t = t.In(cmp.Or(loc, time.UTC))
	_, seconds := t.Zone()
	_, until = t.ZoneBounds()
	if !until.IsZero() && !until.After(t) {
		// The rule that gave the offset is that of t's year in UTC, to its last second.
		until = dateOf(t.UTC()).AddDate(0, 0, 1)
	}
	return time.Duration(seconds) * time.Second, until
}

// anchorOf returns the reading that calendar steps from t are counted from: what the
// clocks show, except that a day's first instant reads as midnight even where
// clocks skip that. Otherwise no step from such a day would end at a midnight.
func anchorOf(t time.Time, loc *time.Location) time.Time {
	wall := wallOf(t, loc)
	if date := dateOf(wall); instantOf(date, loc).Equal(t) {
		return date
	}
	return wall
}

// dateOf returns the midnight of a reading's day, itself a reading.
func dateOf(wall time.Time) time.Time {
	year, month, day := wall.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// dayStart returns the last midnight in loc at or before t. Where clocks are put
// back across a midnight, the hour that repeats belongs to the day that has started.
func dayStart(t time.Time, loc *time.Location) time.Time {
	date := dateOf(wallOf(t, loc))
	if next := instantOf(date.AddDate(0, 0, 1), loc); !next.After(t) {
		return next
	}
	return instantOf(date, loc)
}
