// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"math"
	"sync/atomic"

	"connect-genesys.example/connect-genesys/plugin/quota"
)

// Line is a queue of interval readings that emit their pages in order, and what the
// bodies of their responses take of the memory: see [quota.Room].
type Line struct {
	line    *quota.Line
	largest atomic.Int64 // body so far: as much is taken before the next is asked for
}

// Join adds a reading at the end of the line. Requests with the context joined take
// memory of that place: while they read, and for a page until it is emitted. Callers
// must call leave once the reading has ended; it gives back what is still taken.
func (l *Line) Join(ctx context.Context) (joined context.Context, leave func()) {
	return l.join(ctx, false)
}

// JoinAndKeep is Join for a reading whose pages are all emitted together at its end:
// their memory stays taken until leave.
func (l *Line) JoinAndKeep(ctx context.Context) (joined context.Context, leave func()) {
	return l.join(ctx, true)
}

func (l *Line) join(ctx context.Context, keeps bool) (joined context.Context, leave func()) {
	p := &place{Seat: l.line.Seat(), line: l, keeps: keeps}
	return context.WithValue(ctx, placeKey{}, p), p.Leave
}

// place is the place of a reading in a line. It is for one goroutine.
type place struct {
	*quota.Seat

	line  *Line
	keeps bool // what bodies take is given back by Leave alone
}

// placeKey is the context key of a *place.
type placeKey struct{}

// releaseAll gives back what the bodies take, unless they are kept. p may be nil.
func (p *place) releaseAll() {
	if p != nil && !p.keeps {
		p.Give(math.MaxInt64)
	}
}

// read records the length of a body, which the next may have too.
func (l *Line) read(n int64) {
	for was := l.largest.Load(); n > was && !l.largest.CompareAndSwap(was, n); {
		was = l.largest.Load()
	}
}
