// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/Jeffail/checkpoint"
)

// Ledger knows which pages are out and keeps the position: the furthest point
// before which every page has been acknowledged. Acknowledgements come in any
// order; the position moves over them in the order of the pages.
type Ledger struct {
	config LedgerConfig

	// mu makes resolving a page and writing the position it frees one step. Were
	// they two, a slow write could overtake a later one and the position would
	// go back.
	mu      sync.Mutex
	tracker *checkpoint.Uncapped[Position]
	out     int
	reached Position      // of what has been acknowledged
	unsaved bool          // reached has not been written
	retry   *time.Timer   // writes again after an error
	closed  bool          // no retry any more
	changed chan struct{} // closed when out or unsaved changes
}

// LedgerConfig is where a ledger writes.
type LedgerConfig struct {
	// Limit is how many pages may be out, from the first that is not acknowledged.
	Limit int
	// Store keeps the position; nil keeps it nowhere.
	Store *Store
	// RetryPause is the time from a failed write to the next try.
	RetryPause time.Duration
	// WriteTimeout bounds a write that no acknowledgement waits for.
	WriteTimeout time.Duration
	// Failed is told each write that failed; Reached each position. Either may
	// be nil, and neither may call the ledger.
	Failed  func(error)
	Reached func(Position)
}

// NewLedger makes a ledger with nothing out.
func NewLedger(config LedgerConfig) *Ledger {
	return &Ledger{
		tracker: checkpoint.NewUncapped[Position](),
		config:  config,
		changed: make(chan struct{}),
	}
}

// Room waits until one more page may go out.
func (l *Ledger) Room(ctx context.Context) error {
	err := l.until(ctx, func() bool { return l.tracker.Pending() < int64(l.config.Limit) })
	if err != nil {
		return fmt.Errorf("waiting for acknowledgements: %w", err)
	}
	return nil
}

// Track notes that a page goes out, after which the position is to be after. The
// returned function takes the page's acknowledgement, once. Pages are to be
// tracked in their order.
func (l *Ledger) Track(after Position) func(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	resolve := l.tracker.Track(after, 1)
	l.out++
	return func(ctx context.Context) error { return l.acknowledge(ctx, resolve) }
}

func (l *Ledger) acknowledge(ctx context.Context, resolve func() *Position) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.changeLocked()
	l.out--
	if p := resolve(); p != nil && *p != l.reached {
		l.reached, l.unsaved = *p, l.config.Store != nil
		if l.config.Reached != nil {
			l.config.Reached(*p)
		}
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
	err := l.config.Store.Save(ctx, l.reached)
	if err == nil {
		l.unsaved = false
		return nil
	}
	if l.config.Failed != nil {
		l.config.Failed(err)
	}
	if l.retry == nil && !l.closed {
		l.retry = time.AfterFunc(l.config.RetryPause, l.again)
	}
	return err
}

// again tries a write that failed, unless an acknowledgement has done so.
func (l *Ledger) again() {
	ctx, cancel := context.WithTimeout(context.Background(), l.config.WriteTimeout)
	defer cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.changeLocked()
	l.retry = nil
	_ = l.saveLocked(ctx) // told to Failed, and tried again
}

// Drain waits until every page has been acknowledged and the position is
// written.
func (l *Ledger) Drain(ctx context.Context) error {
	return l.until(ctx, func() bool { return l.out == 0 && !l.unsaved })
}

// until waits until a condition on what the mutex guards is true.
func (l *Ledger) until(ctx context.Context, isSo func() bool) error {
	for {
		l.mu.Lock()
		done, closed, changed := isSo(), l.closed, l.changed
		l.mu.Unlock()
		switch {
		case done:
			return nil
		case closed:
			return errClosed
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Close tries once more to write what could not be written, and ends the retries
// and every wait. Acknowledgements that come later are still taken.
func (l *Ledger) Close(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.changeLocked()
	l.closed = true
	if l.retry != nil {
		l.retry.Stop()
	}
	return l.saveLocked(ctx)
}
