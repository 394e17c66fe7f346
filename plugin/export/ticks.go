// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"time"

	"connect-genesys.example/connect-genesys/plugin/window"
)

// nextTick waits for the first tick that finds something to export. Of ticks that
// were missed it says nothing: one that is waited for and finds nothing says why.
func (r *Runs) nextTick(ctx context.Context) (bool, error) {
	extent, tick := r.config.Extent, r.launch
	if r.known {
		tick = r.at.At.Add(extent.Settle)
	}
	for {
		if tick = extent.Schedule.Next(tick); tick.IsZero() {
			r.idle("nothing more to export: the schedule has no further tick")
			return false, nil
		}
		waited := time.Until(tick) > 0
		if err := r.await(ctx, tick); err != nil {
			return false, err
		}
		r.origin(tick)
		if limit := extent.Limit(tick); !limit.IsZero() && !r.at.At.Before(limit) {
			if !r.ran {
				r.idle("%s", r.nothing(tick, limit))
			}
			return false, nil
		}
		end := r.end(tick)
		if end.After(r.at.At) {
			r.runTo(end, time.Now())
			return true, nil
		}
		if waited {
			r.idle("%s", r.nothing(tick, end))
		}
	}
}

func (r *Runs) await(ctx context.Context, tick time.Time) error {
	if time.Until(tick) > 0 && r.config.Waits != nil {
		r.config.Waits(tick)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(r.ctx, func() { cancel(context.Cause(r.ctx)) })()
	if !pauseUntil(ctx, tick) {
		return context.Cause(ctx)
	}
	return nil
}

// revision counts the runs before this one that read an interval: the one that
// ended first after it, and each one since that looked back so far.
func (r *Runs) revision(run Run, iv window.Interval) int {
	extent := r.config.Extent
	if extent.Schedule == nil || !iv.Start.Before(run.From) {
		return 0
	}
	n, from := 0, iv.Start // what ended before it read none of it
	if !iv.End.After(r.at.FirstRunEnd) {
		n, from = 1, r.at.FirstRunEnd
	}
	for tick := from.Add(extent.Settle); ; {
		if tick = extent.Schedule.Next(tick); tick.IsZero() {
			return n
		}
		end := r.end(tick)
		switch {
		case !end.Before(run.End):
			return n
		case !end.After(from): // nothing was new at that tick, so there was no run
			continue
		case !iv.End.After(from) && !iv.Start.Before(extent.Reread(r.start(), from)), iv.Start.Compare(from) >= 0 && !iv.End.After(end):
			n++
		}
		from = end
	}
}
