// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

//go:build servers

package pipelines

import (
	"database/sql"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/rows"
)

var offset = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$`)

// databaseRows are those of a table as [parquetRows] has them: what is NULL is not there, a time is as
// the service writes it.
func databaseRows(t *testing.T, db *sql.DB, table string) (all []map[string]string) {
	t.Helper()
	for _, text := range column(t, db, "SELECT to_jsonb(r) FROM "+table+" r") {
		row := map[string]string{}
		for name, value := range decoded(t, text) {
			at, _ := value.(string)
			switch {
			case value == nil:
			case offset.MatchString(at):
				instant, err := time.Parse(time.RFC3339Nano, at)
				require.NoError(t, err)
				row[name] = spelled(instant)
			default:
				row[name] = cell(value)
			}
		}
		all = append(all, row)
	}
	return all
}

// withoutNUL are the tables as PostgreSQL can have them: no text of it holds U+0000.
func (all conversationTables) withoutNUL() conversationTables {
	for _, rows := range all.rows {
		for _, row := range rows {
			for column, value := range row {
				row[column] = strings.ReplaceAll(value, "\x00", "\uFFFD")
			}
		}
	}
	return all
}

// TestServersEveryColumnInPostgreSQL: each column of each table holds what the job says, to the last digit.
func TestServersEveryColumnInPostgreSQL(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--conversations", "300")
	w.fillConversations(t)
	dsn, db := database(t, w)
	status, log := w.toEnd(t, toPostgreSQL, lastDays("POSTGRES_DSN="+dsn, "PAGE_SIZE=100")...)
	require.Zero(t, status, log)
	want := inTables(startedOnLastDays(t, w)).withoutNUL()
	for table := range keysOf {
		described, _ := rows.Lookup(table)
		got := databaseRows(t, db, table)
		assertFull(t, table, described.ColumnNames(), got)
		want.assertTable(t, table, got)
		w.measured(t, fmt.Sprint(table, " in PostgreSQL, ", len(described.Columns), " columns"), len(got))
	}
}

// grown is a page of the job after every other conversation of it has gone on: it has ended later, the agent
// has wrapped up, another one has come in, and the flow has noted something else.
func grown(page []byte) []byte {
	return edited(page, func(c map[string]any) {
		id := c["conversationId"].(string)
		if filler(id).number("grows")%2 == 0 {
			return
		}
		c["conversationEnd"] = "2026-11-24T01:02:03.456Z"
		participants := list(c["participants"])
		participants[0]["attributes"] = map[string]any{"language": "en-US"} // account is gone
		agent := list(participants[1]["sessions"])[0]
		agent["segments"] = append(agent["segments"].([]any), map[string]any{"segmentType": "wrapup", "wrapUpCode": "w-1"})
		c["participants"] = append(c["participants"].([]any), map[string]any{
			"participantId": id + "-2", "purpose": "agent",
			"sessions": []any{map[string]any{"sessionId": id + "-3", "segments": []any{map[string]any{"segmentType": "alert"}}}},
		})
	})
}

// TestServersALaterRevisionReplaces: a run of a schedule that looks back a day finds that day's conversations
// grown, and its revision takes the place of the one before, with all that is in it. An export of its own
// that reads the day once more, as it was before, has a lower revision: nothing of it is written, late as it is.
func TestServersALaterRevisionReplaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--conversations", "200")
	dsn, db := database(t, w)
	var grew atomic.Bool
	w.putFront(t, func(req *http.Request, body []byte) []byte {
		if strings.HasSuffix(req.URL.Path, "/results") && grew.Load() {
			return grown(body)
		}
		return nil
	})
	run := func(args []string, end, key string) {
		p, err := w.Ship(w.tenant, append(append([]string{"run", "--set", "input.genesys_analytics.fallback_pause=20ms"}, args...), toPostgreSQL),
			"POSTGRES_DSN="+dsn, "EXPORT_START=2026-11-20", "EXPORT_END="+end, "PAGE_SIZE=60", "CHECKPOINT_KEY="+key)
		require.NoError(t, err)
		ended(t, p)
	}
	looksBack := []string{"--set", `input.genesys_analytics.schedule="@every 1s"`, "--set", "input.genesys_analytics.lookback=P1D"}

	run(looksBack, "2026-11-21", "scheduled")
	first := assertInPostgreSQL(t, w, db, "2026-11-20T15:00:00.000Z", 0)
	grew.Store(true)
	run(looksBack, "2026-11-22", "scheduled")
	second := assertInPostgreSQL(t, w, db, "2026-11-21T15:00:00.000Z", 1)
	assert.Greater(t, len(second.rows["segments"]), 2*len(first.rows["segments"]), "they have grown, and there is another day")

	grew.Store(false)
	read := one(t, db, "SELECT max(genesys_fetched_at) FROM conversations")
	run(nil, "2026-11-21", "late")
	grew.Store(true)
	assertInPostgreSQL(t, w, db, "2026-11-21T15:00:00.000Z", 1)
	assert.Equal(t, read, one(t, db, "SELECT max(genesys_fetched_at) FROM conversations"))
}

// assertInPostgreSQL checks that the database has every column of every row that the tenant's job has up to
// an end, the first day in a revision and what came after it in revision 0.
func assertInPostgreSQL(t *testing.T, w *world, db *sql.DB, end string, revision int) conversationTables {
	t.Helper()
	const start, next = "2026-11-19T15:00:00.000Z", "2026-11-20T15:00:00.000Z"
	want := inTables(startedIn(jobResults(t, w, start+"/"+end), start, end))
	for table := range keysOf {
		want.assertTable(t, table, databaseRows(t, db, table))
		assert.Equal(t, []string{fmt.Sprint(revision)}, column(t, db, "SELECT DISTINCT genesys_revision FROM "+table+" WHERE conversation_start < $1", next), table)
		if end > next {
			assert.Equal(t, []string{"0"}, column(t, db, "SELECT DISTINCT genesys_revision FROM "+table+" WHERE conversation_start >= $1", next), table)
		}
		w.measured(t, fmt.Sprint(table, " in PostgreSQL, the first day in revision ", revision), len(want.rows[table]))
	}
	return want
}
