// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	queuePerformance       = "config/queue_performance/queue_performance.yaml"
	conversationAggregates = "/api/v2/analytics/conversations/aggregates/query"
)

// twoDays in Seoul, as the service is asked for them.
var twoDays = []string{"2026-11-20T15:00:00.000Z/2026-11-21T15:00:00.000Z", "2026-11-21T15:00:00.000Z/2026-11-22T15:00:00.000Z"}

func lastDays(env ...string) []string {
	return append(env, "EXPORT_START=2026-11-21", "EXPORT_END=2026-11-23", "S3_PREFIX=genesys/")
}

// TestQueuePerformance: a request and a file for each day, with each figure of each queue, media type
// and five minutes as the tenant says, to the last digit.
func TestQueuePerformance(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	status, log := w.toEnd(t, queuePerformance, lastDays()...)
	require.Zero(t, status, log)
	report, err := w.tenant.Report(t.Context())
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"200": 2 + 2}, report.RequestsByStatus, "two tokens, one of the test's, and two days")

	files := w.objects(t, "genesys/queue_performance/year=")
	assert.Equal(t, []string{
		"genesys/queue_performance/year=2026/month=11/day=21/queue_performance-2026-11-20-150000Z-20261121T150000Z-p0001.parquet",
		"genesys/queue_performance/year=2026/month=11/day=22/queue_performance-2026-11-21-150000Z-20261122T150000Z-p0001.parquet",
	}, slices.Sorted(maps.Keys(files)))
	manifests := w.objects(t, "genesys/queue_performance/_manifests/")
	require.Len(t, manifests, 1)
	assert.Contains(t, string(manifests["genesys/queue_performance/_manifests/20261120T150000Z-20261122T150000Z/_SUCCESS"]), `"complete":true`)

	assertRows(t, performance(t, w), keyed(t, parquetRows(t, files), "queue_id", "media_type", "interval_start", "metric"))
}

// performance is what the tenant says of the two days.
func performance(t *testing.T, w *world) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	for _, interval := range twoDays {
		answer := w.post(t, conversationAggregates, fmt.Sprintf(`{"interval":%q,"granularity":"PT5M","timeZone":"Asia/Seoul","groupBy":["queueId","mediaType"],
			"metrics":["nOffered","nTransferred","nOverSla","tAnswered","tAbandon","tWait","tTalk","tHeld","tAcw","tHandle","oServiceLevel"]}`, interval))
		for _, result := range list(answer["results"]) {
			group := result["group"].(map[string]any)
			for _, bucket := range list(result["data"]) {
				start, end, _ := strings.Cut(bucket["interval"].(string), "/")
				for _, m := range list(bucket["metrics"]) {
					row := map[string]string{"interval_end": end}
					for name, value := range m["stats"].(map[string]any) {
						row[name] = exact(t, value.(json.Number))
					}
					all[fmt.Sprint(group["queueId"], " ", group["mediaType"], " ", start, " ", m["metric"])] = row
				}
			}
		}
	}
	return all
}
