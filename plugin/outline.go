// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"fmt"
	"maps"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// Outline is what an input would ask, told without asking. Positions are not
// read: it is the run of who has none.
type Outline struct {
	// Method and Endpoint are the request, Paging how its answer is handed out.
	Method, Endpoint, Paging string
	// Each is how many requests an interval takes at least. Paged says that the answer
	// of an interval may have more pages than that, which nobody knows beforehand.
	Each  int
	Paged bool
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
	// Wider would bring the same buckets with fewer requests; nil where nothing does.
	Wider *Wider

	// Checkpoint is the label of the cache that keeps the position, empty for none.
	Checkpoint string
}

// Wider are longer intervals with a granularity.
type Wider struct {
	Step, Granularity string // ISO 8601
	Intervals         int
}

// Requests is how many a run takes at least if each interval has so many pages, the
// one for the token included; 0 where nothing is asked or there is no end to it.
// Where there is one page to an interval, pages do not count.
func (o Outline) Requests(pages int) int { return o.requests(o.Intervals, pages) }

// WiderRequests are those of Wider.
func (o Outline) WiderRequests(pages int) int { return o.requests(o.Wider.Intervals, pages) }

func (o Outline) requests(intervals, pages int) int {
	if intervals == 0 {
		return 0
	}
	each := o.Each
	if o.Paged {
		each += pages - 1
	}
	return 1 + intervals*each
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
		Each: leastRequests(s.query.Endpoint.Paging), Paged: s.query.Endpoint.Paging != genesys.PagingNone,
		Snapshot: s.query.Endpoint.Interval == genesys.Nowhere,
		Step:     s.grid.Step.String(), Granularity: s.query.Granularity, Zone: s.grid.Location, Settle: s.settle,
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
func leastRequests(paging genesys.Paging) int {
	if paging == genesys.PagingJob {
		return 3
	}
	return 1
}

const ticksShown = 3

func (o *Outline) readSchedule(raw map[string]any, now time.Time) error {
	value, ok := raw[fieldSchedule]
	if !ok {
		return nil
	}
	o.Schedule = asText(value)
	schedule, err := window.ParseSchedule(o.Schedule, o.Zone)
	if err != nil {
		return named(fieldSchedule, err)
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
	o.Wider = wider(s, plan)
}

const aDay = 24 * time.Hour

// wider finds the days whose buckets are the plan's intervals. Only of an endpoint
// that is known to take a granularity, and that hands its buckets out whole: what
// a listing does with its pages then is its own affair.
func wider(s *settings, plan window.Plan) *Wider {
	step, ok := plan.Grid.Step.Clock()
	e, known := genesys.KnownEndpoint(s.query.Endpoint.Path)
	inPages := e.Paging != genesys.PagingNone && e.Paging != genesys.PagingJob
	if !ok || step >= aDay || plan.End.IsZero() || !known || !e.Granular || inPages {
		return nil
	}
	w := &Wider{Step: "P1D", Granularity: s.query.Granularity}
	if w.Granularity == "" {
		w.Granularity = plan.Grid.Step.String()
	}
	many := plan.Count()
	plan.Grid.Step, _ = window.ParseDuration(w.Step)
	for iv := range plan.All() {
		w.Intervals++
		if iv.Duration()%step != 0 && !iv.End.Equal(plan.End) { // the clocks change, or it is PT7H
			return nil
		}
	}
	if w.Intervals >= many {
		return nil
	}
	return w
}
