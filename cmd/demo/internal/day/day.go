// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package day knows what a bucket has to hold after a window was exported: which keys, and under
// each, byte for byte, what the tenant serves for that page of that interval.
//
// It computes both by itself, from the contract and from a tenant of its own without limits. It
// imports nothing that it checks.
package day

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Span is what was exported.
type Span struct {
	Start, End time.Time
	Interval   time.Duration
}

// Count is the number of intervals, and with one page each of objects.
func (s Span) Count() int { return int(s.End.Sub(s.Start) / s.Interval) }

// intervals calls f for each.
func (s Span) intervals(f func(start, end time.Time) error) error {
	for at := s.Start; at.Before(s.End); at = at.Add(s.Interval) {
		if err := f(at, at.Add(s.Interval)); err != nil {
			return err
		}
	}
	return nil
}

const (
	clock     = "150405Z"
	wholeTime = "20060102T150405Z"
)

// Key is the object's name for a page of an interval.
func (d Data) Key(start, end time.Time, page int) string {
	start, end = start.UTC(), end.UTC()
	until := end.Format(clock)
	if start.YearDay() != end.YearDay() {
		until = end.Format(wholeTime)
	}
	return fmt.Sprintf("%s/%s/%s-%s/p%04d.json", d.Dataset, start.Format("2006/01/02"), start.Format(clock), until, page)
}

// Check compares a bucket with what it has to hold. Every difference is one line of the error.
func Check(got, want map[string][]byte) error {
	var wrong []string
	for _, k := range slices.Sorted(maps.Keys(want)) {
		body, there := got[k]
		switch {
		case !there:
			wrong = append(wrong, "missing: "+k)
		case string(body) != string(want[k]):
			wrong = append(wrong, fmt.Sprintf("not what the tenant serves: %s (%d bytes, want %d)",
				k, len(body), len(want[k])))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(got)) {
		if _, expected := want[k]; !expected {
			wrong = append(wrong, "one too many: "+k)
		}
	}
	return summary(wrong)
}

// Covered checks from the keys of queue summaries, which have one page each, that every moment of
// the span is in exactly one of them.
func Covered(keys []string, span Span) error { return QueueSummaries.Covered(keys, span) }

// Covered checks from the keys alone that every moment of the span is in exactly one interval.
func (d Data) Covered(keys []string, span Span) error {
	type part struct{ start, end time.Time }
	var parts []part
	for _, k := range keys {
		if !strings.HasSuffix(k, "/p0001.json") && d.pages {
			continue
		}
		start, end, err := d.parse(k)
		if err != nil {
			return err
		}
		parts = append(parts, part{start, end})
	}
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(a.start.Compare(b.start), a.end.Compare(b.end))
	})
	at := span.Start
	for _, p := range parts {
		if !p.start.Equal(at) {
			return fmt.Errorf("covering the window: an object starts at %s, want %s",
				p.start.UTC().Format(time.RFC3339), at.UTC().Format(time.RFC3339))
		}
		at = p.end
	}
	if !at.Equal(span.End) {
		return fmt.Errorf("covering the window: it ends at %s, want %s",
			at.UTC().Format(time.RFC3339), span.End.UTC().Format(time.RFC3339))
	}
	return nil
}

// parse reads the interval off an object's name.
func (d Data) parse(k string) (start, end time.Time, err error) {
	parts := strings.Split(k, "/") // dataset, year, month, day, times, page
	if len(parts) != 6 || parts[0] != d.Dataset {
		return start, end, fmt.Errorf("reading object name %s: want %s/<date>/<times>/<page>", k, d.Dataset)
	}
	date := strings.Join(parts[1:4], "")
	from, until, _ := strings.Cut(parts[4], "-")
	if start, err = time.Parse(wholeTime, date+"T"+from); err != nil {
		return start, end, fmt.Errorf("reading object name %s: %w", k, err)
	}
	if !strings.Contains(until, "T") {
		until = date + "T" + until
	}
	if end, err = time.Parse(wholeTime, until); err != nil {
		return start, end, fmt.Errorf("reading object name %s: %w", k, err)
	}
	return start, end, nil
}

// shown is how many differences an error lists.
const shown = 10

func summary(wrong []string) error {
	if len(wrong) == 0 {
		return nil
	}
	n := len(wrong)
	if n > shown {
		wrong = append(wrong[:shown], fmt.Sprintf("and %d more", n-shown))
	}
	return fmt.Errorf("comparing the objects: %d differ:\n  %s", n, strings.Join(wrong, "\n  "))
}
