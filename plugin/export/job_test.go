// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// midnight is when a bubble's clock begins.
var midnight = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// job is an export that is run by one process after the other.
type job struct {
	t        *testing.T
	service  *service
	schedule string
	zone     string
	step     string
	start    string
	end      string
	lookback time.Duration
	settle   time.Duration
	manifest bool

	idle    []string
	waits   []string  // for ticks, "15:04"
	kept    *Position // what the processes leave behind
	seen    []string  // "kind key revision"
	pages   map[string]int
	rounds  map[string][]int // revisions by interval
	windows []window.Interval
	done    []*Manifest
}

func newJob(t *testing.T) *job {
	return &job{
		t: t, service: &service{}, zone: "UTC", step: "PT1H", start: "2000-01-01T00:00:00Z",
		pages: map[string]int{}, rounds: map[string][]int{},
	}
}

func (j *job) config(drain func(context.Context) error) RunsConfig {
	j.t.Helper()
	loc, err := time.LoadLocation(j.zone)
	require.NoError(j.t, err)
	step, err := window.ParseDuration(j.step)
	require.NoError(j.t, err)
	grid := window.Grid{Step: step, Location: loc}
	at := func(s string) window.TimeSpec {
		instant, err := window.ParseTimeSpec(s)
		require.NoError(j.t, err)
		return instant
	}
	c := RunsConfig{
		Walk: Config{
			Parallelism:  1,
			ReaderConfig: ReaderConfig{PageSize: 100, RetryPolicy: RetryPolicy{Pause: time.Second}, Open: j.service.open},
		},
		Extent:   window.Extent{Grid: grid, Start: at(j.start), Lookback: j.lookback, Settle: j.settle},
		Manifest: j.manifest, Drain: drain,
		Idle:   func(reason string) { j.idle = append(j.idle, reason) },
		Waits:  func(tick time.Time) { j.waits = append(j.waits, tick.Format("15:04")) },
		Keep:   func(_ context.Context, at Position) error { j.keep(at); return nil },
		Begins: func(r Run) { j.windows = append(j.windows, window.Interval{Start: r.Start, End: r.End}) },
	}
	if j.end != "" {
		c.Extent.End = at(j.end)
	}
	if j.schedule != "" {
		schedule, err := window.ParseSchedule(j.schedule, loc)
		require.NoError(j.t, err)
		c.Extent.Schedule = &schedule
	}
	return c
}

// process runs until a time, or until a number of outputs was acknowledged, or
// to the end; what it kept is what the next one begins with. A position is kept
// as it would be written.
func (j *job) process(until time.Time, outputs int) error {
	j.t.Helper()
	config := j.config(func(context.Context) error { return nil })
	runs := NewRuns(config)
	if j.kept != nil {
		runs = NewRunsFrom(config, *j.kept)
	}
	defer runs.Close()
	ctx, cancel := context.WithDeadline(j.t.Context(), until)
	defer cancel()
	if outputs == 0 { // killed before the first is acknowledged
		_, _, err := runs.Next(ctx)
		require.NoError(j.t, err)
		<-ctx.Done()
		return ctx.Err()
	}
	for ; outputs != 0; outputs-- {
		out, ok, err := runs.Next(ctx)
		if err != nil || !ok {
			return err
		}
		j.take(out)
	}
	return nil
}

func (j *job) take(out *Output) {
	j.t.Helper()
	if out.Manifest != nil {
		j.done = append(j.done, out.Manifest.Manifest("d", genesys.Endpoint{Path: "/e"}, time.Now(), out.Counts))
		j.seen = append(j.seen, "manifest "+ManifestKey("d", out.Manifest.Start, out.Manifest.End))
	} else {
		key := Key("d", out.Interval, out.Page.Number)
		j.pages[key]++
		j.rounds[out.Interval.String()] = append(j.rounds[out.Interval.String()], out.Revision)
		j.seen = append(j.seen, fmt.Sprintf("page %s %d", key, out.Revision))
	}
	j.keep(out.After)
}

// keep takes a position as it comes back from where it was written.
func (j *job) keep(at Position) {
	j.t.Helper()
	data, err := encode(1, Plan{}, at)
	require.NoError(j.t, err)
	e, err := decode(data)
	require.NoError(j.t, err)
	p := e.position()
	j.kept = &p
}

const forEver = -1
