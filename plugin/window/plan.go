// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window

import (
	"iter"
	"time"
)

// Plan is the walk of a run: the intervals between the instants Start + n*Step,
// n being counted from Start so that month ends do not drift. They abut, never
// overlap and cover [Start, End) exactly; the last is cut at End.
//
// Start and End are whole seconds and Grid is valid. A zero End is open: the
// walk goes on for ever.
type Plan struct {
	Grid       Grid
	Start, End time.Time
}

// At is the interval that begins at t: [t, the next instant of the walk). t need
// not be one of those itself: after a split or a cut it may lie between two. Nor
// need it follow Start: the walk's instants go on before it, for who reads again.
// False when t is at or past End.
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

// Next is the interval after iv; false when iv is the last.
func (p Plan) Next(iv Interval) (Interval, bool) { return p.At(iv.End) }

// All yields the intervals in order. Over an open plan it does not end.
func (p Plan) All() iter.Seq[Interval] {
	return func(yield func(Interval) bool) {
		for iv, ok := p.At(p.Start); ok && yield(iv); {
			iv, ok = p.Next(iv)
		}
	}
}

// Count is how many intervals All yields. An open plan has no count: 0.
func (p Plan) Count() int {
	if p.open() || !p.Start.Before(p.End) {
		return 0
	}
	if !p.Grid.Step.Calendar() {
		return p.index(p.End.Add(-time.Second)) + 1
	}
	// Days may vanish (Apia had no 2011-12-30), so they are not computed.
	n := 0
	for range p.All() {
		n++
	}
	return n
}

// Floor is the last instant of the walk at or before t, in UTC: where to begin
// reading again so that the same intervals come out.
func (p Plan) Floor(t time.Time) time.Time { return p.instant(p.index(t)) }

// Until is p cut to the intervals that end at or before t: with t = now, those
// that are over. One that p itself cuts at End counts as whole.
func (p Plan) Until(t time.Time) Plan {
	if !p.open() && !p.End.After(t) {
		return p
	}
	p.End = p.Floor(t)
	if p.End.Before(p.Start) {
		p.End = p.Start
	}
	return p
}

func (p Plan) open() bool { return p.End.IsZero() }

// instant is the walk's nth.
func (p Plan) instant(n int) time.Time { return p.Grid.Step.AddTo(p.Start, n, p.Grid.Location) }

// index is the greatest n whose instant is at or before t.
func (p Plan) index(t time.Time) int {
	elapsed, step := t.Unix()-p.Start.Unix(), p.Grid.Step.meanSeconds()
	n := int(elapsed / step)
	if elapsed%step < 0 {
		n--
	}
	if !p.Grid.Step.Calendar() {
		return n
	}
	// A calendar step is only about that long, so this is a few off at most.
	for p.instant(n).After(t) {
		n--
	}
	for !p.instant(n + 1).After(t) {
		n++
	}
	return n
}

// meanSeconds is about how long d is, right on average where Approx is round.
func (d Duration) meanSeconds() int64 {
	return int64(d.months)*secondsPerMonth + int64(d.days)*secondsPerDay + int64(d.clock/time.Second)
}
