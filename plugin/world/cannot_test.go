// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import "time"

// What a process that cannot keep its position must not do is go on in silence: it
// ends as it starts, or once all is delivered.

// attempts is for how long a process tries to write before it starts, or ends: twice
// fallback_pause at its start, four times, or five seconds, at its end.
func (w *world) attempts(pauses int) time.Duration {
	return time.Duration(pauses)*w.plan.fallback + 30*time.Second + 10*w.plan.cacheMost
}

// refuses sees to it that a process ends that cannot keep where it starts.
func (w *world) refuses(p *process) {
	limit := w.attempts(2)
	e := w.during("the cache cannot be written")
	if e == nil || p.worker || w.began.Add(e.at+e.length).Before(p.began.Add(limit)) {
		return
	}
	w.closing.Go(func() {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		select {
		case <-p.failed:
		case <-p.closing:
		case <-timer.C:
			if !w.hadTrouble("the cache is slow", p.began) {
				w.find("%s goes on %s after its start, and its cache cannot be written", p.name(), limit)
			}
		}
	})
}

// lingers sees to it that no process waits for a cache for ever that cannot be written,
// once it has delivered everything. Over is closed when the world is.
func (w *world) lingers(e *event, over chan struct{}) {
	limit := w.attempts(4) + w.plan.timeout + w.stopsWithin()
	done := map[*process]time.Time{}
	for w.during(e.kind) == e {
		select {
		case <-over:
			return
		case <-time.After(30 * time.Second):
		}
		for _, p := range w.everybody() {
			switch since, ok := done[p]; {
			case p.dead.Load(), !w.hasDelivered(p):
				delete(done, p)
			case !ok:
				done[p] = time.Now()
			case time.Since(since) > limit && w.during(e.kind) == e:
				w.find("%s has delivered everything for %s, and does not end: its cache cannot be written", p.name(), time.Since(since))
				return
			}
		}
	}
}

// everybody returns the processes that are there.
func (w *world) everybody() (all []*process) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for p := range w.living {
		all = append(all, p)
	}
	return all
}

// hasDelivered reports whether all that a process's inputs have to deliver is there, and
// the last of it by the process itself. Manifests come after that, and may be rejected.
func (w *world) hasDelivered(p *process) bool {
	w.model.mu.Lock()
	defer w.model.mu.Unlock()
	for _, in := range p.inputs {
		if in.mode != "" || in.manifest && w.hadTrouble("the output rejects", w.began) {
			return false
		}
		_, why, used := w.model.gap(in, in.window.start, in.window.end)
		for text := range used {
			if k := w.model.intervals[in.n][text]; why == "" && k.span.end.Equal(in.window.end) && k.lastBy != p {
				return false
			}
		}
		if why != "" {
			return false
		}
	}
	return len(p.inputs) > 0
}
