// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"fmt"
	"time"
)

// acquire is Acquire for a caller that may have had a place before, which it keeps.
func (g *Gate) acquire(ctx context.Context, at *place, pause *waitMeter) (*Permit, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	w := &waiter{place: *at, pause: pause}
	w.deadline, _ = ctx.Deadline()
	permit, err := g.join(w)
	*at = w.place
	for {
		if permit == nil && err == nil {
			permit, err = g.stand(ctx, w)
		}
		if err != nil || g.shared == nil {
			return permit, err
		}
		unread := g.consult(ctx)
		if ctx.Err() != nil {
			return nil, g.leave(w, context.Cause(ctx))
		}
		if permit, err = g.settle(w, unread); permit != nil {
			return permit, nil
		}
	}
}

// join gives a caller its place, and its turn at once if it may go.
func (g *Gate) join(w *waiter) (*Permit, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if w.arrival == 0 {
		w.arrival = g.arriveLocked()
	}
	now := time.Now()
	g.joinLocked(now, w)
	g.dispatchLocked(now)
	if w.permit == nil {
		w.woken = make(chan struct{}, 1)
	}
	return w.permit, w.err
}

// stand waits in the queue for the caller's turn.
func (g *Gate) stand(ctx context.Context, w *waiter) (*Permit, error) {
	defer w.pause.flush()
	for {
		select {
		case <-w.woken:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			return nil, g.leave(w, context.Cause(ctx))
		}
		if permit, err := g.outcome(w); permit != nil || err != nil {
			return permit, err
		}
		_ = g.consult(ctx) // reported; it was woken for that
	}
}

func (g *Gate) outcome(w *waiter) (*Permit, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return w.permit, w.err
}

// leave ends a caller's wait. A turn that it has been given goes to the next.
func (g *Gate) leave(w *waiter, cause error) error {
	g.mu.Lock()
	defer g.release()
	g.queue.remove(w)
	w.resumeLocked(time.Now())
	if w.permit != nil {
		g.readers.remove(w)
		w.permit.endLocked()
	}
	if g.unread != nil {
		return fmt.Errorf("%w (%v)", cause, g.unread)
	}
	return cause
}

// settle exchanges a turn for a permit that takes in all that became known while
// the store was read: holds of other processes, and this one's own answers. Where
// there is none, the caller stands where it stood before. What those have taken
// whose turn comes after this caller's does not count against it: they are asked
// in turn.
func (g *Gate) settle(w *waiter, unread error) (*Permit, error) {
	g.mu.Lock()
	defer g.release()
	now := time.Now()
	if why := g.finishLocked(now, w, unread); why.blocked {
		if w.woken == nil {
			w.woken = make(chan struct{}, 1)
		}
		g.joinLocked(now, w)
	}
	return w.permit, w.err
}

// finishLocked ends a turn: with a permit, or with what stands against one.
func (g *Gate) finishLocked(now time.Time, w *waiter, unread error) waitReason {
	g.readers.remove(w)
	w.permit.endLocked()
	w.permit = nil
	if unread != nil && g.shared.unread() { // only time can tell
		g.unread, g.blind = unread, now.Add(readAgainAfter)
	}
	behind := int64(g.readers.behind(w.place))
	claim := claim{inFlight: g.inFlight - behind, unproven: int64(len(g.readers)) > behind, last: g.started}
	why := g.checkLocked(now, claim)
	if !why.blocked {
		w.permit, g.started = g.issueLocked(), now
	}
	return why
}
