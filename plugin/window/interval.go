// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window

import (
	"fmt"
	"strings"
	"time"
)

// Layouts of a time in UTC.
const (
	layoutCompact = "20060102T150405Z"
	layoutKey     = "2006/01/02/150405Z"
	layoutTime    = "150405Z"
	layoutDay     = time.DateOnly
)

// Interval is the half-open span of time [Start, End): UTC, whole seconds, and
// Start before End.
type Interval struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// ParseInterval reads two RFC 3339 times with a slash between them. Each needs
// its offset or Z: Genesys reads a time without one in a zone that depends on
// the endpoint.
func ParseInterval(s string) (Interval, error) {
	first, second, ok := strings.Cut(s, "/")
	start, okStart := parseRFC3339(first)
	end, okEnd := parseRFC3339(second)
	switch {
	case !ok || !okStart || !okEnd:
		return Interval{}, fmt.Errorf("parsing interval %q: want two RFC 3339 times (2026-11-21T15:00:00Z/2026-11-21T15:05:00Z)", s)
	case start.Nanosecond() != 0 || end.Nanosecond() != 0:
		return Interval{}, fmt.Errorf("parsing interval %q: want whole seconds", s)
	case !start.Before(end):
		return Interval{}, fmt.Errorf("parsing interval %q: want a start before the end", s)
	}
	return Interval{start, end}, nil
}

// parseRFC3339 is stricter than time.Parse, which lets an hour have one digit
// and a fraction start with a comma. RFC 3339 has neither (section 5.6).
func parseRFC3339(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || s[len("2006-01-02T15")] != ':' || strings.Contains(s, ",") {
		return time.Time{}, false
	}
	return t.UTC(), true
}

// String returns the interval as Genesys writes it:
// 2026-11-21T15:00:00.000Z/2026-11-21T15:05:00.000Z.
func (iv Interval) String() string {
	start, end := iv.Start.UTC().Format(time.RFC3339), iv.End.UTC().Format(time.RFC3339)
	return start[:len(start)-1] + ".000Z/" + end[:len(end)-1] + ".000Z"
}

// Duration returns the elapsed time from Start to End.
func (iv Interval) Duration() time.Duration { return iv.End.Sub(iv.Start) }

// Halves splits iv at the whole second nearest to its middle; of an odd number of
// seconds the second half has one more. It reports false when iv is a second long.
func (iv Interval) Halves() (a, b Interval, ok bool) {
	seconds := iv.End.Unix() - iv.Start.Unix()
	if seconds < 2 {
		return Interval{}, Interval{}, false
	}
	middle := time.Unix(iv.Start.Unix()+seconds/2, 0).UTC()
	return Interval{iv.Start, middle}, Interval{middle, iv.End}, true
}

// Parts cuts iv from its start on into intervals of so long, of which the last may be
// shorter. One that is no longer, or a longest of 0, is not cut.
func (iv Interval) Parts(longest time.Duration) (parts []Interval) {
	for longest > 0 && iv.Duration() > longest {
		edge := iv.Start.Add(longest)
		parts = append(parts, Interval{iv.Start, edge})
		iv.Start = edge
	}
	return append(parts, iv)
}

// Key returns a path-safe name that no other interval has: the UTC date and time of
// the start and the time of the end (2026/11/21/150000Z-150500Z). An end on
// another UTC day is written in full (2026/11/21/150000Z-20261122T150000Z).
func (iv Interval) Key() string {
	start, end := iv.Start.UTC(), iv.End.UTC()
	layout := layoutTime
	if day := 24 * time.Hour; !start.Truncate(day).Equal(end.Truncate(day)) {
		layout = layoutCompact
	}
	return start.Format(layoutKey) + "-" + end.Format(layout)
}

// Compact returns the key without folders, and with both dates: 20261121T150000Z-20261122T150000Z.
func (iv Interval) Compact() string {
	return iv.Start.UTC().Format(layoutCompact) + "-" + iv.End.UTC().Format(layoutCompact)
}
