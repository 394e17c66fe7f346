// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"slices"
	"time"
)

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

// sooner returns the earlier of two times, where the zero time means never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
