// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package settings

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEachDefaultIsRight: Lint relies on it.
func TestEachDefaultIsRight(t *testing.T) {
	for name, rows := range map[string][]row{
		"input":      Input.rows(new(Config)),
		"processor":  Processor.rows(new(ProcessorConfig)),
		"rate_limit": RateLimit.rows(new(RateLimitConfig)),
		"rows":       Rows.rows(new(RowsConfig)),
		"intervals":  Intervals.rows(new(Window)),
	} {
		seen := map[string]bool{}
		for _, row := range rows {
			assert.False(t, seen[row.name], "%s has one row for %s", name, row.name)
			seen[row.name] = true
			if row.value != nil {
				require.NoError(t, row.readFrom(nil), "%s, %s", name, row.name)
			}
		}
	}
}

// TestAConfigIsReadWholeOrNotAtAll, and says all that is wrong with it.
func TestAConfigIsReadWholeOrNotAtAll(t *testing.T) {
	c, err := Input.Parse(map[string]any{"parallelism": "high", "region": "nowhere", "start": "-P1D"})
	assert.Nil(t, c)
	for _, says := range []string{"`parallelism`", "`region`", "field `endpoint` is required", "field `client_secret` is required"} {
		require.ErrorContains(t, err, says)
	}
	assert.NotContains(t, err.Error(), "`start`")
}

// TestAMessageFillsACopy: what one message says is not there for the next.
func TestAMessageFillsACopy(t *testing.T) {
	c, err := Processor.Parse(map[string]any{
		"client_id": "id", "client_secret": "secret", "endpoint": "${! this.endpoint }", "granularity": "${! this.granularity }",
	})
	require.NoError(t, err)
	first, err := c.Fill(map[string]any{
		"endpoint": "/api/v2/analytics/conversations/aggregates/query", "granularity": "PT5M",
		"interval": "2026-11-22T00:00:00Z/PT5M",
	})
	require.Error(t, err, "an interval is written with its end")
	assert.Nil(t, first)
	interval := "2026-11-22T00:00:00Z/2026-11-22T00:05:00Z"
	first, err = c.Fill(map[string]any{"endpoint": "/api/v2/analytics/conversations/aggregates/query", "granularity": "PT5M", "interval": interval})
	require.NoError(t, err)
	assert.Equal(t, "PT5M", first.Query.Granularity)
	assert.Equal(t, "conversations-aggregates-query", first.Query.Dataset)
	second, err := c.Fill(map[string]any{"endpoint": "/api/v2/analytics/queues/summary", "granularity": "null", "interval": interval})
	require.NoError(t, err)
	assert.Empty(t, second.Query.Granularity)
	assert.Equal(t, "queues-summary", second.Query.Dataset)
	assert.Equal(t, "GET", second.Query.Endpoint.Method)
	assert.Empty(t, c.Query.Dataset)
}

// TestAPageSizeOfNoneIsAbsent, also where a message says so.
func TestAPageSizeOfNoneIsAbsent(t *testing.T) {
	c, err := Processor.Parse(map[string]any{
		"client_id": "id", "client_secret": "secret", "endpoint": "/api/v2/analytics/queues/summary", "page_size": "${! this.size }",
	})
	require.NoError(t, err)
	for _, none := range []any{"0", "", "null"} {
		filled, err := c.Fill(map[string]any{"interval": "2026-11-22T00:00:00Z/2026-11-22T00:05:00Z", "page_size": none})
		require.NoError(t, err)
		assert.Equal(t, 100, filled.Query.PageSize)
	}
	_, err = c.Fill(map[string]any{"interval": "2026-11-22T00:00:00Z/2026-11-22T00:05:00Z", "page_size": "101"})
	require.ErrorContains(t, err, "1 to 100")
}

func TestTheColumnsOfRowsAreReadInTheirOrder(t *testing.T) {
	config, err := Rows.Parse(map[string]any{"table": "queue_summary", "columns": []any{"queue_id", "metric"}})
	require.NoError(t, err)
	assert.Equal(t, []string{"queue_id", "metric"}, config.Columns)
	_, err = Rows.Parse(map[string]any{"columns": []any{"queue_id", ""}})
	require.ErrorContains(t, err, "field `columns`")
}
