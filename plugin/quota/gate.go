// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package quota keeps an HTTP client inside a tenant's request quota.
//
// A [Gate] is the tenant: whoever asks it for a permit before each request, and
// tells it each answer, never sends a request before the server allows it. A
// [Transport] does both for an [net/http.Client]. What a response says is read
// by [ReadNotice].
package quota

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Config is how a gate fills the gaps that the server leaves.
type Config struct {
	// MinRemaining is how many requests are left to the tenant's other
	// applications: the gate holds at or below it.
	MinRemaining int64
	// FallbackPause is how long to hold when the server throttles, or shows
	// that nothing is left, and names no time at all.
	FallbackPause time.Duration
	// Pace is the least time between the starts of two requests; 0 is off.
	Pace time.Duration
	// Board shares holds with other processes; nil: they are not shared. It is
	// read before each request and while a hold lasts, and written at each hold.
	// No request starts before it has been read once.
	Board Board
	// BoardHeld is called with the holds that the board brings; it may be nil.
	BoardHeld func(Hold)
	// BoardFailed is called when the board starts to fail, with an error that is
	// [ErrBoardUnread] while requests wait for it; it may be nil.
	BoardFailed func(error)
}

// Gate decides when the next request of a tenant may start. Its invariants:
//
//   - No request starts while a hold lasts. A hold is an order of the server
//     (Retry-After, a throttled status, nothing remaining); it is counted from
//     the arrival of the response's headers and only ever extended.
//   - No request starts while a throttled response is read whose order is in its
//     body.
//   - When a hold is over one request goes, the probe, and the others wait for
//     its answer. A probe that is throttled starts the next hold.
//   - While the server's remaining is known, the requests in flight never
//     exceed it: each of them may be the one that takes the last.
//   - A gate that shares its holds starts nothing before it has read the board
//     once, and reads it again before each request.
//
// All of them are checked at one moment, under one lock, whenever a permit is
// handed out: after the board has been read, and once more when the connection
// for the request is there ([Permit.Confirm]).
//
// A Gate has no goroutine and needs no closing. It is safe for concurrent use.
type Gate struct {
	config Config
	shared *sharedHolds // nil: not shared
	room   *Room

	mu         sync.Mutex // guards all below, which together are the invariants
	until      time.Time  // no request starts before
	reading    int        // throttled responses whose order is in the body
	inFlight   int64
	unseen     int64   // requests so far whose answers cannot be seen
	needsProbe bool    // a hold or a window has ended and no answer came since
	probe      *Permit // the request that goes first while needsProbe
	epoch      uint64  // counts the holds; answers to older requests prove nothing
	obeyedZero bool    // the last throttle named no positive time and was obeyed
	budget     budget
	reserved   time.Time     // of the last permit, be it one that waits for the board
	started    time.Time     // of the last permit that did not have to wait any more
	changed    chan struct{} // closed whenever a waiter should look again
}

// NewGate returns an open gate.
func NewGate(config Config) *Gate {
	return &Gate{config: config, shared: newSharedHolds(config.Board, config.BoardFailed), room: NewRoom(), changed: make(chan struct{})}
}

// Room is what the bodies of the tenant's responses may take, of all who share the
// gate.
func (g *Gate) Room() *Room { return g.room }

// HoldError says that a hold outlasts the caller's deadline: waiting for it
// would be in vain.
type HoldError struct{ Until time.Time }

func (e *HoldError) Error() string {
	return fmt.Sprintf("the server ordered a pause until %s, which is past the deadline",
		e.Until.UTC().Format(time.RFC3339))
}

// Is makes a HoldError a [context.DeadlineExceeded] that came early.
func (*HoldError) Is(target error) bool { return target == context.DeadlineExceeded }

// Acquire waits until a request may start. It returns the context's cause as
// soon as the context ends, and a [HoldError] at once when the hold outlasts
// the context's deadline.
func (g *Gate) Acquire(ctx context.Context) (*Permit, error) {
	return g.acquire(ctx, nil)
}

func (g *Gate) acquire(ctx context.Context, paused *waitMeter) (*Permit, error) {
	var why waitReason
	for {
		if ctx.Err() != nil {
			return nil, why.explain(context.Cause(ctx))
		}
		var permit *Permit
		if permit, why = g.admit(ctx); permit != nil {
			return permit, nil
		}
		if err := g.await(ctx, why, paused); err != nil {
			return nil, err
		}
	}
}

// admit returns a permit if a request may start now, or else why not.
func (g *Gate) admit(ctx context.Context) (*Permit, waitReason) {
	permit, why := g.reserve()
	if permit == nil || g.shared == nil {
		return permit, why
	}
	err := g.consult(ctx)
	return g.settle(permit, err)
}

// reserve returns a permit if this gate alone would let a request start.
func (g *Gate) reserve() (*Permit, waitReason) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now, last := time.Now(), g.reserved
	if g.started.After(last) {
		last = g.started
	}
	permit, why := g.admitLocked(now, last)
	if permit != nil {
		g.reserved = now
	}
	return permit, why
}

// settle exchanges a reserved permit for one that takes in all that became known
// while the board was read: holds of other processes, and this one's own answers.
func (g *Gate) settle(reserved *Permit, unread error) (*Permit, waitReason) {
	blind := unread != nil && g.shared.unread()
	g.mu.Lock()
	defer g.mu.Unlock()
	reserved.endLocked()
	now := time.Now()
	if blind { // only time can tell; waiters must not make each other look
		return nil, waitReason{until: now.Add(readAgainAfter), unread: unread}
	}
	permit, why := g.admitLocked(now, g.started)
	if permit != nil {
		g.started = now
	}
	return permit, why
}

// consult exchanges holds with the board.
func (g *Gate) consult(ctx context.Context) error {
	out, err := g.shared.look(ctx)
	g.mu.Lock()
	now := time.Now()
	hold := Hold{Wait: out.until.Sub(now), Until: out.until, Cause: "ordered to another process", Whose: out.whose}
	extended, begins := g.extendLocked(now, out.until)
	if out.ended && out.until.Before(g.until) {
		g.until, extended = out.until, true
		g.notifyLocked()
	}
	if extended {
		g.doubtLocked()
	}
	g.mu.Unlock()
	if hold.Begins = begins && hold.Wait > 0; hold.Begins && g.config.BoardHeld != nil {
		g.config.BoardHeld(hold)
	}
	return err
}

// post tells the other processes of a hold that an answer ordered. The caller
// that asked may be closing; the others need to know all the same.
func (g *Gate) post(ctx context.Context, hold Hold) {
	if g.shared != nil && g.shared.order(hold.Until) {
		_ = g.consult(context.WithoutCancel(ctx)) // reported
	}
}

// ReadBoard reads the board, and returns why it cannot be read. A gate that does
// not share its holds has none to read.
func (g *Gate) ReadBoard(ctx context.Context) error {
	if g.shared == nil {
		return nil
	}
	return g.consult(ctx)
}

// Pass is for callers that cannot show the answers: it returns 0 where a request
// may start now, else how long to wait before asking again. That request counts
// as the probe after a hold, and as one of a known remaining, at once. It proves
// nothing else: what was answered is not known.
func (g *Gate) Pass(ctx context.Context) time.Duration {
	permit, why := g.admit(ctx)
	switch {
	case permit != nil:
		permit.pass()
		return 0
	case why.until.IsZero():
		return askAgain
	default:
		return max(time.Until(why.until), 1)
	}
}

// askAgain is how soon to ask again when another request has to be answered
// first.
const askAgain = 20 * time.Millisecond

// waitReason is why no request may start now.
type waitReason struct {
	held    bool            // by a hold, not only by another request
	until   time.Time       // look again then; zero: only after a change
	changed <-chan struct{} // look again
	unread  error           // the board has never been read, for this reason
}

// explain adds to the end of a wait what it was waiting for.
func (w waitReason) explain(end error) error {
	if w.unread == nil || errors.Is(w.unread, context.Canceled) {
		return end
	}
	return fmt.Errorf("%w (%v)", end, w.unread)
}

func (g *Gate) await(ctx context.Context, why waitReason, paused *waitMeter) error {
	look := why.until
	if why.held {
		if deadline, ok := ctx.Deadline(); ok && deadline.Before(why.until) {
			return &HoldError{Until: why.until}
		}
		paused.start()
		defer paused.stop()
		look = g.watch(ctx, look)
	}
	var due <-chan time.Time
	if !look.IsZero() {
		timer := time.NewTimer(time.Until(look))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
	case <-why.changed:
	case <-ctx.Done():
	}
	return nil
}

// reportInterval is how often callers that wait for the end of a hold report so.
const reportInterval = time.Second

// watch returns when to look again in a hold, at its end at the latest. It looks
// at the board if it is time to.
func (g *Gate) watch(ctx context.Context, end time.Time) time.Time {
	every := reportInterval
	if g.shared != nil {
		every = lookEvery
		if g.shared.due() {
			_ = g.consult(ctx) // reported
		}
	}
	if soon := time.Now().Add(every); soon.Before(end) {
		return soon
	}
	return end
}

// admitLocked is the invariants: a permit, or what stands against one. The
// request before started at the given time.
func (g *Gate) admitLocked(now, last time.Time) (*Permit, waitReason) {
	g.expireLocked(now)
	switch wait := (waitReason{changed: g.changed}); {
	case now.Before(g.until):
		wait.held, wait.until = true, g.until
		return nil, wait
	case g.reading > 0:
		return nil, wait
	case g.needsProbe && g.probe != nil && g.probe.epoch == g.epoch:
		return nil, wait
	case g.budget.known && g.inFlight >= g.budget.low-g.config.MinRemaining:
		wait.until = g.budget.reset
		return nil, wait
	case g.config.Pace > 0 && now.Before(last.Add(g.config.Pace)):
		wait.until = last.Add(g.config.Pace)
		return nil, wait
	}
	permit := &Permit{gate: g, epoch: g.epoch, unseen: g.unseen}
	if g.needsProbe {
		g.probe = permit
	}
	g.budget.crowded = g.inFlight > 0
	g.inFlight++
	return permit, waitReason{}
}

// expireLocked ends a window whose reset has come.
func (g *Gate) expireLocked(now time.Time) {
	if g.budget.expired(now) {
		g.doubtLocked()
	}
}

// notifyLocked makes all waiters look again.
func (g *Gate) notifyLocked() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// Held is how long the present hold still lasts, 0 where there is none.
func (g *Gate) Held() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(0, time.Until(g.until))
}
