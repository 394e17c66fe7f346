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
	s := &screen{real: os.Stderr, status: status, idle: sample{at: time.Now()}}
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

	mu   sync.Mutex // guards bar: who writes a line, and who makes and removes the bar
	bar  *bar       // nil without a bounded run
	idle sample     // the last one without a run: what a run begins with
}

// sample is a status and when it was asked for.
type sample struct {
	plugin.Status

	at time.Time
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
	defer s.set(sample{})
	for {
		select {
		case now := <-ticker.C:
			s.set(sample{s.status(), now})
		case <-signals:
			return
		case <-stopped:
			return
		}
	}
}

func (s *screen) set(now sample) {
	s.mu.Lock()
	defer s.mu.Unlock()
	going := now.Planned > 0 && now.Done < now.Planned
	switch {
	case going && s.bar == nil:
		s.bar = newBar(s.real, &run{first: s.idle, last: now})
	case !going && s.bar != nil:
		s.bar.bar.Abort(true)
		s.bar.container.Wait()
		s.bar = nil
	}
	if s.bar == nil {
		s.idle = now
		return
	}
	s.bar.run.update(now)
	s.bar.bar.SetTotal(now.Planned, false)
	s.bar.bar.SetCurrent(now.Done)
}

func newBar(out io.Writer, r *run, options ...mpb.ContainerOption) *bar {
	container := mpb.New(append(options, mpb.WithOutput(out), mpb.WithRefreshRate(period))...)
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
		defer r.Close()
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
	if _, err := s.bar.container.Write(text[:end]); err != nil { // there is no bar any more
		_, _ = target.Write(text[:end])
	}
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
	first sample

	mu   sync.Mutex // guards last: the bar asks while the screen updates
	last sample
}

func (r *run) update(now sample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = now
}

func (r *run) present() sample {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

// before is the text before the bar, after the one after it.
func (r *run) before() string {
	now := r.present()
	return fmt.Sprintf("%d of %d intervals ", now.Done, now.Planned)
}

func (r *run) after() string {
	now := r.present()
	text := fmt.Sprintf(" %3d%%", 100*now.Done/now.Planned)
	elapsed := now.at.Sub(r.first.at)
	if pages := now.Pages - r.first.Pages; pages > 0 && elapsed > 0 {
		text += fmt.Sprintf("  %.1f pages/s", float64(pages)/elapsed.Seconds())
	}
	if now.HeldFor > 0 {
		text += "  held for " + clock(now.HeldFor)
	}
	if done := now.Done; done > 0 {
		// Pauses are a part of the pace, so the whole run counts, not its last seconds.
		left := time.Duration(float64(elapsed) / float64(done) * float64(now.Planned-now.Done))
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
