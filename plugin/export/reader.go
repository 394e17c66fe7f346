// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// Reader reads the pages of one interval in order. Where the service refuses it
// for its size, it goes on in halves, and these are intervals of their own. It is
// for one goroutine.
type Reader struct {
	config Config
	whole  window.Interval
	todo   []window.Interval // in order; the first is being read
	from   genesys.Cursor    // in the first
	pages  Pages             // of the first, once it is opened
	due    bool              // the data is complete
}

// NewReader begins an interval. It asks for nothing before the first Next.
func NewReader(config Config, iv window.Interval) *Reader {
	return &Reader{config: config, whole: iv, todo: []window.Interval{iv}}
}

// newReaderFrom goes on inside an interval that was begun. A cursor counts in
// pages of one size: with another one, what was begun starts over.
func newReaderFrom(config Config, p Position) *Reader {
	r := &Reader{config: config}
	part, _ := p.begun()
	r.whole = part
	if p.Of != (window.Interval{}) {
		r.whole = p.Of
	}
	r.todo = config.rest(r.whole, part)
	if p.PageSize == config.PageSize {
		r.from = p.Cursor
	}
	return r
}

// rest finds a part of an interval among its halves, and what comes after it. One
// that halving does not lead to has all the rest after it.
func (c Config) rest(whole, part window.Interval) []window.Interval {
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

// Next gives the next page, and [io.EOF] after the last. Any other error ends
// the reading.
func (r *Reader) Next(ctx context.Context) (item Item, err error) {
	err = r.read(ctx, func() error {
		page, err := r.config.Page(ctx, r.pages)
		if err == nil {
			item = r.item(page)
		}
		return err
	})
	return item, err
}

// Ahead has the next page asked for, so that Next has it at hand. It keeps one
// page at most. Its errors are those of Next.
func (r *Reader) Ahead(ctx context.Context) error {
	return r.read(ctx, func() error { return r.config.Ahead(ctx, r.pages) })
}

// read does something with the interval's pages, or those of the first part of
// it that has some left.
func (r *Reader) read(ctx context.Context, do func() error) error {
	if err := r.settled(ctx); err != nil {
		return err
	}
	for len(r.todo) > 0 {
		r.open()
		err := do()
		var oversized *OversizedError
		switch {
		case errors.As(err, &oversized):
			if err := r.halve(oversized); err != nil {
				return err
			}
		case errors.Is(err, io.EOF):
			r.pass()
		default:
			return err
		}
	}
	return io.EOF
}

func (r *Reader) open() {
	if r.pages == nil {
		r.pages, r.from = r.config.Open(r.todo[0], r.from), genesys.Cursor{}
	}
}

// pass goes on to the next interval.
func (r *Reader) pass() { r.todo, r.pages = r.todo[1:], nil }

// halve puts the halves of the interval in its place. Pages of it that have left
// already come once more with the halves: better twice than not at all.
func (r *Reader) halve(why *OversizedError) error {
	whole := r.todo[0]
	a, b, ok := r.config.halves(whole)
	if !ok {
		return fmt.Errorf("an interval of %s cannot be halved: %w", whole.Duration(), why.Cause)
	}
	if r.config.Halved != nil {
		r.config.Halved(whole, why.Cause)
	}
	r.todo, r.pages = append([]window.Interval{a, b}, r.todo[1:]...), nil
	return nil
}

// halves cuts at a bucket's edge where there are buckets to cut between.
func (c Config) halves(iv window.Interval) (a, b window.Interval, ok bool) {
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
	item := Item{Interval: r.todo[0], Page: page, After: r.position(page.Next)}
	if page.Last {
		r.pass()
		item.After = r.position(genesys.Cursor{})
	}
	return item
}

// position is where the first interval of what is to do is read from.
func (r *Reader) position(next genesys.Cursor) Position {
	if len(r.todo) == 0 {
		return Position{At: r.whole.End}
	}
	p := Position{At: r.todo[0].Start, End: r.todo[0].End, Cursor: next, PageSize: r.config.PageSize}
	if r.todo[0] != r.whole {
		p.Of = r.whole
	}
	return p
}

// watermarkPause is how long to wait for a watermark to rise.
const watermarkPause = time.Minute

// settled waits until the interval's data is complete, where somebody can tell.
// That is no fault, so it takes as long as it takes.
func (r *Reader) settled(ctx context.Context) error {
	for !r.due && r.config.Available != nil {
		until, err := try(ctx, r.config.Patience, r.config.Available)
		switch {
		case err != nil:
			return err
		case !r.whole.End.After(until):
			r.due = true
		case !pause(ctx, watermarkPause):
			return context.Cause(ctx)
		}
	}
	return nil
}

// abandonTimeout bounds the farewell to a service that may not answer.
const abandonTimeout = time.Second

// Abandon lets go of what the service does for pages that nobody will read. It is
// for a reading that has ended in error for good: one that is taken up again
// finds its job.
func (r *Reader) Abandon(ctx context.Context) {
	pages, ok := r.pages.(interface {
		Abandon(ctx context.Context) error
	})
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonTimeout)
	defer cancel()
	_ = pages.Abandon(ctx) // the service forgets it by itself some day
}
