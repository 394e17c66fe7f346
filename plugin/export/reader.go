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
	// Read emits the interval's pages from a cursor on, in order. It returns nil only
	// when the last of them has been emitted. Whatever else happens is an error, which
	// includes those that emit returns.
	Read(ctx context.Context, from genesys.Cursor, emit func(genesys.Page) error) error
	// Abandon cancels the interval's job, if it has one that has not been read to its end.
	Abandon(ctx context.Context) error
}

// ReaderConfig is how intervals are read.
type ReaderConfig struct {
	// PageSize is in records. Cursors count in pages of that size.
	PageSize int
	RetryPolicy
	// Open returns the source of an interval, which runs each of its steps by retry.
	Open func(iv window.Interval, retry genesys.Retry) Source
	// Granularity is the length of the buckets of an interval, which is then split
	// between two of them; 0 where it has none, or they differ in length.
	Granularity time.Duration
	// Longest is the longest interval that the service answers at once, 0 where none is
	// known. A longer one is read in parts of that length, each an interval of its own.
	Longest time.Duration
	// Join adds a reading to those that emit their pages in order. It is called in that
	// order, and its result leave when the reading has ended. Nil: readings take no place.
	Join func(context.Context) (joined context.Context, leave func())
	// Refused reports whether the service refuses a query for its size, and TimedOut
	// whether it cannot answer one in time; before is the error of the attempt before it,
	// nil for the first. A nil func reports neither.
	Refused  func(err error) bool
	TimedOut func(err, before error) bool
	// Available returns the time up to which the data is complete. It may be called often.
	// Nil: that is not known, and an interval is read once it has settled.
	Available func(context.Context) (time.Time, error)
	// Halved is called with each interval that is split, and why; it may be nil.
	Halved func(window.Interval, error)
}

// Item is a page of an export.
type Item struct {
	Interval window.Interval
	Page     genesys.Page
	// After is the position once the page and all before it are delivered.
	After Position
}

// Supersede drops from items the pages that another one takes the place of: those of
// its interval where that starts over, and those of an interval that it is a part of.
func Supersede(items []*Item, by *Item) []*Item {
	return slices.DeleteFunc(items, func(item *Item) bool { return supersedes(by.Interval, by.Page, item.Interval) })
}

// ErrNoPage says that a source came to the end of an interval without a page of it. That
// is a fault: an empty interval has a page that says so.
var ErrNoPage = errors.New("no page of it was emitted")

// Reader reads the pages of one interval in order. An interval that is known to be too long
// is read in parts, and one that the service finds too large is split in two, recursively.
// Each part or half is read as an interval of its own.
// It is for one goroutine.
type Reader struct {
	config ReaderConfig
	whole  window.Interval
	todo   []window.Interval // the parts that are left, in order; the first is being read
	from   genesys.Cursor    // in the first
	source Source            // of the first
}

// NewReader returns a reader of an interval from its start.
func NewReader(config ReaderConfig, iv window.Interval) *Reader {
	return &Reader{config: config, whole: iv, todo: iv.Parts(config.Longest)}
}

// newReaderFrom returns a reader that continues at a position inside an interval. With
// another page size than the position has, the part that it lies in starts over.
func newReaderFrom(config ReaderConfig, p Position) *Reader {
	part, _ := p.begun()
	whole, _ := p.whole()
	r := &Reader{config: config, whole: whole, todo: config.rest(whole, part)}
	if p.PageSize == config.PageSize {
		r.from = p.Cursor
	}
	return r
}

// rest returns a part of an interval and the parts after it, as cutting and splitting lead
// to them. After a part that they do not lead to, the rest is cut anew.
func (c ReaderConfig) rest(whole, part window.Interval) []window.Interval {
	todo := whole.Parts(c.Longest)
	for !todo[0].Start.Equal(part.Start) || !todo[0].End.Equal(part.End) {
		if len(todo) > 1 && !part.Start.Before(todo[0].End) {
			todo = todo[1:]
			continue
		}
		a, b, ok := c.halves(todo[0])
		switch {
		case ok:
			todo = append([]window.Interval{a, b}, todo[1:]...)
		case part.End.Before(whole.End):
			rest := window.Interval{Start: part.End, End: whole.End}
			return append([]window.Interval{part}, rest.Parts(c.Longest)...)
		default:
			return []window.Interval{part}
		}
	}
	return todo
}

// Read emits the pages of the interval. It returns nil only when the last of them has been
// emitted, and at least one of each part.
func (r *Reader) Read(ctx context.Context, emit func(*Item) error) error {
	if err := r.awaitData(ctx); err != nil {
		return err
	}
	for len(r.todo) > 0 {
		err := r.part(ctx, emit)
		if oversized, ok := errors.AsType[*genesys.OversizedError](err); ok {
			err = r.halve(oversized.Cause)
		} else if err == nil {
			r.todo = r.todo[1:]
		}
		if err != nil {
			return err
		}
		r.from = genesys.Cursor{}
	}
	return nil
}

// part emits the pages of the first part that is left. One that is slow is not split
// after a page of it has been emitted, whose records would come once more under the key
// of a half.
func (r *Reader) part(ctx context.Context, emit func(*Item) error) error {
	iv, emitted := r.todo[0], 0
	_, _, divisible := r.config.halves(iv)
	oversized := func(err, before error) bool {
		refused := r.config.Refused != nil && r.config.Refused(err)
		slow := divisible && emitted == 0 && r.from.IsZero() && r.config.TimedOut != nil && r.config.TimedOut(err, before)
		return refused || slow
	}
	r.source = r.config.Open(iv, func(ctx context.Context, step func(context.Context) error) error {
		return r.config.do(ctx, iv, step, oversized)
	})
	err := r.source.Read(ctx, r.from, func(page genesys.Page) error {
		emitted++
		return emit(r.item(page))
	})
	if err == nil && emitted == 0 {
		return fmt.Errorf("reading %s: %w", iv, ErrNoPage)
	}
	return err
}

// halve replaces the part that is being read by its halves. Records that have been emitted
// by then come once more with the halves: better twice than not at all.
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

// halves splits an interval, between two buckets where it has at least two.
func (c ReaderConfig) halves(iv window.Interval) (a, b window.Interval, ok bool) {
	a, b, ok = iv.Halves()
	if bucket := c.Granularity; ok && bucket > 0 {
		if edge := iv.Start.Add(a.Duration().Truncate(bucket)); edge.After(iv.Start) {
			a.End, b.Start = edge, edge
		}
	}
	return a, b, ok
}

// item returns a page with the position after it. After the last page of a part that is in
// the next part.
func (r *Reader) item(page genesys.Page) *Item {
	todo, next := r.todo, page.Next
	if page.Last {
		todo, next = todo[1:], genesys.Cursor{}
	}
	return &Item{Interval: r.todo[0], Page: page, After: r.position(todo, next)}
}

// position returns the position at a cursor of the first of the parts that are left.
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

// watermarkPause is the time between two looks at the time up to which data is complete.
const watermarkPause = time.Minute

// awaitData waits until the interval's data is complete, where that is known. It is no
// fault if it is not, so GiveUpAfter does not bound the wait.
func (r *Reader) awaitData(ctx context.Context) error {
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
		}
		if err := pause(ctx, watermarkPause); err != nil {
			return err
		}
	}
}

// abandonTimeout bounds the request that cancels a job.
const abandonTimeout = time.Second

// Abandon cancels the job of a source that has one. Callers use it after an error for
// good; an interval that is to be continued needs its job.
func (r *Reader) Abandon(ctx context.Context) {
	if r.source == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonTimeout)
	defer cancel()
	_ = r.source.Abandon(ctx) // the service removes jobs after a while
}
