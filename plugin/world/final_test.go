// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import "time"

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

// notes remembers whose export has asked for something: by then it has a position.
func (w *world) notes(a *ask) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if a.input != nil {
		w.asked[a.input.key] = true
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
		if w.asked[in.key] {
			w.lost[in.key] = time.Now()
		}
	}
}
