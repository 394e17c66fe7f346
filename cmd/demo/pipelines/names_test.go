// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
)

const (
	entitiesFile     = "config/names/entities.yaml"
	namesToCache     = "config/names/names_to_cache.yaml"
	agentPerformance = "config/names/agent_performance.yaml"
)

// withEntities starts a pipeline that names what entities.yaml has.
func (w *world) withEntities(t *testing.T, file string, env ...string) *rig.Pipeline {
	t.Helper()
	p, err := w.Ship(w.tenant, []string{"run", "-r", entitiesFile, file}, env...)
	require.NoError(t, err)
	return p
}

func ended(t *testing.T, p *rig.Pipeline) {
	t.Helper()
	status, err := p.Wait(t.Context(), patience)
	require.NoError(t, err)
	require.Zero(t, status, p.Output())
}

// lines are the JSON texts of files, with every digit.
func lines(t *testing.T, files map[string][]byte) (all []map[string]any) {
	t.Helper()
	for _, file := range files {
		decoder := json.NewDecoder(bytes.NewReader(file))
		decoder.UseNumber()
		for {
			var line map[string]any
			err := decoder.Decode(&line)
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			all = append(all, line)
		}
	}
	return all
}

func TestNamesBesideIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, smallQuota...)
	redis, err := w.StartRedis()
	require.NoError(t, err)
	namesBesideIDs(t, w, redis.URL)
}

var smallQuota = []string{"--bucket", "6", "--window", "2s", "--queues", "7"}

// namesBesideIDs runs both pipelines at once against a small quota: they hold together.
func namesBesideIDs(t *testing.T, w *world, redis string) {
	t.Helper()
	env := []string{"REDIS_URL=" + redis, "EXPORT_START=2026-11-11", "EXPORT_END=2026-11-21", "S3_PREFIX=genesys/"}
	first := w.withEntities(t, namesToCache, env...)
	ended(t, first)
	again, p := w.withEntities(t, namesToCache, env...), w.withEntities(t, agentPerformance, env...)
	ended(t, again)
	ended(t, p)
	report, err := w.tenant.Report(t.Context())
	require.NoError(t, err)
	assert.Positive(t, report.Throttled)
	assert.Zero(t, report.EarlyRequests)

	// What is right is asked of a tenant that has the same data, and no quota.
	rows := lines(t, w.objects(t, "genesys/agent_performance/"))
	w = newWorld(t, "--queues", "7")
	names := map[string]string{}
	for _, path := range []string{"/api/v2/users?state=any&pageSize=500", "/api/v2/routing/queues?pageSize=500"} {
		for _, entity := range list(w.get(t, path)["entities"]) {
			names[text(entity, "id")] = text(entity, "name")
		}
	}
	require.NotEmpty(t, rows)
	sums := map[string]string{}
	for _, row := range rows {
		assert.Equal(t, names[text(row, "user_id")], text(row, "user_name"))
		assert.Equal(t, names[text(row, "queue_id")], text(row, "queue_name"))
		assert.NotEmpty(t, row["user_name"])
		assert.NotEmpty(t, row["queue_name"])
		sums[strings.Join([]string{text(row, "interval_start"), text(row, "user_id"), text(row, "queue_id"), text(row, "media_type"), text(row, "metric")}, "|")] = text(row, "sum")
	}
	assert.Len(t, sums, len(rows))
	want := map[string]string{}
	for day := range 10 {
		start := time.Date(2026, 11, 10+day, 15, 0, 0, 0, time.UTC)
		maps.Copy(want, w.performance(t, start.Format(time.RFC3339)+"/"+start.AddDate(0, 0, 1).Format(time.RFC3339)))
	}
	assert.Equal(t, want, sums)
	t.Logf("%d sums with names, %d requests, %d throttled", len(sums), report.Requests, report.Throttled)
}

// performance are the tenant's sums by day, agent, queue, media type and metric.
func (w *world) performance(t *testing.T, interval string) map[string]string {
	t.Helper()
	sums := map[string]string{}
	answer := w.post(t, "/api/v2/analytics/conversations/aggregates/query", `{"interval":"`+interval+`","granularity":"P1D","timeZone":"Asia/Seoul",
		"groupBy":["userId","queueId","mediaType"],"metrics":["tAnswered","tTalk","tHeld","tAcw","tHandle"]}`)
	for _, result := range list(answer["results"]) {
		group := result["group"].(map[string]any)
		for _, bucket := range list(result["data"]) {
			start, _, _ := strings.Cut(text(bucket, "interval"), "/")
			for _, metric := range list(bucket["metrics"]) {
				key := strings.Join([]string{strings.Replace(start, ".000Z", "Z", 1), text(group, "userId"), text(group, "queueId"), text(group, "mediaType"), text(metric, "metric")}, "|")
				sums[key] = text(metric["stats"].(map[string]any), "sum")
			}
		}
	}
	return sums
}

// TestNamesThatAreNotThere: a cache that does not answer is waited for, and an id that it does not know
// has no name and stops nothing.
func TestNamesThatAreNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	redis, err := w.StartRedis()
	require.NoError(t, err)
	env := []string{"REDIS_URL=" + redis.URL, "EXPORT_START=2026-11-20", "EXPORT_END=2026-11-21"}
	p := w.withEntities(t, agentPerformance, env...)
	ended(t, p)
	rows := lines(t, w.objects(t, "agent_performance/"))
	require.NotEmpty(t, rows)
	for _, row := range rows {
		assert.NotEmpty(t, row["user_id"])
		assert.Nil(t, row["user_name"])
		assert.Nil(t, row["queue_name"])
	}

	ended(t, w.withEntities(t, namesToCache, env...))
	w.putFront(t, func(req *http.Request, _ []byte) []byte {
		if strings.HasSuffix(req.URL.Path, "/aggregates/query") { // then it has a page, and looks its names up
			redis.Fail("ERR LOADING Redis is loading the dataset in memory")
		}
		return nil
	})
	env = append(env, "CHECKPOINT_KEY=again", "S3_PREFIX=again/")
	p = w.withEntities(t, agentPerformance, env...)
	require.NoError(t, p.Until(t.Context(), patience, "the cache to be missed", func(context.Context) (bool, error) {
		return strings.Contains(p.Output(), "LOADING"), nil
	}))
	redis.Fail("")
	ended(t, p)
	for _, row := range lines(t, w.objects(t, "again/agent_performance/")) {
		assert.NotEmpty(t, row["user_name"])
		assert.NotEmpty(t, row["queue_name"])
	}
}
