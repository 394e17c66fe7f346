// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// summary are the tenant's sums of an hour's intervals of five minutes: start, queue and metric, and the sum.
func (w *world) summary(t *testing.T, from time.Time) map[string]string {
	t.Helper()
	sums := map[string]string{}
	for i := range 12 {
		start := from.Add(time.Duration(5*i) * time.Minute).UTC()
		interval := start.Format(time.RFC3339) + "/" + start.Add(5*time.Minute).Format(time.RFC3339)
		page := w.get(t, "/api/v2/analytics/queues/summary?pageSize=100&interval="+url.QueryEscape(interval))
		for _, queue := range list(page["entities"]) {
			for _, metric := range list(queue["metrics"]) {
				sums[sumKey(start.Format(time.RFC3339), text(queue, "id"), text(metric, "metric"))] = text(metric["stats"].(map[string]any), "sum")
			}
		}
	}
	return sums
}

func sumKey(parts ...string) string { return strings.Join(parts, "|") }

// sumsOf are those of rows, which must have each thing once.
func sumsOf(t *testing.T, rows []map[string]any) map[string]string {
	t.Helper()
	sums := map[string]string{}
	for _, row := range rows {
		key := sumKey(text(row, "interval_start"), text(row, "queue_id"), text(row, "metric"))
		if _, twice := sums[key]; twice {
			t.Errorf("%s is there twice", key)
		}
		sums[key] = text(row, "sum")
	}
	return sums
}
