// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"fmt"
	"sync"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/settings"
	"connect-genesys.example/connect-genesys/plugin/window"
)

const (
	gaugeEvery = time.Second
	lineEvery  = 10 * time.Second
)

// progress reports how far an export is: gauges all the time, and a log line every ten
// seconds during a run.
type progress struct {
	settings *settings.Config
	client   *genesys.Client
	metrics  *metrics
	log      *service.Logger

	mu       sync.Mutex
	position time.Time   // acknowledged; zero: none yet
	run      *export.Run // that is going on
	began    time.Time
	ran      bool
	skipped  int    // intervals of the run that were done before it went on
	before   counts // of the process as the run began

	quit    chan struct{}
	stopped sync.Once
	wg      sync.WaitGroup
}

func newProgress(s *settings.Config, client *genesys.Client, m *metrics, log *service.Logger) *progress {
	return &progress{settings: s, client: client, metrics: m, log: log, quit: make(chan struct{})}
}

// start starts the lines. It is called once, and not after stop.
func (p *progress) start() {
	tracked.Store(p, struct{}{})
	p.wg.Go(p.loop)
}

// stop ends the lines, with a last one for the present run, or for the whole of an
// export without runs, which follows the clock.
func (p *progress) stop() {
	p.stopped.Do(func() {
		close(p.quit)
		p.wg.Wait()
		p.gauge()
		p.ends()
		if !p.ran && p.metrics.Snapshot().Requests > 0 {
			p.ended("The export", time.Time{})
		}
		tracked.Delete(p)
	})
}

func (p *progress) loop() {
	ticker := time.NewTicker(gaugeEvery)
	defer ticker.Stop()
	for n := 1; ; n++ {
		select {
		case <-p.quit:
			return
		case <-ticker.C:
			p.gauge()
			if time.Duration(n)*gaugeEvery%lineEvery == 0 {
				p.line()
			}
		}
	}
}

// begins records the start of a run, and so the end of the one before it.
func (p *progress) begins(run export.Run) {
	p.ends()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.run, p.began, p.before, p.ran = &run, time.Now(), p.metrics.Snapshot(), true
	p.skipped = p.doneLocked()
	planned := p.plannedLocked()
	p.metrics.planned.Set(int64(planned))
	p.metrics.done.Set(int64(p.skipped))
	p.log.Infof("Exporting %s from %s to %s: %d intervals of %s", p.settings.Query.Endpoint.Path,
		run.Start.Format(time.RFC3339), run.End.Format(time.RFC3339), planned, p.settings.Window.Grid.Step)
}

// ends logs the end of the present run, if there is one.
func (p *progress) ends() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run == nil {
		return
	}
	p.gaugeLocked()
	p.ended(fmt.Sprintf("The run of %d of %d intervals", p.doneLocked(), p.plannedLocked()), p.began)
	p.run = nil
}

// ended logs the last line of a run.
func (p *progress) ended(what string, began time.Time) {
	run, took := p.sinceBegan(), "."
	if !began.IsZero() {
		took = ", in " + time.Since(began).Round(time.Second).String()
	}
	p.log.Infof("%s has ended: %d pages, %d records, %d requests, %d throttled, %s paused%s", what,
		run.Pages, run.Records, run.Requests, run.Throttled, run.Paused.Round(time.Second), took)
}

// sinceBegan returns the counts of the present run in this process; without runs, those
// of the process.
func (p *progress) sinceBegan() counts { return p.metrics.Snapshot().Sub(p.before) }

// reached records a position that has been acknowledged. The gauges follow within a second.
func (p *progress) reached(at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.position = at
}

func (p *progress) gauge() {
	p.metrics.hold.SetFloat64(p.client.Held().Seconds())
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gaugeLocked()
}

func (p *progress) gaugeLocked() {
	if !p.position.IsZero() {
		p.metrics.lag.SetFloat64(time.Since(p.position).Seconds())
	}
	if p.run != nil {
		p.metrics.done.Set(int64(p.doneLocked()))
	}
}

func (p *progress) plannedLocked() int { return p.intervals(p.run.Start, p.run.End) }

func (p *progress) doneLocked() int {
	if p.position.Before(p.run.Start) {
		return 0
	}
	end := p.position
	if p.run.End.Before(end) {
		end = p.run.End
	}
	return p.intervals(p.run.Start, end)
}

// intervals returns how many end by a time.
func (p *progress) intervals(start, end time.Time) int {
	plan := window.Plan{Grid: p.settings.Window.Grid, Start: start, End: end}
	if whole := plan.Floor(end); end.Before(p.run.End) && whole.Before(end) {
		plan.End = whole // the one that is being read
	}
	return plan.Count()
}

// line logs how far the run is.
func (p *progress) line() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run == nil {
		return
	}
	done, planned := p.doneLocked(), p.plannedLocked()
	run := p.sinceBegan()
	p.log.Infof("Progress: %d of %d intervals (%d %%), %d pages, %d requests, %d throttled, %s paused, %s",
		done, planned, 100*done/max(1, planned), run.Pages, run.Requests, run.Throttled,
		run.Paused.Round(time.Second), left(time.Since(p.began), done-p.skipped, planned-done))
}

// left estimates from the intervals done how long the rest takes.
func left(took time.Duration, done, rest int) string {
	switch {
	case rest <= 0:
		return "done in " + took.Round(time.Second).String()
	case done <= 0:
		return "time left not known yet"
	}
	return "about " + (took / time.Duration(done) * time.Duration(rest)).Round(time.Second).String() + " left"
}

// addTo adds the present run to the status of the process.
func (p *progress) addTo(s *Status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run == nil {
		return
	}
	run := p.sinceBegan()
	s.Done += int64(p.doneLocked())
	s.Planned += int64(p.plannedLocked())
	s.Pages += run.Pages
	s.Requests += run.Requests
	s.Throttled += run.Throttled
	s.HeldFor = max(s.HeldFor, p.client.Held())
}
