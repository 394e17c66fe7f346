// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"strings"
	"time"
)

// happen makes what is no state happen at its time.
func (w *world) happen(e *event, over chan struct{}) {
	if e.class != "" {
		return
	}
	timer := time.NewTimer(e.at)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-over:
		return
	}
	w.trace("%s", e)
	switch {
	case strings.HasPrefix(e.kind, "kill") || e.kind == "stop":
		w.command(e)
	case e.kind == "connections are cut":
		w.mu.Lock()
		defer w.mu.Unlock()
		for p := range w.living {
			p.cut()
		}
	case e.kind == "the cache forgets":
		w.forget(e.n)
	case e.kind == "the cache cannot be written":
		w.lingers(e, over)
	}
}

// command does to a process what an event says.
func (w *world) command(e *event) {
	for _, s := range w.slots {
		if s.n == e.process {
			select {
			case s.commands <- e:
			default: // nothing runs there just now
			}
		}
	}
}

// during returns the event of a kind that is going on, nil where there is none.
func (w *world) during(kind string) *event {
	now := time.Since(w.began)
	for _, e := range w.plan.events {
		if e.kind == kind && now >= e.at && now < e.at+e.length {
			return e
		}
	}
	return nil
}

// spoiledBy returns what spoils an answer, nil where nothing does.
func (w *world) spoiledBy(a *ask, now time.Time) *event {
	for _, e := range w.plan.events {
		if e.class != a.class || e.length > 0 && now.After(w.began.Add(e.length)) {
			continue
		}
		if a.class != classToken && a.class != classAvailability {
			if a.input == nil || a.input.n != e.input || a.input.ordinal(a.iv) != e.ordinal%a.input.count || a.class == classPage && a.page != e.page {
				continue
			}
		}
		if e.length == 0 && fatalFault(e.kind) && a.input != nil && a.iv.end.After(w.began.Add(time.Duration(a.input.count)*a.input.step)) {
			continue // or an export that follows would end at each round, and fall behind for ever
		}
		if e.length == 0 && (a.n < e.from || a.n >= e.from+e.times) {
			continue
		}
		if e.kind == "a 504" && a.input != nil && a.iv.end.Sub(a.iv.start) < a.input.step*9/10 {
			continue // or it would be split until nothing can be
		}
		return e
	}
	return nil
}

// ordinal numbers an input's intervals, whatever its window.
func (in *inputPlan) ordinal(s span) int {
	return int(s.start.Unix()/int64(in.step/time.Second)) % in.count
}
