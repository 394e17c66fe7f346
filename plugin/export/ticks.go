// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"time"

	"connect-genesys.example/connect-genesys/plugin/window"
)

// nextTick waits for the first tick at which there is something to export, and enters its
// run; false if there is no such tick. A tick that was waited for and has nothing to
// export is reported, one that was missed is not.
func (r *Runs) nextTick(ctx context.Context) (bool, error) {
	extent, tick := r.config.Extent, r.launch
	if r.known {
		tick = r.at.At.Add(extent.Settle)
	}
	for {
		if tick = extent.Schedule.Next(tick); tick.IsZero() {
			tell(r.config.Idle, "nothing more to export: the schedule has no further tick")
			return false, nil
		}
		waited := time.Until(tick) > 0
		if err := r.await(ctx, tick); err != nil {
			return false, err
		}
		r.resolveStart(tick)
		if limit := extent.Limit(tick); !limit.IsZero() && !r.at.At.Before(limit) {
			if !r.walked {
				tell(r.config.Idle, r.nothing(tick, limit))
			}
			return false, nil
		}
		end := r.end(tick)
		if end.After(r.at.At) {
			r.enter(end, time.Now())
			return true, nil
		}
		if waited {
			tell(r.config.Idle, r.nothing(tick, end))
		}
	}
}

// await waits for a tick.
func (r *Runs) await(ctx context.Context, tick time.Time) error {
	if time.Until(tick) > 0 {
		tell(r.config.Waits, tick)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(r.ctx, func() { cancel(context.Cause(r.ctx)) })()
	return pauseUntil(ctx, tick)
}

// revision returns how many runs before this one have read an interval: the first that
// ended after it, and each one since. Their lookbacks include it, since that of this one,
// which starts later, does.
func (r *Runs) revision(run Run, iv window.Interval) int {
	extent := r.config.Extent
	if extent.Schedule == nil || !iv.Start.Before(run.From) {
		return 0
	}
	n, from := 0, iv.Start // no run that ended before has read any of it
	if !iv.End.After(r.at.FirstRunEnd) {
		n, from = 1, r.at.FirstRunEnd
	}
	for tick := from.Add(extent.Settle); ; {
		if tick = extent.Schedule.Next(tick); tick.IsZero() {
			return n
		}
		switch end := r.end(tick); {
		case !end.Before(run.End):
			return n
		case end.After(from): // else nothing had settled since, so there was no run
			n, from = n+1, end
		}
	}
}
