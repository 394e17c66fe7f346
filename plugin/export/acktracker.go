// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/Jeffail/checkpoint"
)

// AckTracker tracks the pages that are in flight, from the output's acknowledgement
// of each derives the position, which is the furthest point before which every page
// has been acknowledged, and saves it. Acknowledgements may come in any order; the
// position advances in the order of the pages.
//
// At most one write is in flight, and each writes the position as of its start: a
// slow write cannot overtake a later one, and the saved position never goes back.
type AckTracker struct {
	config AckTrackerConfig

	mu      sync.Mutex // guards all below
	tracker *checkpoint.Uncapped[Position]
	pages   int           // in flight: sent and not acknowledged
	reached Position      // every page before it has been acknowledged
	unsaved bool          // reached has not been written
	writing bool          // a write is in flight
	failed  error         // of the last write, nil if it succeeded
	retry   *time.Timer   // the next attempt after a failed write, nil if none is due
	backoff time.Duration // until that attempt
	closed  bool
	changed chan struct{} // closed and replaced whenever one of the above changes

	writes context.Context //nolint:containedctx // of the writes; Close ends it
	abort  context.CancelFunc
}

// AckTrackerConfig configures an [AckTracker].
type AckTrackerConfig struct {
	// Limit is how many pages may be in flight, counted from the first that is not
	// acknowledged.
	Limit int
	// Store saves the position; nil saves it nowhere.
	Store *Store
	// RetryPause is the time from a failed write to the next attempt. It doubles with
	// each attempt, up to a minute.
	RetryPause time.Duration
	// WriteTimeout bounds one write. LastWrite bounds Flush: the time in which the
	// last position of an export must have been written, retries included.
	WriteTimeout, LastWrite time.Duration
	// Failed is called after each failed write, one call at a time, and Reached with
	// the time of each new position. Either may be nil; neither may call the tracker.
	Failed  func(error)
	Reached func(at time.Time)
	// Late is called with the number of pages in flight when something has waited for
	// lateWait until they are acknowledged, once for each wait. It may be nil.
	Late func(pages int)
}

const (
	maxBackoff = time.Minute
	// ackWait is how long an acknowledgement waits for its position to be written.
	// The engine handles no other acknowledgement meanwhile, so a cache that
	// hangs must not take longer. The saved position then trails what is delivered, and
	// a restart delivers those pages again.
	ackWait = time.Second
	// lateWait is how long the output may take before that is said.
	lateWait = 30 * time.Second
)

// NewAckTracker returns a tracker with no pages in flight.
func NewAckTracker(config AckTrackerConfig) *AckTracker {
	t := &AckTracker{tracker: checkpoint.NewUncapped[Position](), config: config, changed: make(chan struct{})}
	t.writes, t.abort = context.WithCancel(context.Background())
	return t
}

// WaitForSlot waits until one more page may be sent.
func (t *AckTracker) WaitForSlot(ctx context.Context) error {
	err := t.open(ctx, func() bool { return t.tracker.Pending() < int64(t.config.Limit) })
	if err != nil {
		return fmt.Errorf("waiting for acknowledgements: %w", err)
	}
	return nil
}

// Track adds a page that is about to be sent; once it and all before it are
// acknowledged the position is after. Callers track pages in order, and call the
// returned function exactly once, when the page is acknowledged. Acknowledging has no
// error: where the position cannot be written the page is delivered all the same.
func (t *AckTracker) Track(after Position) func(context.Context) {
	t.mu.Lock()
	defer t.mu.Unlock()
	resolve := t.tracker.Track(after, 1)
	t.pages++
	return func(ctx context.Context) {
		if !t.resolve(resolve, 1) {
			return
		}
		ctx, cancel := context.WithTimeout(ctx, ackWait)
		defer cancel()
		_ = t.written(ctx)
	}
}

// Begin adds a position that no page leads to: the start of a run. It is written
// once all pages before it are acknowledged. With no page in flight that is at once,
// and Begin returns the error of the write.
func (t *AckTracker) Begin(ctx context.Context, at Position) error {
	t.mu.Lock()
	resolve := t.tracker.Track(at, 1)
	t.mu.Unlock()
	t.resolve(resolve, 0)
	if err := t.written(ctx); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failed
}

// resolve resolves a tracked position, starts to write the one reached by that, and
// reports whether a write is in flight.
func (t *AckTracker) resolve(resolve func() *Position, pages int) (writing bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pages -= pages
	if p := resolve(); p != nil && *p != t.reached {
		t.reached, t.unsaved = *p, t.config.Store != nil
		tell(t.config.Reached, p.At)
	}
	if t.retry == nil {
		t.saveLocked(t.writes)
	}
	t.changeLocked()
	return t.writing
}

// written waits until no write is in flight.
func (t *AckTracker) written(ctx context.Context) error {
	return t.until(ctx, func() bool { return !t.writing })
}

func (t *AckTracker) changeLocked() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// saveLocked starts to write the position, unless it is written already or a write is
// in flight.
func (t *AckTracker) saveLocked(ctx context.Context) {
	if !t.unsaved || t.writing {
		return
	}
	t.writing = true
	at := t.reached
	go func() {
		ctx, cancel := context.WithTimeout(ctx, t.config.WriteTimeout)
		defer cancel()
		t.saved(at, t.config.Store.Save(ctx, at))
	}()
}

// saved records the outcome of a write: a position reached meanwhile is written next,
// a failed write is retried.
func (t *AckTracker) saved(at Position, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.changeLocked()
	t.writing, t.failed = false, err
	if err == nil {
		t.backoff, t.unsaved = 0, t.reached != at
		t.saveLocked(t.writes)
		return
	}
	cutOff := t.closed && errors.Is(err, context.Canceled) // by Close, which writes again
	if !cutOff {
		tell(t.config.Failed, err)
	}
	if !t.closed {
		t.backoff = min(max(2*t.backoff, t.config.RetryPause), max(maxBackoff, t.config.RetryPause))
		t.retry = time.AfterFunc(t.backoff, t.retryWrite)
	}
}

// retryWrite repeats a failed write.
func (t *AckTracker) retryWrite() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.retry = nil
	if !t.closed {
		t.saveLocked(t.writes)
	}
}

// Drain waits until every page has been acknowledged.
func (t *AckTracker) Drain(ctx context.Context) error {
	return t.open(ctx, func() bool { return t.pages == 0 })
}

// Flush waits until every page has been acknowledged and the position after them is
// written. For the latter it waits LastWrite at most.
func (t *AckTracker) Flush(ctx context.Context) error {
	if err := t.Drain(ctx); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, t.config.LastWrite)
	defer cancel()
	err := t.open(limited, func() bool { return !t.unsaved })
	if err == nil || ctx.Err() != nil || limited.Err() == nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return fmt.Errorf("everything is delivered, but the checkpoint could not be written within %s, so the next run delivers a part again: %w",
		t.config.LastWrite, errors.Join(t.failed, context.Cause(limited)))
}

// open waits until a condition on the guarded fields is true. It returns errClosed if
// the tracker is closed before that.
func (t *AckTracker) open(ctx context.Context, condition func() bool) error {
	met := false
	err := t.until(ctx, func() bool { met = condition(); return met || t.closed })
	if err == nil && !met {
		return errClosed
	}
	return err
}

// until waits until a condition on the guarded fields is true.
func (t *AckTracker) until(ctx context.Context, condition func() bool) error {
	var late <-chan time.Time
	for {
		t.mu.Lock()
		done, changed, pages := condition(), t.changed, t.pages
		t.mu.Unlock()
		if done {
			return nil
		}
		if late == nil {
			late = time.After(lateWait)
		}
		select {
		case <-changed:
		case <-late:
			if pages > 0 {
				tell(t.config.Late, pages)
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// errHangs is returned by Close when the last write outlasts its context.
var errHangs = errors.New("the write of the checkpoint hangs")

// Close ends the retries and every wait, and writes the position once more if it is
// not written, for as long as ctx lasts: a cache that hangs does not block it.
// Pages may still be acknowledged afterwards.
func (t *AckTracker) Close(ctx context.Context) error {
	t.mu.Lock()
	t.closed = true
	if t.retry != nil {
		t.retry.Stop()
		t.retry = nil
	}
	t.changeLocked()
	t.abort() // the write in flight; WriteTimeout alone bounds those that follow
	t.writes = context.WithoutCancel(ctx)
	t.mu.Unlock()
	if t.written(ctx) != nil {
		return errHangs
	}
	t.mu.Lock()
	t.failed = nil
	t.saveLocked(ctx)
	t.mu.Unlock()
	if t.written(ctx) != nil {
		return errHangs
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failed
}
