// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"time"
)

// goneAfter is how long after the time at which it was to ask again a poller that has
// not is taken to be gone.
const goneAfter = time.Second

// TryAcquireUnseen is for callers that neither wait here nor pass on the answers. It
// returns 0 where a request may start now, else how long to wait before asking again.
// That request counts at once, as one of a known remaining. Where a probe is needed it
// starts in its place and proves nothing, since its answer is not known: the request
// after it is the probe again.
//
// Such callers cannot be told apart, and may never ask again. So all of them together
// have one place in the queue, of priority 0, from when the first of them is refused
// until one may start; none starts before a waiting caller with a better place that may
// start. That alone would starve them, since they are asleep whenever their turn comes.
// So their turn is kept for them, in the budget or as the probe, until askAgain after
// the time at which they are to ask again, and the first of them that asks takes it,
// whichever that is. Together they get the share of one waiting caller. Only after a
// pause that the server ordered no turn is kept: a waiting caller starts at once, and
// they are next.
func (g *Gate) TryAcquireUnseen(ctx context.Context) time.Duration {
	w, turn, wait := g.poll()
	if turn != nil && g.shared != nil {
		turn, wait = g.pollSettled(w, g.consult(ctx))
	}
	if turn == nil {
		return wait
	}
	g.mu.Lock()
	defer g.release()
	g.passLocked(turn)
	return 0
}

// poll returns the pollers' waiter with its turn, or else how long to wait. One that is
// refused is kept for the next poller.
func (g *Gate) poll() (*waiter, *ticket, time.Duration) {
	g.mu.Lock()
	defer g.release()
	now := time.Now()
	g.dispatchLocked(now) // waiters with a better place come first
	w := g.pollerLocked(now)
	if why := g.checkLocked(now, g.claimLocked(now, 0)); why.blocked {
		return nil, nil, g.refuseLocked(now, w, why)
	}
	g.turnLocked(now, w)
	return w, w.ticket, 0
}

// pollSettled checks a turn again once the store has been read, and returns it, or else
// how long to wait.
func (g *Gate) pollSettled(w *waiter, unread error) (*ticket, time.Duration) {
	g.mu.Lock()
	defer g.release()
	now := time.Now()
	why := g.finishLocked(now, w, unread)
	if !why.blocked {
		return w.ticket, 0
	}
	if other := g.pollers; other != nil { // two places are one again, the better
		g.queue.remove(other)
		w.arrival = min(w.arrival, other.arrival)
	}
	return nil, g.refuseLocked(now, w, why)
}

// pollerLocked takes the pollers' waiter out of the queue, or makes one.
func (g *Gate) pollerLocked(now time.Time) *waiter {
	w := g.pollers
	if w != nil {
		g.queue.remove(w)
		g.pollers = nil
	}
	if w == nil || now.After(w.back.Add(goneAfter)) {
		w = &waiter{place: place{arrival: g.arriveLocked()}}
	}
	return w
}

// refuseLocked puts the pollers' waiter in the queue, and returns when to ask again.
func (g *Gate) refuseLocked(now time.Time, w *waiter, why waitReason) time.Duration {
	wait := askAgain
	if (why.far || why.paced) && !why.until.IsZero() {
		wait = max(why.until.Sub(now), 1)
	}
	w.back, w.keeps = now.Add(wait), !why.far
	g.pollers = w
	g.queue.insert(w)
	return wait
}
