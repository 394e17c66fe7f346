// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package commands

import (
	"fmt"
	"strings"
	"time"

	"connect-genesys.example/connect-genesys/plugin"
	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// place says where a checkpoint is kept.
func (s sheet) place(k kept) {
	title := k.path
	if k.label != "" {
		title += " (" + k.label + ")"
	}
	s.row("input", "%s", title)
	s.row("checkpoint", "%q in the cache %q, of the kind %s", k.Key, k.Cache, k.cacheKind)
}

// unread is for one of which nothing is known, which is not the same as none.
func (s sheet) unread(k kept, err error) {
	s.place(k)
	s.row("position", "unknown: %v", err)
}

// checkpoint says all that an entry has to say.
func (s sheet) checkpoint(k kept, state plugin.CheckpointState, now time.Time) {
	s.place(k)
	if state.Entry == nil {
		s.noPosition(state)
		return
	}
	s.origin(state.Entry.Plan, k.Own())
	s.row("", "%-*s%s", columnWidth, "UTC", there(k.Zone, k.Zone.String()))
	p := state.Entry.Position
	s.both("position", p.At, k.Zone)
	if !p.End.IsZero() {
		s.row("", "inside of the interval to %s: page %d is next", p.End.Format(time.RFC3339), max(1, p.Cursor.Page))
	}
	s.row("age", "%s", age(now.Sub(p.At)))
	s.run(k, p)
	if state.Entry.Spoilt != nil {
		s.row("beside it", "an entry that cannot be read, which the next write replaces: %v", state.Entry.Spoilt)
	}
	for i, differs := range state.Differs {
		s.row([]string{"differs in", ""}[min(i, 1)], "%s", differs)
	}
}

func (s sheet) noPosition(state plugin.CheckpointState) {
	if state.Began.IsZero() {
		s.row("position", "none: the next run starts at the input's start")
		return
	}
	s.row("position", "none, although one was written since %s: was it removed, or does the cache forget? The next run starts at the input's start",
		state.Began.UTC().Format(time.RFC3339))
}

// origin is whose the entry is. Entries of earlier releases do not say.
func (s sheet) origin(wrote, own export.Plan) {
	if wrote.Host == "" && wrote.ClientID == "" {
		s.row("tenant", "not written down, by an earlier release: the next run takes it for %s, client %s", own.Host, own.ClientID)
	} else {
		s.row("tenant", "%s, client %s", wrote.Host, wrote.ClientID)
		s.row("dataset", "%s", wrote.Dataset)
	}
	s.row("endpoint", "%s, in intervals of %s", wrote.Endpoint, wrote.Interval)
}

func (s sheet) run(k kept, p export.Position) {
	if p.Run == nil {
		s.row("run", "none: the position lies between two, or follows the clock")
		return
	}
	s.interval("run", window.Interval{Start: p.Run.Start, End: p.Run.End}, k.Zone)
	done, all := k.Between(p, p.Run.Start, p.At), k.Between(p, p.Run.Start, p.Run.End)
	s.row("", "%d of %s (%d %%), %s, %s, started at %s", done, count(all, "interval"), 100*done/max(all, 1),
		count(int(p.Run.Pages), "page"), count(int(p.Run.Records), "record"), p.Run.StartedAt.UTC().Format(time.RFC3339))
}

// age is how far a position is behind the clock.
func age(d time.Duration) string {
	if d < 0 {
		return brief(-d.Round(time.Second)) + " ahead of the clock"
	}
	text := brief(d.Round(time.Second))
	if days := int(d.Hours()) / 24; days > 1 {
		text = fmt.Sprintf("%d days", days)
	}
	return strings.TrimSpace(text) + " behind the clock"
}
