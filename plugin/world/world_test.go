// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package world_test plays whole worlds, each from one number: inputs, processors and
// gates of one or several processes over one cache, a tenant, a network, an output and
// an operator, all in one bubble of testing/synctest, so that days take milliseconds.
// The plugin is driven from outside, as a pipeline of Benthos; a model holds what
// comes out, and what goes over the wire, against what is promised.
//
//	go test ./plugin/world -run 'TestWorld$' -seed 7 -v     one world, with all that happens
//	go test ./plugin/world -run TestManyWorlds -seeds 1000  many
package world_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// world is one that is going on.
type world struct {
	plan   *plan
	began  time.Time
	healed time.Time // from here on nothing goes wrong
	chance chance
	tenant *tenant
	model  *model
	stores stores
	objects

	queue   chan queued
	emptied chan struct{} // closed when the queue is
	queued  *inputPlan

	building chan struct{} // has room for one process that is being built
	started  int
	slots    []*slot
	serving  sync.WaitGroup
	closing  sync.WaitGroup

	mu       sync.Mutex // guards all below
	findings []string
	living   map[*process]bool
	lines    []string
	open     int                  // intervals of the queue
	failed   map[string]bool      // of those, by interval
	lost     map[string]time.Time // positions, by key
	asked    map[string]bool      // keys whose exports have asked for something
	kept     map[string]bool      // keys under which there is a position
	used     map[*event]bool      // what happens once
}

type objects struct {
	tried sync.Mutex
	tries map[string]int
}

// try counts the deliveries of a key.
func (o *objects) try(key string) int {
	o.tried.Lock()
	defer o.tried.Unlock()
	o.tries[key]++
	return o.tries[key]
}

// play runs a world, and returns what is wrong with it.
func play(t *testing.T, p *plan, trace bool) (findings []string, lines []string) {
	defer func() {
		if problem := recover(); problem != nil {
			findings = append(findings, fmt.Sprint(problem))
		}
	}()
	before := runtime.NumGoroutine()
	synctest.Test(t, func(*testing.T) {
		w := newWorld(p, trace)
		defer func() { findings, lines = w.findings, w.lines }()
		w.run()
		w.leaks(before)
	})
	return findings, lines
}

func newWorld(p *plan, trace bool) *world {
	w := &world{plan: p, chance: p.chance, building: make(chan struct{}, 1), living: map[*process]bool{}, lost: map[string]time.Time{}, asked: map[string]bool{}, kept: map[string]bool{}, used: map[*event]bool{}}
	w.tries = map[string]int{}
	w.stores = stores{entries: map[string][]byte{}, ops: map[string]int{}}
	if trace {
		w.lines = []string{}
	}
	return w
}

func (w *world) run() {
	time.Sleep(time.Until(w.plan.begin))
	w.began = time.Now()
	w.tenant, w.model = newTenant(w), newModel(w)
	w.healed = w.began
	for _, e := range w.plan.events {
		if end := w.began.Add(e.at + e.length + e.away()); end.After(w.healed) {
			w.healed = end
		}
	}
	w.settle()
	for _, s := range w.slots {
		go w.operate(s)
	}
	over := make(chan struct{})
	var happening sync.WaitGroup
	for _, e := range w.plan.events {
		happening.Go(func() { w.happen(e, over) })
	}
	w.await()
	close(over)
	happening.Wait()
	w.closing.Wait()
	w.final()
	w.serving.Wait()
	registry.mu.Lock()
	clear(registry.processes)
	registry.mu.Unlock()
}

// settle finds the windows, and who runs what.
func (w *world) settle() {
	zone, err := time.LoadLocation(w.plan.zone)
	if err != nil {
		panic(err)
	}
	bySlot := map[int]*slot{}
	for _, in := range w.plan.inputs {
		in.settleOn(w.began, zone)
		s := bySlot[in.process]
		if s == nil {
			s = newSlot(in.process)
			bySlot[in.process] = s
			w.slots = append(w.slots, s)
		}
		s.inputs = append(s.inputs, in)
	}
	if w.plan.workers > 0 {
		w.fillQueue()
	}
}

func newSlot(n int) *slot {
	return &slot{n: n, commands: make(chan *event), done: make(chan struct{}), finish: make(chan struct{})}
}

// settleOn fixes an input's window before a time.
func (in *inputPlan) settleOn(now time.Time, zone *time.Location) {
	if in.mode == "schedule" || in.mode == "follow" {
		in.step = min(in.step, time.Hour)
	}
	if in.step == 24*time.Hour {
		y, m, d := now.In(zone).Date()
		in.window = span{time.Date(y, m, d-in.count, 0, 0, 0, 0, zone).UTC(), time.Date(y, m, d, 0, 0, 0, 0, zone).UTC()}
		return
	}
	end := now.UTC().Truncate(in.step)
	in.window = span{end.Add(-time.Duration(in.count) * in.step), end}
}

func (in *inputPlan) longestStep() time.Duration {
	if in.step == 24*time.Hour {
		return 25 * time.Hour
	}
	return in.step
}

// await waits until all is done that ends, and ends the rest.
func (w *world) await() {
	const patience = 30 * time.Hour
	deadline := time.NewTimer(time.Until(w.healed.Add(patience)))
	defer deadline.Stop()
	for _, s := range w.slots {
		if !s.bounded() {
			continue
		}
		select {
		case <-s.done:
		case <-deadline.C:
			w.find("%s after everything was mended, process %d is not done", patience, s.n)
			w.killAll()
			return
		}
	}
	for _, s := range w.slots {
		if s.bounded() {
			continue
		}
		time.Sleep(time.Until(w.healed.Add(w.tail(s))))
		w.catchUp(s)
		select {
		case <-s.done:
		default:
			if lack := w.follows(s); lack != "" {
				w.find("%s after everything was mended an export that follows the clock has not caught up: %s", time.Since(w.healed), lack)
			}
			close(s.finish)
			<-s.done
		}
	}
}

// catchUp waits until an export without an end is behind with nothing, or has been behind
// with the same for so long that it will stay so. The last fault may have been met only now,
// and an outage of half a day takes long to make up for where each interval is a job.
func (w *world) catchUp(s *slot) {
	const round, week, stuck = 20 * time.Minute, 504, 20 // rounds
	before := ""
	for rounds, same := 0, 0; rounds < week && same < stuck; rounds++ {
		lack := w.follows(s)
		if lack == "" {
			return
		}
		if same++; lack != before {
			before, same = lack, 0
		}
		time.Sleep(round)
	}
}

// tail is how long after the last fault an export without an end has caught up.
func (w *world) tail(s *slot) (d time.Duration) {
	for _, in := range s.inputs {
		if in.mode == "schedule" || in.mode == "follow" {
			d = max(d, time.Hour+in.settle+w.plan.lag+2*in.step)
		}
	}
	return d
}

// follows says what an export without an end is behind with.
func (w *world) follows(s *slot) string {
	w.model.mu.Lock()
	defer w.model.mu.Unlock()
	for _, in := range s.inputs {
		to := time.Now().Add(-in.settle - w.plan.lag - in.step - 30*time.Minute)
		if in.mode == "" || in.mode == "relative" {
			to = w.model.promised(in)
		}
		if at, why, _ := w.model.gap(in, w.model.start(in), to); why != "" {
			return fmt.Sprintf("of input %d there is at %s %s", in.n, at.Format(time.RFC3339), why)
		}
	}
	return ""
}

// killAll ends what does not end.
func (w *world) killAll() {
	living := w.everybody()
	for _, s := range w.slots {
		close(s.finish)
	}
	for _, p := range living {
		w.kill(p)
	}
	for _, s := range w.slots {
		<-s.done
	}
}

func (w *world) alive(p *process, is bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if is {
		w.living[p] = true
	} else {
		delete(w.living, p)
	}
}

// reserve is what the gate leaves to others.
func (w *world) reserve() int {
	if w.plan.gate == "own" || w.plan.gate == "shared" {
		return w.plan.reserve
	}
	return 0
}

// find notes what is wrong.
func (w *world) find(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.trace("FINDING %s", text)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.findings) < 20 {
		w.findings = append(w.findings, text)
	}
}

// trace notes what happens, where somebody will read it.
func (w *world) trace(format string, args ...any) {
	if w.lines == nil {
		return
	}
	line := time.Now().UTC().Format("0102 15:04:05.000000 ") + fmt.Sprintf(format, args...)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = append(w.lines, line)
}

// leaks finds the goroutines of the bubble that are left when all has ended.
func (w *world) leaks(before int) {
	time.Sleep(5 * time.Minute)
	synctest.Wait()
	if runtime.NumGoroutine() <= before+1 {
		return
	}
	buf := make([]byte, 1<<20)
	stacks := strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")
	_, bubble, _ := strings.Cut(strings.SplitN(stacks[0], "\n", 2)[0], "synctest")
	for _, stack := range stacks[1:] {
		head, _, _ := strings.Cut(stack, "\n")
		if _, of, ok := strings.Cut(head, "synctest"); ok && of == bubble && !strings.Contains(stack, "testing/synctest.Test") {
			w.find("a goroutine is left: %s", stack)
		}
	}
}
