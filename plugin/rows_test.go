// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	common "github.com/redpanda-data/benthos/v4/public/schema"
	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/settings"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// pipe runs a stream on a tenant to its end, as YAML configures it, and returns copies
// of what leaves it.
func pipe(t *testing.T, tenant simulator.Config, input, processors string) (got []*service.Message) {
	t.Helper()
	tenant.ClientID, tenant.ClientSecret = "id", "secret"
	sim, err := simulator.New(tenant)
	require.NoError(t, err)
	server := httptest.NewServer(sim)
	defer server.Close()
	stream := service.NewStreamBuilder()
	stream.SetThreads(1) // several would let pages overtake each other
	config := with("client_id: id\nclient_secret: secret\nfallback_pause: 10ms\nstart: 2026-11-22T00:00:00Z\nend: 2026-11-22T00:05:00Z",
		append(strings.Split(input, "\n"), "api_url: "+server.URL, "login_url: "+server.URL)...)
	var mu sync.Mutex
	require.NoError(t, errors.Join(stream.SetLoggerYAML("level: NONE"),
		stream.AddInputYAML("genesys_analytics:\n  "+strings.ReplaceAll(config, "\n", "\n  ")),
		stream.AddProcessorYAML(processors),
		stream.AddConsumerFunc(func(_ context.Context, msg *service.Message) error {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, msg.DeepCopy())
			return nil
		})))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	built, err := stream.Build()
	require.NoError(t, err)
	require.NoError(t, built.Run(ctx))
	return got
}

func structured(t *testing.T, msg *service.Message) map[string]any {
	t.Helper()
	value, err := msg.AsStructured()
	require.NoError(t, err)
	return value.(map[string]any)
}

func metaOf(msg *service.Message, key string) any {
	value, _ := msg.MetaGetMut(key)
	return value
}

// TestAPageBecomesItsRows, each with the page's metadata and the schema of what it holds.
func TestAPageBecomesItsRows(t *testing.T) {
	got := pipe(t, simulator.Config{Queues: 2}, "endpoint: /api/v2/analytics/queues/summary\npage_size: 1\nmanifest: true", "genesys_rows: {}")
	require.NotEmpty(t, got)
	manifest := got[len(got)-1]
	body, err := manifest.AsBytes()
	require.NoError(t, err)
	assert.Contains(t, string(body), `"complete":true`, "a manifest passes as it is")
	assert.Nil(t, metaOf(manifest, "genesys_table"))

	sums := map[any]bool{}
	for i, msg := range got[:len(got)-1] {
		row := structured(t, msg)
		assert.Equal(t, "queue_summary", metaOf(msg, "genesys_table"))
		assert.Equal(t, int64(1+i/6), metaOf(msg, "genesys_page"), "in the order of the pages")
		assert.Equal(t, "queues-summary", metaOf(msg, "genesys_dataset"))
		assert.Equal(t, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), row["interval_start"])
		assert.Nil(t, row["extra"])
		assertSchema(t, msg, row)
		sums[row["sum"]] = true
	}
	assert.Len(t, got, 2*6+1)
	assert.True(t, sums["9007199254740993"], "a sum that a double cannot hold: %v", sums)
}

// assertSchema holds a row against the schema beside it.
func assertSchema(t *testing.T, msg *service.Message, row map[string]any) {
	t.Helper()
	value, ok := msg.MetaGetImmut("schema")
	require.True(t, ok)
	if immutable, wrapped := value.(service.ImmutableAny); wrapped {
		value = immutable.V
	}
	described, err := common.ParseFromAny(value)
	require.NoError(t, err)
	assert.Equal(t, metaOf(msg, "genesys_table"), described.Name)
	require.Len(t, row, len(described.Children))
	for _, column := range described.Children {
		cell, there := row[column.Name]
		assert.True(t, there, column.Name)
		assert.True(t, column.Optional, column.Name)
		if cell == nil {
			continue
		}
		switch column.Type {
		case common.Int64:
			assert.IsType(t, int64(0), cell, column.Name)
		case common.Float64:
			assert.IsType(t, float64(0), cell, column.Name)
		case common.Boolean:
			assert.IsType(t, true, cell, column.Name)
		case common.Timestamp:
			assert.IsType(t, time.Time{}, cell, column.Name)
			assert.Equal(t, common.TimestampParams{Unit: common.TimeUnitMicros, AdjustToUTC: true}, *column.Logical.Timestamp)
		case common.Decimal:
			_, err := column.Logical.Decimal.Parse(cell.(string))
			require.NoError(t, err, column.Name)
		default:
			assert.Equal(t, common.String, column.Type)
			assert.IsType(t, "", cell, column.Name)
		}
	}
}

// TestEachTableIsReadOfItsEndpoint: what the simulator answers, as its table has it.
func TestEachTableIsReadOfItsEndpoint(t *testing.T) {
	for _, test := range []struct {
		table, input string
		key          string // a column that each row has
	}{
		{"aggregates", "endpoint: /api/v2/analytics/conversations/aggregates/query\nquery: { groupBy: [ queueId ], metrics: [ nOffered, oServiceLevel ] }\ngranularity: PT1M", "queue_id"},
		{"aggregates", "endpoint: /api/v2/analytics/conversations/aggregates/jobs\nquery: { groupBy: [ queueId, mediaType ], metrics: [ nOffered ] }", "media_type"},
		{"agent_status", "endpoint: /api/v2/analytics/users/aggregates/query\nquery: { groupBy: [ userId ], metrics: [ tAgentRoutingStatus ] }", "seconds"},
		{"agent_status", "endpoint: /api/v2/analytics/users/details/query", "status"},
		{"conversations", "endpoint: /api/v2/analytics/conversations/details/query", "conversation_start"},
		{"participants", "endpoint: /api/v2/analytics/conversations/details/jobs", "participant_id"},
		{"sessions", "endpoint: /api/v2/analytics/conversations/details/jobs", "media_type"},
		{"segments", "endpoint: /api/v2/analytics/conversations/details/jobs", "segment_start"},
		{"participant_attributes", "endpoint: /api/v2/analytics/conversations/details/jobs", "attribute_value"},
		{"session_metrics", "endpoint: /api/v2/analytics/conversations/details/jobs", "value"},
		{"observations", "endpoint: /api/v2/analytics/queues/observations/query\nquery: { filter: { type: or, predicates: [] }, metrics: [ oWaiting ] }", "metric"},
		{"observations", "endpoint: /api/v2/analytics/conversations/activity/query\nquery: { groupBy: [ queueId ], metrics: [ { metric: oWaiting } ] }", "metric"},
		{"entities", "endpoint: /api/v2/routing/queues", "name"},
	} {
		t.Run(test.table+" of "+strings.Fields(test.input)[1], func(t *testing.T) {
			got := pipe(t, simulator.Config{Queues: 2, Conversations: 3000}, test.input, "genesys_rows: { table: "+test.table+" }")
			require.NotEmpty(t, got)
			for _, msg := range got {
				row := structured(t, msg)
				assertSchema(t, msg, row)
				assert.NotNil(t, row[test.key])
				if extra, ok := row["extra"].(string); ok {
					assert.Truef(t, strings.HasPrefix(extra, `{"page.`) || strings.Contains(extra, `"stats.count"`) || strings.Contains(extra, `"division.selfUri"`), "the table does not know %s", extra)
				}
			}
		})
	}
}

// TestARowIsJSON for outputs that write text: every digit is there.
func TestARowIsJSON(t *testing.T) {
	p := rowsOf("aggregates")
	msg := service.NewMessage([]byte(`{"results":[{"data":[{"interval":"2026-11-22T00:00:00.123Z/2026-11-22T00:05:00Z","metrics":[{"metric":"tHandle","stats":{"count":9007199254740993,"sum":9007199254740993}}]}]}]}`))
	batch, err := p.Process(t.Context(), msg)
	require.NoError(t, err)
	require.Len(t, batch, 1)
	body, err := batch[0].AsBytes()
	require.NoError(t, err)
	assert.Contains(t, string(body), `"count":9007199254740993`)
	assert.Contains(t, string(body), `"sum":"9007199254740993"`)
	assert.Contains(t, string(body), `"interval_start":"2026-11-22T00:00:00.123Z"`)
	assert.True(t, json.Valid(body))
}

// TestWhatIsNoPageIsNoRows: it fails, or passes, and is never dropped.
func TestWhatIsNoPageIsNoRows(t *testing.T) {
	p := rowsOf("aggregates")
	for _, body := range []string{"", "no page", `[]`, `{"results":[`} {
		_, err := p.Process(t.Context(), service.NewMessage([]byte(body)))
		require.Error(t, err, body)
	}
	failed := service.NewMessage([]byte("an interval that could not be fetched"))
	failed.SetError(errors.New("it could not be fetched"))
	batch, err := p.Process(t.Context(), failed)
	require.NoError(t, err)
	assert.Equal(t, service.MessageBatch{failed}, batch)
	empty, err := p.Process(t.Context(), service.NewMessage([]byte(`{}`)))
	require.NoError(t, err)
	assert.Empty(t, empty, "an empty page has no rows")
	other := service.NewMessage([]byte(`{}`))
	other.MetaSetMut("genesys_endpoint", "/api/v2/users")
	_, err = p.Process(t.Context(), other)
	require.ErrorContains(t, err, "/api/v2/users has no table aggregates: want one of entities")
}

// TestTheSchemaIsOneForAllRows, and nobody can change it for others.
func TestTheSchemaIsOneForAllRows(t *testing.T) {
	p := rowsOf("aggregates")
	page := `{"results":[{"data":[{"metrics":[{},{}]}]}]}`
	batch, err := p.Process(t.Context(), service.NewMessage([]byte(page)))
	require.NoError(t, err)
	mine, _ := batch[0].MetaGetMut("schema")
	mine.(map[string]any)["name"] = "mine"
	theirs, _ := batch[1].MetaGetMut("schema")
	assert.Equal(t, "aggregates", theirs.(map[string]any)["name"])
	next, err := p.Process(t.Context(), service.NewMessage([]byte(page)))
	require.NoError(t, err)
	assert.Equal(t, theirs, metaOf(next[0], "schema"))
}

func TestMistakesOfRowsAreFoundByLintAndByTheConstructor(t *testing.T) {
	for _, test := range []struct{ name, config, says string }{
		{"nothing", "{}", ""},
		{"everything", "{ table: segments, columns: [ segment_end, conversation_id, extra ] }", ""},
		{"no columns are all", "{ table: segments, columns: [] }", ""},
		{"an unknown table", "{ table: calls }", "auto, queue_summary, aggregates"},
		{"an unknown column", "{ table: segments, columns: [ ani ] }", `"ani" is not a column of segments: want some of conversation_id, conversation_start`},
		{"a column of no table", "{ columns: [ nonsense ] }", `"nonsense" is not a column of any table: want some of access_attributes, `},
		{"a column of one of the tables", "{ columns: [ segment_end ] }", ""},
		{"a column twice", "{ table: segments, columns: [ extra, extra ] }", "twice"},
		{"columns that are none", "{ columns: queue_id }", "want a list of names"},
		{"a field that is not known", "{ tables: segments }", "tables"},
	} {
		t.Run(test.name, func(t *testing.T) {
			lints, err := service.GlobalEnvironment().NewComponentConfigLinter().LintProcessorYAML([]byte("genesys_rows: " + test.config))
			require.NoError(t, err)
			var says string
			for _, l := range lints {
				says += l.Error() + "\n"
			}
			if test.says == "" {
				assert.Empty(t, says)
			}
			assert.Contains(t, says, test.says)
			conf, err := rowsSpec().ParseYAML(test.config, nil)
			if err == nil {
				_, err = newRowsFromParsed(conf, service.MockResources())
			}
			if test.says == "" || test.says == "tables" { // which Benthos only lints
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			if test.name != "an unknown table" {
				assert.Contains(t, err.Error(), test.says)
			}
		})
	}
}

func TestTheRowsExamplesAreRight(t *testing.T) {
	linter := service.GlobalEnvironment().NewComponentConfigLinter()
	for _, example := range rowsFields.examples() {
		_, steps, ok := strings.Cut(example.config, "  processors:\n")
		require.True(t, ok, example.title)
		steps, _, ok = strings.Cut(steps, "    - parquet_encode")
		require.True(t, ok, example.title)
		lints, err := linter.LintProcessorYAML([]byte(strings.Replace(steps, "    - ", "      ", 1)))
		require.NoError(t, err)
		assert.Empty(t, lints)
	}
}

// rowsOf returns a processor that reads a table.
func rowsOf(table string) *rowsProcessor {
	return &rowsProcessor{settings: &settings.RowsConfig{Table: table}}
}

// TestDimensionsNameWhatAnalyticsHaveTheIDsOf: also who has left, unless the query says
// otherwise.
func TestDimensionsNameWhatAnalyticsHaveTheIDsOf(t *testing.T) {
	tenant := simulator.Config{Queues: 10}
	names := func(input string) map[any]any {
		found := map[any]any{}
		for _, msg := range pipe(t, tenant, input+"\npage_size: 7", "genesys_rows: {}") {
			row := structured(t, msg)
			assert.Equal(t, "entities", metaOf(msg, "genesys_table"))
			found[row["id"]] = row["name"]
		}
		return found
	}
	users := names("endpoint: /api/v2/users")
	assert.Len(t, users, 40)
	assert.Less(t, len(names("endpoint: /api/v2/users\nquery: { state: active }")), 40)
	assert.NotEmpty(t, names("endpoint: /api/v2/users\nquery: { state: deleted }"))
	for _, msg := range pipe(t, tenant, "endpoint: /api/v2/analytics/users/details/query", "genesys_rows: {}") {
		assert.NotEmpty(t, users[structured(t, msg)["user_id"]], "history joins")
	}
	assert.Len(t, names("endpoint: /api/v2/teams"), 10)
	assert.Len(t, names("endpoint: /api/v2/routing/wrapupcodes"), 130)
	for path, least := range map[string]int{"routing/queues": 10, "routing/skills": 12, "routing/languages": 5, "authorization/divisions": 4, "groups": 7} {
		assert.Len(t, names("endpoint: /api/v2/"+path), least, path)
	}
	presences := pipe(t, tenant, "endpoint: /api/v2/presence/definitions", "genesys_rows: {}")
	assert.Len(t, presences, 4)
	assert.JSONEq(t, `{"en_US":"Available"}`, structured(t, presences[0])["language_labels"].(string))
}
