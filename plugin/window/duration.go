// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package window is time as an export sees it: durations, half-open intervals,
// the calendar grid they lie on, the walk over them, and the schedule.
//
// Nothing here reads a clock: callers pass in the present time. Times are returned
// in UTC. Everything about local time rests on one rule, stated at [instantOf].
package window

import (
	"fmt"
	"strings"
	"time"

	"github.com/rickb777/period"
)

// maxSeconds bounds a Duration to less than about a century, so that no sum of
// its parts can overflow a time.Duration.
const maxSeconds = 100 * 366 * secondsPerDay

const (
	secondsPerDay = 24 * 60 * 60
	// secondsPerMonth is the mean over the Gregorian calendar's 400 years.
	secondsPerMonth = (400*365 + 97) * secondsPerDay / 4800
)

// Duration is a calendar part (months, days) and a clock part. The parts never
// have opposite signs, and together they are at most a century long. A day is a
// day of the calendar, not 24 hours: P1D and PT24H differ.
//
// Durations are comparable: two that say the same (P1W and P7D, P1Y and P12M)
// are equal. The zero value is no time at all.
type Duration struct {
	months, days int
	clock        time.Duration
}

// units are the fields of an ISO 8601 duration, and what one of each adds to a
// Duration.
var units = []struct {
	field                 period.Designator
	months, days, seconds int64
}{
	{field: period.Year, months: 12},
	{field: period.Month, months: 1},
	{field: period.Week, days: 7},
	{field: period.Day, days: 1},
	{field: period.Hour, seconds: 3600},
	{field: period.Minute, seconds: 60},
	{field: period.Second, seconds: 1},
}

// Day is P1D.
var Day = Duration{days: 1}

// ParseDuration reads an ISO 8601 duration (PT5M, P1D, P1W, P1M; a week may
// stand beside other fields) or a Go one (300s, 1h30m). One sign may stand in
// front. Hours, minutes and seconds may have a fraction, which is kept to the
// nanosecond; callers that want none check [Duration.WholeSeconds].
func ParseDuration(s string) (Duration, error) {
	if unsigned := strings.TrimLeft(s, "+-"); strings.HasPrefix(unsigned, "P") {
		return parseISO(s, unsigned)
	}
	clock, err := time.ParseDuration(s)
	if err != nil {
		return Duration{}, fmt.Errorf("parsing duration %q: want ISO 8601 (PT5M, P1D) or Go (300s)", s)
	}
	if clock.Abs() >= maxSeconds*time.Second {
		return Duration{}, tooLong(s)
	}
	return Duration{clock: clock}, nil
}

// parseISO is stricter than the library. It takes one sign at most, since fields
// with signs of their own make a length that is neither positive nor negative, and no
// T with nothing after it.
func parseISO(s, unsigned string) (Duration, error) {
	p, err := period.Parse(s)
	if err != nil || strings.ContainsAny(unsigned, "+-") || strings.HasSuffix(s, "T") {
		return Duration{}, fmt.Errorf("parsing duration %q: want ISO 8601 (PT5M, P1D, -P1D)", s)
	}
	var months, days, seconds, nanos int64
	for _, u := range units {
		whole, frac, ok := p.GetField(u.field).Int64(9)
		if !ok || max(whole, -whole) > maxSeconds {
			return Duration{}, tooLong(s)
		}
		if frac != 0 && u.seconds == 0 {
			return Duration{}, fmt.Errorf("parsing duration %q: want whole years, months, weeks and days", s)
		}
		months += whole * u.months
		days += whole * u.days
		seconds += whole * u.seconds
		nanos += frac * u.seconds
	}
	seconds, nanos = seconds+nanos/1e9, nanos%1e9
	if total := months*secondsPerMonth + days*secondsPerDay + seconds; max(total, -total) >= maxSeconds {
		return Duration{}, tooLong(s)
	}
	return Duration{int(months), int(days), time.Duration(seconds)*time.Second + time.Duration(nanos)}, nil
}

func tooLong(s string) error {
	return fmt.Errorf("parsing duration %q: want at most 100 years", s)
}

// String returns the canonical ISO 8601 form: PT5M, P1D, PT1H30M, -P1D, PT0S.
// Weeks are written as days, which ISO 8601 lets stand beside the other fields,
// and 12 months as a year.
func (d Duration) String() string {
	if d == (Duration{}) {
		return "PT0S"
	}
	hours, minutes := int(d.clock/time.Hour), int(d.clock%time.Hour/time.Minute)
	p := period.New(0, d.months, 0, d.days, hours, minutes, 0)
	p, _ = p.Add(period.NewOf(d.clock % time.Minute)) // no field overflows: it keeps them as they are if one would
	return p.SimplifyWeeksToDays().String()
}

// Sign returns -1, 0 or 1.
func (d Duration) Sign() int {
	switch {
	case d.months < 0 || d.days < 0 || d.clock < 0:
		return -1
	case d == Duration{}:
		return 0
	}
	return 1
}

// Calendar reports whether d has days, months or years, whose length depends on
// where they lie.
func (d Duration) Calendar() bool { return d.months != 0 || d.days != 0 }

// Clock returns the exact length of a d without a calendar part; false with one.
func (d Duration) Clock() (time.Duration, bool) {
	if d.Calendar() {
		return 0, false
	}
	return d.clock, true
}

// WholeSeconds reports whether d has no fraction of a second.
func (d Duration) WholeSeconds() bool { return d.clock%time.Second == 0 }

// Negate returns -d.
func (d Duration) Negate() Duration { return Duration{-d.months, -d.days, -d.clock} }

// Approx returns about how long d is: a day is 24 hours, a month 30 days, a year
// 365. It is for estimates and comparisons, never for a boundary.
func (d Duration) Approx() time.Duration {
	days := d.months/12*365 + d.months%12*30 + d.days
	return time.Duration(days)*secondsPerDay*time.Second + d.clock
}

// AddTo returns t + n*d, in UTC. The n calendar parts are added to t in loc as one
// step, which is cut to the month's length: from January 31, P1M is February 28 and
// twice P1M is March 31. A local time that does not exist becomes the next one that
// does. So a day without a midnight starts at its first instant, which counts as its
// midnight when it is t itself. The clock part is elapsed time. A nil loc is UTC.
func (d Duration) AddTo(t time.Time, n int, loc *time.Location) time.Time {
	t = t.UTC()
	if n == 0 {
		return t
	}
	if d.Calendar() {
		t = instantOf(d.addDate(anchorOf(t, loc), n), loc)
	}
	// In seconds: n*d.clock may be more than the 292 years of a time.Duration.
	seconds, nanos := int64(d.clock/time.Second), int64(d.clock%time.Second)
	return time.Unix(t.Unix()+int64(n)*seconds, int64(t.Nanosecond())+int64(n)*nanos).UTC()
}

// addDate adds n calendar parts to a wall clock reading.
func (d Duration) addDate(wall time.Time, n int) time.Time {
	year, month, day := wall.Date()
	clock := wall.Sub(dateOf(wall))
	first := time.Date(year, month+time.Month(n*d.months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(day, last)-1+n*d.days).Add(clock)
}
