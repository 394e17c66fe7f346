// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redpanda-data/benthos/v4/public/bloblang"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// TestTheTenantIsAskedWhatTheMessageSays: each part of a query as the message fills
// it in, in the body that the tenant gets.
func TestTheTenantIsAskedWhatTheMessageSays(t *testing.T) {
	const aggregates = "endpoint: /api/v2/analytics/conversations/aggregates/query"
	for name, test := range map[string]struct {
		config []string
		want   string
	}{
		"a text in a list": {
			[]string{"query: { metrics: [ '${! @metric }', tHandle ], groupBy: [ queueId ] }"},
			`{"metrics":["nOffered","tHandle"],"groupBy":["queueId"]}`,
		},
		"a text in an object in a list": {
			[]string{"query: { metrics: [ nOffered ], filter: { type: and, predicates: [ { dimension: queueId, value: '${! @queue }' } ] } }"},
			`{"metrics":["nOffered"],"filter":{"type":"and","predicates":[{"dimension":"queueId","value":"4c1e"}]}}`,
		},
		"a mapping": {
			[]string{`query: 'root.metrics = [ @metric ]'`}, `{"metrics":["nOffered"]}`,
		},
		"nothing to fill in": {
			[]string{"query: { metrics: [ nOffered ] }"}, `{"metrics":["nOffered"]}`,
		},
		"a granularity": {
			[]string{"query: { metrics: [ nOffered ] }", "granularity: PT${! @minutes }M"}, `{"metrics":["nOffered"],"granularity":"PT1M"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tenant := newTenant(t, simulator.Config{Conversations: 10})
				var asked []map[string]any
				tenant.before = func(r *http.Request) {
					if strings.HasSuffix(r.URL.Path, "/aggregates/query") {
						asked = append(asked, bodyOf(t, r))
					}
				}
				p := openProcessor(t, with(processorBase, append(test.config, aggregates)...), tenant)
				_, err := p.Process(t.Context(), job(someInterval, "metric", "nOffered", "queue", "4c1e", "minutes", "1"))
				if !strings.Contains(test.want, "4c1e") { // the simulator knows no filters
					require.NoError(t, err)
				}
				require.NotEmpty(t, asked)
				var want map[string]any
				require.NoError(t, json.Unmarshal([]byte(test.want), &want))
				want["interval"] = "1999-12-31T00:00:00.000Z/1999-12-31T00:05:00.000Z"
				want["timeZone"] = "UTC"
				assert.Equal(t, want, asked[0])
			})
		})
	}
}

func bodyOf(t *testing.T, r *http.Request) (body map[string]any) {
	t.Helper()
	reader, err := r.GetBody()
	require.NoError(t, err)
	data, err := io.ReadAll(reader)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &body))
	return body
}

// TestAMappingThatDeletesTheMessageIsAnError of that message: nothing is asked for.
func TestAMappingThatDeletesTheMessageIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant := newTenant(t, simulator.Config{})
		for mapping, says := range map[string]string{
			"root = deleted()": "the mapping deletes the message: want an object",
			"root = [ 1 ]":     "the mapping returns []interface {}: want an object",
			"root = null":      "the mapping returns <nil>: want an object",
		} {
			p := openProcessor(t, with(processorBase, "query: "+mapping), tenant)
			batch, err := p.Process(t.Context(), job(someInterval))
			require.ErrorContains(t, err, "field `query`: "+says)
			assert.Empty(t, batch)
		}
		assert.Zero(t, tenant.Report().Requests)
	})
}

// TestEachPartOfAnExportIsInItsCheckpoint: a checkpoint is refused where any of them
// is another, and each of them is written there.
func TestEachPartOfAnExportIsInItsCheckpoint(t *testing.T) {
	const one = base + "\ndataset: mine\ngranularity: PT5M\nmethod: GET\npaging: query"
	plan := func(config string) reflect.Value {
		s := settingsOf(t, config)
		return reflect.ValueOf(planOf(&s))
	}
	changes := map[string]string{
		"Host":        "region: us-east-1",
		"ClientID":    "client_id: 77",
		"Dataset":     "dataset: theirs",
		"Endpoint":    "endpoint: /api/v2/analytics/new/thing",
		"Query":       "query: { name: x }",
		"Interval":    "interval: PT10M",
		"Granularity": "granularity: PT1M",
		"TimeZone":    "timezone: UTC",
	}
	was := plan(one)
	for i := range was.NumField() {
		name := was.Type().Field(i).Name
		require.Contains(t, changes, name, "a part that nobody changes")
		is := plan(with(one, changes[name]))
		for j := range was.NumField() {
			assert.NotZero(t, was.Field(j).Interface(), was.Type().Field(j).Name)
			assert.Equal(t, i != j, was.Field(j).Interface() == is.Field(j).Interface(), "%s: %s", changes[name], was.Type().Field(j).Name)
		}
	}
	for _, line := range []string{
		"end: 2026-11-24", "start: 2026-11-20", "page_size: 5", "parallelism: 4", "settle: PT10M", "schedule: 0 2 * * *", "client_secret: other",
	} {
		assert.Equal(t, was.Interface(), plan(with(one, line)).Interface(), "%s is no other export", line)
	}
}

// TestAnEndThatLiesAheadIsWaitedFor: the run is whole, not over.
func TestAnEndThatLiesAheadIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ForgetExitStatus()
		in := open(t, with(settledDay, "start: 1999-12-31T23:30:00Z", "end: 2000-01-01T00:12:00Z"), newTenant(t, simulator.Config{}), resources())
		keys := exportAll(t, in)
		require.Len(t, keys, 6+3)
		assert.Equal(t, "queues-summary/2000/01/01/001000Z-001200Z/p0001", keys[8])
		assert.Equal(t, time.Date(2000, 1, 1, 0, 12, 0, 0, time.UTC), time.Now().UTC())
		assert.Zero(t, ExitStatus())
		require.NoError(t, in.Close(t.Context()))
	})
	synctest.Test(t, func(t *testing.T) {
		in := open(t, with(settledDay, "start: 2000-01-01T01:00:00Z", "end: 2000-01-01T02:00:00Z"), newTenant(t, simulator.Config{}), resources())
		assert.Len(t, exportAll(t, in), 12, "all of it lies ahead")
		assert.Equal(t, time.Date(2000, 1, 1, 2, 0, 0, 0, time.UTC), time.Now().UTC())
		require.NoError(t, in.Close(t.Context()))
	})
}

// TestAnEndThatIsNotReachedIsNoSuccess of a run that is stopped before.
func TestAnEndThatIsNotReachedIsNoSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ForgetExitStatus()
		in := open(t, with(settledDay, "start: 1999-12-31T23:50:00Z", "end: 2000-01-01T01:00:00Z"), newTenant(t, simulator.Config{}), resources())
		for _, d := range read(t, in, 2) {
			require.NoError(t, d.ack(t.Context(), nil))
		}
		assertCloseEnds(t, in, time.Minute)
		assert.NotZero(t, ExitStatus())
		unfinished.Delete(in)
	})
}

// TestTheFunctionIsRegisteredWithItsDefaults: as a mapping calls it, at 01:32, since the number
// of intervals that have ended depends on the time of day.
func TestTheFunctionIsRegisteredWithItsDefaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(92 * time.Minute)
		testTheFunction(t)
	})
}

func testTheFunction(t *testing.T) {
	for mapping, want := range map[string]string{
		`genesys_intervals("2026-11-22", "2026-11-22T00:10:00Z")`: `[{"end":"2026-11-22T00:05:00Z","interval":"2026-11-22T00:00:00.000Z/2026-11-22T00:05:00.000Z","start":"2026-11-22T00:00:00Z"},` +
			`{"end":"2026-11-22T00:10:00Z","interval":"2026-11-22T00:05:00.000Z/2026-11-22T00:10:00.000Z","start":"2026-11-22T00:05:00Z"}]`,
		`genesys_intervals("2026-11-22", "2026-11-23", "PT12H", "Asia/Seoul").map_each(i -> i.start)`: `["2026-11-21T15:00:00Z","2026-11-22T03:00:00Z"]`,
		`genesys_intervals("-PT1S", "now")`:                                          `[]`,
		`genesys_intervals(start: "-PT13H", end: "now", interval: "PT12H").length()`: `1`,
		`genesys_intervals("2026-11-22", "2026-11-22").catch("")`:                    `""`,
		`genesys_intervals(timezone: "Mars", start: "-P1D", end: "now").catch(-1)`:   `-1`,
	} {
		executor, err := bloblang.Parse("root = " + mapping)
		require.NoError(t, err, mapping)
		got, err := executor.Query(nil)
		require.NoError(t, err, mapping)
		text, err := json.Marshal(got)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(text), mapping)
	}
	for _, mapping := range []string{`genesys_intervals("2026-11-22")`, `genesys_intervals()`, `genesys_intervals(1, 2)`} {
		_, err := bloblang.Parse("root = " + mapping)
		require.Error(t, err, mapping)
	}
	const tenYears = `root = genesys_intervals("2010-01-01", "2021-01-01")`
	executor, err := bloblang.Parse(tenYears)
	require.NoError(t, err)
	_, err = executor.Query(nil)
	require.ErrorContains(t, err, "are more than 1100000: ask for a shorter window at a time")
}
