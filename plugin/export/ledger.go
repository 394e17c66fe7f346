// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/Jeffail/checkpoint"
)

// Ledger knows which pages are out and keeps the position: the furthest point
// before which every page has been acknowledged. Acknowledgements come in any
// order; the position moves over them in the order of the pages.
type Ledger struct {
	config LedgerConfig

	// turn holds a value while somebody uses what is below. It makes resolving a
	// page and writing the position it frees one step. Were they two, a slow write
	// could overtake a later one and the position would go back. It is no mutex,
	// so that Close need not wait for a write that hangs.
	turn    chan struct{}
	tracker *checkpoint.Uncapped[Position]
	out     int
	reached Position      // of what has been acknowledged
	unsaved bool          // reached has not been written
	failed  error         // of the last write, nil where it went well
	retry   *time.Timer   // writes again after an error
	backoff time.Duration // until then
	changed chan struct{} // closed when out or unsaved changes

	closed  context.Context //nolint:containedctx // ends every write and wait
	closing context.CancelCauseFunc
}

// LedgerConfig is where a ledger writes.
type LedgerConfig struct {
	// Limit is how many pages may be out, from the first that is not acknowledged.
	Limit int
	// Store keeps the position; nil keeps it nowhere.
	Store *Store
	// RetryPause is the time from a failed write to the next attempt; it doubles,
	// up to a minute.
	RetryPause time.Duration
	// WriteTimeout bounds one write, and LastWrite how long the last position of
	// an export is tried to be written.
	WriteTimeout, LastWrite time.Duration
	// Failed is told each write that failed; Reached each position. Either may
	// be nil, and neither may call the ledger.
	Failed  func(error)
	Reached func(Position)
}

const maxBackoff = time.Minute

// NewLedger makes a ledger with nothing out.
func NewLedger(config LedgerConfig) *Ledger {
	l := &Ledger{
		tracker: checkpoint.NewUncapped[Position](),
		config:  config,
		turn:    make(chan struct{}, 1),
		changed: make(chan struct{}),
	}
	l.closed, l.closing = context.WithCancelCause(context.Background())
	return l
}

func (l *Ledger) lock()   { l.turn <- struct{}{} }
func (l *Ledger) unlock() { <-l.turn }

// WaitForSlot waits until one more page may go out.
func (l *Ledger) WaitForSlot(ctx context.Context) error {
	err := l.until(ctx, func() bool { return l.tracker.Pending() < int64(l.config.Limit) })
	if err != nil {
		return fmt.Errorf("waiting for acknowledgements: %w", err)
	}
	return nil
}

// Track notes that a page goes out, after which the position is to be after. The
// returned function takes the page's acknowledgement, once. Pages are to be
// tracked in their order. A position that cannot be written is no error of the
// acknowledgement: the page is delivered, and the position trails it.
func (l *Ledger) Track(after Position) func(context.Context) {
	l.lock()
	defer l.unlock()
	resolve := l.tracker.Track(after, 1)
	l.out++
	return func(ctx context.Context) {
		l.lock()
		defer l.unlock()
		l.out--
		_ = l.resolveLocked(ctx, resolve) // told to Failed, and tried again
	}
}

// Begin notes a position that no page leads to: that of a run that starts. It is
// written once all pages before it are acknowledged: at once where none is out,
// and then its error is that of the write.
func (l *Ledger) Begin(ctx context.Context, at Position) error {
	l.lock()
	defer l.unlock()
	return l.resolveLocked(ctx, l.tracker.Track(at, 1))
}

func (l *Ledger) resolveLocked(ctx context.Context, resolve func() *Position) error {
	defer l.changeLocked()
	if p := resolve(); p != nil && *p != l.reached {
		l.reached, l.unsaved = *p, l.config.Store != nil
		if l.config.Reached != nil {
			l.config.Reached(*p)
		}
	}
	if l.retry != nil { // it backs off
		return l.failed
	}
	return l.saveLocked(ctx)
}

func (l *Ledger) changeLocked() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// saveLocked writes the position where it is not written yet.
func (l *Ledger) saveLocked(ctx context.Context) error {
	if !l.unsaved {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, l.config.WriteTimeout)
	defer cancel()
	if l.closed.Err() == nil { // a write that hangs must not hold up Close
		defer context.AfterFunc(l.closed, cancel)()
	}
	l.failed = l.config.Store.Save(ctx, l.reached)
	if l.failed == nil {
		l.unsaved, l.backoff = false, 0
		return nil
	}
	if l.config.Failed != nil {
		l.config.Failed(l.failed)
	}
	if l.retry == nil && l.closed.Err() == nil {
		l.backoff = min(max(2*l.backoff, l.config.RetryPause), max(maxBackoff, l.config.RetryPause))
		l.retry = time.AfterFunc(l.backoff, l.again)
	}
	return l.failed
}

// again tries a write that failed.
func (l *Ledger) again() {
	l.lock()
	defer l.unlock()
	defer l.changeLocked()
	l.retry = nil
	if l.closed.Err() == nil {
		_ = l.saveLocked(l.closed) // told to Failed, and tried again
	}
}

// Drain waits until every page has been acknowledged.
func (l *Ledger) Drain(ctx context.Context) error {
	return l.until(ctx, func() bool { return l.out == 0 })
}

// Kept waits until the position is written as well: an export that ends is not
// over before. It gives up after LastWrite.
func (l *Ledger) Kept(ctx context.Context) error {
	if err := l.Drain(ctx); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, l.config.LastWrite)
	defer cancel()
	err := l.until(limited, func() bool { return !l.unsaved })
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		l.lock()
		defer l.unlock()
		return fmt.Errorf("everything is delivered, but the last position could not be kept for %s, so the next run delivers a part again: %w", l.config.LastWrite, l.failed)
	}
	return err
}

// until waits until a condition on what turn guards is true.
func (l *Ledger) until(ctx context.Context, isSo func() bool) error {
	for {
		l.lock()
		done, changed := isSo(), l.changed
		l.unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-l.closed.Done():
			return context.Cause(l.closed)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// errHangs is why a ledger is closed without its last position.
var errHangs = errors.New("the write of the position hangs")

// Close ends the retries, every write and every wait, and tries once more to
// write what is not written, for as long as ctx lasts: a cache that hangs does not
// hold it up. Acknowledgements that come later are still taken.
func (l *Ledger) Close(ctx context.Context) error {
	l.closing(errClosed)
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return errHangs
	}
	if l.retry != nil {
		l.retry.Stop()
	}
	l.changeLocked()
	if !l.unsaved {
		l.unlock()
		return nil
	}
	written := make(chan error, 1)
	go func() {
		defer l.unlock()
		written <- l.saveLocked(ctx)
	}()
	select {
	case err := <-written:
		return err
	case <-ctx.Done():
		return errHangs
	}
}
