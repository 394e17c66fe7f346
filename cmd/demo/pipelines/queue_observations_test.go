// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	queueObservations = "config/queue_observations/queue_observations.yaml"
	observationsTopic = "genesys.queue_observations"
)

// observed are the tenant's observations: queue, metric and qualifier, and the count.
func (w *world) observed(t *testing.T) (counts map[string]string, queues []string) {
	t.Helper()
	counts = map[string]string{}
	answer := w.post(t, "/api/v2/analytics/queues/observations/query", `{"filter":{"type":"or","predicates":[]},
		"metrics":["oWaiting","oInteracting","oAlerting","oOnQueueUsers","oOffQueueUsers","oUserRoutingStatuses","oUserPresences"]}`)
	for _, group := range list(answer["results"]) {
		queue := text(group["group"].(map[string]any), "queueId")
		queues = append(queues, queue)
		for _, o := range list(group["data"]) {
			counts[queue+"|"+text(o, "metric")+"|"+text(o, "qualifier")] = text(o["stats"].(map[string]any), "count")
		}
	}
	return counts, queues
}

func TestQueueObservations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kafka, err := w.StartKafka()
	require.NoError(t, err)
	require.NoError(t, kafka.MakeTopic(observationsTopic))
	want, queues := w.observed(t)
	require.Len(t, want, 3*7)

	var gone atomic.Bool
	front := w.putFront(t, func(_ *http.Request, body []byte) []byte {
		if !gone.Load() {
			return nil
		}
		return regexp.MustCompile(`,\{"metric":"oInteracting","stats":\{"count":\d+\}\}`).ReplaceAll(body, nil)
	})
	p := w.start(t, queueObservations, "KAFKA_BROKERS="+kafka.Address, "QUEUE_IDS="+strings.Join(queues, ", "), "POLL_INTERVAL=100ms")
	require.NoError(t, p.Until(t.Context(), patience, "three observations", func(ctx context.Context) (bool, error) {
		records, err := kafka.Records(ctx, observationsTopic)
		return len(records) >= 3*len(want), err
	}))
	asked := front.requests()
	for _, queue := range queues {
		assert.Contains(t, asked[len(asked)-1], `{"dimension":"queueId","operator":"matches","type":"dimension","value":"`+queue+`"}`)
	}
	for key, count := range want {
		labels := strings.Split(key, "|")
		gauge := fmt.Sprintf(`genesys_queue_observation\{.*metric="%s".*qualifier="%s",queue_id="%s"\}`, labels[1], regexp.QuoteMeta(labels[2]), labels[0])
		now, err := p.Scrape(t.Context(), gauge, "genesys_queue_observed_seconds")
		require.NoError(t, err)
		assert.Equal(t, count, fmt.Sprint(now[gauge]), key)
		assert.InDelta(t, time.Now().Unix(), now["genesys_queue_observed_seconds"], 60)
	}
	// What the service leaves out is none.
	gone.Store(true)
	require.NoError(t, p.Until(t.Context(), patience, "gauges of none", func(ctx context.Context) (bool, error) {
		left, err := p.Scrape(ctx, `genesys_queue_observation\{.*metric="oInteracting".*\}`)
		return left[`genesys_queue_observation\{.*metric="oInteracting".*\}`] == 0, err
	}))
	require.NoError(t, p.Signal(syscall.SIGTERM))
	status, err := p.Wait(t.Context(), patience)
	require.NoError(t, err)
	assert.Zero(t, status, p.Output())

	records, err := kafka.Records(t.Context(), observationsTopic)
	require.NoError(t, err)
	got := map[string]string{}
	for i, record := range records {
		if i == len(want) {
			assert.Equal(t, want, got)
		}
		var row map[string]any
		decoder := json.NewDecoder(strings.NewReader(string(record.Value)))
		decoder.UseNumber()
		require.NoError(t, decoder.Decode(&row))
		assert.Equal(t, text(row, "queue_id"), string(record.Key))
		assert.NotEmpty(t, row["observed_at"])
		got[text(row, "queue_id")+"|"+text(row, "metric")+"|"+text(row, "qualifier")] = text(row, "count")
	}
	assert.Equal(t, want, got, "and none of what is not there")
	w.measured(t, "observations", len(records))
}

// TestQueueObservationsThatCannotBeHad are passed over: the process goes on, and says so.
func TestQueueObservationsThatCannotBeHad(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--deny-permission", "analytics:queueObservation:view")
	kafka, err := w.StartKafka()
	require.NoError(t, err)
	require.NoError(t, kafka.MakeTopic(observationsTopic))
	p := w.start(t, queueObservations, "KAFKA_BROKERS="+kafka.Address, "QUEUE_IDS=q", "POLL_INTERVAL=50ms")
	require.NoError(t, p.Until(t.Context(), patience, "two errors", func(context.Context) (bool, error) {
		return strings.Count(p.Output(), "Queues were not observed") >= 2, nil
	}))
	assert.Contains(t, p.Output(), "analytics:queueObservation:view")
}
