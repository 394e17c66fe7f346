// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package settings

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/genesys"
)

// TestEachValueIsTakenUpToItsBound and refused beyond it.
func TestEachValueIsTakenUpToItsBound(t *testing.T) {
	name := strings.Repeat("d", genesys.MaxName)
	for _, test := range []struct {
		field       string
		right, thin any    // the last that is right, and the first that is not
		says        string // of the latter
	}{
		{"client_id", "x", " ", "`client_id`: it is empty"},
		{"client_secret", "70177", "", "`client_secret`: it is empty"},
		{"client_secret", "true", true, "YAML reads it as true or false"},
		{"client_secret", "x", nil, "`client_secret`: it is empty"},
		{"client_secret", "x", time.Unix(0, 0), "YAML reads it as a time"},
		{"client_secret", "x", []any{}, "YAML reads it as a list"},
		{"client_secret", "x", map[string]any{}, "YAML reads it as a map"},
		{"client_secret", "x", 70177, "YAML reads it as a number"},
		{"priority", -5, 1.5, "1.5 is not a whole number"},
		{"request_timeout", "1ns", "0s", "not positive"},
		{"max_response_bytes", 1, 0, "0 is too small: want 1 or more"},
		{"max_in_flight_bytes", 1, 0, "0 is too small: want 1 or more"},
		{"proxy_url", "socks5h://proxy.example:1080", "socks4://proxy.example:1080", "not the URL of a proxy"},
		{"proxy_url", "https://proxy.example", "https://", "not the URL of a proxy"},
		{"proxy_url", "http://user:p%40ss@proxy.example", "http://user:p%zz@proxy.example", "not the URL of a proxy"},
		{"fallback_pause", "PT1S", "PT0S", "not positive"},
		{"give_up_after", "0s", "-1s", "negative"},
		{"checkpoint_limit", 1, 0, "0 is too small: want 1 or more"},
		{"page_size", 1.0, -1, "-1 is too small: want 1 or more"},
		{"page_size", "100", "1e2", "1e2 is not a whole number"},
		{"granularity", "PT1S", "PT1.5S", "whole seconds"},
		{"granularity", 300 * time.Second, []any{}, "want text"},
		{"granularity", "PT5M", map[string]any{}, "want text"},
		{"dataset", name, name + "d", "not safe in a path"},
		{"dataset", "0.a_b-C", "-a", "not safe in a path"},
		{"method", "POST", "post", `"post" is not an option: want one of auto, GET, POST`},
		{"query", map[string]any{}, "root = {}", "root = {} is none: want a map"},
		{"timezone", "Asia/Seoul", "Local", "no time zone"},
		{"timezone", "UTC", "", "no time zone"},
		{"timezone", "UTC", "Nowhere", "no time zone"},
		{"interval", "PT1S", "PT0S", "not positive"},
		{"interval", "P1M", "PT0.5S", "whole seconds"},
		{"start", "-PT1S", "now", `"now" is no start`},
		{"end", "now", "soon", "`end`"},
		{"settle", "0s", "-PT1S", "negative"},
		{"lookback", "P1D", "-P1D", "negative"},
		{"manifest", true, "true", "true is neither true nor false"},
		{"parallelism", 1, 0, "0 is too small: want 1 or more"},
		{"parallelism", 2.0, 2.5, "2.5 is not a whole number"},
		{"schedule", "0 2 * * *", "at two", "`schedule`"},
	} {
		t.Run(test.field+" "+asText(test.thin), func(t *testing.T) {
			require.NoError(t, Input.Lint(test.field, test.right))
			require.ErrorContains(t, Input.Lint(test.field, test.thin), test.says)
			assert.NotContains(t, Input.Lint(test.field, test.thin).Error(), "70177")
		})
	}
}

// configOf is an input's config with a value for each field that is required.
func configOf(t *testing.T, fields ...any) *Config {
	t.Helper()
	c, err := Input.Parse(inputWith(fields...))
	require.NoError(t, err)
	return c
}

func inputWith(fields ...any) map[string]any {
	config := map[string]any{
		"client_id": "id", "client_secret": "secret", "start": "2026-11-22", "end": "2026-11-23",
		"endpoint": "/api/v2/analytics/queues/summary",
	}
	for i := 0; i < len(fields); i += 2 {
		config[fields[i].(string)] = fields[i+1]
	}
	return config
}

// TestWhatIsNotWrittenIsTheDocumentedDefault, and what is written is what is used.
func TestWhatIsNotWrittenIsTheDocumentedDefault(t *testing.T) {
	c := configOf(t)
	assert.Equal(t, "api.mypurecloud.com", c.Client.Origins.API.Host)
	assert.Equal(t, time.Minute, c.Client.RequestTimeout)
	assert.Equal(t, int64(268_435_456), c.Client.MaxResponseBytes)
	assert.Equal(t, int64(268_435_456), c.Client.MaxInFlightBytes)
	assert.Zero(t, c.Client.Priority)
	assert.Nil(t, c.Client.Proxy)
	assert.Equal(t, Retry{FallbackPause: 5 * time.Second}, c.Retry)
	assert.Equal(t, Checkpoint{Key: "genesys_analytics", Limit: 1024}, c.Checkpoint)
	assert.Equal(t, "PT5M", c.Window.Grid.Step.String())
	assert.Equal(t, 1, c.Window.Parallelism)
	assert.Nil(t, c.Window.Schedule)

	c = configOf(t, "priority", math.MinInt, "max_response_bytes", 4096.0, "proxy_url", "http://proxy.example:3128", "give_up_after", "P1D",
		"schedule", "0 2 * * *", "manifest", true, "page_size", "7")
	assert.Equal(t, math.MinInt, c.Client.Priority)
	assert.Equal(t, int64(4096), c.Client.MaxResponseBytes)
	assert.Equal(t, "proxy.example:3128", c.Client.Proxy.Host)
	assert.Equal(t, 24*time.Hour, c.Retry.GiveUpAfter)
	assert.Equal(t, "0 2 * * *", c.Window.ScheduleText)
	assert.NotNil(t, c.Window.Schedule)
	assert.True(t, c.Window.Manifest)
	assert.Equal(t, 7, c.Query.PageSize)
}

// TestTheSchemaTellsWhatItHas: the specs are written from it.
func TestTheSchemaTellsWhatItHas(t *testing.T) {
	value, ok := Input.Default("interval")
	assert.Equal(t, "PT5M", value)
	assert.True(t, ok)
	value, ok = Input.Default("dataset")
	assert.Empty(t, value)
	assert.True(t, ok, "an optional field has a value that stands for none")
	_, ok = Input.Default("client_id")
	assert.False(t, ok, "it is required")
	assert.Equal(t, []string{"timezone", "interval", "start", "end"}, Intervals.Names())
	require.NoError(t, Input.Lint("no_such_field", 1), "which Benthos finds by itself")
}

// TestLintBetweenLeavesAloneWhatIsWrongByItself: that has a lint of its own.
func TestLintBetweenLeavesAloneWhatIsWrongByItself(t *testing.T) {
	require.ErrorContains(t, Input.LintBetween(inputWith("end", "2026-11-21")), "is not before `end`")
	require.NoError(t, Input.LintBetween(inputWith("end", "2026-11-21", "parallelism", "high")))
	require.NoError(t, Input.LintBetween(inputWith()))
	require.NoError(t, RateLimit.LintBetween(map[string]any{}), "which has no such rule")
	require.Error(t, Input.LintBetween(inputWith("endpoint", "/api/v2/analytics/nothing")))
}

// TestACountIsNeverExceededInItsInterval: the pace is rounded up.
func TestACountIsNeverExceededInItsInterval(t *testing.T) {
	for _, test := range []struct {
		count    any
		interval string
		want     time.Duration
	}{
		{0, "1m", 0},
		{1, "1m", time.Minute},
		{300, "1m", 200 * time.Millisecond},
		{7, "1s", 142_857_143}, // 7 × 142,857,142 ns are 6 ns short
		{3, "2ns", 1},
	} {
		c, err := RateLimit.Parse(map[string]any{"count": test.count, "interval": test.interval})
		require.NoError(t, err)
		assert.Equal(t, test.want, c.Pace(), "%v in %s", test.count, test.interval)
	}
	for field, value := range map[string]any{"min_remaining": -1, "count": -1, "interval": "0s", "fallback_pause": "0s", "cache_key": ""} {
		require.Error(t, RateLimit.Lint(field, value), field)
	}
	require.NoError(t, RateLimit.Lint("min_remaining", 0))
}
