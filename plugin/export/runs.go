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
	// Extent is what the export covers, and so what each run walks.
	Extent window.Extent
	// Walk is how; the runs give it its Plan and Settle.
	Walk Config
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
		out.After.Run = run.with(item.Interval, item.Page, r.counts(), r.config.Manifest)
	}
	out.After.Origin, out.After.FirstRunEnd = r.at.Origin, r.at.FirstRunEnd
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
	return r.before.Add(r.config.Counts())
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
	config.Plan, config.Settle = window.Plan{Grid: r.config.Extent.Grid, Start: r.start()}, r.config.Extent.Settle
	if run := r.at.Run; run != nil {
		r.before = run.Counts
		if r.config.Counts != nil {
			r.before = run.Counts.Sub(r.config.Counts())
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

// start is where the whole walk starts, of which each run is a part: its anchor
// stays, so that an interval that is read again is the same interval.
func (r *Runs) start() time.Time {
	if r.at.Origin.IsZero() { // a position of before there were runs
		return r.at.At
	}
	return r.at.Origin
}

// next finds the next run and waits until it is due; false where there is none.
func (r *Runs) next(ctx context.Context) (bool, error) {
	if r.config.Extent.Schedule != nil {
		return r.nextTick(ctx)
	}
	now := time.Now()
	r.origin(now)
	if r.config.Extent.Follows() {
		r.early(now)
		return true, nil
	}
	end := r.end(now)
	switch {
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
	case r.config.Extent.End.IsNow() || r.config.Extent.Schedule != nil:
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
		start := r.config.Extent.Origin(now)
		r.at, r.known = Position{At: start, Origin: start}, true
	}
}

// end is where a run at now ends.
func (r *Runs) end(now time.Time) time.Time { return r.config.Extent.Run(r.start(), now).End }

// runTo begins a run up to an instant, with what it reads again.
func (r *Runs) runTo(end, now time.Time) {
	run := &Run{Start: r.at.At, From: r.at.At, End: end, StartedAt: now}
	r.at.Origin = r.start()
	if _, inside := r.at.begun(); !inside && r.config.Extent.Lookback > 0 && !r.at.FirstRunEnd.IsZero() {
		run.Start = r.config.Extent.Reread(r.at.Origin, run.From)
		r.at.At = run.Start
	}
	if r.at.FirstRunEnd.IsZero() {
		r.at.FirstRunEnd = end
	}
	r.at.Run = run
}

// finish ends a run; false where nothing comes after it. With a manifest it is
// one more output, after which the run is over; until that is acknowledged, the
// position stays in the run.
func (r *Runs) finish(ctx context.Context) (Output, bool, error) {
	run := r.at.Run
	if run == nil {
		return Output{}, false, nil
	}
	over := Position{At: run.End, Origin: r.at.Origin, FirstRunEnd: r.at.FirstRunEnd}
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
