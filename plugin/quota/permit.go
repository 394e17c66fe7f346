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
	gate   *Gate
	ticket *ticket
}

// Confirm reports whether the request may be written now. Getting a connection can
// take seconds, in which another answer may have ordered a hold, or said that less is
// left. If it reports false the permit is ended, and the caller needs a new one.
func (p *Permit) Confirm() bool {
	g := p.gate
	g.mu.Lock()
	defer g.release()
	good := g.confirmLocked(time.Now(), p.ticket)
	if !good {
		g.endLocked(p.ticket)
	}
	return good
}

// Abandon returns the permit: the request was not sent.
func (p *Permit) Abandon() {
	p.gate.mu.Lock()
	defer p.gate.release()
	p.gate.endLocked(p.ticket)
}

// Unanswered says that the request was sent and no answer came. The server may
// have counted it all the same.
func (p *Permit) Unanswered() {
	g := p.gate
	g.mu.Lock()
	defer g.release()
	g.endLocked(p.ticket)
	g.budget.spend()
}

// ReadingBody says that the response is throttled and that its body has to be read to
// know for how long. No request starts until Answer.
func (p *Permit) ReadingBody() {
	p.gate.mu.Lock()
	defer p.gate.release()
	p.ticket.reading = true
	p.gate.readingBodies++
}

// Answer takes in what a response says, whose headers arrived at the given time. Where
// that orders a hold, Answer returns it, once it is written to the store that this gate
// shares with others: ctx does not end that, since they need the hold all the same.
func (p *Permit) Answer(ctx context.Context, n Info, arrived time.Time) (hold Hold, ordered bool) {
	hold, ordered, unshared := p.answer(n, arrived)
	if unshared {
		_ = p.gate.consult(context.WithoutCancel(ctx)) // reported
	}
	return hold, ordered
}

func (p *Permit) answer(n Info, arrived time.Time) (hold Hold, ordered, unshared bool) {
	g := p.gate
	g.mu.Lock()
	defer g.release()
	hold, ordered = g.answerLocked(p.ticket, n, arrived)
	return hold, ordered, ordered && g.shared != nil && g.shared.order(hold.Until)
}
