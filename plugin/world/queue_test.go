// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"encoding/json"
	"time"
)

// workerSlot is the number of the first process that is a worker.
const workerSlot = 10

// fillQueue gives the workers the intervals of an input of their own.
func (w *world) fillQueue() {
	first := w.plan.inputs[0]
	in := newInput(9)
	in.endpoint, in.step, in.count, in.density, in.pageSize = first.endpoint, first.step, first.count, first.density, first.pageSize
	in.window, in.underfill, in.client = first.window, first.underfill, "client"
	if in.step == 24*time.Hour {
		in.step = time.Hour
		in.window.start = in.window.end.Add(-time.Duration(in.count) * in.step)
	}
	w.queued = in
	w.plan.inputs = append(w.plan.inputs[:len(w.plan.inputs):len(w.plan.inputs)], in)
	w.queue, w.emptied, w.open = make(chan queued, in.count), make(chan struct{}), in.count
	for n := range in.count {
		start := in.window.start.Add(time.Duration(n) * in.step)
		w.queue <- queued{span: span{start, start.Add(in.step)}}
	}
	for n := range w.plan.workers {
		s := newSlot(workerSlot + n)
		s.worker = true
		w.slots = append(w.slots, s)
	}
}

// giveBack puts an interval on the queue again.
func (w *world) giveBack(next queued) {
	next.tries++
	w.queue <- next
}

// acked takes an interval off the queue; it must have been delivered.
func (w *world) acked(next queued) {
	w.model.mu.Lock()
	_, why, _ := w.model.gap(w.queued, next.span.start, next.span.end)
	w.model.mu.Unlock()
	w.mu.Lock()
	if why != "" {
		w.mu.Unlock()
		if w.isRefused(next) {
			time.Sleep(30 * time.Second)
			w.giveBack(next)
			return
		}
		w.find("a worker has acknowledged %s, and there is %s", next.span, why)
		w.mu.Lock()
	}
	defer w.mu.Unlock()
	if w.open--; w.open == 0 {
		close(w.emptied)
	}
}

// refused notes a message that came out of a processor with an error.
func (w *world) refused(p *process, body []byte, err error) {
	w.trace("%s: %s failed: %v", p.name(), body, err)
	var doc struct{ Interval string }
	_ = json.Unmarshal(body, &doc)
	p.mu.Lock()
	p.unused = 0 // the message has a word of it
	p.mu.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil {
		w.failed = map[string]bool{}
	}
	w.failed[doc.Interval] = true
}

// isRefused reports whether an interval came to an error, and forgets that.
func (w *world) isRefused(next queued) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	is := w.failed[next.span.String()]
	delete(w.failed, next.span.String())
	return is
}

func (p *process) claims(next queued) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken == nil {
		p.taken = map[queued]bool{}
	}
	p.taken[next] = true
}

// unclaims reports whether a process still has an interval, and takes it.
func (p *process) unclaims(next queued) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	had := p.taken[next]
	delete(p.taken, next)
	return had
}

// claimed takes all intervals that a process has.
func (p *process) claimed() (all []queued) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for next := range p.taken {
		all = append(all, next)
	}
	p.taken = nil
	return all
}
