// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

const processorBase = `client_id: demo-client
client_secret: demo-secret
endpoint: /api/v2/analytics/queues/summary`

func openProcessor(t *testing.T, config string, tenant http.RoundTripper) *processor {
	t.Helper()
	conf, err := processorSpec().ParseYAML(config, nil)
	require.NoError(t, err)
	made, err := newProcessorFromParsed(conf, service.MockResources())
	require.NoError(t, err)
	s := made.(*processor).settings
	s.Client.Base = tenant
	p, err := newProcessor(s, made.(*processor).template, service.MockResources())
	require.NoError(t, err)
	return p
}

func job(body string, meta ...string) *service.Message {
	msg := service.NewMessage([]byte(body))
	for i := 0; i < len(meta); i += 2 {
		msg.MetaSetMut(meta[i], meta[i+1])
	}
	return msg
}

const someInterval = `{"interval":"1999-12-31T00:00:00.000Z/1999-12-31T00:05:00.000Z","endpoint":"/api/v2/analytics/conversations/details/query"}`

func TestAMessageInTheIntervalsPagesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := openProcessor(t, with(processorBase, `page_size: "1"`), newTenant(t, simulator.Config{}))
		batch, err := p.Process(t.Context(), job(someInterval, "ticket", "42"))
		require.NoError(t, err)
		require.Len(t, batch, 3)
		for i, msg := range batch {
			key, _ := msg.MetaGetMut("genesys_key")
			assert.Equal(t, []string{
				"queues-summary/1999/12/31/000000Z-000500Z/p0001",
				"queues-summary/1999/12/31/000000Z-000500Z/p0002",
				"queues-summary/1999/12/31/000000Z-000500Z/p0003",
			}[i], key)
			last, _ := msg.MetaGetMut("genesys_last_page")
			assert.Equal(t, i == 2, last)
			ticket, _ := msg.MetaGet("ticket")
			assert.Equal(t, "42", ticket, "what came with the message stays with it")
			body, err := msg.AsBytes()
			require.NoError(t, err)
			assert.Contains(t, string(body), `"entities"`)
		}
		require.NoError(t, p.Close(t.Context()))
	})
}

func TestAMessageFillsInTheFields(t *testing.T) {
	tests := []struct {
		name   string
		config []string
		msg    *service.Message
		key    string
	}{
		{"interval from metadata", []string{"interval: ${! @iv }"}, job(`x`, "iv", "1999-12-31T00:00:00+09:00/1999-12-31T01:00:00+09:00"), "queues-summary/1999/12/30/150000Z-160000Z/p0001"},
		{"endpoint", []string{"endpoint: ${! this.endpoint }"}, job(someInterval), "conversations-details-query/1999/12/31/000000Z-000500Z/p0001"},
		{"a query with filled-in text", []string{"endpoint: /api/v2/analytics/conversations/aggregates/query", "query: { metrics: [ '${! @metric }' ], groupBy: [ queueId ] }"}, job(someInterval, "metric", "nOffered"), "conversations-aggregates-query/1999/12/31/000000Z-000500Z/p0001"},
		{"a query by a mapping", []string{"endpoint: /api/v2/analytics/conversations/aggregates/query", `query: 'root.metrics = [ "tHandle" ]'`}, job(someInterval), "conversations-aggregates-query/1999/12/31/000000Z-000500Z/p0001"},
		{"a query by a mapping of metadata", []string{"endpoint: /api/v2/analytics/conversations/aggregates/query", `query: 'root.metrics = [ @metric ]'`}, job(someInterval, "metric", "nOffered"), "conversations-aggregates-query/1999/12/31/000000Z-000500Z/p0001"},
		{"granularity", []string{`granularity: ${! @g.or("") }`}, job(someInterval, "g", "PT1M"), "queues-summary/1999/12/31/000000Z-000500Z/p0001"},
		{"no granularity", []string{`granularity: ${! @g.or("") }`}, job(someInterval), "queues-summary/1999/12/31/000000Z-000500Z/p0001"},
		{"a dataset", []string{"dataset: mine"}, job(someInterval), "mine/1999/12/31/000000Z-000500Z/p0001"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := openProcessor(t, with(processorBase, test.config...), newTenant(t, simulator.Config{Conversations: 10}))
				batch, err := p.Process(t.Context(), test.msg)
				require.NoError(t, err)
				key, _ := batch[0].MetaGetMut("genesys_key")
				assert.Equal(t, test.key, key)
			})
		})
	}
}

func TestAFatalErrorIsTheMessagesOwn(t *testing.T) {
	tests := []struct {
		name   string
		config []string
		msg    *service.Message
		tenant simulator.Config
		says   string
	}{
		{"no interval", nil, job(`{"x":1}`), simulator.Config{}, "field `interval`"},
		{"an interval that is none", nil, job(`{"interval":"yesterday"}`), simulator.Config{}, `"yesterday"`},
		{"an unknown endpoint", []string{"endpoint: ${! this.endpoint }"}, job(`{"interval":"1999-12-31T00:00:00Z/1999-12-31T00:05:00Z","endpoint":"/api/v2/nowhere"}`), simulator.Config{}, "`method` and `paging`"},
		{"a page size that is none", []string{`page_size: ${! "many" }`}, job(someInterval), simulator.Config{}, "field `page_size`"},
		{"a page size too large", []string{`page_size: ${! 5000 }`}, job(someInterval), simulator.Config{}, "1 to 100"},
		{"a mapping that fails", []string{`query: 'root = throw("no")'`}, job(someInterval), simulator.Config{}, "field `query`"},
		{"a mapping that gives no object", []string{`query: 'root = 5'`}, job(someInterval), simulator.Config{}, "want an object"},
		{"a query that names the interval", []string{`query: 'root.interval = "x"'`}, job(someInterval), simulator.Config{}, `query names "interval"`},
		{"a missing permission", nil, job(someInterval), simulator.Config{DenyPermission: "analytics:queueObservation:view"}, "analytics:queueObservation:view"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ForgetExitStatus()
				p := openProcessor(t, with(processorBase, test.config...), newTenant(t, test.tenant))
				_, err := p.Process(t.Context(), test.msg)
				require.ErrorContains(t, err, test.says)
				assert.Zero(t, ExitStatus(), "the process goes on")
				batch, err := p.Process(t.Context(), job(someInterval))
				if len(test.config) == 0 && test.tenant == (simulator.Config{}) {
					require.NoError(t, err)
					assert.Len(t, batch, 1)
				}
			})
		})
	}
}

func TestAProcessorsWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := openProcessor(t, processorBase, newTenant(t, simulator.Config{Bucket: 1, Window: 20 * time.Hour}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		_, err := p.Process(ctx, job(someInterval))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.LessOrEqual(t, time.Since(began), time.Minute)
	})
}

func TestAProcessorsMistakesAreFoundByLintAndByTheConstructor(t *testing.T) {
	tests := []struct {
		name string
		line string
		says string
	}{
		{"region", "region: nowhere", `"nowhere"`},
		{"static interval", "interval: tomorrow", "`interval`"},
		{"static endpoint", "endpoint: /api/v2/nowhere", "`method` and `paging`"},
		{"endpoint with its host", "endpoint: https://api.mypurecloud.com/api/v2/x", "only the path"},
		{"static granularity", "granularity: often", "`granularity`"},
		{"static page size", `page_size: "-1"`, "`page_size`"},
		{"query that names paging", "query: { paging: 1 }", `query names "paging"`},
		{"timezone", "timezone: Seoul", "`timezone`"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			config := with(processorBase, test.line)
			assert.Contains(t, lintAs(t, service.GlobalEnvironment().NewComponentConfigLinter().LintProcessorYAML, config), test.says)
			conf, err := processorSpec().ParseYAML(config, nil)
			require.NoError(t, err)
			_, err = newProcessorFromParsed(conf, service.MockResources())
			require.ErrorContains(t, err, test.says)
		})
	}
	assert.Empty(t, lintAs(t, service.GlobalEnvironment().NewComponentConfigLinter().LintProcessorYAML,
		with(processorBase, "endpoint: ${! this.endpoint }", "query: root = this.query", "page_size: ${! this.size }")))
}

func TestIntervalsAreTheInputsOwnGrid(t *testing.T) {
	now := time.Date(2026, 11, 23, 2, 3, 4, 0, time.UTC)
	raw := func(values ...string) map[string]any {
		return map[string]any{"start": values[0], "end": values[1], "interval": values[2], "timezone": values[3]}
	}
	got, err := intervals(raw("2026-11-22", "2026-11-23", "PT5M", "Asia/Seoul"), now)
	require.NoError(t, err)
	all := got.([]any)
	require.Len(t, all, 288)
	assert.Equal(t, map[string]any{
		"interval": "2026-11-21T15:00:00.000Z/2026-11-21T15:05:00.000Z", "start": "2026-11-21T15:00:00Z", "end": "2026-11-21T15:05:00Z",
	}, all[0])
	tests := []struct {
		name   string
		values []string
		want   int
	}{
		{"now: only what has ended", []string{"2026-11-23T02:00:00Z", "now", "PT1M", "UTC"}, 3},
		{"the last one is cut", []string{"2026-11-23T00:00:00Z", "2026-11-23T00:07:00Z", "PT5M", "UTC"}, 2},
		{"days with a change of clocks", []string{"2026-10-31", "2026-11-03", "P1D", "America/New_York"}, 3},
		{"back from now", []string{"-PT1H", "now", "PT5M", "UTC"}, 12},
		{"nothing has ended", []string{"2026-11-23T02:03:00Z", "now", "PT5M", "UTC"}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := intervals(raw(test.values...), now)
			require.NoError(t, err)
			assert.Len(t, got, test.want)
		})
	}
	for _, values := range [][]string{
		{"soon", "now", "PT5M", "UTC"},
		{"2026-11-22", "2026-11-21", "PT5M", "UTC"},
		{"2026-11-22", "2026-11-23", "0s", "UTC"},
		{"2026-11-22", "2026-11-23", "PT5M", "Mars"},
		{"2016-11-22", "2026-11-23", "PT1M", "UTC"},
	} {
		_, err := intervals(raw(values...), now)
		require.Error(t, err, values)
	}
}
