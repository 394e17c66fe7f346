// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"fmt"
	"time"
)

// Acquire waits until a request may start. Among callers that wait the higher
// priority goes first, and among equals who came first. It returns the context's
// cause as soon as the context ends, and a [HoldError] at once when the hold
// outlasts the context's deadline.
func (g *Gate) Acquire(ctx context.Context, priority int) (*Permit, error) {
	return g.acquire(ctx, &place{priority: priority}, nil)
}

// acquire is Acquire for a caller that may have had a place before, which it keeps.
func (g *Gate) acquire(ctx context.Context, at *place, pause *waitMeter) (*Permit, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	w := &waiter{place: *at, pause: pause}
	w.deadline, _ = ctx.Deadline()
	turn, err := g.join(w)
	*at = w.place
	for {
		if turn == nil && err == nil {
			turn, err = g.stand(ctx, w)
		}
		if err != nil {
			return nil, err
		}
		if g.shared == nil {
			return &Permit{g, turn}, nil
		}
		unread := g.consult(ctx)
		if ctx.Err() != nil {
			return nil, g.leave(w, context.Cause(ctx))
		}
		if turn, err = g.settle(w, unread); turn != nil {
			return &Permit{g, turn}, nil
		}
	}
}

// join puts a caller in its place, and returns its turn at once if it may go.
func (g *Gate) join(w *waiter) (*ticket, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if w.arrival == 0 {
		w.arrival = g.arriveLocked()
	}
	now := time.Now()
	g.joinLocked(now, w)
	g.dispatchLocked(now)
	if w.ticket == nil {
		w.woken = make(chan struct{}, 1)
	}
	return w.ticket, w.err
}

// stand waits in the queue for the caller's turn.
func (g *Gate) stand(ctx context.Context, w *waiter) (*ticket, error) {
	defer w.pause.flush()
	for {
		select {
		case <-w.woken:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			return nil, g.leave(w, context.Cause(ctx))
		}
		if turn, err := g.outcome(w); turn != nil || err != nil {
			return turn, err
		}
		_ = g.consult(ctx) // reported; it was woken for that
	}
}

func (g *Gate) outcome(w *waiter) (*ticket, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return w.ticket, w.err
}

// leave ends a caller's wait. A turn that it has been given goes to the next.
func (g *Gate) leave(w *waiter, cause error) error {
	g.mu.Lock()
	defer g.release()
	g.queue.remove(w)
	w.resumeLocked(time.Now())
	if w.ticket != nil {
		g.readers.remove(w)
		g.endLocked(w.ticket)
	}
	if g.unread != nil {
		return fmt.Errorf("%w (%v)", cause, g.unread)
	}
	return cause
}

// settle exchanges a turn for one that takes in all that became known while the
// store was read: holds of other processes, and this one's own answers. A caller
// that is refused stands where it stood before. What callers with a later place have
// taken does not count against it: they are settled in their turn.
func (g *Gate) settle(w *waiter, unread error) (*ticket, error) {
	g.mu.Lock()
	defer g.release()
	now := time.Now()
	if why := g.finishLocked(now, w, unread); why.blocked {
		if w.woken == nil {
			w.woken = make(chan struct{}, 1)
		}
		g.joinLocked(now, w)
	}
	return w.ticket, w.err
}

// finishLocked ends a turn, and either issues the request's ticket or returns what
// stands against it.
func (g *Gate) finishLocked(now time.Time, w *waiter, unread error) waitReason {
	g.readers.remove(w)
	g.endLocked(w.ticket)
	w.ticket = nil
	if unread != nil && g.shared.unread() { // only time can tell
		g.unread, g.unreadUntil = unread, now.Add(readAgainAfter)
	}
	behind := int64(g.readers.behind(w.place))
	claim := claim{inFlight: g.inFlight - behind, unproven: int64(len(g.readers)) > behind, last: g.started}
	why := g.checkLocked(now, claim)
	if !why.blocked {
		w.ticket, g.started = g.issueLocked(), now
	}
	return why
}
