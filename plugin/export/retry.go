// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"fmt"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// RetryPolicy is how faults are retried that may pass.
type RetryPolicy struct {
	// Pause is the time between two attempts.
	Pause time.Duration
	// GiveUpAfter bounds the time of one step, pauses included; 0 does not.
	GiveUpAfter time.Duration
	// Faulted is called with each fault that is retried, before the pause; it may be nil.
	Faulted func(err error, pause time.Duration)
}

// GiveUpError says that a page could not be fetched, or delivered, within the time that a
// [RetryPolicy] has for it.
type GiveUpError struct {
	What  string // the interval, or the message
	After time.Duration
	Cause error
}

func (e *GiveUpError) Error() string {
	return fmt.Sprintf("giving up after %s (give_up_after) on %s: %v", e.After, e.What, e.Cause)
}

func (e *GiveUpError) Unwrap() error { return e.Cause }

// do runs a step of reading an interval until it succeeds, or returns an error that
// retrying cannot fix, a [genesys.OversizedError] if oversized reports one, a
// [GiveUpError], or the cause of the context's end. Whether the time is up is read from
// the context and not from the error: a dial that timed out is a
// [context.DeadlineExceeded] too.
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
		case genesys.Fatal(err) && !worthOnceMore(err, before):
			return err
		case genesys.OutlastsDeadline(err), limited.Err() != nil:
			return p.giveUp(iv, err, before)
		}
		if p.Faulted != nil {
			p.Faulted(err, p.Pause)
		}
		if before = err; pause(limited, p.Pause) == nil {
			continue
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return p.giveUp(iv, err, nil)
	}
}

// worthOnceMore reports whether a response made no sense for the first time: a fault of
// the network may have caused that.
func worthOnceMore(err, before error) bool {
	return genesys.Doubtful(err) && !genesys.Doubtful(before)
}

// giveUp returns a [GiveUpError] of the last fault and the one before it, since the last
// may say no more than that the time is up.
func (p RetryPolicy) giveUp(iv window.Interval, err, before error) error {
	if before != nil {
		err = fmt.Errorf("%w; before that: %w", err, before)
	}
	return &GiveUpError{What: iv.String(), After: p.GiveUpAfter, Cause: err}
}

func (p RetryPolicy) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if p.GiveUpAfter <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, p.GiveUpAfter)
}

// pause waits for d, or returns the cause of ctx if that ends first.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
	return context.Cause(ctx)
}

// clockCheckInterval is how often a wait until a time of day compares it with the clock,
// which may have been set meanwhile.
const clockCheckInterval = 10 * time.Minute

// pauseUntil waits until a time of day, or returns the cause of ctx if that ends first.
func pauseUntil(ctx context.Context, at time.Time) error {
	for wait := time.Until(at); wait > 0; wait = time.Until(at) {
		if err := pause(ctx, min(wait, clockCheckInterval)); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}
