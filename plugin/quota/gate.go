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
	// Board shares holds with other processes; nil is alone. It is read before
	// each request and while a hold lasts, and written at each hold.
	Board Board
	// BoardHeld is told of the holds that the board brings; it may be nil.
	BoardHeld func(Hold)
	// BoardFailed is told when the board begins to fail; it may be nil.
	BoardFailed func(error)
}

// Gate decides when the next request of a tenant may start. Its law:
//
//   - No request starts while a hold lasts. A hold is an order of the server
//     (Retry-After, a throttled status, nothing remaining); it is counted from
//     the arrival of the response's headers and only ever extended.
//   - When a hold is over one request goes, the probe, and the others wait for
//     its answer. A probe that is throttled begins the next hold.
//   - While the server's remaining is known, the requests in flight never
//     exceed it: each of them may be the one that takes the last.
//
// A Gate has no goroutine and needs no closing. It is safe for concurrent use.
type Gate struct {
	config Config
	posts  *posts // nil: alone

	mu       sync.Mutex // guards all below, which together are the law
	until    time.Time  // no request starts before
	reading  int        // throttles whose body, not their header, has the time
	inFlight int64
	passed   int64   // requests whose answers cannot be seen
	unsure   bool    // a hold or a window has ended and no answer came since
	probe    *Permit // the request that goes first while unsure
	age      uint64  // counts the holds; answers to older requests prove nothing
	zeroed   bool    // the last throttle named no positive time and was obeyed
	budget   budget
	started  time.Time     // of the last request, for the pace
	changed  chan struct{} // closed whenever a waiter should look again
}

// NewGate makes an open gate.
func NewGate(config Config) *Gate {
	return &Gate{config: config, posts: newPosts(config.Board, config.BoardFailed), changed: make(chan struct{})}
}

// Permit lets one request start. Exactly one of [Permit.Answer],
// [Permit.Unanswered] and [Permit.Abandon] ends it.
type Permit struct {
	gate *Gate
	age  uint64
	// passed is gate.passed as this request started: what has passed since may
	// not be in the remaining that its answer tells.
	passed int64
	read   bool // counted in gate.reading
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

// Acquire waits until a request may start. It returns the context's cause as
// soon as the context ends, and a [HoldError] at once when the hold outlasts
// the context's deadline.
func (g *Gate) Acquire(ctx context.Context) (*Permit, error) {
	return g.acquire(ctx, nil)
}

func (g *Gate) acquire(ctx context.Context, paused *stopwatch) (*Permit, error) {
	for {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		g.mu.Lock()
		permit, why := g.admitLocked(time.Now())
		g.mu.Unlock()
		if permit != nil && g.confirm(ctx, permit) {
			return permit, nil
		}
		if permit != nil {
			continue
		}
		if err := g.await(ctx, why, paused); err != nil {
			return nil, err
		}
	}
}

// confirm asks the board about a permit that this gate alone would give, and
// takes it back where another process says to hold.
func (g *Gate) confirm(ctx context.Context, permit *Permit) bool {
	if g.posts == nil {
		return true
	}
	g.consult(ctx)
	g.mu.Lock()
	defer g.mu.Unlock()
	if !time.Now().Before(g.until) { // nor has a hold begun while the board was read
		return true
	}
	permit.endLocked()
	return false
}

// consult exchanges holds with the board.
func (g *Gate) consult(ctx context.Context) {
	until := g.posts.look(ctx)
	g.mu.Lock()
	now := time.Now()
	hold := Hold{Wait: until.Sub(now), Until: until, Cause: "ordered to another process"}
	extended, begins := g.extendLocked(now, until)
	if extended {
		g.doubtLocked()
	}
	g.mu.Unlock()
	if hold.Begins = begins && hold.Wait > 0; hold.Begins && g.config.BoardHeld != nil {
		g.config.BoardHeld(hold)
	}
}

// post tells the other processes of a hold that an answer ordered. The one who
// asked may be closing; the others need to know all the same.
func (g *Gate) post(ctx context.Context, hold Hold) {
	if g.posts != nil && g.posts.order(hold.Until) {
		g.consult(context.WithoutCancel(ctx))
	}
}

// Pass is for who cannot show the answers: it gives 0 where a request may start
// now, else how long to wait before asking again. That request counts as
// answered at once, as the probe after a hold and as one of a known remaining.
func (g *Gate) Pass(ctx context.Context) time.Duration {
	g.mu.Lock()
	permit, why := g.admitLocked(time.Now())
	g.mu.Unlock()
	switch {
	case permit == nil && why.until.IsZero():
		return askAgain
	case permit == nil:
		return max(time.Until(why.until), 1)
	case !g.confirm(ctx, permit):
		return max(g.Held(), 1)
	}
	permit.pass()
	return 0
}

func (p *Permit) pass() {
	p.Answer(Notice{}, time.Now())
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.gate.passed++
}

// askAgain is how soon to ask again when another request has to be answered
// first.
const askAgain = 20 * time.Millisecond

// obstacle is why no request may start now.
type obstacle struct {
	held    bool            // by a hold, not only by another request
	until   time.Time       // look again then; zero: only after a change
	changed <-chan struct{} // look again
}

func (g *Gate) await(ctx context.Context, o obstacle, paused *stopwatch) error {
	look := o.until
	if o.held {
		if deadline, ok := ctx.Deadline(); ok && deadline.Before(o.until) {
			return &HoldError{Until: o.until}
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
	case <-o.changed:
	case <-ctx.Done():
	}
	return nil
}

// tellEvery is how often who waits for the end of a hold tells so.
const tellEvery = time.Second

// watch says when to look again in a hold, at its end at the latest. It looks at
// the board if it is time to.
func (g *Gate) watch(ctx context.Context, end time.Time) time.Time {
	every := tellEvery
	if g.posts != nil {
		every = lookEvery
		if g.posts.due() {
			g.consult(ctx)
		}
	}
	if soon := time.Now().Add(every); soon.Before(end) {
		return soon
	}
	return end
}

// admitLocked is the law.
func (g *Gate) admitLocked(now time.Time) (*Permit, obstacle) {
	if g.budget.expired(now) {
		g.doubtLocked()
	}
	switch wait := (obstacle{changed: g.changed}); {
	case now.Before(g.until):
		wait.held, wait.until = true, g.until
		return nil, wait
	case g.reading > 0:
		return nil, wait
	case g.unsure && g.probe != nil && g.probe.age == g.age:
		return nil, wait
	case g.budget.known && g.inFlight >= g.budget.low-g.config.MinRemaining:
		wait.until = g.budget.reset
		return nil, wait
	case g.config.Pace > 0 && now.Before(g.started.Add(g.config.Pace)):
		wait.until = g.started.Add(g.config.Pace)
		return nil, wait
	}
	permit := &Permit{gate: g, age: g.age, passed: g.passed}
	if g.unsure {
		g.probe = permit
	}
	g.budget.crowded = g.inFlight > 0
	g.inFlight++
	g.started = now
	return permit, obstacle{}
}

// Held is how long the present hold still lasts, 0 where there is none.
func (g *Gate) Held() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(0, time.Until(g.until))
}

// Abandon gives the permit back unused.
func (p *Permit) Abandon() {
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.endLocked()
}

// Unanswered tells that the request was sent and no answer came. The server may
// have counted it all the same.
func (p *Permit) Unanswered() {
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	p.endLocked()
	g.spendLocked()
}

// Reading keeps all requests back until Answer: the response is throttled, and
// its body has to be read to know for how long.
func (p *Permit) Reading() {
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.read = true
	p.gate.reading++
}

// Answer tells what the response says whose headers arrived at the given time.
// Where that orders a hold, it tells which.
func (p *Permit) Answer(n Notice, arrived time.Time) (hold Hold, ordered bool) {
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	p.endLocked()
	wait, cause := g.orderLocked(n)
	fresh := p.age == g.age // else asked before the last hold: it proves nothing
	if fresh && !n.Throttled {
		g.zeroed = false
	}
	switch {
	case n.Throttled || wait > 0:
		return g.holdLocked(arrived, wait, cause)
	case fresh:
		g.unsure = false
		g.learnLocked(n, g.passed-p.passed, arrived)
	}
	return Hold{}, false
}

func (p *Permit) endLocked() {
	g := p.gate
	g.inFlight--
	if g.probe == p {
		g.probe = nil
	}
	if p.read {
		g.reading--
	}
	close(g.changed)
	g.changed = make(chan struct{})
}
