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

// Config is which intervals to read, and how.
type Config struct {
	ReaderConfig
	// Plan has the intervals. Without an End the walk follows the clock.
	Plan window.Plan
	// Settle is how long ago an interval must have ended to be read.
	Settle time.Duration
	// Parallelism is how many intervals are read at once, from 1.
	Parallelism int
}

// Walk returns the pages of a plan in order: by interval, then page. It reads Parallelism
// intervals at once. Each is one page ahead of the caller, and one more where that shows
// whether a page is the last.
//
// Next is for one goroutine at a time. Invariant: the walk goes on to the next interval
// only once the reader of this one has returned without an error, and at least one page of
// it has been returned.
type Walk struct {
	config Config
	ctx    context.Context //nolint:containedctx // of the walk's goroutines; Close ends it
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup
	head   *openInterval // whose pages Next returns
	failed error
	queue  chan *openInterval // those after head, in order

	closing sync.Mutex // guards the start of goroutines against Close, which waits for them all
	started bool

	opening sync.Mutex // guards what follows: the goroutines open intervals in order
	begun   *Reader    // of the interval that the walk continues, until that is opened
	next    time.Time  // the start of the interval to open next
	ended   bool       // the plan has no more intervals, and queue is closed
}

// openInterval is an interval of the plan that is being read.
type openInterval struct {
	reader *Reader
	items  chan *Item // closed when reader has returned
	err    error      // of reader; set before items is closed
	pages  int        // that were sent to items; for the goroutine that reads
}

// NewWalk returns a walk from the plan's start on. It reads nothing before the first Next.
func NewWalk(config Config) *Walk {
	ctx, cancel := context.WithCancelCause(context.Background())
	return &Walk{
		config: config, ctx: ctx, cancel: cancel, next: config.Plan.Start,
		queue: make(chan *openInterval, config.Parallelism),
	}
}

// NewWalkFrom returns a walk that continues at a position, which may be inside an interval.
func NewWalkFrom(config Config, p Position) *Walk {
	w := NewWalk(config)
	w.next = p.At
	if whole, ok := p.whole(); ok {
		w.begun, w.next = newReaderFrom(config.ReaderConfig, p), whole.End
	}
	return w
}

// Next returns the next page; ok is false once all pages of the plan have been returned. An
// error other than the end of ctx ends the walk. None means that the walk is complete, not
// even one that wraps [io.EOF].
func (w *Walk) Next(ctx context.Context) (item *Item, ok bool, err error) {
	w.start()
	for w.failed == nil {
		queue, items := w.queue, (chan *Item)(nil)
		if w.head != nil {
			queue, items = nil, w.head.items
		}
		select {
		case next, ok := <-queue:
			if !ok {
				return nil, false, nil
			}
			w.head = next
		case item, ok := <-items:
			if ok {
				return item, true, nil
			}
			w.pass()
		case <-ctx.Done():
			return nil, false, context.Cause(ctx)
		case <-w.ctx.Done():
			return nil, false, context.Cause(w.ctx)
		}
	}
	return nil, false, w.failed
}

// pass leaves the interval at the head, if it was read to its end.
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

// readAll reads one interval after the other, until none is left or one fails. It opens the
// next as soon as the last page of one has been returned, and so reads it while that page
// is delivered.
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

// open queues the next interval and returns it; nil at the end of the plan. The queue has
// a slot for it, since each of the Parallelism goroutines has at most one interval whose
// pages have not all been returned.
func (w *Walk) open() (r *openInterval, ctx context.Context, leave func()) {
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
	r = &openInterval{reader: reader, items: make(chan *Item)}
	w.queue <- r
	if w.config.Join == nil {
		return r, w.ctx, func() {}
	}
	ctx, leave = w.config.Join(w.ctx)
	return r, ctx, leave
}

// read reads one interval, once it has settled.
func (w *Walk) read(ctx context.Context, r *openInterval) error {
	if err := pauseUntil(w.ctx, r.reader.whole.End.Add(w.config.Settle)); err != nil {
		return err
	}
	err := r.reader.Read(ctx, func(item *Item) error {
		select {
		case r.items <- item:
			r.pages++
			return nil
		case <-w.ctx.Done():
			return context.Cause(w.ctx)
		}
	})
	switch {
	case err != nil:
		w.abandon(r.reader)
	case r.pages == 0:
		err = fmt.Errorf("reading %s: %w", r.reader.whole, ErrNoPage)
	}
	return err
}

// abandon cancels the job of an interval after its reader, or the walk, has failed. A walk
// that was closed is continued by a later one, which uses the job.
func (w *Walk) abandon(reader *Reader) {
	if !errors.Is(context.Cause(w.ctx), errClosed) {
		reader.Abandon(w.ctx)
	}
}

// Close stops reading and waits for the walk's goroutines to end. It may be called during a
// Next.
func (w *Walk) Close() {
	w.closing.Lock()
	w.cancel(errClosed)
	w.closing.Unlock()
	w.wg.Wait()
}
