// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package quota keeps an HTTP client inside a tenant's request quota.
//
// A [Gate] is the tenant: whoever asks it for a permit before each request, and
// tells it each answer, never sends a request before the server allows it. A
// [Transport] does both for an [net/http.Client]. What a response says is read
// by [ReadInfo].
package quota

import (
	"context"
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
	// Store shares holds with other processes; nil: they are not shared. It is
	// read before each request and while a hold lasts, and written at each hold.
	// No request starts before it has been read once.
	Store HoldStore
	// StoreHeld is called with the holds that the store brings; it may be nil.
	StoreHeld func(Hold)
	// StoreFailed is called when the store starts to fail, with an error that is
	// [ErrStoreUnread] while requests wait for it; it may be nil.
	StoreFailed func(error)
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
//   - A gate that shares its holds starts nothing before it has read the store
//     once, and reads it again before each request.
//   - Callers that wait are let through by priority, the higher first, and among
//     equals in the order of arrival; the probe is the first of them. Nobody is let
//     through while a caller with a better place waits that may go. So callers of
//     one priority never starve each other, and those of a lower one get what the
//     higher ones leave, which may be nothing.
//
// All but the last are checked at one moment, under one lock, whenever a permit is
// handed out: after the store has been read, and once more when the connection
// for the request is there ([Permit.Confirm]).
//
// A Gate has no goroutine and needs no closing: its timer runs only while callers
// wait. It is safe for concurrent use.
type Gate struct {
	config Config
	shared *sharedHolds // nil: not shared
	room   *Room

	mu            sync.Mutex // guards all below, which together are the invariants; release unlocks it
	until         time.Time  // no request starts before
	readingBodies int        // throttled responses whose order is in the body
	inFlight      int64
	unseen        int64   // requests so far whose answers cannot be seen
	needsProbe    bool    // a hold or a window has ended and no answer came since
	probe         *Permit // the request that goes first while needsProbe
	epoch         uint64  // counts the holds; answers to older requests prove nothing
	obeyedZero    bool    // the last throttle named no positive time and was obeyed
	budget        budget
	reserved      time.Time // of the last permit, be it one that waits for the store
	started       time.Time // of the last permit that did not have to wait any more
	unread        error     // why the store has never been read; nil: it has, or nobody has tried
	blind         time.Time // no request starts before: the store has never been read

	queue    queue     // callers that wait
	readers  queue     // callers whose turn it is, while they read the store
	pollers  *waiter   // the place of those that cannot wait, while they have one
	arrivals uint64    // so far
	told     time.Time // the end of the hold that the queue knows of; zero: of none
	timer    *time.Timer
	due      time.Time // when the timer fires; zero: it is stopped
}

// NewGate returns an open gate.
func NewGate(config Config) *Gate {
	return &Gate{
		config: config,
		shared: newSharedHolds(config.Store, config.StoreFailed),
		room:   NewRoom(),
		budget: budget{reserve: config.MinRemaining},
	}
}

// Room is what the bodies of the tenant's responses may take, of all who share the
// gate.
func (g *Gate) Room() *Room { return g.room }

// release unlocks the gate, after those callers have been let through that may go
// now. Whatever changes the gate's state ends with it, so there is no change that
// a caller who waits could miss.
func (g *Gate) release() {
	if len(g.queue) > 0 || !g.due.IsZero() {
		g.dispatchLocked(time.Now())
	}
	g.mu.Unlock()
}

// HoldError says that a hold outlasts the caller's deadline: waiting for it
// would be in vain.
type HoldError struct{ Until time.Time }

func (e *HoldError) Error() string {
	return fmt.Sprintf("the server ordered a pause until %s, which is past the deadline",
		e.Until.UTC().Format(time.RFC3339))
}

// Is makes a HoldError a [context.DeadlineExceeded] that came early.
func (*HoldError) Is(target error) bool { return target == context.DeadlineExceeded }

// Acquire waits until a request may start. Among callers that wait the higher
// priority goes first, and among equals who came first. It returns the context's
// cause as soon as the context ends, and a [HoldError] at once when the hold
// outlasts the context's deadline.
func (g *Gate) Acquire(ctx context.Context, priority int) (*Permit, error) {
	return g.acquire(ctx, &place{priority: priority}, nil)
}

// consult exchanges holds with the store.
func (g *Gate) consult(ctx context.Context) error {
	out, err := g.shared.look(ctx)
	g.mu.Lock()
	now := time.Now()
	hold := Hold{Wait: out.until.Sub(now), Until: out.until, Cause: "ordered to another process", Owner: out.owner}
	extended, begins := g.extendLocked(now, out.until)
	if out.ended && out.until.Before(g.until) {
		g.until, extended = out.until, true
	}
	if extended {
		g.doubtLocked()
	}
	if !g.shared.unread() {
		g.unread, g.blind = nil, time.Time{}
	}
	g.release()
	if hold.Notable = begins && hold.Wait > 0; hold.Notable && g.config.StoreHeld != nil {
		g.config.StoreHeld(hold)
	}
	return err
}

// share tells the other processes of a hold that an answer ordered. The caller
// that asked may be closing; the others need to know all the same.
func (g *Gate) share(ctx context.Context, hold Hold) {
	if g.shared != nil && g.shared.order(hold.Until) {
		_ = g.consult(context.WithoutCancel(ctx)) // reported
	}
}

// ReadStore reads the store, and returns why it cannot be read. A gate that does
// not share its holds has none to read.
func (g *Gate) ReadStore(ctx context.Context) error {
	if g.shared == nil {
		return nil
	}
	return g.consult(ctx)
}

// claim is what a request that wants to start has to find room beside.
type claim struct {
	inFlight int64     // requests
	unproven bool      // one of them may yet become the probe
	last     time.Time // the start of the request before
}

// waitReason is why no request may start now.
type waitReason struct {
	blocked bool
	far     bool      // until a known time: a hold, or a window that is used up
	paced   bool      // the request before started just now
	until   time.Time // check again then; zero: only after a change
}

// checkLocked is the invariants: what stands against a request that starts now.
func (g *Gate) checkLocked(now time.Time, c claim) waitReason {
	g.expireLocked(now)
	switch wait := (waitReason{blocked: true}); {
	case now.Before(g.until):
		wait.far, wait.until = true, g.until
		return wait
	case now.Before(g.blind):
		wait.far, wait.until = true, g.blind
		return wait
	case g.readingBodies > 0:
		return wait
	case g.needsProbe && (c.unproven || g.probe != nil && g.probe.epoch == g.epoch):
		return wait
	case !g.budget.hasRoom(c.inFlight):
		wait.far, wait.until = !g.budget.hasRoom(0), g.budget.reset
		return wait
	case g.config.Pace > 0 && now.Before(c.last.Add(g.config.Pace)):
		wait.paced, wait.until = true, c.last.Add(g.config.Pace)
		return wait
	}
	return waitReason{}
}

// issueLocked makes a permit, which is the probe where one is needed.
func (g *Gate) issueLocked() *Permit {
	permit := &Permit{gate: g, epoch: g.epoch, unseen: g.unseen}
	if g.needsProbe {
		g.probe = permit
	}
	g.budget.crowded = g.inFlight > 0
	g.inFlight++
	return permit
}

// expireLocked ends a window whose reset has come.
func (g *Gate) expireLocked(now time.Time) {
	if g.budget.expired(now) {
		g.doubtLocked()
	}
}

// Held is how long the present hold still lasts, 0 where there is none.
func (g *Gate) Held() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(0, time.Until(g.until))
}
