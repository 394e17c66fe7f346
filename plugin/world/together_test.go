// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"fmt"
	"time"
)

// What harms nobody by itself: things that have to come together, within seconds, before
// anything is wrong. Drawn one by one they hardly ever meet.

const (
	// hangingWrite is a write of a position that hangs, and a stop while it does.
	hangingWrite = "the cache hangs in a write, and the process is stopped"
	// lostOrder is an order in a body that takes long, and a refusal that ends the
	// input which reads it. Another input in that process goes on, at the same gate.
	lostOrder = "a refusal, while a slow body orders a pause"
	// slowCopies are deliveries of which the first of a key may take long, and a later
	// one does not.
	slowCopies = "the first copy of a page is slow"
)

// together draws what comes together.
func (d *drawing) together() {
	write := &event{kind: hangingWrite, at: d.when(), length: 10 * time.Minute, least: 20 * time.Second, most: time.Minute, process: pick(d, 0, 0, 0, 1), n: d.IntN(300)}
	d.maybe(7, write.String(), func(p *plan) {
		p.events, p.direct = append(p.events, write), true // or nothing is written while time passes
	})
	order := &event{kind: lostOrder, at: d.when(), length: 10 * time.Minute, n: 34 + 7*d.IntN(4), process: -1}
	d.maybe(7, order.String(), func(p *plan) { p.loseOrders(order) })
	hold := 40 + d.IntN(200)
	holds := &event{kind: "the tenant throttles", at: d.when(), length: time.Duration(hold*(16+d.IntN(16))) * time.Second, form: "on a 200", n: hold}
	d.maybe(5, "tokens do not outlive a hold; "+holds.String(), func(p *plan) {
		p.events, p.tokenLife = append(p.events, holds), min(p.tokenLife, time.Duration(hold*3/4)*time.Second)
	})
	job := &event{kind: "a job whose results are gone", class: classPage, ordinal: d.IntN(8), page: 3, times: 1}
	copies := &event{kind: slowCopies, at: d.when(), length: time.Hour, n: 30 + d.IntN(60), process: -1}
	d.maybe(5, copies.String()+"; "+job.String(), func(p *plan) { p.loseJob(job, copies) })
	bucket := 5 + d.IntN(8)
	d.maybe(5, fmt.Sprintf("%d requests in a window whose end is not shown, and a stock component", bucket), func(p *plan) { p.hideResets(bucket) })
}

// loseJob loses a job while its pages are on their way, several at once.
func (p *plan) loseJob(job, copies *event) {
	in := p.inputs[0]
	in.endpoint, in.density, in.pageSize, in.limit = endpoints[5], 4, min(in.pageSize, 3), max(in.limit, 8)
	p.direct, p.maxInFlight, p.batch, p.ackMost = true, max(p.maxInFlight, 6), 0, time.Duration(copies.n)*time.Second
	p.events = append(p.events, job, copies)
}

// hideResets makes the last requests of each window a guess.
func (p *plan) hideResets(bucket int) {
	p.bucket, p.headers, p.resets, p.stock = bucket, "triple", "none", true
	if p.gate != "shared" {
		p.gate = "own"
	}
	p.inputs[0].parallelism, p.inputs[0].count = max(p.inputs[0].parallelism, 4), max(p.inputs[0].count, 8)
}

// loseOrders gives a world what a lost order needs: an input that asks for several
// pages at once, and another one beside it that has enough to do.
func (p *plan) loseOrders(e *event) {
	if len(p.inputs) == 1 {
		p.inputs = append(p.inputs, newInput(1))
	}
	for _, in := range p.inputs {
		in.process, in.count = 0, max(in.count, 6)
	}
	p.inputs[0].parallelism = max(p.inputs[0].parallelism, 3)
	p.events = append(p.events, e)
}

// once reports whether there is an event that has not been used up, and uses it up.
func (w *world) once(e *event) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e == nil || w.used[e] {
		return false
	}
	w.used[e] = true
	return true
}

// hangs returns for how long a write of a position hangs. Then its process is stopped.
func (w *world) hangs(p *process, n int) time.Duration {
	e := w.during(hangingWrite)
	if e == nil || e.process != p.slot || p.dead.Load() || !w.once(e) {
		return 0
	}
	w.closing.Go(func() {
		time.Sleep(w.plan.chance.span(100*time.Millisecond, 2*time.Second, "stop in a write", p.id, n))
		w.command(&event{kind: "stop", process: e.process, n: e.n})
	})
	return w.plan.chance.span(e.least, e.most, "hanging write", p.id, n)
}

// loses decides whether an answer is the order, or the refusal, of a lostOrder: the
// order goes to a request beside which another one is out whose pages come before, and
// that one is refused.
func (t *tenant) loses(f *flight) (order, refusal bool) {
	f.served = true
	if f.doomed {
		return false, true
	}
	e := t.w.during(lostOrder)
	if e == nil || f.ask.class != classPage || f.ask.input.n != 0 {
		return false, false
	}
	earlier := f.earlier()
	if len(earlier) == 0 || !t.w.once(e) {
		return false, false
	}
	for _, other := range earlier {
		other.doomed = true
	}
	return true, false
}

// earlier returns the requests on their way to the tenant for pages that come before
// that of another one.
func (f *flight) earlier() (all []*flight) {
	f.process.mu.Lock()
	defer f.process.mu.Unlock()
	for other := range f.process.flights {
		a := other.ask
		if a.class == classPage && a.input == f.ask.input && a.iv.start.Before(f.ask.iv.start) && !other.served && other.out() {
			all = append(all, other)
		}
	}
	return all
}
