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

// Ledger knows which pages are out and keeps the position: the furthest point
// before which every page has been acknowledged. Acknowledgements come in any
// order; the position moves over them in the order of the pages.
//
// One write is under way at a time, and each writes what is reached as it starts:
// so a slow write cannot overtake a later one, and the position never goes back.
type Ledger struct {
	config LedgerConfig

	mu      sync.Mutex // guards all below
	tracker *checkpoint.Uncapped[Position]
	out     int
	reached Position      // of what has been acknowledged
	unsaved bool          // reached has not been written
	writing bool          // a write is under way
	failed  error         // of the last write, nil where it went well
	retry   *time.Timer   // writes again after an error
	backoff time.Duration // until then
	closed  bool
	changed chan struct{} // closed when any of it changes

	writes context.Context //nolint:containedctx // ends those that are under way
	abort  context.CancelFunc
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
	// Failed is told each write that failed, one at a time, and Reached each
	// position. Either may be nil, and neither may call the ledger.
	Failed  func(error)
	Reached func(Position)
}

const (
	maxBackoff = time.Minute
	// ackWait is how long an acknowledgement waits for its position to be written.
	// The engine serves no other meanwhile, so a cache that hangs must not take
	// more: the position trails what is delivered, which costs a restart some pages.
	ackWait = time.Second
)

// NewLedger makes a ledger with nothing out.
func NewLedger(config LedgerConfig) *Ledger {
	l := &Ledger{tracker: checkpoint.NewUncapped[Position](), config: config, changed: make(chan struct{})}
	l.writes, l.abort = context.WithCancel(context.Background())
	return l
}

// WaitForSlot waits until one more page may go out.
func (l *Ledger) WaitForSlot(ctx context.Context) error {
	err := l.open(ctx, func() bool { return l.tracker.Pending() < int64(l.config.Limit) })
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
	l.mu.Lock()
	defer l.mu.Unlock()
	resolve := l.tracker.Track(after, 1)
	l.out++
	return func(ctx context.Context) {
		l.resolve(resolve, 1)
		ctx, cancel := context.WithTimeout(ctx, ackWait)
		defer cancel()
		_ = l.written(ctx)
	}
}

// Begin notes a position that no page leads to: that of a run that starts. It is
// written once all pages before it are acknowledged: at once where none is out,
// and then its error is that of the write.
func (l *Ledger) Begin(ctx context.Context, at Position) error {
	l.mu.Lock()
	resolve := l.tracker.Track(at, 1)
	l.mu.Unlock()
	l.resolve(resolve, 0)
	if err := l.written(ctx); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

// resolve takes in that a position is reached, and starts to write it.
func (l *Ledger) resolve(resolve func() *Position, pages int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out -= pages
	if p := resolve(); p != nil && *p != l.reached {
		l.reached, l.unsaved = *p, l.config.Store != nil
		if l.config.Reached != nil {
			l.config.Reached(*p)
		}
	}
	if l.retry == nil {
		l.saveLocked(l.writes)
	}
	l.changeLocked()
}

// written waits until no write is under way.
func (l *Ledger) written(ctx context.Context) error {
	return l.until(ctx, func() bool { return !l.writing })
}

func (l *Ledger) changeLocked() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// saveLocked starts to write the position, where it is not written and no write
// is under way.
func (l *Ledger) saveLocked(ctx context.Context) {
	if !l.unsaved || l.writing {
		return
	}
	l.writing = true
	at := l.reached
	go func() {
		ctx, cancel := context.WithTimeout(ctx, l.config.WriteTimeout)
		defer cancel()
		l.saved(at, l.config.Store.Save(ctx, at))
	}()
}

// saved takes in what became of a write.
func (l *Ledger) saved(at Position, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.changeLocked()
	l.writing, l.failed = false, err
	if err == nil {
		l.backoff, l.unsaved = 0, l.reached != at
		l.saveLocked(l.writes) // what was reached meanwhile
		return
	}
	cutOff := l.closed && errors.Is(err, context.Canceled) // by Close, which writes it itself
	if l.config.Failed != nil && !cutOff {
		l.config.Failed(err)
	}
	if l.retry == nil && !l.closed {
		l.backoff = min(max(2*l.backoff, l.config.RetryPause), max(maxBackoff, l.config.RetryPause))
		l.retry = time.AfterFunc(l.backoff, l.again)
	}
}

// again tries a write that failed.
func (l *Ledger) again() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.retry = nil
	if !l.closed {
		l.saveLocked(l.writes)
	}
}

// Drain waits until every page has been acknowledged.
func (l *Ledger) Drain(ctx context.Context) error {
	return l.open(ctx, func() bool { return l.out == 0 })
}

// Kept waits until the position is written as well: an export that ends is not
// over before. It gives up after LastWrite.
func (l *Ledger) Kept(ctx context.Context) error {
	if err := l.Drain(ctx); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, l.config.LastWrite)
	defer cancel()
	err := l.open(limited, func() bool { return !l.unsaved })
	if err == nil || ctx.Err() != nil || limited.Err() == nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Errorf("everything is delivered, but the last position could not be kept for %s, so the next run delivers a part again: %w",
		l.config.LastWrite, errors.Join(l.failed, context.Cause(limited)))
}

// open waits until a condition on what mu guards is true, or the ledger closes.
func (l *Ledger) open(ctx context.Context, isSo func() bool) error {
	met := false
	err := l.until(ctx, func() bool { met = isSo(); return met || l.closed })
	if err == nil && !met {
		return errClosed
	}
	return err
}

// until waits until a condition on what mu guards is true.
func (l *Ledger) until(ctx context.Context, isSo func() bool) error {
	for {
		l.mu.Lock()
		done, changed := isSo(), l.changed
		l.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// errHangs is why a ledger is closed without its last position.
var errHangs = errors.New("the write of the position hangs")

// Close ends the retries and every wait, and tries once more to write what is not
// written, for as long as ctx lasts: a cache that hangs does not hold it up.
// Acknowledgements that come later are still taken.
func (l *Ledger) Close(ctx context.Context) error {
	l.mu.Lock()
	l.closed = true
	if l.retry != nil {
		l.retry.Stop()
		l.retry = nil
	}
	l.changeLocked()
	l.abort() // what is under way; from here on each write has its own time
	l.writes = context.WithoutCancel(ctx)
	l.mu.Unlock()
	if l.written(ctx) != nil {
		return errHangs
	}
	l.mu.Lock()
	l.failed = nil
	l.saveLocked(ctx)
	l.mu.Unlock()
	if l.written(ctx) != nil {
		return errHangs
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}
