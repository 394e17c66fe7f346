// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule is the ticks of a cron expression, by the clocks of a place, or those of a
// fixed period. A change of those clocks neither skips nor repeats a run:
//
//   - An expression that names hours (0 2 * * *, */15 9-17 * * *, @daily) ticks
//     once for each reading of the wall clock that matches. A reading that the
//     clocks skip ticks at the first instant after the gap, and several such tick
//     once; one that they show twice ticks the first time only.
//   - An expression of every hour (*/5 * * * *, @hourly) keeps its pace: it ticks
//     whenever the clocks show a match, in the hour that repeats both times, and
//     for the hour that is skipped not at all.
//   - "@every 5m" (Go or ISO 8601, hours and less) ticks at the multiples of its
//     period since 1970-01-01T00:00:00Z, whatever the clocks do and whenever the
//     process started.
//
// The ticks depend on nothing but the expression and the place, so a process that did
// not run can compute which it missed. The zero value never ticks.
type Schedule struct {
	cron  *cron.SpecSchedule // nil with every
	every time.Duration
	loc   *time.Location
}

var cronParser = cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

// ParseSchedule reads a cron expression with 5 fields, or 6 with the seconds in
// front; @hourly, @daily, @weekly, @monthly or @yearly; or "@every 5m". A nil loc
// is UTC.
func ParseSchedule(s string, loc *time.Location) (Schedule, error) {
	text := strings.TrimSpace(s)
	if period, ok := strings.CutPrefix(text, "@every"); ok {
		return parseEvery(s, strings.TrimSpace(period))
	}
	// The library accepts a zone here, TZ=Asia/Seoul, which could contradict loc.
	if strings.Contains(text, "TZ=") {
		return Schedule{}, fmt.Errorf("parsing schedule %q: want the time zone in the timezone field", s)
	}
	parsed, err := cronParser.Parse(text)
	if err != nil {
		return Schedule{}, fmt.Errorf("parsing schedule %q: want cron with 5 or 6 fields (0 2 * * *), @hourly, @daily, @weekly, @monthly, @yearly or @every 5m: %w", s, err)
	}
	spec := parsed.(*cron.SpecSchedule) // All but @every is.
	if hasEmptyField(spec) || nextReading(spec, time.Unix(0, 0).UTC()).IsZero() {
		return Schedule{}, fmt.Errorf("parsing schedule %q: want a time that exists, this one never ticks", s)
	}
	return Schedule{cron: spec, loc: cmp.Or(loc, time.UTC)}, nil
}

func parseEvery(s, period string) (Schedule, error) {
	d, err := ParseDuration(period)
	if err != nil {
		return Schedule{}, fmt.Errorf("parsing schedule %q: %w", s, err)
	}
	every, ok := d.Clock()
	switch {
	case !ok:
		return Schedule{}, fmt.Errorf("parsing schedule %q: want hours or less, or for days cron (0 2 * * *)", s)
	case every <= 0 || !d.WholeSeconds():
		return Schedule{}, fmt.Errorf("parsing schedule %q: want a positive period of whole seconds", s)
	}
	return Schedule{every: every}, nil
}

// Upcoming returns the next n ticks after a time, or as many as there are.
func (s Schedule) Upcoming(after time.Time, n int) (ticks []time.Time) {
	for tick := s.Next(after); !tick.IsZero() && len(ticks) < n; tick = s.Next(tick) {
		ticks = append(ticks, tick)
	}
	return ticks
}

// Next returns the first tick after the given time, in UTC, or the zero time where
// there is none.
func (s Schedule) Next(after time.Time) time.Time {
	switch {
	case s.every > 0:
		return nextMultiple(after, int64(s.every/time.Second))
	case s.cron == nil:
		return time.Time{}
	case everyHour(s.cron):
		return s.nextShown(after)
	}
	return s.nextNamed(after)
}

// nextMultiple returns the first multiple of step seconds since 1970 after t.
func nextMultiple(t time.Time, step int64) time.Time {
	n := t.Unix() / step
	if t.Unix()%step < 0 {
		n--
	}
	return time.Unix((n+1)*step, 0).UTC()
}

// hasEmptyField reports whether a field consists of commas only. The library accepts
// that, and then searches five years for a match, second by second.
func hasEmptyField(spec *cron.SpecSchedule) bool {
	return min(spec.Second, spec.Minute, spec.Hour, spec.Dom, spec.Month, spec.Dow) == 0
}

// everyHour reports whether spec matches every hour, however that was written.
func everyHour(spec *cron.SpecSchedule) bool {
	const all = 1<<24 - 1
	return spec.Hour&all == all
}

// nextNamed returns the next tick of an expression that names hours. It maps matching
// readings to instants, which keeps their order, and returns the first that is late
// enough: so it skips readings that are shown a second time, or that fall into the
// same gap as the last tick.
func (s Schedule) nextNamed(after time.Time) time.Time {
	for wall := nextReading(s.cron, wallOf(after, s.loc)); !wall.IsZero(); wall = nextReading(s.cron, wall) {
		if at := instantOf(wall, s.loc); at.After(after) {
			return at
		}
	}
	return time.Time{}
}

// nextShown returns the next tick of an expression of every hour. It searches one zone
// offset at a time, since within one the clocks show every reading once and in order.
func (s Schedule) nextShown(after time.Time) time.Time {
	_, until := zoneFrom(after, s.loc)
	wall := wallOf(after, s.loc)
	for {
		reading := nextReading(s.cron, wall)
		if reading.IsZero() {
			return time.Time{}
		}
		at := after.Add(reading.Sub(wall)).UTC()
		if until.IsZero() || at.Before(until) {
			return at
		}
		// The first reading at the new offset may match, so the search starts just before it.
		after, wall = until.Add(-time.Second), wallOf(until, s.loc).Add(-time.Second)
		_, until = zoneFrom(until, s.loc)
	}
}

// nextReading returns the first matching wall clock reading after the given one. The
// library gives up after five years, and a February 29 can be eight away.
func nextReading(spec *cron.SpecSchedule, wall time.Time) time.Time {
	next := spec.Next(wall)
	if next.IsZero() {
		next = spec.Next(time.Date(wall.Year()+5, time.December, 31, 23, 59, 59, 0, time.UTC))
	}
	return next
}
