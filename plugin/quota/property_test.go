// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// visitor is a caller of the property below, and what became of it.
type visitor struct {
	Priority int
	Arrives  time.Duration // all at different times
	Leaves   time.Duration // after that, its context ends; 0: never
	Takes    time.Duration // its request
	End      string        // answered, silent, throttled, lost, abandoned
	Order    time.Duration // of a throttled one
	Polls    bool          // it is a stock component

	arrived, admitted, ended time.Duration
	let                      bool
}

func millis(t *rapid.T, least, most int, name string) time.Duration {
	return time.Duration(rapid.IntRange(least, most).Draw(t, name)) * time.Millisecond
}

// visitors are all seen to the end by a server that shows what is left.
func visitors(t *rapid.T, shows bool) []*visitor {
	all := make([]*visitor, rapid.IntRange(2, 40).Draw(t, "visitors"))
	for i := range all {
		v := &visitor{
			Priority: rapid.IntRange(-1, 2).Draw(t, "priority"),
			Arrives:  millis(t, 0, 100, "arrives") + time.Duration(i), // in no millisecond with another
			Takes:    millis(t, 1, 20, "takes"),
			End: rapid.SampledFrom([]string{"answered", "answered", "answered", "silent", "throttled", "lost", "abandoned"}).
				Draw(t, "end"),
			Order: millis(t, 0, 60, "order"),
			Polls: rapid.IntRange(0, 9).Draw(t, "polls") == 0,
		}
		if rapid.IntRange(0, 4).Draw(t, "leaves") == 0 {
			v.Leaves = millis(t, 0, 150, "leaves after")
		}
		if shows {
			v.Polls = false
		}
		if shows && (v.End == "silent" || v.End == "lost") {
			v.End = "answered"
		}
		all[i] = v
	}
	return all
}

// yard is a gate's surroundings: a server with a bucket for each window, and what it
// ordered.
type yard struct {
	gate   *Gate
	began  time.Time
	shows  bool // what is left, in each answer; else it does not count
	size   int64
	window time.Duration

	mu       sync.Mutex
	left     int64
	ends     time.Duration      // the window
	holds    [][2]time.Duration // from, until
	breaches []string
}

func newYard(t *rapid.T, shows bool) *yard {
	y := &yard{shows: shows, size: rapid.Int64Range(1, 8).Draw(t, "size"), window: millis(t, 20, 100, "window")}
	config := Config{FallbackPause: fallback, MinRemaining: rapid.Int64Range(0, y.size-1).Draw(t, "reserve")}
	if rapid.Bool().Draw(t, "paced") {
		config.Pace = time.Millisecond
	}
	y.gate = NewGate(config)
	return y
}

// open makes the bubble's clock the yard's, and gets to know of the first window.
func (y *yard) open(t *testing.T, store HoldStore) {
	t.Helper()
	y.gate.config.Store, y.gate.shared = store, newSharedHolds(store, nil)
	y.began, y.left, y.ends = time.Now(), y.size, y.window
	y.finish(&visitor{Takes: time.Millisecond, End: "answered"}, permit(t, y.gate))
}

func (y *yard) now() time.Duration { return time.Since(y.began) }

func (y *yard) breach(format string, args ...any) {
	y.breaches = append(y.breaches, fmt.Sprintf(format, args...))
}

// start is a request's arrival at the server.
func (y *yard) start(v *visitor) {
	y.mu.Lock()
	defer y.mu.Unlock()
	v.let, v.admitted = true, y.now()
	for _, hold := range y.holds { // what is let through as one begins was so before it
		if hold[0] < v.admitted && v.admitted < hold[1] {
			y.breach("one started at %s in the hold %s", v.admitted, hold)
		}
	}
	if v.admitted >= y.ends {
		y.left, y.ends = y.size, v.admitted+y.window
	}
	if y.left--; y.shows && y.left < 0 {
		y.breach("one started at %s that was not left", v.admitted)
	}
}

// info is what an answer says now.
func (y *yard) info() Info {
	y.mu.Lock()
	defer y.mu.Unlock()
	if now := y.now(); now >= y.ends {
		y.left, y.ends = y.size, now+y.window
	}
	return Info{HasRemaining: true, Remaining: max(y.left, 0), HasReset: true, Reset: y.ends - y.now()}
}

func (y *yard) visit(ctx context.Context, v *visitor) {
	time.Sleep(v.Arrives)
	v.arrived = y.now()
	defer func() { v.ended = y.now() }()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if v.Leaves > 0 {
		defer time.AfterFunc(v.Leaves, func() { cancel(errGone) }).Stop()
	}
	if v.Polls {
		y.poll(ctx, v)
		return
	}
	p, err := y.gate.Acquire(ctx, v.Priority)
	if err != nil {
		if !errors.Is(err, errGone) {
			y.breach("a wait ended with %v", err)
		}
		return
	}
	y.finish(v, p)
}

var errGone = errors.New("gone")

func (y *yard) poll(ctx context.Context, v *visitor) {
	for ctx.Err() == nil {
		wait := y.gate.TryAcquireUnseen(ctx)
		if wait == 0 {
			y.start(v)
			return
		}
		time.Sleep(wait)
	}
}

func (y *yard) finish(v *visitor, p *Permit) {
	if v.End == "abandoned" {
		v.let, v.admitted = true, y.now()
		p.Abandon()
		return
	}
	y.start(v)
	time.Sleep(v.Takes)
	ctx, arrived := context.Background(), time.Now()
	switch v.End {
	case "answered":
		p.Answer(ctx, y.info(), arrived)
	case "silent":
		p.Answer(ctx, Info{}, arrived)
	case "throttled":
		info, until := y.info(), y.now()+v.Order
		info.Throttled, info.HasRetryAfter, info.RetryAfter = true, true, v.Order
		p.Answer(ctx, info, arrived)
		y.hold(until)
	case "lost":
		p.Unanswered()
	}
}

func (y *yard) hold(until time.Duration) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.holds = append(y.holds, [2]time.Duration{y.now(), until})
}

// judge finds who went before somebody with a better place, who waited at that
// moment. Of two whose times are the same it says nothing.
func (y *yard) judge(all []*visitor) {
	for _, first := range all {
		for _, better := range all {
			waited := !better.Polls && better.arrived < first.admitted &&
				(better.let && better.admitted > first.admitted || !better.let && better.ended > first.admitted)
			ahead := better.Priority > first.Priority || better.Priority == first.Priority && better.arrived < first.arrived
			if first.Polls { // priority 0, and the place of all who poll
				ahead = better.Priority > 0
			}
			if first.let && waited && ahead {
				y.breach("%+v went before %+v", *first, *better)
			}
		}
		if !first.let && first.Leaves == 0 {
			y.breach("%+v was never let through", *first)
		}
	}
}

// leaks finds what is left at the gate once all have gone.
func (y *yard) leaks() {
	g := y.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, w := range g.queue {
		if w != g.pollers {
			y.breach("one stands in the queue")
		}
	}
	if len(g.readers) > 0 || g.inFlight != 0 || g.readingBodies != 0 || g.probe != nil || !g.due.IsZero() {
		y.breach("left: %d readers, %d in flight, %d read, probe %v, timer %v", len(g.readers), g.inFlight, g.readingBodies, g.probe, g.due)
	}
}

// TestWhateverComesTheInvariantsHold is over random arrivals, priorities, leavings,
// holds and budgets: nobody starts in a hold, nor where nothing is left; who is let
// through has the best place of those that wait at that moment; everybody is let
// through or ends; and nothing is left behind.
func TestWhateverComesTheInvariantsHold(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		shows, shared := rapid.Bool().Draw(rt, "shows"), rapid.IntRange(0, 3).Draw(rt, "shared") == 0
		all, y := visitors(rt, shows), newYard(rt, shows)
		synctest.Test(t, func(t *testing.T) {
			var store HoldStore
			if shared {
				store = &wall{takes: 2 * time.Millisecond}
			}
			y.open(t, store)
			var wg sync.WaitGroup
			for _, v := range all {
				wg.Go(func() { y.visit(t.Context(), v) })
			}
			wg.Wait()
			if !shared { // else a turn comes before the store is read, and a permit after it
				y.judge(all)
			}
			y.leaks()
		})
		if len(y.breaches) > 0 {
			rt.Fatalf("%q", y.breaches)
		}
	})
}
