// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"fmt"
	"sync"
	"time"

	"connect-genesys.example/connect-genesys/plugin/window"
)

// RunsConfig is which windows to export, one after the other.
type RunsConfig struct {
	// Walk is how; its Plan has the grid, and the runs give it start and end.
	Walk Config
	// Start is where to begin without a position, as of a time.
	Start func(now time.Time) time.Time
	// End bounds the export, exclusive; zero: it does not end. EndsNow ends it
	// with the last interval that has settled as a run begins.
	End     func(now time.Time) time.Time
	EndsNow bool
	// Schedule makes a run of each of its ticks; nil is one run, or with neither
	// end nor schedule one that follows the clock.
	Schedule *window.Schedule
	// Lookback is how much each run of a schedule reads again.
	Lookback time.Duration
	// Manifest asks for one after each run; it needs Drain, which waits until
	// every page is acknowledged.
	Manifest bool
	Drain    func(context.Context) error
	// Keep writes the position that a run starts at, before its first request, so
	// that a relative start is resolved once. Nil keeps it nowhere.
	Keep func(context.Context, Position) error
	// Counts are the process's so far.
	Counts func() Counts
	// Begins is told each run, Waits each wait for a tick, and Idle why there is
	// nothing to export. Each may be nil.
	Begins func(Run)
	Waits  func(tick time.Time)
	Idle   func(reason string)
}

// Output is a page, or a run's manifest.
type Output struct {
	Item
	// Revision is how often the page's interval was exported before.
	Revision int
	Manifest *Run // instead of a page
	// Counts are the run's whole cost, for the manifest.
	Counts Counts
}

// Runs walks run after run. What is due is derived from the position and the
// tick's time alone, never from how long the process has lived: a tick that was
// missed is caught up with, by a run of its own, and a restart changes nothing.
// A run ends before the next begins. Next is for one goroutine at a time.
type Runs struct {
	config RunsConfig
	ctx    context.Context //nolint:containedctx // the life of the waits
	cancel context.CancelCauseFunc

	at     Position // what has been walked over
	known  bool     // at is a position, not only a beginning
	launch time.Time
	done   bool   // a run has been begun by this process
	ran    bool   // a run has been walked by this process
	before Counts // the run's of earlier processes, less this one's before it

	mu   sync.Mutex // guards walk against Close
	walk *Walk      // of the run that is going on
}

// NewRuns begins at the configured start.
func NewRuns(config RunsConfig) *Runs {
	ctx, cancel := context.WithCancelCause(context.Background())
	return &Runs{config: config, ctx: ctx, cancel: cancel, launch: time.Now()}
}

// NewRunsFrom goes on at a position.
func NewRunsFrom(config RunsConfig, p Position) *Runs {
	r := NewRuns(config)
	r.at, r.known = p, true
	return r
}

// Next returns the next page, or a run's manifest once all of its pages are
// acknowledged; ok is false after the last run. An error ends the export, but for
// the end of ctx. No error means that the export is done, whatever it wraps.
func (r *Runs) Next(ctx context.Context) (out Output, ok bool, err error) {
	for {
		if r.walk == nil {
			if begun, err := r.begin(ctx); err != nil || !begun {
				return Output{}, false, err
			}
		}
		item, ok, err := r.walk.Next(ctx)
		switch {
		case err != nil:
			return Output{}, false, err
		case ok:
			return r.page(item), true, nil
		}
		if out, more, err := r.finish(ctx); err != nil || !more || out.Manifest != nil {
			return out, more, err
		}
	}
}

// page adds to an item what the run knows of it.
func (r *Runs) page(item Item) Output {
	out := Output{Item: item}
	if run := r.at.Run; run != nil {
		out.Revision = r.revision(*run, item.Interval)
		out.After.Run = run.with(item, r.counts(), r.config.Manifest)
	}
	out.After.Origin, out.After.Since = r.at.Origin, r.at.Since
	r.at, r.known = out.After, true
	if run := r.at.Run; run != nil && !r.config.Manifest && r.at.At.Equal(run.End) {
		out.After.Run = nil // nothing of the run is left to do
	}
	return out
}

// counts are the run's so far: before a restart, and since.
func (r *Runs) counts() Counts {
	if r.config.Counts == nil {
		return Counts{}
	}
	return r.before.plus(r.config.Counts())
}

// begin starts the next run, when it is due; false where there is none. A run
// that a position lies in goes on; the position says all that is needed.
func (r *Runs) begin(ctx context.Context) (bool, error) {
	if r.at.Run == nil {
		if due, err := r.next(ctx); err != nil || !due {
			return false, err
		}
	}
	config := r.config.Walk
	config.Plan = r.plan()
	if run := r.at.Run; run != nil {
		r.before = run.Counts
		if r.config.Counts != nil {
			r.before = run.Counts.minus(r.config.Counts())
		}
		config.Plan.End = run.End
		if r.config.Begins != nil {
			r.config.Begins(*run)
		}
	}
	if r.config.Keep != nil {
		if err := r.config.Keep(ctx, r.at); err != nil {
			return false, err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() != nil {
		return false, context.Cause(r.ctx)
	}
	r.walk, r.ran = NewWalkFrom(config, r.at), true
	return true, nil
}

// plan is the whole walk, of which each run is a part: its anchor stays, so that
// an interval that is read again is the same interval.
func (r *Runs) plan() window.Plan {
	plan := r.config.Walk.Plan
	plan.Start = r.at.At
	if !r.at.Origin.IsZero() {
		plan.Start = r.at.Origin
	}
	return plan
}

// next finds the next run and waits until it is due; false where there is none.
func (r *Runs) next(ctx context.Context) (bool, error) {
	if r.config.Schedule != nil {
		return r.nextTick(ctx)
	}
	now := time.Now()
	r.origin(now)
	end, bounded := r.end(now, now)
	switch {
	case !bounded: // follow the clock
		r.early(now)
		return true, nil
	case r.done:
		return false, nil
	case !end.After(r.at.At):
		if !r.ran { // one that was taken up from a position has done it
			r.idle("%s", r.nothing(now, end))
		}
		return false, nil
	}
	r.early(now)
	r.done = true
	r.runTo(end, now)
	return true, nil
}

// early says so where an export has to wait for its start.
func (r *Runs) early(now time.Time) {
	if r.at.At.After(now) {
		r.idle("nothing to export yet: the export starts at %s, which lies in the future", r.at.At.Format(time.RFC3339))
	}
}

// nothing says why a run up to an instant has nothing to export.
func (r *Runs) nothing(now, end time.Time) string {
	position := r.at.At.Format(time.RFC3339)
	switch {
	case r.at.At.After(now):
		return fmt.Sprintf("nothing to export: the export starts at %s, which lies in the future", position)
	case r.config.EndsNow || r.config.Schedule != nil:
		return fmt.Sprintf("nothing to export: the checkpoint is at %s, and no interval has ended and settled since", position)
	}
	return fmt.Sprintf("nothing to export: the checkpoint is at %s, at or past the end, %s", position, end.Format(time.RFC3339))
}

func (r *Runs) idle(format string, args ...any) {
	if r.config.Idle != nil {
		r.config.Idle(fmt.Sprintf(format, args...))
	}
}

// origin is where the export begins, once for all.
func (r *Runs) origin(now time.Time) {
	if !r.known {
		start := r.config.Start(now)
		r.at, r.known = Position{At: start, Origin: start}, true
	}
}

// end is where a run that begins now ends, as of a time.
func (r *Runs) end(now, asOf time.Time) (time.Time, bool) {
	plan := r.plan()
	if r.config.End != nil {
		plan.End = r.config.End(now)
	}
	if r.config.EndsNow || r.config.Schedule != nil {
		plan = plan.Until(asOf.Add(-r.config.Walk.Settle))
	}
	return plan.End, !plan.End.IsZero()
}

// runTo begins a run up to an instant, with what it reads again.
func (r *Runs) runTo(end, now time.Time) {
	run := &Run{Start: r.at.At, From: r.at.At, End: end, StartedAt: now}
	if r.at.Origin.IsZero() { // a position of before there were runs
		r.at.Origin = r.at.At
	}
	if _, inside := r.at.begun(); !inside && r.config.Lookback > 0 && !r.at.Since.IsZero() {
		run.Start = r.rereadStart(run.From)
		r.at.At = run.Start
	}
	if r.at.Since.IsZero() {
		r.at.Since = end
	}
	r.at.Run = run
}

// rereadStart is where a run begins to read again that has new ground from an instant
// on: at an interval's start, and not before the export's own.
func (r *Runs) rereadStart(from time.Time) time.Time {
	start := r.plan().Floor(from.Add(-r.config.Lookback))
	if start.Before(r.at.Origin) {
		return r.at.Origin
	}
	return start
}

// finish ends a run; false where nothing comes after it. With a manifest it is
// one more output, after which the run is over; until that is acknowledged, the
// position stays in the run.
func (r *Runs) finish(ctx context.Context) (Output, bool, error) {
	run := r.at.Run
	if run == nil {
		return Output{}, false, nil
	}
	over := Position{At: run.End, Origin: r.at.Origin, Since: r.at.Since}
	if !r.config.Manifest {
		r.over(over)
		return Output{}, true, nil
	}
	if err := r.config.Drain(ctx); err != nil {
		return Output{}, false, err
	}
	out := Output{Item: Item{After: over}, Manifest: run, Counts: r.counts()}
	r.over(over)
	return out, true, nil
}

func (r *Runs) over(at Position) {
	r.walk.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.walk, r.at = nil, at
}

// Close ends every wait, and waits for what reads. It may overtake a Next.
func (r *Runs) Close() {
	r.cancel(errClosed)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.walk != nil {
		r.walk.Close()
	}
}
