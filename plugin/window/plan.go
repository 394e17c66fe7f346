// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window

import (
	"iter"
	"time"
)

// Plan is the intervals that a run walks: those between the times Start + n*Step. All
// are counted from Start, so that month ends do not drift. They cover [Start, End)
// without gap or overlap; the last is cut at End.
//
// Start and End are whole seconds, and so is the positive step of Grid. A plan with a
// zero End is open: it has no last interval.
type Plan struct {
	Grid       Grid
	Start, End time.Time
}

// At returns the interval that starts at t and ends at the plan's next time after it.
// t itself need not be one of the plan's times: after a split or a cut it may lie
// between two. Nor need it follow Start: the steps go on before it, for runs that read
// again. At reports false when t is at or past End.
func (p Plan) At(t time.Time) (Interval, bool) {
	t = wholeSecond(t)
	if !p.open() && !t.Before(p.End) {
		return Interval{}, false
	}
	end := p.instant(p.index(t) + 1)
	if !p.open() && p.End.Before(end) {
		end = p.End.UTC()
	}
	return Interval{t, end}, true
}

// Next returns the interval after iv; false when iv is the last.
func (p Plan) Next(iv Interval) (Interval, bool) { return p.At(iv.End) }

// All yields the intervals in order. Over an open plan it does not end.
func (p Plan) All() iter.Seq[Interval] {
	return func(yield func(Interval) bool) {
		for iv, ok := p.At(p.Start); ok && yield(iv); {
			iv, ok = p.Next(iv)
		}
	}
}

// Count returns how many intervals All yields, 0 for an open plan.
func (p Plan) Count() int {
	if p.open() || !p.Start.Before(p.End) {
		return 0
	}
	if !p.Grid.Step.Calendar() {
		return p.index(p.End.Add(-time.Second)) + 1
	}
	// Days may be missing (Apia had no 2011-12-30), so they are counted one by one.
	n := 0
	for range p.All() {
		n++
	}
	return n
}

// Floor returns the last of the plan's times at or before t, in UTC. Reading again
// from there yields the same intervals.
func (p Plan) Floor(t time.Time) time.Time { return p.instant(p.index(t)) }

// Until returns p without the intervals that end after t: with t = now, those that are
// not over. One that p itself cuts at End counts as whole.
func (p Plan) Until(t time.Time) Plan {
	if !p.open() && !p.End.After(t) {
		return p
	}
	p.End = later(p.Start, p.Floor(t))
	return p
}

func (p Plan) open() bool { return p.End.IsZero() }

// instant returns Start + n*Step.
func (p Plan) instant(n int) time.Time { return p.Grid.Step.AddTo(p.Start, n, p.Grid.Location) }

// index returns the greatest n whose instant is at or before t.
func (p Plan) index(t time.Time) int {
	elapsed, step := t.Unix()-p.Start.Unix(), p.Grid.Step.meanSeconds()
	n := int(elapsed / step)
	if elapsed%step < 0 {
		n--
	}
	if !p.Grid.Step.Calendar() {
		return n
	}
	// A calendar step is only about that long, so n is a few off at most.
	for p.instant(n).After(t) {
		n--
	}
	for !p.instant(n + 1).After(t) {
		n++
	}
	return n
}

// meanSeconds returns how long d is on average over the calendar, where Approx rounds
// months and years.
func (d Duration) meanSeconds() int64 {
	return int64(d.months)*secondsPerMonth + int64(d.days)*secondsPerDay + int64(d.clock/time.Second)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
