// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"slices"
	"time"
)

// final judges a world that has ended.
func (w *world) final() {
	w.model.mu.Lock()
	defer w.model.mu.Unlock()
	for _, in := range w.plan.inputs {
		if in.mode == "" {
			w.model.whole(in, in.window.end, "the world has ended")
		}
	}
}

// whole finds what is missing of a window.
func (m *model) whole(in *inputPlan, to time.Time, when string) {
	at, why, used := m.gap(in, m.start(in), to)
	if why != "" {
		m.w.find("%s, and of input %d there is at %s %s", when, in.n, at.Format(time.RFC3339), why)
		return
	}
	for text, k := range m.intervals[in.n] {
		switch {
		case in.resized || in.lostJobs || in.anew || m.w.plan.longest > 0: // it may be split otherwise the second time
		case !used[text] && !k.span.start.Before(m.start(in)) && k.span.start.Before(at) && !m.splitAnew(in, k, used):
			m.w.find("%s, and the records of %s of input %d lie under other keys too", when, text, in.n)
		case used[text] && len(k.pages) > k.last:
			m.w.find("%s, and %s of input %d has %d objects where the last page is %d", when, text, in.n, len(k.pages), k.last)
		}
	}
}

// splitAnew reports whether an interval that was not used was slow for one process and
// not for another one, which did not know how far the first had come: only one of them
// has split it.
func (m *model) splitAnew(in *inputPlan, k *kept, used map[string]bool) bool {
	if !slices.ContainsFunc(m.w.plan.events, func(e *event) bool { return e.kind == "a 504" && e.class == classPage && e.input == in.n }) {
		return false
	}
	for text := range used {
		other := m.intervals[in.n][text]
		if !other.span.start.Before(k.span.end) || !k.span.start.Before(other.span.end) {
			continue
		}
		for p := range k.by {
			if other.by[p] {
				return false
			}
		}
	}
	return true
}

// forget takes away entries of the positions, as a cache does that is not durable.
func (w *world) forget(n int) {
	w.stores.mu.Lock()
	defer w.stores.mu.Unlock()
	for _, in := range w.plan.inputs {
		for i, key := range []string{in.key, in.key + "_2"} {
			if n == 2 || n == i {
				delete(w.stores.entries, "position/"+key)
			}
		}
	}
}

func (w *world) keeps(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kept[key] = true
}

// notes remembers whose export has asked for something: by then it has a position.
func (w *world) notes(p *process, a *ask) {
	if a.input == nil || a.input == w.queued {
		return
	}
	w.mu.Lock()
	w.asked[a.input.key] = true
	kept := w.kept[a.input.key]
	w.mu.Unlock()
	if !kept {
		w.find("%s asks for %s before it has kept where it starts", p.name(), a.key)
	}
}

// forgotten sees which positions are gone as a process starts: their exports start
// over, a relative start is resolved again, and where something had been asked for,
// so that there was a position, that is said.
func (w *world) forgotten(inputs []*inputPlan) {
	if !w.hadTrouble("the cache forgets", w.began) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stores.mu.Lock()
	defer w.stores.mu.Unlock()
	for _, in := range inputs {
		_, one := w.stores.entries["position/"+in.key]
		_, two := w.stores.entries["position/"+in.key+"_2"]
		delete(w.lost, in.key)
		if one || two {
			continue
		}
		in.first, in.anew = time.Time{}, true
		delete(w.kept, in.key)
		if w.asked[in.key] {
			w.lost[in.key] = time.Now()
		}
	}
}
