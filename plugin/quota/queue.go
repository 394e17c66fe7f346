// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"cmp"
	"slices"
	"time"
)

// place is a caller's place in the order: the higher priority first, and among equals
// the earlier arrival. No two callers have the same.
type place struct {
	priority int
	arrival  uint64 // counted by the gate; 0: not arrived yet
}

func (p place) compare(other place) int {
	return cmp.Or(cmp.Compare(other.priority, p.priority), cmp.Compare(p.arrival, other.arrival))
}

// waiter is a caller that wants a permit. It is in the gate's queue until it has a
// ticket or an error. With a ticket it is among the readers where there is a store. All
// fields but woken are guarded by the gate's lock.
type waiter struct {
	place
	deadline time.Time // of its context; zero: none
	// woken is sent on when there is a ticket or an error, and when the caller has to
	// look at the store. It is buffered for one: a caller that is being woken finds all
	// that there is.
	woken  chan struct{}
	ticket *ticket
	err    error

	pause  *waitMeter
	paused bool // pause counts it

	back  time.Time // of pollers: when the one that was refused is to ask again
	keeps bool      // of pollers: their turn is kept, see keptUntil
}

func (w *waiter) wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// holdLocked makes a waiter wait for the end of a hold, or fail where that is past its
// deadline. It reports whether it waits.
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

// resumeLocked notes that a waiter no longer waits for a hold.
func (w *waiter) resumeLocked(now time.Time) {
	if w.paused {
		w.paused = false
		w.pause.stop(now)
	}
}

// queue is waiters in the order of their places.
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

// behind returns how many have a later place than p.
func (q queue) behind(p place) int {
	at, _ := q.find(p)
	return len(q) - at
}

// askAgain is how soon a poller is to ask again when another request has to be answered
// first, and for how long after that time the pollers' turn is kept.
const askAgain = 20 * time.Millisecond

// keptUntil returns until when the pollers' turn is kept.
func (w *waiter) keptUntil() time.Time {
	if !w.keeps {
		return time.Time{}
	}
	return w.back.Add(askAgain)
}
