// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window

import (
	"fmt"
	"time"
)

// TimeSpec is a start or an end as configured: now, a time, a date, or a duration
// back from now. [TimeSpec.Resolve] makes a time of it; all but the absolute ones
// depend on when that is. The zero value is not a TimeSpec.
type TimeSpec struct {
	kind specKind
	at   time.Time // of a time; of a date its midnight, as a wall clock reading
	back Duration  // negative
}

type specKind int

const (
	kindTime specKind = iota + 1
	kindDate
	kindBack
	kindNow
)

// ParseTimeSpec reads an RFC 3339 time, a date (2026-11-21), a negative duration
// (-P1D, -24h), or now. Whole seconds only.
func ParseTimeSpec(s string) (TimeSpec, error) {
	if s == "now" {
		return TimeSpec{kind: kindNow}, nil
	}
	if t, ok := parseRFC3339(s); ok {
		if t.Nanosecond() != 0 {
			return TimeSpec{}, fmt.Errorf("parsing time %q: want whole seconds", s)
		}
		return TimeSpec{kind: kindTime, at: t}, nil
	}
	if t, err := time.Parse(layoutDay, s); err == nil {
		return TimeSpec{kind: kindDate, at: t}, nil
	}
	if d, err := ParseDuration(s); err == nil {
		return parseBack(s, d)
	}
	return TimeSpec{}, fmt.Errorf("parsing time %q: want RFC 3339 with its offset (2026-11-21T15:00:00Z),"+
		" a date (2026-11-21), a duration back from now (-P1D, -24h) or now", s)
}

func parseBack(s string, d Duration) (TimeSpec, error) {
	switch {
	case d.Sign() == 0:
		return TimeSpec{}, fmt.Errorf("parsing time %q: want now, or a negative duration to go back from now", s)
	case d.Sign() > 0:
		return TimeSpec{}, fmt.Errorf("parsing time %q: want a negative duration to go back from now: %s", s, d.Negate())
	case !d.WholeSeconds():
		return TimeSpec{}, fmt.Errorf("parsing time %q: want whole seconds", s)
	}
	return TimeSpec{kind: kindBack, back: d}, nil
}

// IsNow reports whether s was written as now.
func (s TimeSpec) IsNow() bool { return s.kind == kindNow }

// Absolute reports whether s needs no clock: a time or a date.
func (s TimeSpec) Absolute() bool { return s.kind == kindTime || s.kind == kindDate }

// Resolve returns the time that s means, in UTC and whole seconds: a date is its
// midnight in g's location, a duration back from now is rounded down to g, and now
// is the present second. That need not be on the grid, so a plan that ends there is
// an open plan cut with [Plan.Until].
func (s TimeSpec) Resolve(now time.Time, g Grid) time.Time {
	switch s.kind {
	case kindTime:
		return s.at
	case kindDate:
		return instantOf(s.at, g.Location)
	case kindBack:
		return g.Floor(s.back.AddTo(now, 1, g.Location))
	}
	return wholeSecond(now)
}

// wholeSecond returns t without its fraction of a second.
func wholeSecond(t time.Time) time.Time { return time.Unix(t.Unix(), 0).UTC() }
