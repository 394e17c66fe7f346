// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"maps"
	"strconv"
	"strings"
	"time"
)

// metricData, bucketMetric and group are AggregateMetricData, StatisticalResponse
// and the ...AggregateDataContainer of the public API description.
type (
	metricData struct {
		Metric    string `json:"metric"`
		Qualifier string `json:"qualifier,omitempty"`
		Stats     stats  `json:"stats"`
	}
	bucketMetric struct {
		Interval string       `json:"interval"`
		Metrics  []metricData `json:"metrics"`
	}
	group struct {
		Group map[string]string `json:"group,omitempty"`
		Data  []bucketMetric    `json:"data"`
	}
	// stats is StatisticalSummary: only what pertains to the metric is there.
	stats struct {
		Max         int64   `json:"max,omitempty"`
		Min         int64   `json:"min,omitempty"`
		Count       int64   `json:"count,omitempty"`
		Sum         int64   `json:"sum,omitempty"`
		Ratio       float64 `json:"ratio,omitempty"`
		Numerator   int64   `json:"numerator,omitempty"`
		Denominator int64   `json:"denominator,omitempty"`
		Target      float64 `json:"target,omitempty"`
	}
)

const (
	// beyondFloat is 2^53+1, the first integer that a float64 cannot hold: a client
	// that decodes into floats shows itself.
	beyondFloat = 9007199254740993
	// maxCells bounds the groups times buckets of one answer.
	maxCells = 200_000
)

// bucketsOf cuts iv by a granularity, or leaves it whole without one, which is
// the API's default.
func bucketsOf(iv interval, granularity, timeZone string) ([]interval, *apiError) {
	loc, lerr := time.LoadLocation(timeZone)
	if lerr != nil {
		return nil, invalidValue(timeZone, "timeZone", "the names of the IANA time zone database")
	}
	if granularity == "" {
		return []interval{iv}, nil
	}
	p, ok := parsePeriod(granularity)
	if !ok {
		return nil, invalidValue(granularity, "granularity", "ISO-8601 periods like PT30M, P1D or P1DT12H")
	}
	buckets, ok := p.buckets(iv, loc, maxCells)
	if !ok {
		return nil, badRequest("The query has too many buckets: at most %d", maxCells)
	}
	return buckets, nil
}

// groups is every combination of the dimensions' values; one without a name when
// there is no dimension.
func (d dataset) groups(dimensions []string) []map[string]string {
	out := []map[string]string{nil}
	for _, dim := range dimensions {
		var next []map[string]string
		for _, base := range out {
			for _, v := range d.values(dim) {
				m := map[string]string{dim: v}
				maps.Copy(m, base)
				next = append(next, m)
			}
		}
		out = next
		if len(out) > maxCells {
			return out
		}
	}
	return out
}

func (d dataset) values(dimension string) []string {
	switch dimension {
	case "queueId":
		return ids(d.queues, d.queueID)
	case "userId":
		return ids(d.users(), d.userID)
	case "divisionId":
		return []string{d.divisionID()}
	case "mediaType":
		return mediaTypes
	case "direction", "originatingDirection":
		return []string{"inbound", "outbound"}
	}
	return ids(2, func(i int) string {
		if strings.HasSuffix(dimension, "Id") {
			return uuid(mix(d.seed, kindDimension, hashString(dimension), uint64(i)))
		}
		return dimension + "-" + strconv.Itoa(i+1)
	})
}

func ids(n int, id func(int) string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = id(i)
	}
	return out
}

// series is one group's buckets. The first group always has data, and in its
// first bucket the number beyond floats; from the others a fifth of the buckets is
// missing.
func (d dataset) series(domain string, nth int, key map[string]string, buckets []interval, metrics []string) []bucketMetric {
	name := hashString(domain, spell(key))
	var out []bucketMetric
	for _, b := range buckets {
		h := mix(d.seed, kindStat, name, uint64(b.start.UnixMilli()), uint64(b.end.UnixMilli()))
		if quiet(b) || nth > 0 && h%5 == 0 {
			continue
		}
		data := d.metrics(domain, name, b, metrics, nth > 0)
		if nth == 0 && len(out) == 0 {
			mark(data)
		}
		out = append(out, bucketMetric{Interval: b.String(), Metrics: data})
	}
	return out
}

// quiet is true of what lies inside 03:00 to 04:00 UTC: the hour without data, in
// which an answer can be empty.
func quiet(b interval) bool {
	start := b.start.UTC()
	open := time.Date(start.Year(), start.Month(), start.Day(), 3, 0, 0, 0, time.UTC)
	return !start.Before(open) && !b.end.After(open.Add(time.Hour))
}

func mark(data []metricData) {
	for i := range data {
		if data[i].Stats.Sum > 0 {
			data[i].Stats.Sum = beyondFloat
			return
		}
	}
}

// userQualifiers are what the users' metrics are told apart by.
var userQualifiers = map[string][]string{
	"tAgentRoutingStatus":   {"IDLE", "INTERACTING"},
	"tOrganizationPresence": {"AVAILABLE", "ON_QUEUE"},
	"tSystemPresence":       {"AVAILABLE", "ON_QUEUE"},
}

func (d dataset) metrics(domain string, group uint64, b interval, names []string, sparse bool) []metricData {
	out := make([]metricData, 0, len(names))
	for i, name := range names {
		qualifiers := []string{""}
		if q := userQualifiers[name]; q != nil && domain == "users" {
			qualifiers = q
		}
		for _, qualifier := range qualifiers {
			st := d.stats(group, b, name, qualifier)
			if sparse && i > 0 && st.Count%7 == 0 {
				continue
			}
			out = append(out, metricData{Metric: name, Qualifier: qualifier, Stats: st})
		}
	}
	return out
}

// stats is a metric's value by the convention of its name: n counts, t is a time
// in milliseconds, o observes, most of them a ratio.
func (d dataset) stats(group uint64, b interval, metric, qualifier string) stats {
	h := mix(d.seed, kindStat, group, uint64(b.start.UnixMilli()), uint64(b.end.UnixMilli()), hashString(metric, qualifier))
	span := max(b.end.Sub(b.start).Minutes(), 1)
	count := pick(h, 1, 3+int64(span/2))
	switch metric[:min(len(metric), 1)] {
	case "t":
		low := pick(mix(h, 1), 1_000, 60_000)
		high := low + pick(mix(h, 2), 0, 600_000)
		if count == 1 {
			high = low
		}
		return stats{Count: count, Min: low, Max: high, Sum: low + high*(count-1)}
	case "o":
		met := pick(mix(h, 1), 1, count)
		return stats{Count: count, Ratio: float64(met) / float64(count), Numerator: met, Denominator: count, Target: 0.8}
	}
	return stats{Count: count}
}
