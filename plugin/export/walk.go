// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// Pages are those of one interval. Next gives [io.EOF] after the last one, and
// Ahead has the next page at hand for it. Both can be called again after an error.
type Pages interface {
	Next(ctx context.Context) (genesys.Page, error)
	Ahead(ctx context.Context) error
}

// Config is what to walk, and how.
type Config struct {
	// Plan has the intervals. Without an End the walk follows the clock.
	Plan window.Plan
	// PageSize is the one that cursors count in.
	PageSize int
	// Settle is how long ago an interval must have ended to be read.
	Settle time.Duration
	// Parallelism is how many intervals are read at once, from 1.
	Parallelism int
	Patience
	// Open begins an interval at a cursor.
	Open func(window.Interval, genesys.Cursor) Pages
	// Granularity is how long the buckets of an interval are, if it has some of
	// one length: an interval that is halved is halved between two.
	Granularity time.Duration
	// Available tells up to when the data is complete, and may be asked often. Nil
	// where nobody knows, and Settle has to do.
	Available func(context.Context) (time.Time, error)
	// Halved is told each interval that is too much for the service; it may be nil.
	Halved func(window.Interval, error)
}

// Item is a page on its way out.
type Item struct {
	Interval window.Interval
	Page     genesys.Page
	// After is the position once the page, and all before it, are delivered.
	After Position
}

// Walk reads the pages of a plan in order: by interval, then page. It reads
// Parallelism intervals at once, each one page ahead of who takes them. So at most
// that many pages wait, but while Next does: the page that it will give may be
// kept until the one after it has come. Next is for one goroutine at a time.
type Walk struct {
	config  Config
	ctx     context.Context //nolint:containedctx // the life of the walk's own goroutines
	cancel  context.CancelCauseFunc
	closing sync.Mutex // between the start of a goroutine and Close, which waits for them all
	wg      sync.WaitGroup
	queue   []*reading
	begun   *Reader   // of an interval that an earlier walk left unfinished
	next    time.Time // the start of the interval to open next
	failed  error
}

// reading is an interval of the plan being read.
type reading struct {
	reader *Reader
	wanted chan struct{} // a page is waited for
	asked  bool          // and that has been said
	out    chan outcome  // closed after the last page
}

type outcome struct {
	item Item
	err  error
}

// errClosed is why a closed walk's requests end.
var errClosed = errors.New("the export is closing")

// NewWalk begins at the plan's start. It reads nothing before the first Next.
func NewWalk(config Config) *Walk {
	ctx, cancel := context.WithCancelCause(context.Background())
	return &Walk{config: config, ctx: ctx, cancel: cancel, next: config.Plan.Start}
}

// NewWalkFrom goes on at a position, inside an interval too.
func NewWalkFrom(config Config, p Position) *Walk {
	w := NewWalk(config)
	w.next = p.At
	if _, ok := p.begun(); ok {
		w.begun, w.next = newReaderFrom(config, p), p.End
		if p.Of != (window.Interval{}) {
			w.next = p.Of.End
		}
	}
	return w
}

// Next gives the next page; [io.EOF] after the last of the plan. Any other error
// ends the walk, but for the end of ctx.
func (w *Walk) Next(ctx context.Context) (Item, error) {
	for w.failed == nil {
		w.fill()
		if len(w.queue) == 0 {
			return Item{}, io.EOF
		}
		head := w.queue[0]
		head.ask()
		select {
		case got, ok := <-head.out:
			head.asked = false
			switch {
			case !ok:
				w.queue = w.queue[1:]
				continue
			case got.err != nil:
				w.fail(got.err)
				continue
			}
			return got.item, nil
		case <-ctx.Done():
			return Item{}, context.Cause(ctx)
		case <-w.ctx.Done():
			return Item{}, context.Cause(w.ctx)
		}
	}
	return Item{}, w.failed
}

func (w *Walk) fail(err error) {
	w.failed = err
	w.cancel(err)
}

// fill opens intervals until as many are being read as may be.
func (w *Walk) fill() {
	if w.begun != nil {
		w.open(w.begun)
		w.begun = nil
	}
	for len(w.queue) < w.config.Parallelism {
		iv, ok := w.config.Plan.At(w.next)
		if !ok {
			return
		}
		w.open(NewReader(w.config, iv))
		w.next = iv.End
	}
}

func (w *Walk) open(reader *Reader) {
	r := &reading{reader: reader, wanted: make(chan struct{}, 1), out: make(chan outcome)}
	w.queue = append(w.queue, r)
	w.closing.Lock()
	defer w.closing.Unlock()
	if w.ctx.Err() == nil {
		w.wg.Go(func() { w.read(r) })
	}
}

// ask says that a page is waited for, once for each.
func (r *reading) ask() {
	if !r.asked {
		r.asked = true
		r.wanted <- struct{}{}
	}
}

// take has a page at hand, and gives it when it is wanted.
func (w *Walk) take(r *reading) (item Item, err error) {
	err = r.reader.Ahead(w.ctx)
	if errors.Is(err, io.EOF) {
		return item, err
	}
	select {
	case <-r.wanted:
	case <-w.ctx.Done():
		return item, context.Cause(w.ctx)
	}
	if err == nil {
		item, err = r.reader.Next(w.ctx)
	}
	return item, err
}

// read gives the pages of one interval.
func (w *Walk) read(r *reading) {
	defer close(r.out)
	if !pause(w.ctx, time.Until(r.reader.whole.End.Add(w.config.Settle))) {
		return
	}
	for {
		item, err := w.take(r)
		if errors.Is(err, io.EOF) {
			return
		}
		select {
		case r.out <- outcome{item, err}:
		case <-w.ctx.Done():
		}
		if err != nil {
			<-w.ctx.Done() // who takes a page no more, ends the walk
		}
		if w.ctx.Err() != nil {
			w.abandon(r.reader)
			return
		}
	}
}

// abandon lets go of a reading that nobody takes up again: the walk has failed.
// One that is closed is gone on with by the next, and finds its job.
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
