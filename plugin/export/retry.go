// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"fmt"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// RetryPolicy is what to do about faults that may pass.
type RetryPolicy struct {
	// Pause is the time between two attempts.
	Pause time.Duration
	// GiveUpAfter is how long one step may take, pauses included; 0: for ever.
	GiveUpAfter time.Duration
	// Faulted is told each fault that is retried; it may be nil.
	Faulted func(err error, pause time.Duration)
}

// GiveUpError says that a page could not be obtained, or delivered, in time.
type GiveUpError struct {
	What  string // the interval, or the message
	After time.Duration
	Cause error
}

func (e *GiveUpError) Error() string {
	return fmt.Sprintf("giving up after %s (give_up_after) on %s: %v", e.After, e.What, e.Cause)
}

func (e *GiveUpError) Unwrap() error { return e.Cause }

// do runs a step of an interval's reading until it succeeds. It ends with a fatal error, a [genesys.OversizedError]
// where oversized reports one, a [GiveUpError], or the context's cause. Whether
// time is up is read from the step's own context and never from an error: a dial
// that timed out is a [context.DeadlineExceeded] as well.
func (p RetryPolicy) do(ctx context.Context, iv window.Interval, step func(context.Context) error, oversized func(err, before error) bool) error {
	limited, cancel := p.limit(ctx)
	defer cancel()
	var before error
	for {
		err := step(limited)
		switch {
		case err == nil, genesys.Lost(err):
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case oversized != nil && oversized(err, before):
			return &genesys.OversizedError{Cause: err}
		case genesys.Doubtful(err) && !genesys.Doubtful(before):
			// Once more: a fault on the way may have made nonsense of it.
		case genesys.Fatal(err):
			return err
		case genesys.OutlastsDeadline(err):
			return p.giveUp(iv, err, before)
		}
		if limited.Err() != nil {
			return p.giveUp(iv, err, before)
		}
		if p.Faulted != nil {
			p.Faulted(err, p.Pause)
		}
		if before = err; pause(limited, p.Pause) {
			continue
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return p.giveUp(iv, err, nil)
	}
}

// giveUp tells the fault before too: the last one may be no more than the end of
// the time.
func (p RetryPolicy) giveUp(iv window.Interval, err, before error) error {
	if before != nil {
		err = fmt.Errorf("%w; before that: %w", err, before)
	}
	return &GiveUpError{What: iv.String(), After: p.GiveUpAfter, Cause: err}
}

func (p RetryPolicy) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if p.GiveUpAfter <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, p.GiveUpAfter)
}

// pause waits for d; false when the context ends first.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// clockCheckInterval is how often a wait for a time of day looks at the clock,
// which somebody may have set meanwhile: such a time is not so many hours from
// now.
const clockCheckInterval = 10 * time.Minute

// pauseUntil waits for a time of day; false when the context ends first.
func pauseUntil(ctx context.Context, at time.Time) bool {
	for wait := time.Until(at); wait > 0; wait = time.Until(at) {
		if !pause(ctx, min(wait, clockCheckInterval)) {
			return false
		}
	}
	return ctx.Err() == nil
}
