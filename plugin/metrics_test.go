// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// series is what a metrics exporter was told, by the names of metrics and the values of their labels.
type series struct {
	mu   sync.Mutex
	last map[string]int64
}

type oneSeries struct {
	*series
	name string
}

func (s oneSeries) add(n int64, reset bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if reset {
		s.last[s.name] = 0
	}
	s.last[s.name] += n
}

func (s oneSeries) Incr(n int64) { s.add(n, false) }
func (s oneSeries) Timing(int64) { s.add(1, false) }
func (s oneSeries) Set(n int64)  { s.add(n, true) }

func (s *series) of(name string) func(...string) oneSeries {
	return func(values ...string) oneSeries {
		return oneSeries{s, strings.Join(append([]string{name}, values...), " ")}
	}
}

func (s *series) NewCounterCtor(name string, _ ...string) service.MetricsExporterCounterCtor {
	return func(values ...string) service.MetricsExporterCounter { return s.of(name)(values...) }
}

func (s *series) NewTimerCtor(name string, _ ...string) service.MetricsExporterTimerCtor {
	return func(values ...string) service.MetricsExporterTimer { return s.of(name)(values...) }
}

func (s *series) NewGaugeCtor(name string, _ ...string) service.MetricsExporterGaugeCtor {
	return func(values ...string) service.MetricsExporterGauge { return s.of(name)(values...) }
}

func (*series) Close(context.Context) error { return nil }

func (s *series) value(name string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last[name]
}

// measured returns resources whose metrics a test can see.
func measured(t *testing.T) (*service.Resources, *series) {
	t.Helper()
	all, env := &series{last: map[string]int64{}}, service.NewEnvironment()
	require.NoError(t, env.RegisterMetricsExporter("seen", service.NewConfigSpec(), func(*service.ParsedConfig, *service.Logger) (service.MetricsExporter, error) {
		return all, nil
	}))
	builder := env.NewResourceBuilder()
	require.NoError(t, builder.SetMetricsYAML("seen: {}"))
	require.NoError(t, builder.AddCacheYAML("label: position\nmemory: {}"))
	res, stop, err := builder.Build()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop(context.Background())) })
	return res, all
}

// TestRequestsAreCountedByTheirStatus, and those that have no answer as such.
func TestRequestsAreCountedByTheirStatus(t *testing.T) {
	res, metric := measured(t)
	synctest.Test(t, func(t *testing.T) {
		tenant, requests := newTenant(t, simulator.Config{Bucket: 10, Penalty: true}), 0
		losing := roundTrip(func(req *http.Request) (*http.Response, error) {
			if requests++; requests == 3 {
				return nil, errors.New("connection reset by peer")
			}
			return tenant.RoundTrip(req)
		})
		in := open(t, with(settledDay, "interval: PT1H"), losing, res)
		pages := exportAll(t, in)
		require.NoError(t, in.Close(t.Context()))
		report := tenant.Report()
		require.Positive(t, report.Throttled)
		assert.EqualValues(t, report.RequestsByStatus["200"], metric.value("genesys_analytics_requests_total 200"))
		assert.EqualValues(t, report.Throttled, metric.value("genesys_analytics_requests_total 429"))
		assert.EqualValues(t, report.Throttled, metric.value("genesys_analytics_throttled_total 429"))
		assert.EqualValues(t, 1, metric.value("genesys_analytics_requests_total error"))
		assert.EqualValues(t, len(pages), metric.value("genesys_analytics_pages_total"))
		assert.EqualValues(t, report.Records, metric.value("genesys_analytics_records_total"))
		assert.EqualValues(t, report.Requests+1, metric.value("genesys_analytics_request_latency_ns"), "each is timed once")
		assert.EqualValues(t, 24, metric.value("genesys_analytics_intervals_planned"))
		assert.EqualValues(t, 24, metric.value("genesys_analytics_intervals_done"))
		assert.Greater(t, metric.value("genesys_analytics_paused_ns_total"), int64(time.Minute))
	})
}

// TestWhatIsShownOfTheQuotaStaysShown until an answer shows something else.
func TestWhatIsShownOfTheQuotaStaysShown(t *testing.T) {
	res, metric := measured(t)
	synctest.Test(t, func(t *testing.T) {
		tenant, answers := newTenant(t, simulator.Config{Bucket: 100, RateHeaders: "x"}), 0
		tenant.after = func(res *http.Response) {
			if answers++; answers > 20 {
				res.Header.Del("X-RateLimit-Limit")
				res.Header.Del("X-RateLimit-Remaining")
			}
		}
		in := open(t, with(settledDay, "interval: PT1H"), tenant, res)
		require.Len(t, exportAll(t, in), 24)
		require.NoError(t, in.Close(t.Context()))
		assert.EqualValues(t, 100, metric.value("genesys_analytics_limit"))
		assert.EqualValues(t, 80, metric.value("genesys_analytics_remaining"))
	})
}
