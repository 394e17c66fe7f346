// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"fmt"
	"maps"
	"time"

	"connect-genesys.example/connect-genesys/plugin/window"
)

// Outline is what an input would ask, told without asking. Positions are not
// read: it is the run of who has none.
type Outline struct {
	// Method and Endpoint are the request, Paging how its answer is handed out.
	Method, Endpoint, Paging string
	// Each is how many requests an interval takes at least.
	Each int
	// Snapshot tells that the endpoint knows no interval: it says how things
	// stand when it is asked.
	Snapshot bool

	Step        string // ISO 8601
	Granularity string // ISO 8601, empty for none
	Zone        *time.Location
	Settle      time.Duration

	// Ticks are the next three of the schedule, none without one. What follows is
	// then the run of the first.
	Ticks    []time.Time
	Schedule string

	// Start and End are the window. A zero End is open: the input follows the clock.
	Start, End time.Time
	// Intervals is how many there are, 0 where End is open; First and Last are
	// those two. First is there unless a window is empty.
	Intervals   int
	First, Last window.Interval

	// Checkpoint is the label of the cache that keeps the position, empty for none.
	Checkpoint string
}

// Requests is how many a run takes at least, the one for the token included; 0
// where nothing is asked or there is no end to it.
func (o Outline) Requests() int {
	if o.Intervals == 0 {
		return 0
	}
	return 1 + o.Intervals*o.Each
}

// ReadOutline reads an input's config, as it is written, and tells what the
// input would ask if it began now. It finds the mistakes that lint finds.
func ReadOutline(config map[string]any, now time.Time) (Outline, error) {
	raw := maps.Clone(defaults)
	maps.Copy(raw, present(config))
	for _, name := range []string{fieldEndpoint, fieldStart} {
		if _, ok := raw[name]; !ok {
			return Outline{}, fmt.Errorf("field `%s` is required", name)
		}
	}
	if err := inputChecks().problems(raw); err != nil {
		return Outline{}, err
	}
	s := &settings{}
	if err := s.readQuery(raw); err != nil {
		return Outline{}, err
	}
	s.readWindow(raw)
	o := Outline{
		Method: s.query.Endpoint.Method, Endpoint: s.query.Endpoint.Path, Paging: string(s.query.Endpoint.Paging),
		Each: leastRequests(string(s.query.Endpoint.Paging)), Snapshot: s.query.Endpoint.Interval == "none",
		Step: s.grid.Step.String(), Granularity: s.query.Granularity, Zone: s.grid.Location, Settle: s.settle,
	}
	if value, ok := raw[fieldCheckpointCache]; ok {
		o.Checkpoint = asText(value)
	}
	if err := o.readSchedule(raw, now); err != nil {
		return Outline{}, err
	}
	o.measure(s, now)
	return o, nil
}

// leastRequests is what one interval takes. A job is submitted, asked for once
// and read.
func leastRequests(paging string) int {
	if paging == "job" {
		return 3
	}
	return 1
}

const ticksShown = 3

func (o *Outline) readSchedule(raw map[string]any, now time.Time) error {
	value, ok := raw["schedule"]
	if !ok {
		return nil
	}
	o.Schedule = asText(value)
	schedule, err := window.ParseSchedule(o.Schedule, o.Zone)
	if err != nil {
		return named("schedule", err)
	}
	for tick := schedule.Next(now); !tick.IsZero() && len(o.Ticks) < ticksShown; tick = schedule.Next(tick) {
		o.Ticks = append(o.Ticks, tick)
	}
	return nil
}

// measure walks the window of a run that begins now, or of the first tick's.
func (o *Outline) measure(s *settings, now time.Time) {
	scheduled := len(o.Ticks) > 0
	if scheduled {
		now = o.Ticks[0]
	}
	plan := s.window(now)
	if scheduled && !s.bounded {
		plan = plan.Until(now.Add(-s.settle))
	}
	o.Start, o.End, o.Intervals = plan.Start.UTC(), plan.End.UTC(), plan.Count()
	var ok bool
	if o.First, ok = plan.At(plan.Start); ok && o.Intervals > 0 {
		o.Last, _ = plan.At(plan.Floor(plan.End.Add(-time.Second)))
	}
	if plan.End.IsZero() {
		o.End = time.Time{}
	}
}
