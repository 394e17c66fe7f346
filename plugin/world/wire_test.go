// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// flight is a request on the wire.
type flight struct {
	process  *process
	ask      *ask
	wire     *wire
	sent     time.Time
	gate     string
	answered bool // its header has arrived
	ended    bool
	served   bool // the tenant has made its answer
	doomed   bool // the tenant will refuse it
	passed   int  // view.passed as it was let through, or less
}

// out reports whether the process still waits for the answer.
func (f *flight) out() bool {
	select {
	case <-f.wire.gone:
		return false
	default:
		return !f.answered && !f.ended
	}
}

// pending is a hold that a process knows of.
type pending struct {
	from, until time.Time
	text        string
	of          *flight // whose answer ordered it
}

// view is what a process has been told of the tenant's quota: what its requests are
// held against.
type view struct {
	holds   []pending
	longest time.Duration
	zero    bool      // the last throttle had no positive time
	settled time.Time // of the last hold, or doubt, that there was
	probing bool      // no answer has come since
	probe   *flight
	shown   bool
	left    int
	least   int  // that may be left: see unseen
	crowded bool // the last request was sent beside another one
	passed  int  // requests so far whose answers nobody sees
	reset   time.Time
	board   bool // the shared hold has been read
	foreign time.Time
	bearers map[string]time.Time // tokens, and when they expire
}

// tenantGate is the gate that all share who name it.
const tenantGate = "tenant"

// gateOf is the gate that a request has come through: that of its client, where none
// is named.
func (t *tenant) gateOf(req *http.Request) string {
	if gate := t.w.plan.gate; gate == "own" || gate == "shared" {
		return tenantGate
	}
	if client, _, ok := req.BasicAuth(); ok {
		return client
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.clients[strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")]
}

// view is what a process has been told at one of its gates. Its lock is held.
func (p *process) view(gate string) *view {
	v := p.views[gate]
	if v == nil {
		v = &view{}
		p.views[gate] = v
	}
	return v
}

// sent judges a request that a process puts on the wire.
func (m *model) sent(c *wire, a *ask, req *http.Request) *flight {
	p, w, now := c.proc, m.w, time.Now()
	f := &flight{process: p, ask: a, wire: c, sent: now, gate: w.tenant.gateOf(req)}
	if p.dead.Load() {
		return f
	}
	w.notes(p, a)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flights[f] = true
	p.counts["requests on the wire"]++
	switch a.class {
	case classStock:
		p.counts["stock requests"]++
		m.unseen(p.view(f.gate))
	case classToken:
	default:
		p.unused = 0
	}
	v := p.view(f.gate)
	where := fmt.Sprintf("%s sent %s", p.name(), a.key)
	if a.class != classStock { // which may take its time once it has been let through
		m.early(v, where)
	}
	if w.plan.gate == "shared" && !v.board {
		w.find("%s before the shared hold was read once", where)
	}
	if until, ok := v.bearers[strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")]; ok && !now.Before(until.Add(-m.lastSeconds())) {
		w.find("%s with a token that has %s left", where, until.Sub(now))
	}
	m.crowd(p, f, where, now)
	if total, wired := p.counts["genesys_analytics_requests_total"], p.counts["requests on the wire"]-p.counts["stock requests"]; !m.slowDials() && wired > total+m.unfinished(p) {
		w.find("%s without a permit: %d requests are on the wire, %d were counted", where, wired, total)
	}
	return f
}

// lastSeconds is for how long before its end a token must not be used any more, since
// the request may arrive too late. Where connections take their time to be made, that
// may come after a request was let through.
func (m *model) lastSeconds() time.Duration {
	if m.slowDials() {
		return -time.Minute
	}
	return min(m.w.plan.tokenLife/10, 10*time.Second) / 2
}

// slowDials reports whether connections take their time to be made. A request whose
// connection was lost is then not over, and not counted, until another one is there.
func (m *model) slowDials() bool {
	return m.w.plan.dialMost > 0 || m.w.hadTrouble("a dial hangs", m.w.began)
}

// early holds a request that starts now against the holds.
func (m *model) early(v *view, where string) {
	now := time.Now()
	for _, h := range v.holds {
		if h.from.Before(now) && now.Before(h.until) {
			m.w.find("%s %s before it was allowed (%s, ordered %s before)", where, h.until.Sub(now), h.text, now.Sub(h.from))
			return
		}
	}
}

// unfinished is how many requests of a process may be on the wire and not be counted
// yet, since they are counted when they are answered, or lost just now: the turn of one
// goes to the next before it is counted. What was sent without a permit stands beside one
// that has none: it adds to the wire, not to what is out.
func (*model) unfinished(p *process) (n int64) {
	if p.lostAt.Equal(time.Now()) {
		n = p.lost
	}
	for f := range p.flights {
		if f.ask.class != classStock && !f.ended {
			n++
		}
	}
	return n
}

// crowd holds the requests in flight against the budget, and against the probe.
func (m *model) crowd(p *process, f *flight, where string, now time.Time) {
	v, n := p.view(f.gate), 0
	for other := range p.flights {
		if other.gate == f.gate && other.out() && other.ask.class != classStock {
			n++
		}
	}
	if v.shown && !v.reset.IsZero() && !now.Before(v.reset) {
		v.shown = false
		v.settled = now
	}
	if f.ask.class != classStock {
		v.crowded = n > 1
	}
	if !m.slowDials() { // else it may have been let through before all of them
		f.passed = v.passed
	}
	if left := v.left - m.w.reserve(); v.shown && n > left && n > 1 && f.ask.class != classStock {
		m.w.find("%s as the %d. in flight, and %d were left", where, n, left)
	}
	if !v.probing || f.ask.class == classStock {
		return
	}
	if v.probe != nil && v.probe.out() && v.probe.sent.Before(now) {
		m.w.find("%s beside the probe, %s", where, v.probe.ask.key)
	}
	v.probe = f
}

// over ends a flight. One that was not answered may have taken one of those left.
func (m *model) over(f *flight) {
	p := f.process
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); !f.ended && f.ask.class != classStock {
		if !p.lostAt.Equal(now) {
			p.lostAt, p.lost = now, 0
		}
		p.lost++
	}
	v := p.view(f.gate)
	if !f.answered && !f.ended && f.ask.class != classStock {
		m.taken(v)
	}
	if v.probe == f && !f.answered {
		v.probe = nil
	}
	f.ended = true
	delete(p.flights, f)
}
