// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// hourly is an export of twelve intervals, with a checkpoint.
const hourly = `
http: { enabled: false }
input:
  genesys_analytics:
    api_url: ${TENANT}
    login_url: ${TENANT}
    client_id: ${CLIENT:demo-client}
    client_secret: demo-secret
    endpoint: /api/v2/analytics/queues/summary
    start: 2026-11-21T15:00:00Z
    end: 2026-11-21T16:00:00Z
    checkpoint_cache: position
output: { drop: {} }
cache_resources:
  - label: position
    `

// TestCheckpointsOfEveryStockCacheAreShownMovedAdoptedAndDeleted: with the built
// binary, and each time the next run asks for what is then due and nothing else.
func TestCheckpointsOfEveryStockCacheAreShownMovedAdoptedAndDeleted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	broker, err := r.StartBroker(t.Context(), waitLimit)
	require.NoError(t, err)
	redis := miniredis.RunT(t)
	for _, cache := range []struct{ name, config string }{
		{"file", "file: { directory: " + t.TempDir() + " }"},
		{"redis", "redis: { url: redis://" + redis.Addr() + ", prefix: 'exports:' }"},
		{"aws_s3", "aws_s3: { bucket: analytics, region: us-east-1, endpoint: " + r.Storage.URL +
			", force_path_style_urls: true, credentials: { id: demo-access-key, secret: demo-secret-key } }"},
		{"nats_kv", "nats_kv: { urls: [ " + broker.URL + " ], bucket: GENESYS_HOLDS }"},
	} {
		t.Run(cache.name, func(t *testing.T) { tourOfACheckpoint(t, cache.name, hourly+cache.config) })
	}
}

func tourOfACheckpoint(t *testing.T, kind, config string) {
	t.Helper()
	s, err := simulator.New(simulator.Config{})
	require.NoError(t, err)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	path := filepath.Join(files(t, map[string]string{"hour.yaml": config + "\n"}), "hour.yaml")
	env := []string{"TENANT=" + server.URL}
	// again is how many of the hour's pages were asked for how often, so far.
	again := func() map[int]int {
		times := map[int]int{}
		for n := range maps.Values(s.Report().Pages) {
			times[n]++
		}
		return times
	}
	do := func(args ...string) string {
		t.Helper()
		out, code := connectWith(t, env, slices.Concat(args, []string{path})...)
		require.Zero(t, code, out)
		return out
	}

	assert.Contains(t, do("checkpoint"), `"genesys_analytics" in the cache "position", of the kind `+kind+"\nposition    none")
	do("run")
	assert.Equal(t, map[int]int{1: 12}, again())
	shown := do("checkpoint")
	assert.Contains(t, shown, "tenant      "+strings.TrimPrefix(server.URL, "http://")+", client demo-client\n")
	assert.Contains(t, shown, "position    2026-11-21T16:00:00Z\n")

	assert.Contains(t, do("checkpoint", "--to", "2026-11-21T15:30:00Z", "--yes"), "6 intervals before it are exported again")
	do("run")
	assert.Equal(t, map[int]int{1: 6, 2: 6}, again())

	rotated := append(env[:1:1], "CLIENT=rotated")
	out, code := connectWith(t, rotated, "run", path)
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "client_id (it was demo-client, now it is rotated)")
	out, code = connectWith(t, rotated, "checkpoint", "--adopt", "--yes", path)
	require.Zero(t, code, out)
	out, code = connectWith(t, rotated, "run", path)
	assert.Zero(t, code, out) // there is nothing left to ask for
	out, code = connectWith(t, env, "checkpoint", path)
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "--adopt")

	do("checkpoint", "--delete", "--yes")
	assert.Contains(t, do("checkpoint"), "position    none: ")
	do("run")
	assert.Equal(t, map[int]int{2: 6, 3: 6}, again())
}
