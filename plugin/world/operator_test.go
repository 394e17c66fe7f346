// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// slot is a place where one process runs after the other, with the same config.
type slot struct {
	n        int
	inputs   []*inputPlan
	worker   bool
	commands chan *event
	done     chan struct{}
	finish   chan struct{} // closed when inputs without an end are to be stopped
}

// bounded reports whether the slot's inputs end by themselves.
func (s *slot) bounded() bool {
	for _, in := range s.inputs {
		if in.mode == "schedule" || in.mode == "follow" {
			return false
		}
	}
	return true
}

// operate runs the processes of a slot until its work is done.
func (w *world) operate(s *slot) {
	defer close(s.done)
	again := false
	for n := 0; ; n++ {
		if n > 3000 { // a day in which it gives up after each minute
			w.find("process %d was started %d times, and is not done", s.n, n)
			return
		}
		p := w.launch(s)
		if p == nil {
			continue // its config was mended
		}
		switch how := w.attend(s, p); how {
		case "finished", "abandoned":
			return
		case "clean":
			if !s.bounded() {
				w.find("%s has ended although it has no end, and without an error", p.name())
				return
			}
			w.model.claims(p, again)
			if again || !w.plan.chance.share(30, "once more", s.n) {
				return
			}
			again = true
		case "failed":
			w.explain(p)
			time.Sleep(w.plan.chance.span(time.Second, time.Minute, "restart", s.n, n))
		case "stopped", "killed":
			again = false
		}
	}
}

func last(lines []string) string {
	if len(lines) == 0 {
		return "it says nothing"
	}
	return lines[len(lines)-1]
}

// launch starts a process; nil where its config had to be mended first.
func (w *world) launch(s *slot) *process {
	w.building <- struct{}{}
	defer func() { <-w.building }()
	w.started++
	p := &process{
		world: w, slot: s.n, id: w.started, inputs: s.inputs, worker: s.worker, built: make(chan struct{}), quit: make(chan struct{}), closing: make(chan struct{}), failed: make(chan struct{}),
		wires: map[*wire]bool{}, counts: map[string]int64{}, flights: map[*flight]bool{}, views: map[string]*view{},
	}
	w.forgotten(s.inputs)
	w.trace("%s starts", p.name())
	err := p.start()
	if err == nil {
		w.alive(p, true)
		w.refuses(p)
		return p
	}
	w.trace("%s is not built: %v", p.name(), err)
	if !strings.Contains(err.Error(), "another input keeps its checkpoint") || !w.ownKeys(s.inputs) {
		w.find("%s cannot be built: %v", p.name(), err)
		close(s.finish)
		s.inputs = nil
	}
	return nil
}

// ownKeys gives each input a key of its own, that nothing else ever had; false where
// they have one. Their exports start anew.
func (w *world) ownKeys(inputs []*inputPlan) (changed bool) {
	for _, in := range inputs {
		if key := fmt.Sprintf("own-%d", in.n); in.key != key {
			in.key, in.first, in.anew, changed = key, time.Time{}, true, true
		}
	}
	return changed && w.shared()
}

// shared reports whether two inputs had one key.
func (w *world) shared() bool {
	for _, in := range w.plan.inputs {
		if in.client != "client" {
			return true
		}
	}
	return false
}

// warns holds a process against the positions that were lost before it started.
func (w *world) warns(p *process) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, in := range p.inputs {
		key := in.key
		at, lost := w.lost[key]
		if !lost || at.After(p.began) || p.lived() < time.Minute {
			continue
		}
		delete(w.lost, key)
		p.mu.Lock()
		said := strings.Contains(strings.Join(p.warned, "\n"), key) || strings.Contains(strings.Join(p.errors, "\n"), "checkpoint")
		p.mu.Unlock()
		if !said {
			go w.find("%s starts over without a word, although the position %q was lost", p.name(), key)
		}
	}
}

// explain finds why an input has ended with an error, and does what a person does
// about it. What nothing explains is a finding.
func (w *world) explain(p *process) {
	p.mu.Lock()
	text := strings.Join(p.errors, "\n")
	p.mu.Unlock()
	switch {
	case strings.Contains(text, "belongs to another export"):
		if w.ownKeys(p.inputs) {
			return
		}
	case strings.Contains(text, "cannot be read"): // both entries are in pieces, or one is and the other lost
		if w.hadTrouble("the cache forgets", w.began) {
			w.forget(2)
			return
		}
	case p.strikes.Load() > 0:
		return
	case strings.Contains(text, "giving up after"):
		if w.plan.giveUp > 0 && (time.Since(p.began) >= w.plan.giveUp || w.ordered(p)) {
			return
		}
	case strings.Contains(text, "checkpoint") || strings.Contains(text, "position"):
		if w.hadTrouble("cache", p.began) || w.hadTrouble("writes are torn", p.began) {
			return
		}
	}
	w.find("%s ends with an error although nothing was wrong since %s: %s", p.name(), p.began.Format(time.RFC3339), last(p.errors))
}

// hadTrouble reports whether something of a kind went on since a time.
func (w *world) hadTrouble(kind string, since time.Time) bool {
	for _, e := range w.plan.events {
		from := w.began.Add(e.at)
		if strings.Contains(e.kind, kind) && !from.After(time.Now()) && from.Add(e.length).After(since) {
			return true
		}
	}
	return false
}

// attend waits until a process has ended, and says how.
func (w *world) attend(s *slot, p *process) (how string) {
	defer w.alive(p, false)
	defer w.warns(p)
	for {
		select {
		case <-p.quit:
			_ = p.stream.StopWithin(time.Second)
			if p.fatal() && !p.worker {
				return "failed"
			}
			return "clean"
		case <-p.failed: // somebody is told, and looks after it
			select {
			case <-p.quit:
			case <-time.After(10 * time.Minute):
				w.stop(p)
			}
			return "failed"
		case <-s.finish:
			w.stop(p)
			return "finished"
		case e := <-s.commands:
			if e.kind == "stop" {
				w.stop(p)
				time.Sleep(time.Duration(e.n) * time.Second)
				return "stopped"
			}
			w.kill(p)
			switch e.kind {
			case "kill, and another page_size":
				for _, in := range s.inputs {
					in.pageSize, in.resized = e.n, true
				}
			case "kill, and wait for hours":
				time.Sleep(time.Duration(e.n) * time.Hour)
			default:
				time.Sleep(time.Duration(e.n) * time.Second)
			}
			return "killed"
		}
	}
}

// kill ends a process as SIGKILL does: from here on nothing of it reaches anything.
// What is left of its goroutines is taken away.
func (w *world) kill(p *process) {
	w.killed(p)
	w.closing.Go(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = p.stream.Stop(ctx)
		<-p.quit
		_ = p.stream.StopWithin(time.Second)
	})
}

// lived is how long a process was there, or has been: not how long nothing was after it.
func (p *process) lived() time.Duration {
	if p.dead.Load() {
		return p.ended.Sub(p.began)
	}
	return time.Since(p.began)
}

func (p *process) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.wires {
		c.cut()
	}
}

// stopTimeout is the engine's shutdown_timeout.
const stopTimeout = 20 * time.Second

// stop ends a process as SIGTERM does.
func (w *world) stop(p *process) {
	began := time.Now()
	quiet := w.quiet()
	w.trace("%s is told to stop", p.name())
	patience := time.AfterFunc(stopTimeout*3/4, func() { w.killed(p) })
	err := p.stream.StopWithin(stopTimeout)
	patience.Stop()
	took := time.Since(began)
	w.trace("%s has stopped after %s: %v", p.name(), took, err)
	if most := w.stopsWithin(); quiet && w.quiet() && took > most {
		w.find("%s took %s to stop, want at most %s", p.name(), took, most)
	}
	w.model.stopped(p)
	w.killed(p)
}

// killed cuts a process off.
func (w *world) killed(p *process) {
	w.trace("%s is gone", p.name())
	p.endedOnce.Do(func() {
		p.ended = time.Now()
		p.dead.Store(true)
	})
	p.closes()
	p.cut()
	for _, next := range p.claimed() {
		w.giveBack(next)
	}
}

// closes ends the waits in the caches: the engine locks its resources to close them,
// and a lock that is waited for stops the clock of a bubble.
func (p *process) closes() { p.closingOnce.Do(func() { close(p.closing) }) }

// pause lets time pass, until the context or the process ends.
func (p *process) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-p.closing:
	}
}

// stopsWithin is what a graceful stop may take: two seconds, and what is out.
func (w *world) stopsWithin() time.Duration {
	return 4*time.Second + 8*w.plan.ackMost + time.Duration(w.plan.batch)*time.Second
}

// quiet reports whether nothing holds up a stop that is not the input's.
func (w *world) quiet() bool {
	for _, kind := range []string{"the output rejects everything", "the output rejects some"} {
		if w.during(kind) != nil {
			return false
		}
	}
	return true
}

// ordered reports whether the process was ordered to wait for longer than it may:
// then it gives up at once.
func (w *world) ordered(p *process) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, v := range p.views {
		if time.Since(p.began)+v.longest+time.Second >= w.plan.giveUp { // clocks may differ by that
			return true
		}
	}
	return false
}
