// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"encoding/json"
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
	passed   int  // view.passed as it was sent
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
		v.crowded, f.passed = n > 1, v.passed
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

// arrives takes in that the header of an answer reaches its process.
func (m *model) arrives(f *flight, x reply, o order) {
	p, now := f.process, time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	f.answered = true
	v := p.view(f.gate)
	if x.isRaw && !strings.Contains(x.raw, "\r\n\r\n") || f.ask.class == classStock || p.dead.Load() {
		return
	}
	if v.probe == f {
		v.probe = nil
	}
	fresh := !f.sent.Before(v.settled)
	if x.isRaw { // its header says nothing of the quota, but is no throttle
		v.probing, v.zero = v.probing && !fresh, false
		if fresh {
			m.shown(v, f, order{}, now)
		}
		return
	}
	m.token(p, v, f, x, now)
	wait, text := o.wait, o.text
	if o.throttled && o.zero {
		if v.zero {
			wait, text = m.w.plan.fallback, text+", the second in a row"
		}
		v.zero = true
	} else {
		v.zero = false
	}
	switch {
	case o.throttled || wait > 0:
		v.holds = append(v.holds, pending{now, now.Add(wait), text, f})
		v.longest = max(v.longest, wait)
		v.settled, v.probing, v.probe, v.shown = now, true, nil, false
	case fresh:
		v.probing = false
		m.shown(v, f, o, now)
	}
}

// taken lowers what may be left by a request that nobody has said a number after.
func (m *model) taken(v *view) { v.least = max(v.least-1, m.w.reserve()) }

// unseen lowers what may be left by a request whose answer nobody sees. Nothing is held against
// that, since the request was let through some time before it is sent: it says when a budget is
// used up in the process's own eyes, so that its next request is the probe.
func (m *model) unseen(v *view) {
	v.passed++
	m.taken(v)
}

// shown takes in what an answer says is left; less may be by what has passed unseen since it was
// asked for, and where answers overtake each other. One that does not say has taken one, and
// when nothing may have been left it was the probe, after which nothing is known.
func (m *model) shown(v *view, f *flight, o order, now time.Time) {
	if !o.counted {
		v.shown = v.shown && v.least > m.w.reserve()
		m.taken(v)
		return
	}
	reset := time.Time{}
	if o.resets {
		reset = now.Add(o.reset)
	}
	if v.shown && !v.reset.IsZero() && v.reset.Before(reset) {
		reset = v.reset
	}
	least := o.remaining - (v.passed - f.passed)
	if v.shown && v.crowded {
		least = min(least, v.least)
	}
	v.shown, v.left, v.least, v.reset = true, o.remaining, max(least, m.w.reserve()), reset
}

// mostUnused is how many tokens may expire in a row behind holds before somebody hears
// of it: three of each request that waits.
const mostUnused = 12

// token notes how long a new one may be used.
func (m *model) token(p *process, v *view, f *flight, x reply, now time.Time) {
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if f.ask.class != classToken || x.encoding != "" || json.Unmarshal(x.body, &answer) != nil || answer.AccessToken == "" {
		return
	}
	if v.bearers == nil {
		v.bearers = map[string]time.Time{}
	}
	if p.unused++; p.unused > mostUnused {
		m.w.find("%s has asked for %d tokens in a row, which it did not use, and says nothing", p.name(), p.unused)
	}
	v.bearers[answer.AccessToken] = now.Add(time.Duration(answer.ExpiresIn) * time.Second)
}

// cut takes in that the body of an answer does not come. An order that was in it is
// as good as none, unless the process itself did not wait for it.
func (m *model) cut(f *flight, o order) {
	impatient := !f.wire.broken.Load() && !f.process.dead.Load() && !m.slowDials() && time.Since(f.sent) < m.w.plan.timeout
	if o.slowBody == 0 || impatient {
		return
	}
	wait := m.w.plan.fallback
	if o.resets {
		wait = o.reset
	}
	p := f.process
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, h := range p.view(f.gate).holds {
		if h.of == f {
			p.view(f.gate).holds[i].until = h.from.Add(min(wait, h.until.Sub(h.from)))
		}
	}
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

// looked takes in what a process reads of the shared holds.
func (*model) looked(p *process, value []byte) {
	var lines map[string]struct {
		Until time.Time `json:"until"`
	}
	_ = json.Unmarshal(value, &lines)
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	v := p.view(tenantGate)
	v.board = true
	for _, line := range lines {
		if line.Until.After(v.foreign) && line.Until.After(now) {
			v.foreign = line.Until
			v.holds = append(v.holds, pending{now, line.Until, "a shared hold", nil})
			v.longest = max(v.longest, line.Until.Sub(now))
			v.settled, v.probe, v.shown, v.probing = now, nil, false, false
		}
	}
}
