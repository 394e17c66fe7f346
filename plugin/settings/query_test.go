// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package settings

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/genesys"
)

const (
	summaries  = "/api/v2/analytics/queues/summary"
	details    = "/api/v2/analytics/conversations/details/query"
	aggregates = "/api/v2/analytics/conversations/aggregates/query"
	unknown    = "/api/v2/analytics/new/thing"
)

// TestWhatIsAskedFollowsFromTheEndpointAndWhatIsWrittenInstead.
func TestWhatIsAskedFollowsFromTheEndpointAndWhatIsWrittenInstead(t *testing.T) {
	for _, test := range []struct {
		name   string
		fields []any
		method string
		paging genesys.Paging
		place  genesys.Place
		size   int
	}{
		{"a listing that is known", []any{"endpoint", summaries}, "GET", "query", "query", 100},
		{"a size of one's own", []any{"endpoint", summaries, "page_size", 7}, "GET", "query", "query", 7},
		{"no pages have no size", []any{"endpoint", aggregates}, "POST", "none", "body", 0},
		{"another paging has no size that is known", []any{"endpoint", summaries, "paging", "cursor"}, "GET", "cursor", "query", 0},
		{"numbers need one", []any{"endpoint", aggregates, "paging", "body"}, "POST", "body", "body", 100},
		{"the same paging keeps what is known", []any{"endpoint", summaries, "paging", "query"}, "GET", "query", "query", 100},
		{"another place", []any{"endpoint", summaries, "interval_in", "none"}, "GET", "query", "none", 100},
		{"a GET that is not known", []any{"endpoint", unknown, "method", "GET", "paging", "query"}, "GET", "query", "query", 100},
		{"a POST that is not known", []any{"endpoint", unknown, "method", "POST", "paging", "none"}, "POST", "none", "body", 0},
		{"a place is taken at its word", []any{"endpoint", unknown, "method", "POST", "paging", "none", "interval_in", "query"}, "POST", "none", "query", 0},
		{"a known GET sent as a POST", []any{"endpoint", summaries, "method", "POST"}, "POST", "query", "query", 100},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := configOf(t, test.fields...).Query
			assert.Equal(t, test.method, q.Endpoint.Method)
			assert.Equal(t, test.paging, q.Endpoint.Paging)
			assert.Equal(t, test.place, q.Endpoint.Interval)
			assert.Equal(t, test.size, q.PageSize)
		})
	}
	assert.Equal(t, "new-thing", configOf(t, "endpoint", unknown, "method", "GET", "paging", "none").Query.Dataset)
	assert.Equal(t, "mine", configOf(t, "dataset", "mine").Query.Dataset)
	assert.Equal(t, "Asia/Seoul", configOf(t, "timezone", "Asia/Seoul").Query.TimeZone)
}

func TestARequestThatCannotBeIsRefused(t *testing.T) {
	for _, test := range []struct {
		name   string
		fields []any
		says   string
	}{
		{"an unknown endpoint without a paging", []any{"endpoint", unknown, "method", "GET"}, "is not known"},
		{"an unknown endpoint without a method", []any{"endpoint", unknown, "paging", "none"}, "is not known"},
		{"a GET with its interval in a body", []any{"endpoint", summaries, "interval_in", "body"}, "a GET has no body"},
		{"a GET with its pages in a body", []any{"endpoint", summaries, "paging", "body"}, "a GET has no body"},
		{"a job by GET", []any{"endpoint", summaries, "paging", "job"}, "set `method` to POST"},
		{"a size that the endpoint does not take", []any{"endpoint", summaries, "page_size", 101}, "1 to 100"},
		{"a granularity where there is none", []any{"endpoint", details, "granularity", "PT5M"}, "takes none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Input.Parse(inputWith(test.fields...))
			require.ErrorContains(t, err, test.says)
		})
	}
}

// TestABucketIsOfOneLengthOrNone: an interval that is split is split between two.
func TestABucketIsOfOneLengthOrNone(t *testing.T) {
	assert.Equal(t, 5*time.Minute, configOf(t, "granularity", "PT5M").Query.Bucket)
	assert.Zero(t, configOf(t, "granularity", "P1D").Query.Bucket)
	assert.Equal(t, "P1D", configOf(t, "granularity", "P1D").Query.Granularity)
	assert.Empty(t, configOf(t).Query.Granularity)
}

// processorOf reads a processor's config whose interval comes with each message.
func processorOf(fields ...any) (*ProcessorConfig, error) {
	config := map[string]any{"client_id": "id", "client_secret": "secret", "endpoint": summaries}
	for i := 0; i < len(fields); i += 2 {
		config[fields[i].(string)] = fields[i+1]
	}
	return Processor.Parse(config)
}

// TestAMistakeThatNoMessageCanMendIsKnownAtOnce, and no other.
func TestAMistakeThatNoMessageCanMendIsKnownAtOnce(t *testing.T) {
	_, err := processorOf("page_size", 101)
	require.ErrorContains(t, err, "1 to 100", "only the interval depends on the message")
	_, err = processorOf("endpoint", unknown)
	require.ErrorContains(t, err, "is not known")
	_, err = processorOf("query", "root.page = 1", "page_size", 101)
	require.NoError(t, err, "a mapping may ask for something else")
	_, err = processorOf("endpoint", "${! this.endpoint }", "interval", "2026-11-22/P1D")
	require.ErrorContains(t, err, "`interval`")
	_, err = processorOf("endpoint", "${! this.endpoint }", "granularity", "PT0S")
	require.ErrorContains(t, err, "`granularity`")

	c, err := processorOf()
	require.NoError(t, err)
	filled, err := c.Fill(map[string]any{"interval": "2026-11-22T00:00:00Z/2026-11-22T00:05:00Z"})
	require.NoError(t, err)
	assert.Equal(t, "2026-11-22T00:00:00.000Z/2026-11-22T00:05:00.000Z", filled.Interval.String())
	assert.Equal(t, "queues-summary", filled.Query.Dataset)
	assert.True(t, c.Interval.Start.IsZero(), "what a message says is not there for the next")
}
