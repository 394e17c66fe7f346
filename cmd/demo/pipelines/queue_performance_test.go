// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const queuePerformance = "config/queue_performance/queue_performance.yaml"

func TestQueuePerformance(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	status, log := w.toEnd(t, queuePerformance, "EXPORT_START=2026-11-21", "EXPORT_END=2026-11-23", "S3_PREFIX=genesys/")
	require.Zero(t, status, log)
	files := w.objects(t, "genesys/queue_performance/year=")
	assert.Equal(t, []string{
		"genesys/queue_performance/year=2026/month=11/day=21/queue_performance-2026-11-20-150000Z-20261121T150000Z-p0001.parquet",
		"genesys/queue_performance/year=2026/month=11/day=22/queue_performance-2026-11-21-150000Z-20261122T150000Z-p0001.parquet",
	}, slices.Sorted(maps.Keys(files)))
}
