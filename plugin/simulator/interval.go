// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// interval is [start, end), as the API's "start/end" is read here.
type interval struct{ start, end time.Time }

func (iv interval) String() string {
	return iv.start.UTC().Format(isoMillis) + "/" + iv.end.UTC().Format(isoMillis)
}

// intervalLayouts are the forms seen in practice. Without an offset it is UTC.
var intervalLayouts = []string{
	time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07", "2006-01-02T15:04:05",
}

func parseInterval(text string) (interval, *apiError) {
	const form = "an ISO-8601 interval YYYY-MM-DDThh:mm:ss/YYYY-MM-DDThh:mm:ss"
	from, to, ok := strings.Cut(text, "/")
	if !ok {
		return interval{}, invalidValue(text, "interval", form)
	}
	start, ok1 := parseInstant(from)
	end, ok2 := parseInstant(to)
	if !ok1 || !ok2 {
		return interval{}, invalidValue(text, "interval", form)
	}
	if !end.After(start) {
		return interval{}, invalidValue(text, "interval", "an interval whose end is after its start")
	}
	return interval{start, end}, nil
}

func parseInstant(text string) (time.Time, bool) {
	for _, layout := range intervalLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// period is an ISO-8601 period: a calendar part and a clock part.
type period struct {
	years, months, days int
	clock               time.Duration
}

var periodForm = regexp.MustCompile(`^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$`)

func parsePeriod(text string) (period, bool) {
	m := periodForm.FindStringSubmatch(text)
	if m == nil || strings.HasSuffix(text, "T") {
		return period{}, false
	}
	var n [8]int
	for i := 1; i < len(m); i++ {
		if m[i] == "" {
			continue
		}
		v, err := strconv.Atoi(m[i])
		if err != nil || v > 1_000_000 {
			return period{}, false
		}
		n[i] = v
	}
	p := period{years: n[1], months: n[2], days: 7*n[3] + n[4]}
	p.clock = time.Duration(n[5])*time.Hour + time.Duration(n[6])*time.Minute + time.Duration(n[7])*time.Second
	return p, p != (period{})
}

// after is the k-th boundary from start on, on the calendar of start's location.
func (p period) after(start time.Time, k int) time.Time {
	return start.AddDate(p.years*k, p.months*k, p.days*k).Add(p.clock * time.Duration(k))
}

// buckets cuts iv by the period; the last one ends with iv. False when there
// would be more than limit.
func (p period) buckets(iv interval, loc *time.Location, limit int) ([]interval, bool) {
	start := iv.start.In(loc)
	var out []interval
	for k, from := 1, start; from.Before(iv.end); k++ {
		if len(out) == limit {
			return nil, false
		}
		to := p.after(start, k)
		if to.After(iv.end) {
			to = iv.end
		}
		out = append(out, interval{from, to})
		from = to
	}
	return out, true
}

// ceilMilli keeps a conversation that starts in the last, partial millisecond.
func ceilMilli(t time.Time) int64 {
	ms := t.UnixMilli()
	if t.After(time.UnixMilli(ms)) {
		ms++
	}
	return ms
}
