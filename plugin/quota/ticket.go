// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

// ticket is one request in flight, as the gate's [state] knows it.
type ticket struct {
	epoch uint64 // of the state as the request started
	// unseen is state.unseen as the request started: the remaining that its answer
	// says may not include what has passed since.
	unseen  int64
	reading bool // counted in state.readingBodies
}
