// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"time"
)

const (
	// askAgain is how soon to ask again when another request has to be answered
	// first, and for how long after that a turn is kept.
	askAgain = 20 * time.Millisecond
	// goneAfter is how long after it was told to come back a poller that has not is
	// taken to be gone.
	goneAfter = time.Second
)

// TryAcquireUnseen is for callers that can neither wait nor show the answers: it returns 0 where
// a request may start now, else how long to wait before asking again. That request
// counts as the probe after a hold, and as one of a known remaining, at once. It
// proves nothing else: what was answered is not known.
//
// Such callers cannot be told apart, and nobody knows whether they come back. So all
// of them together have one place in the queue, of priority 0, from when the first
// of them was refused until one is let through, and none goes before a caller that
// waits with a better place and may go. That alone would starve them: a turn that
// comes up while they sleep would always be another's. So once their turn has come
// it is kept, out of what is left and against the probe, until askAgain after they
// were told to be back; the first of them that asks takes it. Which one that is, is
// chance, and they have the share of one caller that waits. Only after a pause that
// the server ordered nothing is kept for them: whoever waits goes first at once, and
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

// poll returns a poller with its turn, or else how long it has to wait: one that is
// refused belongs to whoever asks next.
func (g *Gate) poll() (*waiter, *ticket, time.Duration) {
	g.mu.Lock()
	defer g.release()
	now := time.Now()
	g.dispatchLocked(now) // those who wait with a better place
	w := g.pollerLocked(now)
	if why := g.checkLocked(now, g.claimLocked(now, 0)); why.blocked {
		return nil, nil, g.refuseLocked(now, w, why)
	}
	g.turnLocked(now, w)
	return w, w.ticket, 0
}

// pollSettled exchanges a poller's turn for one that takes in what the store said, or returns how long it
// has to wait.
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

// pollerLocked takes the pollers' place out of the queue, or else makes one.
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

// refuseLocked puts the pollers' place in the queue, and returns when to be back.
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

// keptUntil is until when the pollers' turn is kept.
func (w *waiter) keptUntil() time.Time {
	if !w.keeps {
		return time.Time{}
	}
	return w.back.Add(askAgain)
}
