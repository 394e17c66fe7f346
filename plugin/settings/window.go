// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package settings

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"connect-genesys.example/connect-genesys/plugin/window"
)

// Window is what the export covers.
type Window struct {
	window.Extent
	Manifest    bool
	Parallelism int // intervals that are read at once
	// StartText and ScheduleText are as written, the latter empty without a schedule.
	StartText, ScheduleText string

	endText string
	slack   time.Duration // see dateSlack
}

func (w *Window) rows() []row {
	return slices.Concat(w.grid(), []row{
		{"schedule", unset{""}, w.schedule},
		{"settle", "0s", into(&w.Settle, notNegative)},
		{"lookback", "0s", into(&w.Lookback, notNegative)},
		{"manifest", false, exactly(&w.Manifest, "is neither true nor false")},
		{"parallelism", 1, atLeast(1, &w.Parallelism)},
	})
}

// zone must come before rows of times and schedules, which are read by it.
func (w *Window) zone() []row {
	return []row{{"timezone", "UTC", into(&w.Grid.Location, location)}}
}

// grid returns the fields that genesys_intervals has too.
func (w *Window) grid() []row {
	return []row{
		{"interval", "PT5M", into(&w.Grid.Step, wholeSeconds)},
		{"start", nil, w.edge(&w.Start, &w.StartText, start)},
		{"end", unset{""}, w.edge(&w.End, &w.endText, window.ParseTimeSpec)},
	}
}

// edge returns a reader that stores a start or an end, and how it was written.
func (w *Window) edge(place *window.TimeSpec, written *string, parse func(string) (window.TimeSpec, error)) func(any) error {
	return func(v any) error {
		w.slack += dateSlack(v)
		*written = asText(v)
		return into(place, parse)(v)
	}
}

func start(s string) (window.TimeSpec, error) {
	i, err := window.ParseTimeSpec(s)
	if err == nil && i.IsNow() {
		err = errors.New(`"now" is no start: want a time, a date, or a negative duration such as -PT5M`)
	}
	return i, err
}

// dateSlack returns by how much a date may be off: lint sees an unquoted one as a time in
// UTC, and cannot tell it from midnight there. The constructor sees the text.
func dateSlack(v any) time.Duration {
	if t, ok := v.(time.Time); ok && t.Equal(t.Truncate(24*time.Hour)) {
		return 14 * time.Hour // the farthest that a time zone is from UTC
	}
	return 0
}

func (w *Window) schedule(v any) error {
	var ticks window.Schedule
	err := into(&ticks, func(s string) (window.Schedule, error) { return window.ParseSchedule(s, w.Grid.Location) })(v)
	w.Schedule, w.ScheduleText = &ticks, asText(v)
	return err
}

// checkOrder checks that the start is before the end, if no clock is needed to tell.
func (w *Window) checkOrder() error {
	if !w.Start.Absolute() || !w.End.Absolute() {
		return nil
	}
	from, to := w.Start.Resolve(time.Time{}, w.Grid), w.End.Resolve(time.Time{}, w.Grid)
	if !from.Before(to.Add(w.slack)) {
		return fmt.Errorf("field `start`: %v is not before `end`, which is %v", w.StartText, w.endText)
	}
	return nil
}

// checkRuns checks that there are runs, if a field is about them.
func (w *Window) checkRuns() error {
	switch {
	case w.Manifest && w.Follows():
		return errors.New("field `manifest`: an input that follows the clock has no runs: set `end` or `schedule`")
	case w.Lookback > 0 && w.Schedule == nil:
		return fmt.Errorf("field `lookback`: %v is for the runs of a schedule: set `schedule`", w.Lookback)
	}
	return nil
}

// Intervals is the arguments of genesys_intervals.
var Intervals = Schema[Window]{
	rows: func(w *Window) []row {
		return append(w.zone(), w.grid()...)
	},
	check: (*Window).checkOrder,
}
