// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"time"
)

// Permit lets one request start. Exactly one of [Permit.Answer],
// [Permit.Unanswered] and [Permit.Abandon], or a [Permit.Confirm] that reports
// false, ends it.
type Permit struct {
	gate  *Gate
	epoch uint64
	// unseen is gate.unseen as this request started: what has passed since may
	// not be in the remaining that its answer tells.
	unseen int64
	read   bool // counted in gate.readingBodies
}

// Confirm reports whether the request may be written now. Finding a connection
// can take seconds, in which another answer may have ordered a hold, or shown
// that less is left. A permit that is not good any more is ended: the caller
// needs a new one.
func (p *Permit) Confirm() bool {
	g := p.gate
	g.mu.Lock()
	defer g.release()
	now := time.Now()
	g.expireLocked(now)
	good := !now.Before(g.until) && g.readingBodies == 0 && p.epoch == g.epoch &&
		g.budget.hasRoom(g.inFlight-1)
	if !good {
		p.endLocked()
	}
	return good
}

// Abandon gives the permit back unused.
func (p *Permit) Abandon() {
	p.gate.mu.Lock()
	defer p.gate.release()
	p.endLocked()
}

// Unanswered says that the request was sent and no answer came. The server may
// have counted it all the same.
func (p *Permit) Unanswered() {
	g := p.gate
	g.mu.Lock()
	defer g.release()
	p.endLocked()
	g.spendLocked()
}

// ReadingBody keeps all requests back until Answer: the response is throttled, and
// its body has to be read to know for how long.
func (p *Permit) ReadingBody() {
	p.gate.mu.Lock()
	defer p.gate.release()
	p.read = true
	p.gate.readingBodies++
}

// Answer takes in what the response says whose headers arrived at the given
// time. Where that orders a hold, it returns which, and the gates of other processes
// know of it too: those that share a store with this one.
func (p *Permit) Answer(ctx context.Context, n Info, arrived time.Time) (hold Hold, ordered bool) {
	if hold, ordered = p.answer(n, arrived); ordered {
		p.gate.share(ctx, hold)
	}
	return hold, ordered
}

func (p *Permit) answer(n Info, arrived time.Time) (hold Hold, ordered bool) {
	g := p.gate
	g.mu.Lock()
	defer g.release()
	p.endLocked()
	wait, cause := g.orderLocked(n)
	fresh := p.epoch == g.epoch // else asked before the last hold: it proves nothing
	if fresh && !n.Throttled {
		g.obeyedZero = false
	}
	switch {
	case n.Throttled || wait > 0:
		return g.holdLocked(arrived, wait, cause)
	case fresh:
		g.needsProbe = false
		g.learnLocked(n, g.unseen-p.unseen, arrived)
	}
	return Hold{}, false
}

// passUnseen ends the permit of a request whose answer cannot be seen. It was the
// probe, and it may have taken one of the remaining; but it may have been
// throttled as well, so an order to ask again at once stays obeyed.
func (p *Permit) passUnseen() {
	g := p.gate
	g.mu.Lock()
	defer g.release()
	p.endLocked()
	if p.epoch == g.epoch {
		g.needsProbe = false
		g.spendLocked()
	}
	g.unseen++
}

func (p *Permit) endLocked() {
	g := p.gate
	g.inFlight--
	if g.probe == p {
		g.probe = nil
	}
	if p.read {
		g.readingBodies--
	}
}
