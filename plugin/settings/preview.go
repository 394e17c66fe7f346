// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package settings

import (
	"cmp"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// Preview is what an input would request if it started now without a checkpoint.
type Preview struct {
	// Method and Endpoint are the request's, Paging is how its answer comes.
	Method, Endpoint, Paging string
	// RequestsPerInterval is how many an interval, or a part of it, takes at least. Paged reports that
	// it may take more, since pages are not known beforehand.
	RequestsPerInterval int
	Paged               bool
	// Snapshot reports that the endpoint takes no interval: it answers for the present.
	Snapshot bool

	Step        string // ISO 8601
	Granularity string // ISO 8601, empty for none
	Zone        *time.Location
	Settle      time.Duration

	// Ticks are the next three of the schedule, if there is one. What follows then
	// describes the run of the first.
	Ticks    []time.Time
	Schedule string

	// Start and End are the window. A zero End means that the input follows the clock.
	Start, End time.Time
	// Intervals is how many there are, 0 if End is zero, with the First and the Last.
	// First is set unless the window is empty.
	Intervals   int
	First, Last window.Interval
	// Longest is the longest interval of one query, 0 where none is documented. Queries is
	// how many the Intervals take: a longer one takes several.
	Longest time.Duration
	Queries int
	// Wider would return the same buckets with fewer requests; nil if nothing would.
	Wider *Wider

	// Checkpoint is the label of the checkpoint's cache, empty for none.
	Checkpoint string
}

// Wider is an export by longer intervals, with a granularity.
type Wider struct {
	Step, Granularity string // ISO 8601
	Intervals         int
}

// Requests returns how many requests a run takes at least if each interval of a paged
// endpoint has so many pages, the one for the token included; 0 for a run that has no
// end or nothing to do.
func (p Preview) Requests(pages int) int { return p.requests(p.Queries, pages) }

// WiderRequests returns the same for Wider, which must not be nil.
func (p Preview) WiderRequests(pages int) int { return p.requests(p.Wider.Intervals, pages) }

func (p Preview) requests(queries, pages int) int {
	if queries == 0 {
		return 0
	}
	each := p.RequestsPerInterval
	if p.Paged {
		each += pages - 1
	}
	return 1 + queries*each
}

// ReadPreview returns the preview of an input from its config as written. Its errors are
// those of lint.
func ReadPreview(config map[string]any, now time.Time) (Preview, error) {
	c, err := Input.Parse(config)
	if err != nil {
		return Preview{}, err
	}
	e, w := c.Query.Endpoint, c.Window
	p := Preview{
		Method: e.Method, Endpoint: e.Path, Paging: string(e.Paging),
		RequestsPerInterval: e.Paging.LeastRequests(), Paged: e.Paging != genesys.PagingNone,
		Snapshot: e.Interval == genesys.Nowhere,
		Step:     w.Grid.Step.String(), Granularity: c.Query.Granularity, Zone: w.Grid.Location, Settle: w.Settle,
		Schedule: w.ScheduleText, Checkpoint: c.Checkpoint.Cache, Longest: c.Query.Longest(),
	}
	if w.Schedule != nil {
		p.Ticks = w.Schedule.Upcoming(now, ticksShown)
	}
	if len(p.Ticks) > 0 {
		now = p.Ticks[0]
	}
	p.measure(w.First(now))
	return p, nil
}

const ticksShown = 3

// measure counts the intervals of a run.
func (p *Preview) measure(plan window.Plan) {
	p.Start, p.End, p.Intervals = plan.Start.UTC(), plan.End, plan.Count()
	var ok bool
	if p.First, ok = plan.At(plan.Start); ok && p.Intervals > 0 {
		p.Last, _ = plan.At(plan.Floor(plan.End.Add(-time.Second)))
	}
	p.Queries = p.Intervals
	if p.Longest > 0 && plan.Grid.Step.Approx() >= p.Longest/2 && p.Intervals > 0 {
		p.Queries = 0
		for iv := range plan.All() {
			p.Queries += len(iv.Parts(p.Longest))
		}
	}
	p.Wider = p.wider(plan)
}

const aDay = 24 * time.Hour

// wider returns the plan by days, with the plan's intervals as buckets; nil if days do
// not have the same buckets, or if the endpoint is not known to take a granularity and to
// answer in one page.
func (p *Preview) wider(plan window.Plan) *Wider {
	step, ok := plan.Grid.Step.Clock()
	e, known := genesys.KnownEndpoint(p.Endpoint)
	inPages := e.Paging != genesys.PagingNone && e.Paging != genesys.PagingJob
	if !ok || step >= aDay || plan.End.IsZero() || !known || !e.Granular || inPages {
		return nil
	}
	w := &Wider{Step: window.Day.String(), Granularity: cmp.Or(p.Granularity, plan.Grid.Step.String())}
	many := plan.Count()
	plan.Grid.Step = window.Day
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
