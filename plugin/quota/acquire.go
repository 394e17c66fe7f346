// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Acquire waits until a request may start. Of several waiting callers the one with the
// highest priority starts first, and among equals the one that came first. Acquire
// returns the context's cause as soon as the context ends, and a [HoldError] at once
// when the hold outlasts the context's deadline.
func (g *Gate) Acquire(ctx context.Context, priority int) (*Permit, error) {
	return g.acquire(ctx, &place{priority: priority}, nil)
}

// acquire is Acquire for a caller that may have a place already, which it keeps.
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

// join puts a caller in its place, and returns its turn if it may start at once.
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

// stand waits in the queue until it is the caller's turn.
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
		_ = g.consult(ctx) // it was woken to look at the store; errors are reported
	}
}

func (g *Gate) outcome(w *waiter) (*ticket, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return w.ticket, w.err
}

// leave ends a caller's wait. If it had its turn, that goes to the next one.
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
	if errors.Is(cause, context.DeadlineExceeded) { // which says nothing of what it was for
		return fmt.Errorf("waiting for a turn among the tenant's requests: %w", cause)
	}
	return cause
}

// settle checks a turn again once the store has been read: meanwhile holds of other
// processes and answers to this one may have become known. A caller that is refused
// goes back to its place. Requests of callers with a later place do not count against
// it: they are settled after it.
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
	if unread != nil && !g.shared.isRead.Load() { // nothing to wait for but the next try
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
