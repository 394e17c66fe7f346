// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/rows"
)

const detailsJobs = "/api/v2/analytics/conversations/details/jobs"

// conversations are those that a details job of the test's own gives for an interval.
func (w *world) conversations(t *testing.T, interval string) (all []map[string]any) {
	t.Helper()
	id := w.post(t, detailsJobs, fmt.Sprintf(`{"interval":%q}`, interval))["jobId"].(string)
	require.Eventually(t, func() bool { return w.get(t, detailsJobs+"/"+id)["state"] == "FULFILLED" }, patience, 10*time.Millisecond)
	for cursor := ""; ; {
		page := w.ask(t, http.MethodGet, detailsJobs+"/"+id+"/results?pageSize=1000"+cursor, "")
		all = append(all, list(page["conversations"])...)
		next, more := page["cursor"].(string)
		if !more {
			return all
		}
		cursor = "&cursor=" + url.QueryEscape(next)
	}
}

// startedIn are those of the conversations that started in a span.
func startedIn(all []map[string]any, start, end string) (in []map[string]any) {
	for _, c := range all {
		if at := c["conversationStart"].(string); at >= start && at < end {
			in = append(in, c)
		}
	}
	return in
}

// measured says what a job has brought that was compared with the tenant's own word.
func (w *world) measured(t *testing.T, what string, rows int) {
	t.Helper()
	report, err := w.tenant.Report(t.Context())
	require.NoError(t, err)
	t.Logf("%s: %d requests, %d throttled, %d early, %d different pages, %d rows as the tenant has them", what, report.Requests, report.Throttled, report.EarlyRequests, len(report.Pages), rows)
}

// text is a member's, or nothing.
func text(of map[string]any, name string) string {
	if of[name] == nil {
		return ""
	}
	return fmt.Sprint(of[name])
}

// flat has a line for each thing in the conversations: table, ids and some of what it says.
func flat(conversations []map[string]any) map[string][]string {
	lines := map[string][]string{}
	add := func(table string, columns ...string) { lines[table] = append(lines[table], strings.Join(columns, "|")) }
	for _, c := range conversations {
		id := text(c, "conversationId")
		add("conversations", id, text(c, "conversationStart"), text(c, "conversationEnd"), text(c, "originatingDirection"), text(c, "mediaStatsMinConversationMos"))
		for _, p := range list(c["participants"]) {
			participant := text(p, "participantId")
			add("participants", id, participant, text(p, "purpose"), text(p, "userId"))
			attributes, _ := p["attributes"].(map[string]any)
			for name := range attributes {
				add("participant_attributes", id, participant, name, text(attributes, name))
			}
			for _, s := range list(p["sessions"]) {
				session := text(s, "sessionId")
				add("sessions", id, participant, session, text(s, "mediaType"), text(s, "direction"))
				for i, g := range list(s["segments"]) {
					add("segments", id, participant, session, fmt.Sprint(i+1), text(g, "segmentStart"), text(g, "segmentEnd"), text(g, "segmentType"), text(g, "queueId"))
				}
			}
		}
	}
	return lines
}

// TestTheSchemaHasEveryColumn: what a table of the database does not have would be left out without
// a word.
func TestTheSchemaHasEveryColumn(t *testing.T) {
	t.Parallel()
	types := map[rows.Type]string{
		rows.Text: "text", rows.Integer: "bigint", rows.Decimal: "numeric", rows.Double: "double precision",
		rows.Boolean: "boolean", rows.Time: "timestamptz", rows.JSON: "text",
	}
	schema, err := os.ReadFile(filepath.Join(root(t), "config/conversations_postgresql/schema.sql"))
	require.NoError(t, err)
	for _, name := range []string{"conversations", "participants", "sessions", "segments", "participant_attributes"} {
		table := regexp.MustCompile(`(?s)CREATE TABLE IF NOT EXISTS ` + name + ` \((.*?)\n\);`).FindSubmatch(schema)
		require.NotNil(t, table, name)
		described, ok := rows.Lookup(name)
		require.True(t, ok)
		for _, c := range described.Columns {
			assert.Regexp(t, `(?m)^  `+c.Name+" "+types[c.Type]+`\b`, string(table[1]), name)
		}
	}
}
