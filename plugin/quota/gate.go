// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package quota keeps an HTTP client inside a tenant's request quota.
//
// A [Gate] is the tenant: whoever asks it for a permit before each request, and
// tells it each answer, never sends a request before the server allows it. A
// [Transport] does both for an [net/http.Client]. What a response says is read
// by [ReadInfo].
package quota

import (
	"context"
	"sync"
	"time"
)

// Gate decides when the next request of a tenant may start. Its invariants:
//
//   - No request starts while a hold lasts. A hold is an order of the server
//     (Retry-After, a throttled status, nothing remaining); it is counted from
//     the arrival of the response's headers and only ever extended.
//   - No request starts while a throttled response is read whose order is in its
//     body.
//   - When a hold is over one request goes, the probe, and the others wait for
//     its answer. A probe that is throttled starts the next hold.
//   - While the server's remaining is known, the requests in flight never
//     exceed it: each of them may be the one that takes the last.
//   - A gate that shares its holds starts nothing before it has read the store
//     once, and reads it again before each request.
//   - Callers that wait are let through by priority, the higher first, and among
//     equals in the order of arrival; the probe is the first of them. Nobody is let
//     through while a caller with a better place waits that may go. So callers of
//     one priority never starve each other, and those of a lower one get what the
//     higher ones leave, which may be nothing.
//
// All but the last are checked at one moment, under one lock, whenever a permit is
// handed out: after the store has been read, and once more when the connection
// for the request is there ([Permit.Confirm]).
//
// A Gate has no goroutine and needs no closing: its timer runs only while callers
// wait. It is safe for concurrent use.
type Gate struct {
	shared *sharedHolds // nil: not shared
	room   *Room

	mu sync.Mutex // guards all below, which together are the invariants; release unlocks it
	state
	queue    queue     // callers that wait
	readers  queue     // callers whose turn it is, while they read the store
	pollers  *waiter   // the place of those that cannot wait, while they have one
	arrivals uint64    // so far
	told     time.Time // the end of the hold that the waiters know of; zero: they know of none
	timer    *time.Timer
	due      time.Time // when the timer fires; zero: it is stopped
}

// NewGate returns an open gate.
func NewGate(config Config) *Gate {
	return &Gate{
		shared: newSharedHolds(config.Store, config.StoreFailed),
		room:   NewRoom(),
		state:  state{config: config, budget: budget{reserve: config.MinRemaining}},
	}
}

// Room is what the bodies of the tenant's responses may take, of all who share the
// gate.
func (g *Gate) Room() *Room { return g.room }

// release unlocks the gate, after those callers have been let through that may go
// now. Whatever changes the gate's state ends with it, so there is no change that
// a caller who waits could miss.
func (g *Gate) release() {
	if len(g.queue) > 0 || !g.due.IsZero() {
		g.dispatchLocked(time.Now())
	}
	g.mu.Unlock()
}

// consult exchanges holds with the store.
func (g *Gate) consult(ctx context.Context) error {
	out, err := g.shared.look(ctx)
	g.mu.Lock()
	now := time.Now()
	hold := Hold{Wait: out.until.Sub(now), Until: out.until, Cause: "ordered to another process", Owner: out.owner}
	extended, notable := g.extendLocked(now, out.until)
	if out.ended && out.until.Before(g.until) {
		g.until, extended = out.until, true
	}
	if extended {
		g.doubtLocked()
	}
	if !g.shared.unread() {
		g.unread, g.unreadUntil = nil, time.Time{}
	}
	g.release()
	if hold.Notable = notable && hold.Wait > 0; hold.Notable && g.config.StoreHeld != nil {
		g.config.StoreHeld(hold)
	}
	return err
}

// share tells the other processes of a hold that an answer ordered. The caller
// that asked may be closing; the others need to know all the same.
func (g *Gate) share(ctx context.Context, hold Hold) {
	if g.shared != nil && g.shared.order(hold.Until) {
		_ = g.consult(context.WithoutCancel(ctx)) // reported
	}
}

// ReadStore reads the store, and returns why it cannot be read. A gate that does
// not share its holds has none to read.
func (g *Gate) ReadStore(ctx context.Context) error {
	if g.shared == nil {
		return nil
	}
	return g.consult(ctx)
}

// Held is how long the present hold still lasts, 0 where there is none.
func (g *Gate) Held() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(0, time.Until(g.until))
}
