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
		if n == 2 {
			in.first = time.Time{} // a relative start is resolved again
		}
		for i, key := range []string{in.key, in.key + "_2"} {
			if n == 2 || n == i {
				delete(w.stores.entries, "position/"+key)
			}
		}
	}
}
