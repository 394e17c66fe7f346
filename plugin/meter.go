// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"sync/atomic"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/genesys"
)

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
