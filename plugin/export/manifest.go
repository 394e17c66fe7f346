// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"fmt"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// Manifest says what a run has exported. It is written once all of it is acknowledged.
type Manifest struct {
	Dataset       string    `json:"dataset"`
	Endpoint      string    `json:"endpoint"`
	Start         time.Time `json:"start"`
	End           time.Time `json:"end"`
	StartedAt     time.Time `json:"started_at"`
	FinishedAt    time.Time `json:"finished_at"`
	Pages         int64     `json:"pages"`
	Records       int64     `json:"records"`
	Bytes         int64     `json:"bytes"`
	Requests      int64     `json:"requests"`
	Throttled     int64     `json:"throttled"`
	PausedSeconds float64   `json:"paused_seconds"`
	// Complete: the intervals cover the window without gaps or overlaps, and each has its
	// last page and as many records as the service counts, where its count is exact.
	Complete   bool               `json:"complete"`
	Incomplete []Incomplete       `json:"incomplete,omitempty"`
	Intervals  []ManifestInterval `json:"intervals"`
}

// ManifestInterval is an interval of a [Manifest].
type ManifestInterval struct {
	Interval string `json:"interval"` // ISO 8601, start/end
	Pages    int64  `json:"pages"`
	Records  int64  `json:"records"`
	Total    *int64 `json:"total,omitempty"` // records as the service counts them
	Complete bool   `json:"complete"`
}

// Incomplete is a part of a window that is not complete, and why.
type Incomplete struct {
	Interval string `json:"interval"`
	Reason   string `json:"reason"`
}

// Manifest returns the run's manifest, of data from an endpoint.
func (r *Run) Manifest(dataset string, of genesys.Endpoint, finished time.Time, counts Counts) *Manifest {
	m := &Manifest{
		Dataset: dataset, Endpoint: of.Path, Start: r.Start, End: r.End,
		StartedAt: r.StartedAt, FinishedAt: finished.UTC(),
		Requests: counts.Requests, Throttled: counts.Throttled, PausedSeconds: counts.Paused.Seconds(),
		Intervals: []ManifestInterval{},
	}
	at := r.Start
	for _, t := range r.tallies() {
		m.gap(at, t.Interval.Start)
		m.list(t, t.incomplete(at, of.LooseTotal))
		at = t.Interval.End
	}
	m.gap(at, r.End)
	m.Complete = len(m.Incomplete) == 0
	return m
}

// gap records that nothing is known of a part of the window.
func (m *Manifest) gap(from, to time.Time) {
	if from.Before(to) {
		m.miss(window.Interval{Start: from, End: to}, "it is not among the intervals that this run counted")
	}
}

func (m *Manifest) miss(iv window.Interval, reason string) {
	m.Incomplete = append(m.Incomplete, Incomplete{iv.String(), reason})
}

// Dropped records that a page of an interval was rejected by the output and is not sent
// again.
func (m *Manifest) Dropped(iv window.Interval) {
	m.miss(iv, "the output rejected a page of it, and it was dropped (auto_replay_nacks: false)")
	m.Complete = false
	for i := range m.Intervals {
		if m.Intervals[i].Interval == iv.String() {
			m.Intervals[i].Complete = false
		}
	}
}

// list adds an interval, with what is missing of it.
func (m *Manifest) list(t Tally, missing string) {
	m.Intervals = append(m.Intervals, ManifestInterval{t.Interval.String(), t.Pages, t.Records, t.Total, missing == ""})
	m.Pages += t.Pages
	m.Records += t.Records
	m.Bytes += t.Bytes
	if missing != "" {
		m.miss(t.Interval, missing)
	}
}

// incomplete returns why an interval that was to start at a time is not complete;
// empty where it is.
func (t Tally) incomplete(at time.Time, looseTotal bool) string {
	switch {
	case t.Interval.Start.Before(at):
		return "it overlaps the interval before it"
	case !t.LastPage:
		return "its last page is missing"
	case !looseTotal && t.Total != nil && *t.Total != t.Records:
		return fmt.Sprintf("it has %d records where the service counts %d", t.Records, *t.Total)
	}
	return ""
}
