// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"cmp"
	"slices"
	"time"
)

// place is where a caller stands: the higher priority first, and among equals who
// came first. No two callers have the same.
type place struct {
	priority int
	arrival  uint64 // counted by the gate; 0: not yet
}

func (p place) compare(other place) int {
	return cmp.Or(cmp.Compare(other.priority, p.priority), cmp.Compare(p.arrival, other.arrival))
}

// waiter is a caller that wants a permit. It is in the gate's queue until it has a
// permit or an error, then in neither or among the readers of the store; never in
// both. All but woken is the gate's, under its lock.
type waiter struct {
	place
	deadline time.Time // of its context; zero: none
	// woken has room for one: it is sent when there is an outcome, and when the
	// caller is to look at the store. One that is full already wakes its caller, who
	// then finds all there is.
	woken  chan struct{}
	ticket *ticket
	err    error

	pause  *waitMeter
	paused bool // pause counts it

	back  time.Time // a poller's: when it was told to come back
	keeps bool      // a poller's: its turn is kept until then
}

func (w *waiter) wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// holdLocked tells a waiter of a hold, and reports whether it waits for its end.
func (w *waiter) holdLocked(now, until time.Time) bool {
	if !w.deadline.IsZero() && w.deadline.Before(until) {
		w.resumeLocked(now)
		w.err = &HoldError{Until: until}
		w.wake()
		return false
	}
	if !w.paused {
		w.paused = true
		w.pause.start(now)
	}
	return true
}

// resumeLocked tells a waiter that it does not wait for a hold any more.
func (w *waiter) resumeLocked(now time.Time) {
	if w.paused {
		w.paused = false
		w.pause.stop(now)
	}
}

// queue is waiters by their place, the first to go first.
type queue []*waiter

func (q queue) find(p place) (int, bool) {
	return slices.BinarySearchFunc(q, p, func(w *waiter, p place) int { return w.compare(p) })
}

func (q *queue) insert(w *waiter) {
	at, _ := q.find(w.place)
	*q = slices.Insert(*q, at, w)
}

func (q *queue) remove(w *waiter) {
	if at, ok := q.find(w.place); ok {
		*q = slices.Delete(*q, at, at+1)
	}
}

// behind is how many stand after a place.
func (q queue) behind(p place) int {
	at, _ := q.find(p)
	return len(q) - at
}
