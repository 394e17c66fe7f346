// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/endure"
)

var (
	kills       = flag.Int("kills", 12, "how many lives of the endurance test a SIGKILL ends")
	weatherSeed = flag.Uint64("seed", 0, "what the endurance test draws its lives and spells from; 0: something new")
)

// TestEndurance has three processes of the distribution behind one shared hold export for as long as
// it takes to kill them so many times, while each of the servers goes through all its faults, and then
// lets them finish. Two are inputs, with a manifest for each run and the position in Redis and in a
// folder; one is a worker behind NATS, for which a planner plans.
//
// The seed draws how each life is to end and what each server does when. What the processes are doing
// at that time is theirs.
func TestEndurance(t *testing.T) {
	newWorld(t, drawn(t)).endure()
}

// drawn is the script of the seed that was given, or of a new one.
func drawn(t *testing.T) endure.Script {
	t.Helper()
	seed := *weatherSeed
	if seed == 0 {
		seed = rand.Uint64N(1e9) + 1
	}
	t.Logf("again with -args -kills %d -seed %d", *kills, seed)
	return endure.Script{Seed: seed}
}

// endure is all of it.
func (w *world) endure() {
	began := time.Now()
	w.storm()
	stormed := time.Since(began)
	w.clear()
	evidence := w.evidence()
	w.Logf("%d kills in %s, all in %s; %d requests were told an order that they could not know\n%s",
		w.killed, stormed.Round(time.Second), time.Since(began).Round(time.Second), w.orders.Relayed(), evidence.Figures())
	if !assert.NoError(w, evidence.Check()) {
		w.tell()
	}
}

// TestEnduranceSeesAWorkerThatSharesNoHold holds the world to its own purpose: what the servers in
// front tell who cannot know must not hide who does not look.
func TestEnduranceSeesAWorkerThatSharesNoHold(t *testing.T) {
	w := newWorld(t, endure.Script{}, "rate_limit_resources.0.genesys_analytics.cache_key=elsewhere")
	w.stormy, w.spared = true, true
	w.until("an early request, or an order that is kept", 2*waitLimit, func() bool {
		return report(t, w.sim).EarlyRequests > 0 || w.orders.Kept() > 0
	})
}
