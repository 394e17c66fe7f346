// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package quota keeps an HTTP client inside a tenant's request quota.
//
// A [Gate] stands for the tenant. Callers that ask it for a permit before each request,
// and pass it each answer, never send a request before the server allows it. A
// [Transport] does both for an [net/http.Client]. [ReadInfo] reads what a response says
// about the quota.
package quota

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Gate decides when the next request of a tenant may start. Its invariants:
//
//   - No request starts while a hold lasts. A hold is a pause that the server ordered
//     (Retry-After, a throttled status, nothing remaining). It is counted from the
//     arrival of the response's headers, and no later answer shortens it.
//   - No request starts while the body of a throttled response is being read that has
//     the length of the pause in it.
//   - When a hold is over, one request starts, the probe, and the others wait for its
//     answer. A probe that is throttled starts the next hold.
//   - While it is known how many requests remain, no more than that are in flight: each
//     of them may be the one that takes the last.
//   - A gate that shares its holds starts no request before it has read the store once,
//     and reads it again before each request.
//   - Waiting callers start by priority, the higher first, and among equals in the
//     order of arrival; the first of them is the probe. No caller starts while one
//     before it waits that may start. So callers of one priority never starve each
//     other, and those of a lower one get what the higher ones leave, which may be
//     nothing.
//
// All but the last are checked together, under one lock, whenever a permit is issued,
// which is after the store has been read, and once more when the request has a
// connection ([Permit.Confirm]).
//
// A Gate has no goroutine and needs no closing: its timer runs only while callers
// wait. It is safe for concurrent use.
type Gate struct {
	shared *sharedHolds // nil: not shared
	room   *Room

	mu sync.Mutex // guards all below, which together are the invariants; release unlocks it
	state
	queue     queue     // callers that wait
	readers   queue     // callers whose turn it is and that are reading the store
	pollers   *waiter   // the one place of all callers that poll; nil: none is waiting
	arrivals  uint64    // so far
	announced time.Time // the end of the hold that the waiters know of; zero: they know of none
	timer     *time.Timer
	due       time.Time // when the timer fires; zero: it is stopped
}

// NewGate returns an open gate.
func NewGate(config Config) *Gate {
	return &Gate{
		shared: newSharedHolds(config.Store, config.StoreFailed),
		room:   NewRoom(),
		state:  state{config: config, budget: budget{reserve: config.MinRemaining}},
	}
}

// Room returns the memory for the bodies of the tenant's responses, which all users of
// the gate share.
func (g *Gate) Room() *Room { return g.room }

// release unlocks the gate, after it has started those callers that may start now.
// Every change of the gate's state ends with release, so no waiting caller misses one.
func (g *Gate) release() {
	if len(g.queue) > 0 || !g.due.IsZero() {
		g.dispatchLocked(time.Now())
	}
	g.mu.Unlock()
}

func (g *Gate) arriveLocked() uint64 {
	g.arrivals++
	return g.arrivals
}

// joinLocked puts a caller in the queue, unless its deadline is before the end of the
// hold.
func (g *Gate) joinLocked(now time.Time, w *waiter) {
	if !now.Before(g.until) || w.holdLocked(now, g.until) {
		g.queue.insert(w)
	}
}

// dispatchLocked gives their turn to those waiters that may start, in the order of
// their places, and wakes no others.
func (g *Gate) dispatchLocked(now time.Time) {
	g.announceLocked(now)
	var look time.Time
	var kept int64
	for at := 0; at < len(g.queue); {
		w := g.queue[at]
		why := g.checkLocked(now, g.claimLocked(now, kept))
		switch {
		case why.blocked:
			g.armLocked(now, sooner(look, why.until))
			return
		case w == g.pollers:
			if end := w.keptUntil(); now.Before(end) {
				kept, look = 1, end
			}
			at++
		default:
			g.queue = slices.Delete(g.queue, at, at+1)
			w.resumeLocked(now)
			g.turnLocked(now, w)
			w.wake()
		}
	}
	g.armLocked(now, time.Time{})
}

// claimLocked returns what a caller must find room beside to get its turn: all requests
// in flight, and a turn that is kept for pollers, as if it were taken now.
func (g *Gate) claimLocked(now time.Time, kept int64) claim {
	last := g.reserved
	if g.started.After(last) {
		last = g.started
	}
	if kept > 0 {
		last = now
	}
	return claim{inFlight: g.inFlight + kept, unproven: kept > 0 || len(g.readers) > 0, last: last}
}

// turnLocked gives a caller its turn: a ticket, with which it reads the store first
// where holds are shared.
func (g *Gate) turnLocked(now time.Time, w *waiter) {
	w.ticket, g.reserved = g.issueLocked(), now
	if g.shared != nil {
		g.readers.insert(w)
	}
}

// announceLocked makes the waiters take note of a hold that started, grew or ended.
func (g *Gate) announceLocked(now time.Time) {
	switch held := now.Before(g.until); {
	case held && !g.until.Equal(g.announced):
		g.announced = g.until
		g.queue = slices.DeleteFunc(g.queue, func(w *waiter) bool { return !w.holdLocked(now, g.until) })
	case !held && !g.announced.IsZero():
		g.announced = time.Time{}
		for _, w := range g.queue {
			w.resumeLocked(now)
		}
	}
}

// armLocked sets the timer for the next time at which a waiter may start, or has to
// look at the store. The zero time means never.
func (g *Gate) armLocked(now, at time.Time) {
	switch last := g.lastLocked(); {
	case last == nil:
		at = time.Time{}
	case g.shared != nil && now.Before(g.until):
		at = sooner(at, g.shared.nextLook())
	}
	if at.Equal(g.due) {
		return
	}
	g.due = at
	switch {
	case at.IsZero():
		g.timer.Stop()
	case g.timer == nil:
		g.timer = time.AfterFunc(at.Sub(now), g.fire)
	default:
		g.timer.Reset(at.Sub(now))
	}
}

// fire is called by the timer.
func (g *Gate) fire() {
	g.mu.Lock()
	defer g.release()
	g.due = time.Time{}
	if g.shared == nil || !time.Now().Before(g.until) {
		return
	}
	// The last waiter has the most time left to look at the store.
	if w := g.lastLocked(); w != nil && g.shared.due() {
		w.wake()
	}
}

// lastLocked returns the last waiter that is not the pollers', nil where there is none.
func (g *Gate) lastLocked() *waiter {
	for _, w := range slices.Backward(g.queue) {
		if w != g.pollers {
			return w
		}
	}
	return nil
}

// consult exchanges holds with the store, and returns why it could not be read.
func (g *Gate) consult(ctx context.Context) error {
	ended, err := g.shared.look(ctx)
	g.mu.Lock()
	now := time.Now()
	until, owner := g.shared.last() // an order may have come since the look
	hold := Hold{Wait: until.Sub(now), Until: until, Cause: "ordered to another process", Owner: owner}
	extended, notable := g.extendLocked(now, until)
	if ended && until.Before(g.until) {
		g.until, extended = until, true
	}
	if extended {
		g.doubtLocked()
	}
	if g.shared.isRead.Load() {
		g.unread, g.unreadUntil = nil, time.Time{}
	}
	g.release()
	if hold.Notable = notable && hold.Wait > 0; hold.Notable && g.config.StoreHeld != nil {
		g.config.StoreHeld(hold)
	}
	return err
}

// ReadStore reads the store, and returns why it cannot be read. It returns nil where
// the gate does not share its holds.
func (g *Gate) ReadStore(ctx context.Context) error {
	if g.shared == nil {
		return nil
	}
	return g.consult(ctx)
}

// Held returns how long the present hold still lasts, 0 where there is none.
func (g *Gate) Held() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(0, time.Until(g.until))
}

// sooner returns the earlier of two times, where the zero time means never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
