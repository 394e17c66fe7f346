// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package endure

import (
	"maps"
	"sync"
)

// Fault is something that a server does.
type Fault string

// The faults of an S3 server: it fails, is slow, takes nothing, resets connections, stores and does
// not say so, and dies.
const (
	S3Failing  Fault = "S3 failing"
	S3Slow     Fault = "S3 slow"
	S3ReadOnly Fault = "S3 read-only"
	S3Resets   Fault = "S3 resets"
	S3Mute     Fault = "S3 stores and does not say so"
	S3Killed   Fault = "S3 killed"
)

// The faults of a tenant: it resets connections, cuts answers short, says nothing for long, in the
// middle of an answer too, answers what makes no sense, fails, and forgets a token.
const (
	TenantResets    Fault = "tenant resets"
	TenantTruncates Fault = "tenant truncates"
	TenantStalls    Fault = "tenant stalls"
	TenantHangs     Fault = "tenant stalls in the middle"
	TenantNonsense  Fault = "tenant answers nonsense"
	TenantFailing   Fault = "tenant failing"
	TenantForgets   Fault = "tenant forgets a token"
)

// The faults of a cache, and of a broker.
const (
	CacheGone    Fault = "cache gone"
	CacheLoading Fault = "cache loading"
	BrokerGone   Fault = "broker gone"
)

// Enough is how many requests a spell of it has to meet: one, or one for each kind of nonsense.
func (f Fault) Enough() int {
	if f == TenantNonsense {
		return len(nonsense)
	}
	return 1
}

// The faults of each server.
var (
	S3Faults     = []Fault{S3Failing, S3Slow, S3ReadOnly, S3Resets, S3Mute, S3Killed}
	TenantFaults = []Fault{TenantResets, TenantTruncates, TenantStalls, TenantHangs, TenantNonsense, TenantFailing, TenantForgets}
	CacheFaults  = []Fault{CacheGone, CacheLoading}
	BrokerFaults = []Fault{BrokerGone}
)

// Weather is what a server does at present, and how often it has.
type Weather struct {
	mu    sync.Mutex
	fault Fault // none where it is empty
	hits  map[Fault]int
}

// Turn begins a fault, or ends it where it is none.
func (w *Weather) Turn(fault Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = fault
}

// Now is the present fault.
func (w *Weather) Now() Fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fault
}

// hit counts a request that a fault met, and returns how many it met before.
func (w *Weather) hit(fault Fault) (before int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.hits == nil {
		w.hits = map[Fault]int{}
	}
	w.hits[fault]++
	return w.hits[fault] - 1
}

// Hits is how many requests each fault met.
func (w *Weather) Hits() map[Fault]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.hits)
}

// once reports whether a fault is on, and ends it.
func (w *Weather) once(fault Fault) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	on := w.fault == fault
	if on {
		w.fault = ""
	}
	return on
}
