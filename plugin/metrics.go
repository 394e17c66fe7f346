// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/quota"
)

// metrics are what a component tells of itself. Their names are an interface.
type metrics struct {
	requests         *service.MetricCounter // label status
	pages, records   *service.MetricCounter
	throttled        *service.MetricCounter // label status
	paused           *service.MetricCounter // nanoseconds
	checkpointErrors *service.MetricCounter
	fatalErrors      *service.MetricCounter
	hold             *service.MetricGauge // seconds
	remaining, limit *service.MetricGauge
	lag              *service.MetricGauge // seconds
	planned, done    *service.MetricGauge // intervals of the run
	latency          *service.MetricTimer

	// sums are what the counters count, for those who cannot read these.
	sums struct{ requests, throttled, pages, records, paused atomic.Int64 }
}

// counts are the component's requests so far.
func (m *metrics) counts() export.Counts {
	return export.Counts{
		Requests:  m.sums.requests.Load(),
		Throttled: m.sums.throttled.Load(),
		Paused:    time.Duration(m.sums.paused.Load()),
	}
}

func newMetrics(m *service.Metrics) *metrics {
	all := &metrics{
		requests:         m.NewCounter("genesys_analytics_requests_total", "status"),
		pages:            m.NewCounter("genesys_analytics_pages_total"),
		records:          m.NewCounter("genesys_analytics_records_total"),
		throttled:        m.NewCounter("genesys_analytics_throttled_total", "status"),
		paused:           m.NewCounter("genesys_analytics_paused_ns_total"),
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
	// A counter that is not there before its first error hides that error from
	// increase() in Prometheus.
	for _, c := range []*service.MetricCounter{all.pages, all.records, all.paused, all.checkpointErrors, all.fatalErrors} {
		c.Incr(0)
	}
	return all
}

// hooks let a client count, and log each hold once.
func (m *metrics) hooks(log *service.Logger, gate *quota.Gate) genesys.Hooks {
	return genesys.Hooks{
		Hooks: quota.Hooks{
			Held: func(h quota.Hold) {
				m.hold.SetFloat64(h.Wait.Seconds())
				logHold(log, h)
			},
			Paused: func(d time.Duration) {
				m.paused.Incr(d.Nanoseconds())
				m.sums.paused.Add(d.Nanoseconds())
				m.hold.SetFloat64(gate.Held().Seconds())
			},
			Answered: m.answered,
		},
		Exchanged: func(status int, took time.Duration) {
			label := "error" // no answer
			if status != 0 {
				label = strconv.Itoa(status)
			}
			m.requests.Incr(1, label)
			m.sums.requests.Add(1)
			m.latency.Timing(took.Nanoseconds())
		},
	}
}

// longHold is from where on a hold that came from another process is worth a
// warning: tenants order minutes, and whoever can write to the cache orders what
// they like.
const longHold = 24 * time.Hour

// logHold is the one line that each hold has.
func logHold(log *service.Logger, h quota.Hold) {
	if h.Owner != "" {
		h.Cause += ", " + genesys.Printable(h.Owner)
	}
	if h.Owner != "" && h.Wait > longHold {
		log.Warnf("The tenant's quota holds all requests for %s, until %s: %s. If no tenant can have meant that: the command `hold` shows it, and ends it with --clear",
			h.Wait.Round(time.Millisecond), h.Until.UTC().Format(time.RFC3339), h.Cause)
		return
	}
	log.Infof("The tenant's quota holds all requests for %s, until %s: %s",
		h.Wait.Round(time.Millisecond), h.Until.UTC().Format(time.RFC3339), h.Cause)
}

func (m *metrics) answered(status int, n quota.Info) {
	if n.Throttled {
		m.throttled.Incr(1, strconv.Itoa(status))
		m.sums.throttled.Add(1)
	}
	if n.HasRemaining {
		m.remaining.Set(n.Remaining)
	}
	if n.Limit > 0 {
		m.limit.Set(n.Limit)
	}
}

func (m *metrics) emitted(page genesys.Page) {
	m.pages.Incr(1)
	m.sums.pages.Add(1)
	m.records.Incr(int64(page.Records))
	m.sums.records.Add(int64(page.Records))
}
