// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// Source has the pages of one interval.
type Source interface {
	// Read emits the interval's pages from a cursor on, in order. It returns nil
	// only when the last of them has been emitted; whatever else happens is an
	// error, one that emit returns included.
	Read(ctx context.Context, from genesys.Cursor, emit func(genesys.Page) error) error
}

// ReaderConfig is how intervals are read.
type ReaderConfig struct {
	// PageSize is the one that cursors count in.
	PageSize int
	RetryPolicy
	// Open returns the source of an interval, which runs its steps by retry.
	Open func(iv window.Interval, retry genesys.Retry) Source
	// Granularity is how long the buckets of an interval are, if it has some of
	// one length: an interval that is split is split between two.
	Granularity time.Duration
	// Join adds a reading to those that emit their pages in order. It is called in that
	// order, and its result leave when the reading has ended. Nil: readings take no place.
	Join func(context.Context) (joined context.Context, leave func())
	// Refused reports whether the service refuses a query for its size, and
	// TimedOut whether it cannot answer it in time (before is the error of the
	// attempt before, if there was one). Nil: never.
	Refused  func(err error) bool
	TimedOut func(err, before error) bool
	// Available returns up to when the data is complete, and may be called often.
	// Nil where nobody knows, and Settle has to do.
	Available func(context.Context) (time.Time, error)
	// Halved is told each interval that is too much for the service; it may be nil.
	Halved func(window.Interval, error)
}

// Item is a page about to leave.
type Item struct {
	Interval window.Interval
	Page     genesys.Page
	// After is the position once the page, and all before it, are delivered.
	After Position
}

// Supersede drops from items the pages that another one takes the place of: those of
// its interval where that starts over, and those of an interval that it is a part of.
func Supersede(items []Item, by Item) []Item {
	return slices.DeleteFunc(items, func(item Item) bool { return supersedes(by.Interval, by.Page, item.Interval) })
}

// ErrNoPage says that the reading of an interval ended and no page of it was
// emitted. That cannot be: an empty interval has a page that says so. The walk
// does not pass it.
var ErrNoPage = errors.New("no page of it was emitted")

// Reader reads the pages of one interval in order. Where the service refuses it
// for its size it is split, and its halves are intervals of their own. It is for
// one goroutine.
type Reader struct {
	config ReaderConfig
	whole  window.Interval
	todo   []window.Interval // in order; the first is being read
	from   genesys.Cursor    // in the first
	source Source            // of the first
}

// NewReader reads an interval from its start.
func NewReader(config ReaderConfig, iv window.Interval) *Reader {
	return &Reader{config: config, whole: iv, todo: []window.Interval{iv}}
}

// newReaderFrom goes on inside an interval that was begun. A cursor counts in
// pages of one size: with another one, what was begun starts over.
func newReaderFrom(config ReaderConfig, p Position) *Reader {
	part, _ := p.begun()
	whole, _ := p.whole()
	r := &Reader{config: config, whole: whole, todo: config.rest(whole, part)}
	if p.PageSize == config.PageSize {
		r.from = p.Cursor
	}
	return r
}

// rest finds a part of an interval among its halves, and what comes after it. One
// that halving does not lead to has all the rest after it.
func (c ReaderConfig) rest(whole, part window.Interval) []window.Interval {
	todo := []window.Interval{whole}
	for !todo[0].Start.Equal(part.Start) || !todo[0].End.Equal(part.End) {
		a, b, ok := c.halves(todo[0])
		switch {
		case !ok && part.End.Before(whole.End):
			return []window.Interval{part, {Start: part.End, End: whole.End}}
		case !ok:
			return []window.Interval{part}
		case part.Start.Before(a.End):
			todo = append([]window.Interval{a, b}, todo[1:]...)
		default:
			todo[0] = b
		}
	}
	return todo
}

// Read emits the pages of the interval. It returns nil only when the last of them
// has been emitted, and each part of it has emitted one.
func (r *Reader) Read(ctx context.Context, emit func(Item) error) error {
	if err := r.settled(ctx); err != nil {
		return err
	}
	for len(r.todo) > 0 {
		err := r.part(ctx, emit)
		var oversized *genesys.OversizedError
		switch {
		case errors.As(err, &oversized):
			if err := r.halve(oversized.Cause); err != nil {
				return err
			}
		case err != nil:
			return err
		default:
			r.todo = r.todo[1:]
		}
		r.from = genesys.Cursor{}
	}
	return nil
}

// part emits the pages of the first interval of what is to do. One of which a
// page has left is not split for being slow: its records would be stored twice,
// under two keys.
func (r *Reader) part(ctx context.Context, emit func(Item) error) error {
	iv, left, emitted := r.todo[0], !r.from.IsZero(), 0
	_, _, divisible := r.config.halves(iv)
	oversized := func(err, before error) bool {
		refused := r.config.Refused != nil && r.config.Refused(err)
		slow := divisible && !left && r.config.TimedOut != nil && r.config.TimedOut(err, before)
		return refused || slow
	}
	r.source = r.config.Open(iv, func(ctx context.Context, step func(context.Context) error) error {
		return r.config.do(ctx, iv, step, oversized)
	})
	err := r.source.Read(ctx, r.from, func(page genesys.Page) error {
		left = true
		emitted++
		return emit(r.item(page))
	})
	if err == nil && emitted == 0 {
		return fmt.Errorf("reading %s: %w", iv, ErrNoPage)
	}
	return err
}

// halve puts the halves of the interval in its place. Pages of it that have left
// already come once more with the halves: better twice than not at all.
func (r *Reader) halve(why error) error {
	whole := r.todo[0]
	a, b, ok := r.config.halves(whole)
	if !ok {
		return fmt.Errorf("an interval of %s cannot be split: %w", whole.Duration(), why)
	}
	if r.config.Halved != nil {
		r.config.Halved(whole, why)
	}
	r.todo = append([]window.Interval{a, b}, r.todo[1:]...)
	return nil
}

// halves cuts at a bucket's edge where there are buckets to cut between.
func (c ReaderConfig) halves(iv window.Interval) (a, b window.Interval, ok bool) {
	a, b, ok = iv.Halves()
	if bucket := c.Granularity; ok && bucket > 0 {
		if edge := iv.Start.Add(a.Duration().Truncate(bucket)); edge.After(iv.Start) {
			a.End, b.Start = edge, edge
		}
	}
	return a, b, ok
}

// item says where to go on after a page: after the last page of a half that is
// the half after it.
func (r *Reader) item(page genesys.Page) Item {
	todo, next := r.todo, page.Next
	if page.Last {
		todo, next = todo[1:], genesys.Cursor{}
	}
	return Item{Interval: r.todo[0], Page: page, After: r.position(todo, next)}
}

// position is where the first interval of what is to do is read from.
func (r *Reader) position(todo []window.Interval, next genesys.Cursor) Position {
	if len(todo) == 0 {
		return Position{At: r.whole.End}
	}
	p := Position{At: todo[0].Start, End: todo[0].End, Cursor: next, PageSize: r.config.PageSize}
	if todo[0] != r.whole {
		p.Parent = r.whole
	}
	return p
}

// watermarkPause is how long to wait for a watermark to rise.
const watermarkPause = time.Minute

// settled waits until the interval's data is complete, where somebody can tell.
// That is no fault, so it takes as long as it takes.
func (r *Reader) settled(ctx context.Context) error {
	if r.config.Available == nil {
		return nil
	}
	for {
		var until time.Time
		err := r.config.do(ctx, r.whole, func(ctx context.Context) (err error) {
			until, err = r.config.Available(ctx)
			return err
		}, nil)
		switch {
		case err != nil:
			return fmt.Errorf("waiting until the data of %s is complete: %w", r.whole, err)
		case !r.whole.End.After(until):
			return nil
		case !pause(ctx, watermarkPause):
			return context.Cause(ctx)
		}
	}
}

// abandonTimeout bounds the cancellation of a job that may not be answered.
const abandonTimeout = time.Second

// Abandon lets go of what the service does for pages that nobody will read. It is
// for a reading that has ended in error for good: one that is taken up again
// finds its job.
func (r *Reader) Abandon(ctx context.Context) {
	source, ok := r.source.(interface {
		Abandon(ctx context.Context) error
	})
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonTimeout)
	defer cancel()
	_ = source.Abandon(ctx) // the service forgets it by itself some day
}
