// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/redpanda-data/benthos/v4/public/bloblang"
	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/rows"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// BenchmarkRows makes rows of a page of 1,000 conversations, and beside it the same rows
// as a user would without the processor: the page decoded as Benthos does it, and a
// Bloblang mapping that lists the columns.
//
//	go test -run='^$' -bench=BenchmarkRows -benchmem ./plugin
func BenchmarkRows(b *testing.B) {
	page := thousandConversations(b)
	for _, table := range []string{"conversations", "segments"} {
		b.Run(table+"/genesys_rows", func(b *testing.B) {
			p := rowsOf(table)
			benchmark(b, page, func(msg *service.Message) service.MessageBatch {
				batch, err := p.Process(b.Context(), msg)
				require.NoError(b, err)
				return batch
			})
		})
		b.Run(table+"/mapping", func(b *testing.B) {
			mapping, err := bloblang.Parse(mappingOf(b, table))
			require.NoError(b, err)
			benchmark(b, page, func(msg *service.Message) service.MessageBatch {
				return unarchived(b, msg, mapping)
			})
		})
	}
}

func benchmark(b *testing.B, page []byte, process func(*service.Message) service.MessageBatch) {
	b.Helper()
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	made := 0
	for b.Loop() {
		made = len(process(service.NewMessage(page)))
	}
	b.ReportMetric(float64(made), "rows")
}

// unarchived returns the elements of the list that a mapping makes of a message.
func unarchived(b *testing.B, msg *service.Message, mapping *bloblang.Executor) (batch service.MessageBatch) {
	b.Helper()
	mapped, err := msg.BloblangQuery(mapping)
	require.NoError(b, err)
	list, err := mapped.AsStructuredMut()
	require.NoError(b, err)
	for _, element := range list.([]any) {
		out := msg.Copy()
		out.SetStructuredMut(element)
		batch = append(batch, out)
	}
	return batch
}

// mappingOf returns a mapping that makes the same columns but extra.
func mappingOf(b *testing.B, table string) string {
	b.Helper()
	t, ok := rows.Lookup(table)
	require.True(b, ok)
	level, column := t.Levels[0], map[string]string{}
	for depth := 0; ; depth++ {
		variable := []string{"c", "p", "s", "g"}[depth]
		for _, f := range level.Fields {
			switch f.Kind {
			case rows.Time:
				column[f.Column] = variable + "." + f.Path + `.ts_parse("2006-01-02T15:04:05.999Z07:00").catch(null)`
			case rows.JSON:
				column[f.Column] = variable + "." + f.Path + ".format_json(no_indent: true).string().catch(null)"
			default:
				if f.Path != "" {
					column[f.Column] = variable + "." + f.Path
				}
			}
		}
		if len(level.Below) == 0 {
			break
		}
		level = level.Below[0]
	}
	lines := make([]string, 0, len(column))
	for name, from := range column {
		lines = append(lines, `"`+name+`": `+from)
	}
	row := "{" + strings.Join(lines, ",\n") + "}"
	if table == "conversations" {
		return "root = this.conversations.map_each(c -> " + row + ")"
	}
	return "root = this.conversations.map_each(c -> c.participants.map_each(p -> p.sessions.map_each(s -> s.segments.map_each(g -> " + row + ")).flatten()).flatten()).flatten()"
}

// thousandConversations is a page of a details job's results.
func thousandConversations(b *testing.B) []byte {
	b.Helper()
	sim, err := simulator.New(simulator.Config{Conversations: 30_000})
	require.NoError(b, err)
	transport := sim.Transport()
	token := tokenOf(b, transport)
	ask := func(method, path, body string) map[string]any {
		req, err := http.NewRequestWithContext(b.Context(), method, "https://api.test"+path, strings.NewReader(body))
		require.NoError(b, err)
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/json")
		res, err := transport.RoundTrip(req)
		require.NoError(b, err)
		text, err := io.ReadAll(res.Body)
		require.NoError(b, err)
		require.NoError(b, res.Body.Close())
		var answer map[string]any
		require.NoError(b, json.Unmarshal(text, &answer), string(text))
		return answer
	}
	const jobs = "/api/v2/analytics/conversations/details/jobs"
	job := ask(http.MethodPost, jobs, `{"interval":"2026-11-20T00:00:00.000Z/2026-11-21T00:00:00.000Z"}`)["jobId"].(string)
	for ask(http.MethodGet, jobs+"/"+job, "")["state"] != "FULFILLED" {
		continue
	}
	page, err := json.Marshal(ask(http.MethodGet, jobs+"/"+job+"/results?pageSize=1000", ""))
	require.NoError(b, err)
	return page
}
