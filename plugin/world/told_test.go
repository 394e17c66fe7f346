// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"encoding/json"
	"strings"
	"time"
)

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
