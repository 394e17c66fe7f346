// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
)

// Patience is how to go about faults that may pass.
type Patience struct {
	// RetryPause is the time between two tries.
	RetryPause time.Duration
	// GiveUpAfter is how long one page may take, pauses included; 0: for ever.
	GiveUpAfter time.Duration
	// Faulted is told each fault that is tried again; it may be nil.
	Faulted func(err error, pause time.Duration)
	// Oversized tells the errors that mean that too much was asked for at once;
	// before is the one of the try before, if there was one. Nil: none does.
	Oversized func(err, before error) bool
}

// GiveUpError says that a page could not be had in time.
type GiveUpError struct {
	After time.Duration
	Cause error
}

func (e *GiveUpError) Error() string {
	return fmt.Sprintf("giving up after %s (give_up_after): %v", e.After, e.Cause)
}

func (e *GiveUpError) Unwrap() error { return e.Cause }

// OversizedError says that the service will not do so much at once.
type OversizedError struct{ Cause error }

func (e *OversizedError) Error() string { return "too much at once: " + e.Cause.Error() }

func (e *OversizedError) Unwrap() error { return e.Cause }

// Page gets the next page, trying again after what may pass. It ends with
// [io.EOF], a fatal error, an [OversizedError], a [GiveUpError], or the context's
// cause.
func (p Patience) Page(ctx context.Context, pages Pages) (genesys.Page, error) {
	return try(ctx, p, pages.Next)
}

// Ahead has the next page asked for, as Page would.
func (p Patience) Ahead(ctx context.Context, pages Pages) error {
	_, err := try(ctx, p, func(ctx context.Context) (struct{}, error) { return struct{}{}, pages.Ahead(ctx) })
	return err
}

// try asks until there is an answer.
func try[T any](ctx context.Context, p Patience, ask func(context.Context) (T, error)) (T, error) {
	limited, cancel := p.limit(ctx)
	defer cancel()
	var last error
	for {
		got, err := ask(limited)
		switch {
		case err == nil, errors.Is(err, io.EOF):
			return got, err
		case p.Oversized != nil && p.Oversized(err, last):
			return got, &OversizedError{Cause: err}
		case genesys.Fatal(err):
			return got, err
		case ctx.Err() != nil:
			return got, context.Cause(ctx)
		case p.GiveUpAfter > 0 && errors.Is(err, context.DeadlineExceeded):
			return got, &GiveUpError{After: p.GiveUpAfter, Cause: errors.Join(err, last)}
		}
		last = err
		if p.Faulted != nil && limited.Err() == nil {
			p.Faulted(err, p.RetryPause)
		}
		switch {
		case pause(limited, p.RetryPause):
		case ctx.Err() != nil:
			return got, context.Cause(ctx)
		default:
			return got, &GiveUpError{After: p.GiveUpAfter, Cause: last}
		}
	}
}

func (p Patience) limit(ctx context.Context) (context.Context, context.CancelFunc) {
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
