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
	// Extent is what the export covers. The window of each run follows from it.
	Extent window.Extent
	// Walk is how a window is read. Its Plan and Settle are set by the runs.
	Walk Config
	// Manifest asks for a manifest after each run.
	Manifest bool
	// Drain waits until every page is acknowledged. A manifest needs it. It is also called
	// before a page leaves once more, from a job that was lost or with a later run: an
	// output that delivers several at once could replace the new one by the old one. Nil
	// does not wait.
	Drain func(context.Context) error
	// Keep saves the position at which a run starts, before its first request, so that a
	// relative start stays the same after a restart. Nil saves it nowhere.
	Keep func(context.Context, Position) error
	// Counts returns what the requests of this process have cost so far; nil: nothing.
	Counts func() Counts
	// Begins is called with each run that starts or is continued, Waits before each wait
	// for a tick, and Idle with the reason why there is nothing to export. Each may be nil.
	Begins func(Run)
	Waits  func(tick time.Time)
	Idle   func(reason string)
}

// Output is a page, or a run's manifest.
type Output struct {
	*Item
	// Revision is how many earlier runs have exported the page's interval.
	Revision int
	Manifest *Run // instead of a page: the run that has ended
	// Counts are what the whole run has cost; set with Manifest.
	Counts Counts
}

// Runs exports one window after the other. Which one is due follows from the position and
// the time of the tick, and not from when the process was started: a tick that was missed
// gets its run later, and a restart changes nothing. A run ends before the next starts.
// Next is for one goroutine at a time.
type Runs struct {
	config RunsConfig
	ctx    context.Context //nolint:containedctx // of the waits; Close ends it
	cancel context.CancelCauseFunc

	at       Position // after the pages that Next has returned
	known    bool     // at is set
	launch   time.Time
	launched bool   // without a schedule there is one run, and it has been started
	walked   bool   // this process has started a run, or continued one
	before   Counts // of the run by earlier processes, less those of this one before the run
	last     place  // of the page that left last
	again    *Item  // may have left before, and leaves when Drain has returned

	mu   sync.Mutex // guards walk against Close
	walk *Walk      // of the current run
}

// NewRuns returns runs from the configured start on.
func NewRuns(config RunsConfig) *Runs {
	if config.Counts == nil {
		config.Counts = func() Counts { return Counts{} }
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	return &Runs{config: config, ctx: ctx, cancel: cancel, launch: time.Now()}
}

// NewRunsFrom returns runs that continue at a position.
func NewRunsFrom(config RunsConfig, p Position) *Runs {
	r := NewRuns(config)
	r.at, r.known = p, true
	return r
}

// Next returns the next page, or a run's manifest once all of its pages are acknowledged;
// ok is false after the last run. An error other than the end of ctx ends the export. None
// means that the export is complete, not even one that wraps [io.EOF].
func (r *Runs) Next(ctx context.Context) (out *Output, ok bool, err error) {
	for {
		if r.walk == nil {
			if started, err := r.start(ctx); err != nil || !started {
				return nil, false, err
			}
		}
		item, ok, err := r.item(ctx)
		switch {
		case err != nil:
			return nil, false, err
		case ok:
			return r.page(item), true, nil
		}
		if out, more, err := r.finish(ctx); err != nil || !more || out.Manifest != nil {
			return out, more, err
		}
	}
}

// place is where a page is in the order in which pages leave.
type place struct {
	start time.Time // of its interval
	page  int
}

func (p place) after(before place) bool {
	return p.start.After(before.start) || p.start.Equal(before.start) && p.page > before.page
}

// item returns the walk's next page.
func (r *Runs) item(ctx context.Context) (*Item, bool, error) {
	if r.again == nil {
		item, ok, err := r.walk.Next(ctx)
		if err != nil || !ok {
			return item, ok, err
		}
		before := r.last
		r.last = place{item.Interval.Start, item.Page.Number}
		if r.last.after(before) || r.config.Drain == nil {
			return item, true, nil
		}
		r.again = item
	}
	if err := r.config.Drain(ctx); err != nil {
		return nil, false, err
	}
	item := r.again
	r.again = nil
	return item, true, nil
}

// page returns an item with what the run knows of it.
func (r *Runs) page(item *Item) *Output {
	out := &Output{Item: item}
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

// counts returns what the run has cost so far, by earlier processes too.
func (r *Runs) counts() Counts { return r.before.Add(r.config.Counts()) }

// start starts the next run once it is due; false if there is none. A run that the
// position lies in is continued.
func (r *Runs) start(ctx context.Context) (bool, error) {
	if r.at.Run == nil {
		if due, err := r.next(ctx); err != nil || !due {
			return false, err
		}
	}
	if run := r.at.Run; run != nil {
		r.before = run.Sub(r.config.Counts())
		tell(r.config.Begins, *run)
	}
	if r.config.Keep != nil {
		if err := r.config.Keep(ctx, r.at); err != nil {
			return false, err
		}
	}
	return true, r.open()
}

// open opens the walk of the current run, or the one that follows the clock.
func (r *Runs) open() error {
	config := r.config.Walk
	config.Plan, config.Settle = window.Plan{Grid: r.config.Extent.Grid, Start: r.at.origin()}, r.config.Extent.Settle
	if r.at.Run != nil {
		config.Plan.End = r.at.Run.End
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	r.walk, r.walked = NewWalkFrom(config, r.at), true
	return nil
}

// next waits until a run is due and enters it; false if there is none.
func (r *Runs) next(ctx context.Context) (bool, error) {
	if r.config.Extent.Schedule != nil {
		return r.nextTick(ctx)
	}
	now := time.Now()
	r.resolveStart(now)
	if r.config.Extent.Follows() {
		r.reportFutureStart(now)
		return true, nil
	}
	end := r.end(now)
	switch {
	case r.launched:
		return false, nil
	case !end.After(r.at.At):
		if !r.walked { // else the run that was continued has exported it
			tell(r.config.Idle, r.nothing(now, end))
		}
		return false, nil
	}
	r.reportFutureStart(now)
	r.launched = true
	r.enter(end, now)
	return true, nil
}

// reportFutureStart reports that an export has to wait for its start.
func (r *Runs) reportFutureStart(now time.Time) {
	if r.at.At.After(now) {
		tell(r.config.Idle, fmt.Sprintf("nothing to export yet: the export starts at %s, which lies in the future", r.at.At.Format(time.RFC3339)))
	}
}

// nothing returns why a run at now, which would end at end, has nothing to export.
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

// resolveStart sets the position to the configured start, unless there is one.
func (r *Runs) resolveStart(now time.Time) {
	if !r.known {
		start := r.config.Extent.Origin(now)
		r.at, r.known = Position{At: start, Origin: start}, true
	}
}

// end returns where a run at now ends.
func (r *Runs) end(now time.Time) time.Time { return r.config.Extent.Run(r.at.origin(), now).End }

// enter moves the position into a new run, to the start of what it reads again.
func (r *Runs) enter(end, now time.Time) {
	run := &Run{Start: r.at.At, From: r.at.At, End: end, StartedAt: now.UTC()}
	r.at.Origin = r.at.origin()
	if _, inside := r.at.begun(); !inside && r.config.Extent.Lookback > 0 && !r.at.FirstRunEnd.IsZero() {
		run.Start = r.config.Extent.Reread(r.at.Origin, run.From)
		r.at.At = run.Start
	}
	if r.at.FirstRunEnd.IsZero() {
		r.at.FirstRunEnd = end
	}
	r.at.Run = run
}

// finish ends a run; false if nothing follows it, not even a manifest. That is one more
// output: until it is acknowledged, the position stays in the run.
func (r *Runs) finish(ctx context.Context) (*Output, bool, error) {
	run := r.at.Run
	if run == nil {
		return nil, false, nil
	}
	out := &Output{Item: &Item{After: Position{At: run.End, Origin: r.at.Origin, FirstRunEnd: r.at.FirstRunEnd}}}
	if r.config.Manifest {
		if err := r.config.Drain(ctx); err != nil {
			return nil, false, err
		}
		out.Manifest, out.Counts = run, r.counts()
	}
	r.leave(out.After)
	return out, true, nil
}

// leave moves the position behind the run, and closes its walk.
func (r *Runs) leave(at Position) {
	r.walk.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.walk, r.at = nil, at
}

// Close ends every wait, and returns when nothing is being read any more. It may be called
// during a Next.
func (r *Runs) Close() {
	r.cancel(errClosed)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.walk != nil {
		r.walk.Close()
	}
}
