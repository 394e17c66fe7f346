// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"connect-genesys.example/connect-genesys/plugin/window"
)

// Config is what to walk, and how.
type Config struct {
	ReaderConfig
	// Plan has the intervals. Without an End the walk follows the clock.
	Plan window.Plan
	// Settle is how long ago an interval must have ended to be read.
	Settle time.Duration
	// Parallelism is how many intervals are read at once, from 1.
	Parallelism int
}

// Walk reads the pages of a plan in order: by interval, then page. It reads
// Parallelism intervals at once, each ahead of who takes its pages by one, and by
// one more where that is needed to know whether a page is the last.
//
// Next is for one goroutine at a time. Invariant: an interval is passed only
// after its reading returned without an error and at least one page of it was
// taken.
type Walk struct {
	config Config
	ctx    context.Context //nolint:containedctx // the life of the walk's own goroutines
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup
	head   *intervalReading // whose pages are being taken
	failed error
	queue  chan *intervalReading // those after head, in order

	closing sync.Mutex // guards the start of goroutines against Close, which waits for them all
	started bool

	opening sync.Mutex // guards what follows: the goroutines open intervals in order
	begun   *Reader    // of an interval that an earlier walk left unfinished
	next    time.Time  // the start of the interval to open next
	ended   bool       // the plan has no more, and queue is closed
}

// intervalReading is an interval of the plan being read.
type intervalReading struct {
	reader *Reader
	items  chan Item // closed at the end of the reading
	err    error     // why it ended, nil after the last page; set before items is closed
	taken  int       // of the pages; only the reading's goroutine uses it
}

// NewWalk starts at the plan's start. It reads nothing before the first Next.
func NewWalk(config Config) *Walk {
	ctx, cancel := context.WithCancelCause(context.Background())
	return &Walk{
		config: config, ctx: ctx, cancel: cancel, next: config.Plan.Start,
		queue: make(chan *intervalReading, config.Parallelism),
	}
}

// NewWalkFrom goes on at a position, inside an interval too.
func NewWalkFrom(config Config, p Position) *Walk {
	w := NewWalk(config)
	w.next = p.At
	if whole, ok := p.whole(); ok {
		w.begun, w.next = newReaderFrom(config.ReaderConfig, p), whole.End
	}
	return w
}

// Next returns the next page, or ok false when all pages of the plan have been
// returned. An error ends the walk, but for the end of ctx. No error means that
// the walk is done, whatever it wraps.
func (w *Walk) Next(ctx context.Context) (item Item, ok bool, err error) {
	w.start()
	for w.failed == nil {
		queue, items := w.queue, (chan Item)(nil)
		if w.head != nil {
			queue, items = nil, w.head.items
		}
		select {
		case reading, ok := <-queue:
			if !ok {
				return Item{}, false, nil
			}
			w.head = reading
		case item, ok := <-items:
			if ok {
				return item, true, nil
			}
			w.pass()
		case <-ctx.Done():
			return Item{}, false, context.Cause(ctx)
		case <-w.ctx.Done():
			return Item{}, false, context.Cause(w.ctx)
		}
	}
	return Item{}, false, w.failed
}

// pass goes on to the next interval, if this one was read to its end.
func (w *Walk) pass() {
	if err := w.head.err; err != nil {
		w.failed = err
		w.cancel(err)
		return
	}
	w.head = nil
}

// start starts the goroutines, once.
func (w *Walk) start() {
	w.closing.Lock()
	defer w.closing.Unlock()
	if w.started || w.ctx.Err() != nil {
		return
	}
	w.started = true
	for range w.config.Parallelism {
		w.wg.Go(w.readAll)
	}
}

// readAll reads one interval after the other, until none is left or one fails. The
// next is opened as soon as the last page of one is taken, so it is read while that
// page is delivered.
func (w *Walk) readAll() {
	for {
		r, ctx, leave := w.open()
		if r == nil {
			return
		}
		r.err = w.read(ctx, r)
		close(r.items)
		leave()
		if r.err != nil {
			return
		}
	}
}

// open puts the next interval in the queue; nil at the end of the plan. There is
// always room: an interval that has not failed and is not taken to its end has a
// goroutine to itself.
func (w *Walk) open() (r *intervalReading, ctx context.Context, leave func()) {
	w.opening.Lock()
	defer w.opening.Unlock()
	reader := w.begun
	if w.begun = nil; reader == nil {
		iv, ok := w.config.Plan.At(w.next)
		if !ok && !w.ended {
			w.ended = true
			close(w.queue)
		}
		if !ok {
			return nil, nil, nil
		}
		reader, w.next = NewReader(w.config.ReaderConfig, iv), iv.End
	}
	r = &intervalReading{reader: reader, items: make(chan Item)}
	w.queue <- r
	if w.config.Join == nil {
		return r, w.ctx, func() {}
	}
	ctx, leave = w.config.Join(w.ctx)
	return r, ctx, leave
}

// read emits the pages of one interval, once it has settled.
func (w *Walk) read(ctx context.Context, r *intervalReading) error {
	if !pauseUntil(w.ctx, r.reader.whole.End.Add(w.config.Settle)) {
		return context.Cause(w.ctx)
	}
	err := r.reader.Read(ctx, func(item Item) error {
		select {
		case r.items <- item:
			r.taken++
			return nil
		case <-w.ctx.Done():
			return context.Cause(w.ctx)
		}
	})
	switch {
	case err != nil:
		w.abandon(r.reader)
	case r.taken == 0:
		err = fmt.Errorf("reading %s: %w", r.reader.whole, ErrNoPage)
	}
	return err
}

// abandon lets go of a reading that nobody takes up again: it has failed, or the
// walk has. One that is closed is gone on with by the next, and finds its job.
func (w *Walk) abandon(reader *Reader) {
	if !errors.Is(context.Cause(w.ctx), errClosed) {
		reader.Abandon(w.ctx)
	}
}

// Close stops reading and waits for the walk's goroutines, which end at once. It
// may overtake a Next.
func (w *Walk) Close() {
	w.closing.Lock()
	w.cancel(errClosed)
	w.closing.Unlock()
	w.wg.Wait()
}
