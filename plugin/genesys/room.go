// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"sync"
	"time"

	"connect-genesys.example/connect-genesys/plugin/quota"
)

// Line is a queue of interval readings that emit their pages in order, and what the
// bodies of their responses take of the memory: see [quota.Room].
type Line struct {
	line *quota.Line

	mu      sync.Mutex
	largest int64 // body so far: as much is taken before the next is asked for
}

// Line opens a line on the memory that all clients of the gate share.
func (c *Client) Line() *Line {
	return &Line{line: c.config.Gate.Room().Line(c.config.MaxInFlightBytes)}
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

type placeKey struct{}

// place is where a reading sits.
type place struct {
	*quota.Seat

	line  *Line
	keeps bool
	held  int64 // by bodies that were read
}

// placeIn is that of a context; one of its own for a request that has none.
func (c *Client) placeIn(ctx context.Context) (p *place, leave func()) {
	if p, ok := ctx.Value(placeKey{}).(*place); ok {
		return p, func() {}
	}
	ctx, leave = c.Line().Join(ctx)
	return ctx.Value(placeKey{}).(*place), leave
}

// emptied gives back what all bodies took that were read.
func (p *place) emptied() {
	if p != nil && !p.keeps {
		p.Give(p.held)
		p.held = 0
	}
}

// gone gives back what a body took.
func (p *place) gone(n int64) {
	n = min(n, p.held)
	p.held -= n
	p.Give(n)
}

// expected is how much to take before a body's length is known.
func (l *Line) expected(limit int64) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return min(max(l.largest, firstChunk), limit)
}

func (l *Line) read(n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.largest = max(l.largest, n)
}

// clock is the time limit of an exchange, which stands still while its body waits
// for room: that is a pause. It is made before the exchange begins.
type clock struct {
	mu    sync.Mutex
	timer *time.Timer
	ends  time.Time
	left  time.Duration
}

type clockKey struct{}

func (c *clock) start(timer *time.Timer, limit time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timer, c.ends = timer, time.Now().Add(limit)
}

func (c *clock) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil && c.timer.Stop() {
		c.left = max(time.Until(c.ends), 1)
	}
}

func (c *clock) goOn() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil && c.left > 0 {
		c.ends = time.Now().Add(c.left)
		c.timer.Reset(c.left)
		c.left = 0
	}
}
