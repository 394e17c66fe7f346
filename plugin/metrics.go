// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/quota"
)

// metrics are a component's. Users rely on their names.
type metrics struct {
	meter
	checkpointErrors *service.MetricCounter
	fatalErrors      *service.MetricCounter
	hold             *service.MetricGauge // seconds
	remaining, limit *service.MetricGauge
	lag              *service.MetricGauge // seconds
	planned, done    *service.MetricGauge // intervals of the run
	latency          *service.MetricTimer
}

func newMetrics(m *service.Metrics) *metrics {
	all := &metrics{
		checkpointErrors: m.NewCounter("genesys_analytics_checkpoint_errors_total"),
		fatalErrors:      m.NewCounter("genesys_analytics_fatal_errors_total"),
		hold:             m.NewGauge("genesys_analytics_hold_seconds"),
		remaining:        m.NewGauge("genesys_analytics_remaining"),
		limit:            m.NewGauge("genesys_analytics_limit"),
		lag:              m.NewGauge("genesys_analytics_lag_seconds"),
		planned:          m.NewGauge("genesys_analytics_intervals_planned"),
		done:             m.NewGauge("genesys_analytics_intervals_done"),
		latency:          m.NewTimer("genesys_analytics_request_latency_ns"),
	}
	all.requests.metric = m.NewCounter("genesys_analytics_requests_total", "status")
	all.throttled.metric = m.NewCounter("genesys_analytics_throttled_total", "status")
	all.paused.metric = m.NewCounter("genesys_analytics_paused_ns_total")
	all.pages.metric = m.NewCounter("genesys_analytics_pages_total")
	all.records.metric = m.NewCounter("genesys_analytics_records_total")
	// A counter that appears with its first error hides that error from increase() in
	// Prometheus.
	for _, c := range []*service.MetricCounter{all.pages.metric, all.records.metric, all.paused.metric, all.checkpointErrors, all.fatalErrors} {
		c.Incr(0)
	}
	return all
}

// hooks returns what a client calls: it counts, and logs each hold once.
func (m *metrics) hooks(log *service.Logger, gate *quota.Gate) genesys.Hooks {
	return genesys.Hooks{
		Hooks: quota.Hooks{
			Held: func(h quota.Hold) {
				m.hold.SetFloat64(h.Wait.Seconds())
				logHold(log, h)
			},
			Paused: func(d time.Duration) {
				m.paused.add(d.Nanoseconds())
				m.hold.SetFloat64(gate.Held().Seconds())
			},
			Answered: m.answered,
		},
		Exchanged: func(status int, took time.Duration) {
			label := "error" // no answer
			if status != 0 {
				label = strconv.Itoa(status)
			}
			m.requests.add(1, label)
			m.latency.Timing(took.Nanoseconds())
		},
	}
}

// longHold is the least length of a hold from another process that is worth a warning:
// tenants order minutes, and anyone who can write to the cache orders what they like.
const longHold = 24 * time.Hour

// logHold writes the one line that each hold has.
func logHold(log *service.Logger, h quota.Hold) {
	if h.Owner != "" {
		h.Cause += ", " + genesys.Printable(h.Owner)
	}
	text := fmt.Sprintf("The tenant's quota holds all requests for %s, until %s: %s",
		h.Wait.Round(time.Millisecond), h.Until.UTC().Format(time.RFC3339), h.Cause)
	if h.Owner != "" && h.Wait > longHold {
		log.Warn(text + ". If no tenant can have meant that: the command `hold` shows it, and ends it with --clear")
		return
	}
	log.Info(text)
}

func (m *metrics) answered(status int, n quota.Info) {
	if n.Throttled {
		m.throttled.add(1, strconv.Itoa(status))
	}
	if n.HasRemaining {
		m.remaining.Set(n.Remaining)
	}
	if n.Limit > 0 {
		m.limit.Set(n.Limit)
	}
}

// meter counts what a component's requests cost and what came of them. Metrics,
// progress, manifests and the status all read it. Bytes are not in it: a manifest
// counts each page once, however often it was read, so those are an [export.Tally]'s.
type meter struct {
	requests, throttled counter // label status
	paused              counter // nanoseconds
	pages, records      counter
}

// counter is one of Benthos' counters, which cannot be read, and its sum.
type counter struct {
	metric *service.MetricCounter
	sum    atomic.Int64
}

func (c *counter) add(n int64, labels ...string) {
	c.metric.Incr(n, labels...)
	c.sum.Add(n)
}

// counts are what a meter shows: of a whole process, or since an earlier Snapshot.
type counts struct {
	export.Counts
	Pages, Records int64
}

// Snapshot returns what has been counted so far.
func (m *meter) Snapshot() counts {
	return counts{m.cost(), m.pages.sum.Load(), m.records.sum.Load()}
}

// cost is what a run needs of a Snapshot.
func (m *meter) cost() export.Counts {
	return export.Counts{
		Requests:  m.requests.sum.Load(),
		Throttled: m.throttled.sum.Load(),
		Paused:    time.Duration(m.paused.sum.Load()),
	}
}

// Sub returns what has been counted since an earlier Snapshot.
func (c counts) Sub(earlier counts) counts {
	return counts{c.Counts.Sub(earlier.Counts), c.Pages - earlier.Pages, c.Records - earlier.Records}
}

func (m *meter) emitted(page genesys.Page) {
	m.pages.add(1)
	m.records.add(int64(page.Records))
}
