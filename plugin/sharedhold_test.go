// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/quota"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// lines keeps what is logged.
type lines struct {
	mu  sync.Mutex
	all strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

func (l *lines) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// TestAnInputWaitsForTheCacheThatSharesItsHolds runs a stream whose cache cannot
// be read until later: a folder is where the entry should be.
func TestAnInputWaitsForTheCacheThatSharesItsHolds(t *testing.T) {
	sim, err := simulator.New(simulator.Config{})
	require.NoError(t, err)
	server := httptest.NewServer(sim)
	defer server.Close()
	folder := t.TempDir()
	inTheWay := filepath.Join(folder, "hold")
	require.NoError(t, os.Mkdir(inTheWay, 0o700))
	log := &lines{}
	builder := service.NewStreamBuilder()
	builder.SetLogger(log.logger())
	require.NoError(t, builder.SetYAML(fmt.Sprintf(`
input:
  genesys_analytics:
    api_url: %[1]s
    login_url: %[1]s
    client_id: demo-client
    client_secret: demo-secret
    endpoint: /api/v2/analytics/queues/summary
    start: 2026-11-01T00:00:00Z
    end: 2026-11-01T00:10:00Z
    rate_limit: tenant
output:
  drop: {}
rate_limit_resources:
  - label: tenant
    genesys_analytics: { cache: holds, cache_key: hold }
cache_resources:
  - label: holds
    file: { directory: %[2]s }
`, server.URL, folder)))
	stream, err := builder.Build()
	require.NoError(t, err)
	before := make(chan int, 1)
	time.AfterFunc(300*time.Millisecond, func() {
		before <- sim.Report().Requests
		assert.NoError(t, os.Remove(inTheWay))
	})
	require.NoError(t, stream.Run(t.Context()))
	assert.Zero(t, <-before, "none before the cache was read")
	assert.Equal(t, 3, sim.Report().Requests)
	assert.Equal(t, 1, strings.Count(log.String(), `Waiting for the cache \"holds\": no request is sent before the shared hold has been read once`), log)
}

// TestExtremeHoldsAreSharedAndToldAsTheyAre, through a Benthos cache.
func TestExtremeHoldsAreSharedAndToldAsTheyAre(t *testing.T) {
	for order, says := range map[string]string{
		"5184000":             "for 1440h0m0s, until 2000-03-01T00:00:00Z: Retry-After",
		"9999999999":          "for 2562047h47m16.854775807s, until 2292-04-10T23:47:16Z: Retry-After",
		"9223372036854775807": "for 2562047h47m16.854775807s, until 2292-04-10T23:47:16Z: Retry-After",
	} {
		t.Run(order, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := &lines{}
				res := service.MockResources(service.MockResourcesOptAddCache("holds"),
					service.MockResourcesOptUseLogger(service.NewLoggerFromSlog(log.logger())))
				m := newMetrics(res.Metrics())
				one, err := newGate(t, "cache: holds", res)
				require.NoError(t, err)
				transport := quota.NewTransport(one.gate, throttling(order), m.hooks(res.Logger(), one.gate).Hooks)
				go func() { _, _ = transport.RoundTrip(summaryRequest(t.Context(), t, "none", 0)) }()
				time.Sleep(time.Hour)
				assert.Contains(t, log.String(), says)
				peer, err := newGate(t, "cache: holds", res)
				require.NoError(t, err)
				wait, err := peer.Access(t.Context())
				require.NoError(t, err)
				assert.GreaterOrEqual(t, wait, one.gate.Held())
				assert.Greater(t, wait, 59*24*time.Hour)
			})
		})
	}
}

// throttling is a tenant that serves nobody, and orders a Retry-After.
type throttling string

func (retryAfter throttling) RoundTrip(req *http.Request) (*http.Response, error) {
	header := http.Header{"Retry-After": {string(retryAfter)}}
	return &http.Response{StatusCode: http.StatusTooManyRequests, Header: header, Body: http.NoBody, Request: req}, nil
}

// TestALongHoldOfAnotherProcessIsWarnedOf, with whose it is, and how to end it.
func TestALongHoldOfAnotherProcessIsWarnedOf(t *testing.T) {
	for order, warned := range map[string]bool{"9999999999": true, "90000": true, "3600": false} {
		t.Run(order, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				res := service.MockResources(service.MockResourcesOptAddCache("holds"))
				one, err := newGate(t, "cache: holds", res)
				require.NoError(t, err)
				transport := quota.NewTransport(one.gate, throttling(order), quota.Hooks{})
				go func() { _, _ = transport.RoundTrip(summaryRequest(t.Context(), t, "none", 0)) }()
				time.Sleep(time.Second)
				log := &lines{}
				peer, err := newGate(t, "cache: holds", sharing(t, res, log))
				require.NoError(t, err)
				_, err = peer.Access(t.Context())
				require.NoError(t, err)
				assert.Contains(t, log.String(), "ordered to another process, ")
				assert.Contains(t, log.String(), "(pid ")
				assert.Equal(t, warned, strings.Contains(log.String(), "level=WARN"), log.String())
				assert.Equal(t, warned, strings.Contains(log.String(), "--clear"))
			})
		})
	}
}

// TestASharedHoldIsFoundShownAndEnded, as the command does, from a rate limit's config.
func TestASharedHoldIsFoundShownAndEnded(t *testing.T) {
	h, err := ReadSharedHold(map[string]any{})
	require.NoError(t, err)
	assert.Nil(t, h, "it shares none")
	_, err = ReadSharedHold(map[string]any{"cache": "holds", "min_remaining": -1})
	require.ErrorContains(t, err, "field `min_remaining`")

	h, err = ReadSharedHold(map[string]any{"cache": "holds"})
	require.NoError(t, err)
	require.ErrorContains(t, h.Open(service.MockResources()), `"holds"`)
	synctest.Test(t, func(t *testing.T) {
		res := service.MockResources(service.MockResourcesOptAddCache("holds"))
		require.NoError(t, h.Open(res))
		holds, err := h.Holds(t.Context())
		require.NoError(t, err)
		assert.Empty(t, holds)
		gate, err := newGate(t, "cache: holds", res)
		require.NoError(t, err)
		transport := quota.NewTransport(gate.gate, throttling("3600"), quota.Hooks{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = transport.RoundTrip(summaryRequest(ctx, t, "none", 0))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		holds, err = h.Holds(t.Context())
		require.NoError(t, err)
		require.Len(t, holds, 1)
		require.NoError(t, h.End(t.Context()))
		holds, err = h.Holds(t.Context())
		require.NoError(t, err)
		assert.Empty(t, holds)
	})
}

// sharing is the resources of another process that has the same cache.
func sharing(t *testing.T, of *service.Resources, log *lines) *service.Resources {
	t.Helper()
	res := service.MockResources(service.MockResourcesOptAddCache("holds"),
		service.MockResourcesOptUseLogger(service.NewLoggerFromSlog(log.logger())))
	value, err := cache{of, "holds"}.Get(t.Context(), "genesys_analytics_hold")
	require.NoError(t, err)
	require.NoError(t, cache{res, "holds"}.Set(t.Context(), "genesys_analytics_hold", value))
	return res
}
