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
	config  Config
	ctx     context.Context //nolint:containedctx // the life of the walk's own goroutines
	cancel  context.CancelCauseFunc
	closing sync.Mutex // between the start of a goroutine and Close, which waits for them all
	wg      sync.WaitGroup
	idle    chan func() // to a goroutine that has read an interval, and can read another
	queue   []*intervalReading
	begun   *Reader   // of an interval that an earlier walk left unfinished
	next    time.Time // the start of the interval to open next
	failed  error
}

// intervalReading is an interval of the plan being read.
type intervalReading struct {
	reader *Reader
	items  chan Item // closed at the end of the reading
	err    error     // why it ended, nil after the last page; set before items is closed
	taken  int
	last   bool // was taken, so that nothing is being read any more
}

// NewWalk starts at the plan's start. It reads nothing before the first Next.
func NewWalk(config Config) *Walk {
	ctx, cancel := context.WithCancelCause(context.Background())
	return &Walk{config: config, ctx: ctx, cancel: cancel, idle: make(chan func()), next: config.Plan.Start}
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
	for w.failed == nil {
		w.fill()
		if len(w.queue) == 0 {
			return Item{}, false, nil
		}
		head := w.queue[0]
		select {
		case item, ok := <-head.items:
			if ok {
				w.take(head, item)
				return item, true, nil
			}
			w.pass(head)
		case <-ctx.Done():
			return Item{}, false, context.Cause(ctx)
		case <-w.ctx.Done():
			return Item{}, false, context.Cause(w.ctx)
		}
	}
	return Item{}, false, w.failed
}

// take counts a page. After an interval's last one the next is read while this page
// is delivered.
func (w *Walk) take(head *intervalReading, item Item) {
	head.taken++
	if head.last = item.After.At.Equal(head.reader.whole.End); head.last {
		w.fill()
	}
}

// pass goes on to the next interval, if this one was read to its end.
func (w *Walk) pass(head *intervalReading) {
	err := head.err
	if err == nil && head.taken == 0 {
		err = fmt.Errorf("reading %s: %w", head.reader.whole, ErrNoPage)
	}
	if err != nil {
		w.failed = err
		w.cancel(err)
		return
	}
	w.queue = w.queue[1:]
}

// fill opens intervals until as many are being read as may be.
func (w *Walk) fill() {
	if w.begun != nil {
		w.open(w.begun)
		w.begun = nil
	}
	most := w.config.Parallelism
	if len(w.queue) > 0 && w.queue[0].last {
		most++
	}
	for len(w.queue) < most {
		iv, ok := w.config.Plan.At(w.next)
		if !ok {
			return
		}
		w.open(NewReader(w.config.ReaderConfig, iv))
		w.next = iv.End
	}
}

func (w *Walk) open(reader *Reader) {
	r := &intervalReading{reader: reader, items: make(chan Item)}
	w.queue = append(w.queue, r)
	w.closing.Lock()
	defer w.closing.Unlock()
	if w.ctx.Err() != nil {
		return
	}
	ctx, leave := w.ctx, func() {}
	if w.config.Join != nil {
		ctx, leave = w.config.Join(ctx)
	}
	w.run(func() {
		defer leave()
		w.read(ctx, r)
	})
}

// run runs a reading in a goroutine, in one of an earlier reading where there is one:
// its stack is as large as that takes.
func (w *Walk) run(reading func()) {
	select {
	case w.idle <- reading:
		return
	default:
	}
	w.wg.Go(func() {
		for {
			reading()
			select {
			case reading = <-w.idle:
			case <-w.ctx.Done():
				return
			}
		}
	})
}

// read emits the pages of one interval, once it has settled.
func (w *Walk) read(ctx context.Context, r *intervalReading) {
	defer close(r.items)
	if !pauseUntil(w.ctx, r.reader.whole.End.Add(w.config.Settle)) {
		r.err = context.Cause(w.ctx)
		return
	}
	r.err = r.reader.Read(ctx, func(item Item) error {
		select {
		case r.items <- item:
			return nil
		case <-w.ctx.Done():
			return context.Cause(w.ctx)
		}
	})
	if r.err != nil {
		w.abandon(r.reader)
	}
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
