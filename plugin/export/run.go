// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"cmp"
	"encoding/json"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// Run is one export of a window, and what it has come to so far. It is treated as a value:
// [Run.with] returns a new one, so that every position keeps its own.
type Run struct {
	// Start and End are the window, Start inclusive, End exclusive. It includes what the
	// run reads again.
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	// From is where the window begins that no earlier run has exported.
	From      time.Time `json:"from"`
	StartedAt time.Time `json:"started_at"`

	Pages   int64 `json:"pages"`
	Records int64 `json:"records"`
	// Counts are what the run has cost so far. Where a process was killed, the requests
	// since its last checkpoint are missing.
	Counts

	// done are the intervals before last, kept only for a manifest. It is appended to
	// and never changed, so that the runs of several positions can share it.
	done []Tally
	last Tally // of the interval of the latest page
}

// Counts are what requests have cost: how many were sent, how many of those were
// throttled, and the time spent in pauses.
type Counts struct {
	Requests  int64         `json:"requests"`
	Throttled int64         `json:"throttled"`
	Paused    time.Duration `json:"paused_ns"`
}

// Add returns the sum of both.
func (c Counts) Add(d Counts) Counts {
	return Counts{c.Requests + d.Requests, c.Throttled + d.Throttled, c.Paused + d.Paused}
}

// Sub returns what was counted since d.
func (c Counts) Sub(d Counts) Counts {
	return Counts{c.Requests - d.Requests, c.Throttled - d.Throttled, c.Paused - d.Paused}
}

// Tally is what was exported of one interval.
type Tally struct {
	Interval              window.Interval
	Pages, Records, Bytes int64
	Total                 *int64 // records as the service last counted them, nil if it did not
	LastPage              bool   // its last page was exported
}

// with returns the run with one page more. Callers that want a manifest set list, which
// keeps what was counted interval by interval. An interval that starts over, from a job
// that was lost or with another page size, is counted anew, and one that is split after
// a page of it is replaced by its halves.
func (r Run) with(iv window.Interval, page genesys.Page, counts Counts, list bool) *Run {
	switch {
	case supersedes(iv, page, r.last.Interval):
		r.Pages -= r.last.Pages
		r.Records -= r.last.Records
		r.last = Tally{Interval: iv}
	case r.last.Interval != iv:
		if list && r.last.Pages > 0 {
			r.done = append(r.done, r.last)
		}
		r.last = Tally{Interval: iv}
	}
	r.last.add(page)
	r.Pages++
	r.Records += int64(page.Records)
	r.Counts = counts
	return &r
}

// supersedes reports whether a page takes the place of those of the interval before it:
// the interval is the same one and starts over, or the page's is a part of it.
func supersedes(iv window.Interval, page genesys.Page, before window.Interval) bool {
	if iv == before {
		return page.Number == 1
	}
	return iv.Start.Before(before.End)
}

func (t *Tally) add(page genesys.Page) {
	t.Pages++
	t.Records += int64(page.Records)
	t.Bytes += int64(len(page.Body))
	t.Total = cmp.Or(page.Total, t.Total)
	t.LastPage = page.Last
}

// tallies returns those of all intervals so far.
func (r *Run) tallies() []Tally {
	if r.last.Pages == 0 {
		return r.done
	}
	return append(r.done[:len(r.done):len(r.done)], r.last)
}

// runEntry is the JSON of a run. It is a part of every checkpoint, so intervals are
// short lists of numbers.
type runEntry struct {
	plainRun
	Tallies []tallyEntry `json:"intervals,omitempty"`
}

// plainRun is a Run without its methods, of which two are those of its JSON.
type plainRun Run

// tallyEntry is [start, end, pages, records, total or -1, last page reached,
// bytes], times in Unix seconds. Entries of earlier releases are without bytes.
type tallyEntry [7]int64

func (t Tally) entry() tallyEntry {
	e := tallyEntry{t.Interval.Start.Unix(), t.Interval.End.Unix(), t.Pages, t.Records, -1, 0, t.Bytes}
	if t.Total != nil {
		e[4] = *t.Total
	}
	if t.LastPage {
		e[5] = 1
	}
	return e
}

func (e tallyEntry) tally() Tally {
	t := Tally{
		Interval: window.Interval{Start: time.Unix(e[0], 0).UTC(), End: time.Unix(e[1], 0).UTC()},
		Pages:    e[2], Records: e[3], LastPage: e[5] == 1, Bytes: e[6],
	}
	if e[4] >= 0 {
		t.Total = &e[4]
	}
	return t
}

// MarshalJSON implements [json.Marshaler].
func (r *Run) MarshalJSON() ([]byte, error) {
	e := runEntry{plainRun: plainRun(*r)}
	for _, t := range r.tallies() {
		e.Tallies = append(e.Tallies, t.entry())
	}
	return json.Marshal(e)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (r *Run) UnmarshalJSON(data []byte) error {
	var e runEntry
	if err := json.Unmarshal(data, &e); err != nil {
		return err
	}
	*r = Run(e.plainRun)
	inUTC(&r.Start, &r.End, &r.From, &r.StartedAt)
	for _, entry := range e.Tallies {
		t := entry.tally()
		if t.Pages <= 0 {
			continue // no run counts an interval before a page of it
		}
		if r.last.Pages > 0 {
			r.done = append(r.done, r.last)
		}
		r.last = t
	}
	return nil
}

// inUTC makes times of a checkpoint what they were when it was written.
func inUTC(times ...*time.Time) {
	for _, t := range times {
		*t = t.UTC()
	}
}
