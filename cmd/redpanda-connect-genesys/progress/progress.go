// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package progress shows a bar for bounded runs, to people: at a terminal only.
package progress

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"connect-genesys.example/connect-genesys/plugin"
)

const (
	// period is how often the status is asked for and the bar drawn.
	period   = 200 * time.Millisecond
	barWidth = 30
)

// Show shows a bar on stderr while there is a bounded run, if stderr is a
// terminal. What the process writes to a terminal goes above the bar: for that,
// os.Stdout and os.Stderr are pipes from now on. Call the function that it gives
// before the process exits; it takes the bar away and writes what is left.
func Show(status func() plugin.Status) (end func()) {
	if !terminal(os.Stderr) || os.Getenv("TERM") == "dumb" {
		return func() {}
	}
	s := &screen{real: os.Stderr, status: status}
	closers := []func(){s.relay(&os.Stderr)}
	if terminal(os.Stdout) {
		closers = append(closers, s.relay(&os.Stdout))
	}
	stopped, finished := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(finished)
		s.follow(stopped)
	}()
	return func() {
		close(stopped)
		<-finished
		for _, c := range closers {
			c()
		}
	}
}

func terminal(f *os.File) bool { return isatty.IsTerminal(f.Fd()) }

// screen is a terminal that may have a bar in its last line.
type screen struct {
	real   *os.File // where the bar goes
	status func() plugin.Status

	mu  sync.Mutex // guards bar: who writes a line, and who makes and removes the bar
	bar *bar       // nil without a bounded run
}

// bar is the display of one run.
type bar struct {
	container *mpb.Progress
	bar       *mpb.Bar
	run       *run
}

// follow shows and removes the bar as runs come and go, until it is told to stop
// or the process is: the rest of its life then belongs to the log.
func (s *screen) follow(stopped <-chan struct{}) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	defer s.set(plugin.Status{}, time.Time{})
	for {
		select {
		case now := <-ticker.C:
			s.set(s.status(), now)
		case <-signals:
			return
		case <-stopped:
			return
		}
	}
}

func (s *screen) set(status plugin.Status, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	going := status.Planned > 0 && status.Done < status.Planned
	switch {
	case going && s.bar == nil:
		s.bar = newBar(s.real, newRun(status, now))
	case !going && s.bar != nil:
		s.bar.bar.Abort(true)
		s.bar.container.Wait()
		s.bar = nil
	}
	if s.bar != nil {
		s.bar.run.update(status, now)
		s.bar.bar.SetTotal(status.Planned, false)
		s.bar.bar.SetCurrent(status.Done)
	}
}

func newBar(out io.Writer, r *run) *bar {
	container := mpb.New(mpb.WithOutput(out), mpb.WithRefreshRate(period), mpb.WithAutoRefresh())
	return &bar{container: container, run: r, bar: container.New(0,
		mpb.BarStyle().Lbound("[").Filler("=").Tip(">").Padding(" ").Rbound("]"),
		mpb.BarWidth(barWidth),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return r.before() })),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return r.after() })),
	)}
}

// relay puts a pipe in a stream's place, and writes what comes through it line by
// line. It gives what ends that.
func (s *screen) relay(stream **os.File) (end func()) {
	target := *stream
	r, w, err := os.Pipe()
	if err != nil { // no bar is worth an error
		return func() {}
	}
	*stream = w
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.copyLines(target, r)
	}()
	return func() {
		*stream = target
		_ = w.Close() // nobody writes to it any more
		<-done
	}
}

// copyLines writes whole lines above the bar where there is one, and everything
// as it comes where there is none.
func (s *screen) copyLines(target io.Writer, r io.Reader) {
	var rest []byte
	chunk := make([]byte, 32*1024)
	for {
		n, err := r.Read(chunk)
		rest = s.write(target, append(rest, chunk[:n]...), err != nil)
		if err != nil {
			return
		}
	}
}

// write gives back the beginning of a line, which waits for its end.
func (s *screen) write(target io.Writer, text []byte, all bool) (rest []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bar == nil || all {
		_, _ = target.Write(text) // there is nobody to tell
		return nil
	}
	end := lastLine(text)
	_, _ = s.bar.container.Write(text[:end])
	return text[end:]
}

// lastLine is where the last line begins that has not ended.
func lastLine(text []byte) int {
	for i := len(text); i > 0; i-- {
		if text[i-1] == '\n' {
			return i
		}
	}
	return 0
}

// run is how the present run goes.
type run struct {
	mu    sync.Mutex // the bar asks while the screen updates
	first plugin.Status
	since time.Time
	last  plugin.Status
	now   time.Time
}

func newRun(status plugin.Status, now time.Time) *run {
	return &run{first: status, since: now, last: status, now: now}
}

func (r *run) update(status plugin.Status, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last, r.now = status, now
}

// before is the text before the bar, after the one after it.
func (r *run) before() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return fmt.Sprintf("%d of %d intervals ", r.last.Done, r.last.Planned)
}

func (r *run) after() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := fmt.Sprintf(" %3d%%", 100*r.last.Done/r.last.Planned)
	elapsed := r.now.Sub(r.since)
	if pages := r.last.Pages - r.first.Pages; pages > 0 && elapsed > 0 {
		text += fmt.Sprintf("  %.3g pages/s", float64(pages)/elapsed.Seconds())
	}
	if left := r.last.HeldFor; left > 0 {
		text += "  held for " + clock(left)
	}
	if done := r.last.Done - r.first.Done; done > 0 {
		// Pauses are a part of the pace, so the whole run counts, not its last seconds.
		left := time.Duration(float64(elapsed) / float64(done) * float64(r.last.Planned-r.last.Done))
		text += "  " + clock(left) + " left"
	}
	return text
}

// clock is a duration in whole seconds, rounded up: 59s, 4m05s, 3h04m.
func clock(d time.Duration) string {
	seconds := int64((d + time.Second - 1) / time.Second)
	switch {
	case seconds < 60:
		return fmt.Sprintf("%ds", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%dm%02ds", seconds/60, seconds%60)
	}
	return fmt.Sprintf("%dh%02dm", seconds/3600, seconds%3600/60)
}
