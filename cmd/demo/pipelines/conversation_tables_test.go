// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	conversationJobs = "/api/v2/analytics/conversations/details/jobs"
	conversations    = "config/conversations/conversations.yaml"
)

// TestConversations: each conversation that started on one of the days is once in each of the five
// tables, with all that the job says is in it, and once as a line.
func TestConversations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--conversations=300")
	status, log := w.toEnd(t, conversations, lastDays("PAGE_SIZE=100", "POLL_EVERY=20ms")...)
	require.Zero(t, status, log)
	report, err := w.tenant.Report(t.Context())
	require.NoError(t, err)
	for page, read := range report.Pages {
		assert.Equal(t, 1, read, page)
	}
	assert.Greater(t, len(report.Pages), 2*2, "a day has several pages")
	assertConversations(t, w)
}

// TestConversationsSurviveAKill in the middle of a job: nothing is lost, and nothing there twice.
func TestConversationsSurviveAKill(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--conversations=300", "--latency=20ms")
	env := lastDays("PAGE_SIZE=20", "POLL_EVERY=20ms")
	p := w.start(t, conversations, env...)
	require.NoError(t, p.Until(t.Context(), patience, "a third page", func(context.Context) (bool, error) {
		return len(w.objects(t, "genesys/conversations/year=")) > 2, nil
	}))
	p.Kill()
	w.Forget(p.Process)
	require.Empty(t, w.objects(t, "genesys/conversations/_manifests/"), "it was killed in the middle")
	status, log := w.toEnd(t, conversations, env...)
	require.Zero(t, status, log)
	assertConversations(t, w)
}

// TestConversationsArePassedByNoTable: where one of the six places cannot have a page, the page is not
// done: no manifest says that it is there, and the exit status that the run is to go on.
func TestConversationsArePassedByNoTable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--conversations=300")
	p, err := w.Ship(w.tenant, []string{
		"run", "--set", "shutdown_timeout=1s",
		"--set", "output.switch.cases.1.output.broker.outputs.1.processors.0.genesys_rows.table=entities", conversations,
	}, lastDays("POLL_EVERY=20ms")...)
	require.NoError(t, err)
	require.NoError(t, p.Until(t.Context(), patience, "a page that is rejected again, and another place that has it", func(context.Context) (bool, error) {
		return strings.Count(p.Output(), "rejected due to failed processing") > 1 && len(w.objects(t, "genesys/segments/")) > 0, nil
	}))
	require.NoError(t, p.Signal(syscall.SIGTERM))
	status, err := p.Wait(t.Context(), patience)
	require.NoError(t, err)
	assert.Equal(t, 75, status)
	assert.Empty(t, w.objects(t, "genesys/conversations/_manifests/"))
	assert.NotEmpty(t, w.objects(t, "genesys/segments/"))
}

// assertConversations checks the two days of [lastDays]: every column of every row of the five tables,
// and each conversation as a line, with all that it has.
func assertConversations(t *testing.T, w *world) conversationTables {
	t.Helper()
	want := inTables(startedOnLastDays(t, w))
	for table := range keysOf {
		files := w.objects(t, "genesys/"+table+"/year=2026/month=11/day=2")
		got := parquetRows(t, files)
		for _, row := range got {
			assert.Equal(t, "0", row["genesys_revision"], table)
			assert.Regexp(t, `^20\d\d-\d\d-\d\dT`, row["genesys_fetched_at"], table)
			assert.Contains(t, row["genesys_key"], "conversations/2026/11/2", table)
		}
		want.assertTable(t, table, got)
		assertDays(t, table, files)
	}
	lines := map[string]any{}
	for key, body := range w.objects(t, "genesys/conversations_json/year=2026/month=11/day=2") {
		for line := range strings.SplitAfterSeq(unzipped(t, key, body), "\n") {
			if line == "" {
				break // after the last one, which ends as the others do
			}
			require.True(t, strings.HasSuffix(line, "}\n"), "%s: %s", key, line)
			conversation := decoded(t, line)
			require.NotContains(t, lines, conversation["conversationId"].(string))
			lines[conversation["conversationId"].(string)] = conversation
		}
	}
	assert.Equal(t, want.whole, lines)
	return want
}

// assertDays checks that the folder of a file is the day, in Seoul, on which its conversations started.
func assertDays(t *testing.T, table string, files map[string][]byte) {
	t.Helper()
	for key, body := range files {
		for _, row := range parquetRows(t, map[string][]byte{key: body}) {
			start, err := time.Parse(time.RFC3339, row["conversation_start"])
			require.NoError(t, err, key)
			assert.Contains(t, key, start.Add(9*time.Hour).Format(table+"/year=2006/month=01/day=02/"))
		}
	}
}

// startedOnLastDays are the conversations that the tenant's job has of the two days of [lastDays].
func startedOnLastDays(t *testing.T, w *world) []map[string]any {
	t.Helper()
	return startedIn(jobResults(t, w, "2026-11-20T15:00:00Z/2026-11-22T15:00:00Z"), "2026-11-20T15:00:00.000Z", "2026-11-22T15:00:00.000Z")
}

func jobResults(t *testing.T, w *world, interval string) (all []map[string]any) {
	t.Helper()
	job := conversationJobs + "/" + w.post(t, conversationJobs, fmt.Sprintf(`{"interval":%q}`, interval))["jobId"].(string)
	for state := ""; state != "FULFILLED"; state = w.get(t, job)["state"].(string) {
		require.NotEqual(t, "FAILED", state)
	}
	for cursor, more := "", true; more; {
		page := w.get(t, job+"/results?pageSize=1000&cursor="+url.QueryEscape(cursor))
		all = append(all, list(page["conversations"])...)
		cursor, more = page["cursor"].(string)
	}
	return all
}

func unzipped(t *testing.T, key string, body []byte) string {
	t.Helper()
	assert.Regexp(t, `\.ndjson\.gz$`, key)
	zipped, err := gzip.NewReader(bytes.NewReader(body))
	require.NoError(t, err, key)
	lines, err := io.ReadAll(zipped)
	require.NoError(t, err, key)
	return string(lines)
}

func decoded(t *testing.T, line string) (object map[string]any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(line))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&object))
	return object
}
