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
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stores.mu.Lock()
	defer w.stores.mu.Unlock()
	for _, in := range w.plan.inputs {
		lost := false
		for i, key := range []string{in.key, in.key + "_2"} {
			_, there := w.stores.entries["position/"+key]
			if there && (n == 2 || n == i) {
				lost = true
				delete(w.stores.entries, "position/"+key)
			}
		}
		_, one := w.stores.entries["position/"+in.key]
		_, two := w.stores.entries["position/"+in.key+"_2"]
		if one || two || w.runs(in) {
			continue
		}
		in.first = time.Time{} // a relative start is resolved again
		if _, marked := w.stores.entries["position/"+in.key+"_began"]; lost && marked {
			w.lost[in.key] = time.Now()
		}
	}
}

// runs reports whether a process exports an input, which would write its position again.
func (w *world) runs(in *inputPlan) bool {
	for p := range w.living {
		for _, x := range p.inputs {
			if x == in && !p.dead.Load() {
				return true
			}
		}
	}
	return false
}
