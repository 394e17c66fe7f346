// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// Position is the first page that has not been delivered. All before it has. Its JSON is a
// part of every checkpoint.
type Position struct {
	// At is the start of the page's interval.
	At time.Time `json:"at"`
	// End is the interval's end, zero where none of its pages was delivered. An
	// interval that was begun is finished with the end that it was begun with.
	End time.Time `json:"end,omitzero"`
	// Parent is the interval that this one was split from, because the service would
	// not take it whole; zero where it was not split.
	Parent window.Interval `json:"of,omitzero"`
	// Cursor is the page in the interval, counted in pages of PageSize.
	Cursor   genesys.Cursor `json:"cursor,omitzero"`
	PageSize int            `json:"page_size,omitempty"`

	// Origin is where the whole export began; its intervals are counted from there.
	// FirstRunEnd is where the window of its first run ended. Zero: not known.
	Origin      time.Time `json:"origin,omitzero"`
	FirstRunEnd time.Time `json:"since,omitzero"`
	// Run is the one that the position lies in, nil between two.
	Run *Run `json:"run,omitempty"`
}

// begun returns the interval that the position lies inside of, if any.
func (p Position) begun() (window.Interval, bool) {
	return window.Interval{Start: p.At, End: p.End}, !p.End.IsZero()
}

// whole returns the interval of the plan that the position lies inside of, if any.
func (p Position) whole() (window.Interval, bool) {
	iv, ok := p.begun()
	if p.Parent != (window.Interval{}) {
		iv = p.Parent
	}
	return iv, ok
}

// Plan identifies the export that a position belongs to: whose data it reads, and with
// which requests. A position means nothing to an export with another plan, which has other
// pages. The window of the export and its schedule are not part of it.
type Plan struct {
	Host        string `json:"host,omitempty"`      // of the API
	ClientID    string `json:"client_id,omitempty"` // the OAuth client
	Dataset     string `json:"dataset,omitempty"`
	Endpoint    string `json:"endpoint"`
	Query       string `json:"query"`
	Interval    string `json:"interval"`
	Granularity string `json:"granularity,omitempty"`
	TimeZone    string `json:"timezone"`
}

// PlanError says that a checkpoint belongs to another export.
type PlanError struct {
	Key     string   // in the cache
	Differs []string // in what, with both values
}

func (e *PlanError) Error() string {
	return fmt.Sprintf("the checkpoint %q belongs to another export, it differs in %s: give this input a checkpoint_cache_key of its own;"+
		" or, where it is the same export, take the checkpoint over with `checkpoint --adopt` after a change of client_id, or remove it with `checkpoint --delete` to begin at start",
		e.Key, strings.Join(e.Differs, " and in "))
}

// differs lists the parts in which the plan of a checkpoint is another one than p. In
// checkpoints of earlier releases host, client and dataset are missing, and taken to be
// those of p.
func (p Plan) differs(wrote Plan) (differs []string) {
	if wrote.Host == "" && wrote.ClientID == "" && wrote.Dataset == "" {
		wrote.Host, wrote.ClientID, wrote.Dataset = p.Host, p.ClientID, p.Dataset
	}
	for _, part := range []struct{ name, was, is string }{
		{"API host", wrote.Host, p.Host},
		{"client_id", wrote.ClientID, p.ClientID},
		{"dataset", wrote.Dataset, p.Dataset},
		{"endpoint", wrote.Endpoint, p.Endpoint},
		{"query", wrote.Query, p.Query},
		{"interval", wrote.Interval, p.Interval},
		{"granularity", wrote.Granularity, p.Granularity},
		{"timezone", wrote.TimeZone, p.TimeZone},
	} {
		if part.was != part.is {
			differs = append(differs, fmt.Sprintf("%s (it was %s, now it is %s)", part.name, cmp.Or(part.was, "none"), cmp.Or(part.is, "none")))
		}
	}
	return differs
}

// MovedTo returns the position, between two runs, at the start of an interval of the export
// that p belongs to. It is an error if no interval starts then.
func (p Position) MovedTo(at time.Time, grid window.Grid) (Position, error) {
	walk := window.Plan{Grid: grid, Start: p.origin()}
	before := walk.Floor(at)
	after, _ := walk.At(before)
	switch {
	case at.Before(p.Origin):
		return Position{}, fmt.Errorf("%s lies before %s, where this export started: remove the checkpoint and set start instead",
			at.UTC().Format(time.RFC3339), p.Origin.Format(time.RFC3339))
	case !before.Equal(at):
		return Position{}, fmt.Errorf("%s is not the start of an interval: those next to it are %s and %s",
			at.UTC().Format(time.RFC3339), before.Format(time.RFC3339), after.End.Format(time.RFC3339))
	}
	moved := Position{At: before, Origin: p.Origin, FirstRunEnd: p.FirstRunEnd}
	if before.Before(p.FirstRunEnd) {
		// What follows counts as exported for the first time by the run that starts here.
		moved.FirstRunEnd = before
	}
	return moved, nil
}

// origin returns where the export's intervals are counted from. It is the same for all
// runs, so that an interval that is read again is the same interval. Early releases kept
// none in the checkpoint.
func (p Position) origin() time.Time {
	whole, _ := p.whole()
	return cmp.Or(p.Origin, whole.Start)
}
