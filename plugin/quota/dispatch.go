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

// joinLocked puts a caller in the queue, unless it would wait in vain.
func (g *Gate) joinLocked(now time.Time, w *waiter) {
	if !now.Before(g.until) || w.holdLocked(now, g.until) {
		g.queue.insert(w)
	}
}

// dispatchLocked lets those through that may go, in the order of their places, and
// wakes no others.
func (g *Gate) dispatchLocked(now time.Time) {
	g.tellLocked(now)
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

// claimLocked is what a caller has to find room beside whose turn may have come:
// all in flight, and a turn that is kept, as if it were taken now.
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

// turnLocked gives a caller its turn: a permit, and where holds are shared one that
// is good for reading the store.
func (g *Gate) turnLocked(now time.Time, w *waiter) {
	w.ticket, g.reserved = g.issueLocked(), now
	if g.shared != nil {
		g.readers.insert(w)
	}
}

// tellLocked tells all who wait that a hold began, grew or ended.
func (g *Gate) tellLocked(now time.Time) {
	switch held := now.Before(g.until); {
	case held && !g.until.Equal(g.told):
		g.told = g.until
		g.queue = slices.DeleteFunc(g.queue, func(w *waiter) bool { return !w.holdLocked(now, g.until) })
	case !held && !g.told.IsZero():
		g.told = time.Time{}
		for _, w := range g.queue {
			w.resumeLocked(now)
		}
	}
}

// armLocked sets the timer for the next moment at which anybody who waits may go,
// or has to look at the store; a zero time is never.
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

// fire is the timer's.
func (g *Gate) fire() {
	g.mu.Lock()
	defer g.release()
	g.due = time.Time{}
	if g.shared == nil || !time.Now().Before(g.until) {
		return
	}
	// Who goes last has the time to look at the store.
	if w := g.lastLocked(); w != nil && g.shared.due() {
		w.wake()
	}
}

// lastLocked is the last of those who wait, but for pollers; nil: nobody waits.
func (g *Gate) lastLocked() *waiter {
	for _, w := range slices.Backward(g.queue) {
		if w != g.pollers {
			return w
		}
	}
	return nil
}

// sooner is the earlier of two times, of which a zero one is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
