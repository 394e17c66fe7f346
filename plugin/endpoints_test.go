// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// queries are what an endpoint needs to be asked at all, by the end of its path.
var queries = []struct{ suffix, query string }{
	{"users/aggregates/query", `{ groupBy: [ userId ], metrics: [ tAgentRoutingStatus ] }`},
	{"users/aggregates/jobs", `{ groupBy: [ userId ], metrics: [ tAgentRoutingStatus ] }`},
	{"/aggregates/query", `{ groupBy: [ queueId ], metrics: [ nOffered, tHandle ] }`},
	{"/aggregates/jobs", `{ groupBy: [ queueId, mediaType ], metrics: [ nOffered, tHandle ] }`},
	{"/observations/query", `{ filter: { type: or, predicates: [] }, metrics: [ oWaiting ] }`},
	{"/activity/query", `{ groupBy: [ queueId ], metrics: [ { metric: oOnQueueUsers } ] }`},
	{"/taskmanagement/metrics/query", `{ groupBy: [ queueId, mediaType ], metrics: [ { name: oActive } ], filter: { predicates: [] } }`},
	{"/transcripts/search", `{ types: [ transcripts ] }`},
}

func queryFor(path string) string {
	for _, q := range queries {
		if strings.HasSuffix(path, q.suffix) {
			return "query: " + q.query
		}
	}
	return "query: {}"
}

// people are a user and a conversation of the tenant.
func people(t *testing.T, tenant *tenantOf) (user, conversation string) {
	t.Helper()
	one := func(path, list, id string) string {
		in := open(t, with(settledDay, "endpoint: "+path, "page_size: 1"), tenant, resources())
		defer func() { require.NoError(t, in.Close(t.Context())) }()
		return decode(t, read(t, in, 1)[0])[list].([]any)[0].(map[string]any)[id].(string)
	}
	return one("/api/v2/analytics/reporting/dashboards/users", "entities", "id"),
		one("/api/v2/analytics/conversations/details/query", "conversations", "conversationId")
}

// readAll takes and acknowledges all pages.
func readAll(t *testing.T, in *input) (got []delivered) {
	t.Helper()
	for {
		msg, ack, err := in.Read(t.Context())
		if errors.Is(err, service.ErrEndOfInput) {
			return got
		}
		require.NoError(t, err)
		require.NoError(t, ack(t.Context(), nil))
		got = append(got, delivered{msg, ack})
	}
}

func decode(t *testing.T, d delivered) (page map[string]any) {
	t.Helper()
	body, err := d.msg.AsBytes()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(body, &page))
	return page
}

// TestEveryEndpointIsReadToItsEnd holds what an input gives of each endpoint
// against what the tenant says it served.
func TestEveryEndpointIsReadToItsEnd(t *testing.T) {
	config := simulator.Config{Queues: 5, Conversations: 2000}
	var user, conversation string
	synctest.Test(t, func(t *testing.T) { user, conversation = people(t, newTenant(t, config)) })
	for _, e := range genesys.Endpoints() {
		t.Run(strings.TrimPrefix(e.Path, "/api/v2/"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				path := strings.NewReplacer("{userId}", user, "{conversationId}", conversation, "{botFlowId}", "4c1e9d4e").Replace(e.Path)
				lines := []string{"endpoint: " + path, queryFor(path), "end: 1999-12-31T01:00:00Z", "interval: PT1H"}
				if strings.HasSuffix(path, "/conversations/details") {
					lines[1] = "query: { id: " + conversation + " }"
				}
				if e.MaxPage > 0 {
					lines = append(lines, fmt.Sprintf("page_size: %d", min(e.MaxPage, 3)))
				}
				tenant := newTenant(t, config)
				in := open(t, with(settledDay, lines...), tenant, resources())
				got := readAll(t, in)
				require.NoError(t, in.Close(t.Context()))
				equalsReport(t, e, got, tenant.Report())
			})
		})
	}
}

func equalsReport(t *testing.T, e genesys.Endpoint, got []delivered, report simulator.Report) {
	t.Helper()
	records, last := 0, false
	var total any
	for i, d := range got {
		page, n := decode(t, d), 1
		if e.List != genesys.WholeDocument {
			list, _ := page[listOf(e)].([]any)
			n = len(list)
		}
		records += n
		number, _ := d.msg.MetaGetMut("genesys_page")
		assert.EqualValues(t, i+1, number)
		assert.False(t, last, "nothing follows the last page")
		flag, _ := d.msg.MetaGetMut("genesys_last_page")
		last = flag.(bool)
		total, _ = d.msg.MetaGetMut("genesys_total")
	}
	assert.True(t, last)
	served := 0
	for _, n := range report.Pages {
		served += n
	}
	if strings.HasSuffix(e.Path, "/availability") {
		report.Records, served = 1, 1 // the tenant does not count it as a page
	}
	assert.Equal(t, report.Records, records)
	// A full last page, and the deepest one's probe, cost one more request.
	assert.LessOrEqual(t, served-len(got), 1, report.Pages)
	if total != nil {
		assert.EqualValues(t, records, total)
	}
	if empty := strings.HasSuffix(e.Path, "dashboards/query") || strings.HasSuffix(e.Path, "/dashboards"); !empty {
		assert.Positive(t, records)
		assert.Equal(t, e.MaxPage > 0, len(got) > 1, "it pages")
	}
}

func listOf(e genesys.Endpoint) string {
	if e.List == "" {
		return "segmentCounts"
	}
	return e.List
}

func TestASumBeyondFloatsArrivesWithAllItsDigits(t *testing.T) {
	for _, path := range []string{"aggregates/query", "aggregates/jobs"} {
		synctest.Test(t, func(t *testing.T) {
			in := open(t, with(settledDay, "endpoint: /api/v2/analytics/conversations/"+path, queryFor("/"+path), "interval: P1D"), newTenant(t, simulator.Config{}), resources())
			body, err := read(t, in, 1)[0].msg.AsBytes()
			require.NoError(t, err)
			assert.Contains(t, string(body), `"sum":9007199254740993`)
			require.NoError(t, in.Close(t.Context()))
		})
	}
}

const conversationJobs = "endpoint: /api/v2/analytics/conversations/details/jobs"

// conversations are the ids of some pages, and how often each came.
func conversations(t *testing.T, pages []delivered) map[string]int {
	t.Helper()
	ids := map[string]int{}
	for _, d := range pages {
		for _, c := range decode(t, d)["conversations"].([]any) {
			ids[c.(map[string]any)["conversationId"].(string)]++
		}
	}
	return ids
}

func TestAJobThatWasLeftInTheMiddleIsGoneOnWith(t *testing.T) {
	config := with(settledDay, conversationJobs, "interval: P1D", "page_size: 10")
	for _, acked := range []int{0, 1, 14, 29, 30} {
		synctest.Test(t, func(t *testing.T) {
			tenant, res := newTenant(t, simulator.Config{Conversations: 290}), resources()
			in := open(t, config, tenant, res)
			first := read(t, in, min(acked+3, 30))
			for _, d := range first[:acked] {
				require.NoError(t, d.ack(t.Context(), nil))
			}
			require.NoError(t, in.Close(t.Context()))

			next := open(t, config, tenant, res)
			rest := readAll(t, next)
			require.NoError(t, next.Close(t.Context()))
			require.Len(t, rest, 30-acked)
			for i, d := range rest {
				assert.Equal(t, fmt.Sprintf("conversations-details-jobs/1999/12/31/000000Z-20000101T000000Z/p%04d", acked+i+1), d.key(t))
			}
			all := conversations(t, append(first[:acked:acked], rest...))
			assert.Len(t, all, tenant.Report().Records, "each once")
			if acked > 0 {
				assert.LessOrEqual(t, tenant.Report().RequestsByStatus["202"], 3, "one job: submitted, and polled twice before it was ready")
			}
		})
	}
}

func TestAJobThatIsLostStartsItsIntervalOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant := newTenant(t, simulator.Config{Conversations: 93, ExpireJobsAfter: 5, FailJobs: 1})
		in := open(t, with(settledDay, conversationJobs, "interval: P1D", "page_size: 10"), tenant, resources())
		got := readAll(t, in)
		require.NoError(t, in.Close(t.Context()))
		kept := map[string]delivered{} // as objects under their keys
		for _, d := range got {
			kept[d.key(t)] = d
		}
		require.Len(t, kept, 10)
		assert.Len(t, got, 4+10, "the fifth page was held back until the sixth was there")
		var objects []delivered
		for _, d := range kept {
			objects = append(objects, d)
		}
		assert.Len(t, conversations(t, objects), tenant.Report().Records)
	})
}

func TestAJobWaitsForItsWatermark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		tenant := newTenant(t, simulator.Config{AvailabilityLag: 6*time.Hour + 30*time.Second, Conversations: 95})
		in := open(t, with(settledDay, conversationJobs, "interval: PT12H", "parallelism: 2"), tenant, resources())
		got := readAll(t, in)
		require.NoError(t, in.Close(t.Context()))
		assert.Equal(t, 6*time.Hour+time.Minute, time.Since(began).Truncate(time.Minute))
		assert.Len(t, got, 2)
		all := conversations(t, got)
		assert.GreaterOrEqual(t, len(all), 95, "all of the day's, and those that reach into it")
		assert.LessOrEqual(t, tenant.Report().Requests, 1+6*60+2+2*5, "a token, the watermark once a minute, two jobs")
	})
}

func TestAFatalErrorCancelsTheJobThatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer ForgetExitStatus()
		tenant := newTenant(t, simulator.Config{FailJobs: 2})
		in := open(t, with(settledDay, conversationJobs, "interval: P1D"), tenant, resources())
		assert.Empty(t, readAll(t, in))
		require.NoError(t, in.Close(t.Context()))
		assert.Equal(t, 1, ExitStatus())
		assert.Equal(t, 1, tenant.Report().RequestsByStatus["204"])
	})
}
