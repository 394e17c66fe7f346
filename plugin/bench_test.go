// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// BenchmarkExportUnderABucket measures how much longer than the least possible
// a day takes against a bucket of 100 requests in ten seconds, and what it costs
// the tenant: as the server orders, and beside it with the exponential backoff
// (1 s, doubled up to 30 s) that clients commonly have. Once is enough:
//
//	go test -run='^$' -bench=ExportUnderABucket -benchtime=1x ./plugin
func BenchmarkExportUnderABucket(b *testing.B) {
	const bucket, window = 100, 10 * time.Second
	for name, export := range map[string]func(*testing.B, *httptest.Server){
		"as-ordered":          exportDay,
		"exponential-backoff": backoffDay,
	} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				sim, err := simulator.New(simulator.Config{Bucket: bucket, Window: window, Grace: 50 * time.Millisecond})
				require.NoError(b, err)
				server := httptest.NewServer(sim)
				began := time.Now()
				export(b, server)
				took := time.Since(began)
				server.Close()
				report := sim.Report()
				// The last window need not be waited out.
				least := time.Duration((report.FewestRequests-1)/bucket) * window
				b.ReportMetric(took.Seconds()/least.Seconds(), "x-least-time")
				b.ReportMetric(float64(report.Throttled), "throttled")
				b.ReportMetric(float64(report.EarlyRequests), "early")
			}
		})
	}
}

func exportDay(b *testing.B, server *httptest.Server) {
	b.Helper()
	conf, err := inputSpec().ParseYAML(with(settledDay, "api_url: "+server.URL, "login_url: "+server.URL, "parallelism: 4"), nil)
	require.NoError(b, err)
	s, err := inputSettings(conf)
	require.NoError(b, err)
	in, err := newInput(s, service.MockResources(service.MockResourcesOptAddCache("position")))
	require.NoError(b, err)
	require.NoError(b, in.Connect(b.Context()))
	for {
		_, ack, err := in.Read(b.Context())
		if errors.Is(err, service.ErrEndOfInput) {
			break
		}
		require.NoError(b, err)
		require.NoError(b, ack(b.Context(), nil))
	}
	require.NoError(b, in.Close(context.Background()))
}

func backoffDay(b *testing.B, server *httptest.Server) {
	b.Helper()
	token := tokenOf(b, toServer{server})
	for n := range 288 {
		for wait := time.Second; ; wait = min(2*wait, 30*time.Second) {
			res, err := toServer{server}.RoundTrip(summaryRequest(b.Context(), b, token, n))
			require.NoError(b, err)
			require.NoError(b, res.Body.Close())
			if res.StatusCode != http.StatusTooManyRequests {
				break
			}
			time.Sleep(wait)
		}
	}
}
