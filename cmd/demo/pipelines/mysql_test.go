// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

//go:build servers

package pipelines

import (
	"database/sql"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const toMySQL = "config/queue_summary_mysql/queue_summary.yaml"

// summaries are the tenant's rows of [oneHour]: start, queue and metric, and what they say.
func (w *world) summaries(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for i := range 12 {
		start := hour.Add(time.Duration(5*i) * time.Minute)
		end := start.Add(5 * time.Minute)
		page := w.get(t, "/api/v2/analytics/queues/summary?pageSize=100&interval="+url.QueryEscape(start.Format(time.RFC3339)+"/"+end.Format(time.RFC3339)))
		for _, queue := range list(page["entities"]) {
			for _, metric := range list(queue["metrics"]) {
				stats := metric["stats"].(map[string]any)
				all[sumKey(start.Format(instant), text(queue, "id"), text(metric, "metric"))] = sumKey(
					text(queue, "name"), end.Format(instant), text(stats, "count"), text(stats, "sum"), text(stats, "min"), text(stats, "max"))
			}
		}
	}
	return all
}

// inMySQL are the database's, of which each has to be of a revision.
func inMySQL(t *testing.T, db *sql.DB, revision int64) map[string]string {
	t.Helper()
	found, err := db.QueryContext(t.Context(), "SELECT interval_start, interval_end, queue_id, metric, queue_name, count, sum, min, max, genesys_revision FROM queue_summary")
	require.NoError(t, err)
	defer found.Close()
	all := map[string]string{}
	for found.Next() {
		var start, end time.Time
		var queue, metric, name string
		var count, sum, least, most sql.NullString
		var got int64
		require.NoError(t, found.Scan(&start, &end, &queue, &metric, &name, &count, &sum, &least, &most, &got))
		assert.Equal(t, revision, got)
		all[sumKey(start.Format(instant), queue, metric)] = sumKey(name, end.Format(instant), count.String, short(sum.String), short(least.String), short(most.String))
	}
	require.NoError(t, found.Err())
	return all
}

// short is a number without the zeros that its column adds.
func short(number string) string {
	if exact, ok := new(big.Rat).SetString(number); ok {
		return exact.RatString()
	}
	return number
}

// TestServersQueueSummariesInMySQL: each row is there once and whole. A run that looks back overwrites it, the
// same run again changes nothing, and an export of its own, which has a lower revision, takes nothing back.
func TestServersQueueSummariesInMySQL(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dsn, err := w.StartMySQL(t.Context())
	require.NoError(t, err)
	db, err := sql.Open("mysql", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	schema, err := os.ReadFile("../../../config/queue_summary_mysql/schema.sql")
	require.NoError(t, err)
	for range 2 {
		_, err = db.ExecContext(t.Context(), string(schema))
		require.NoError(t, err)
	}
	var later atomic.Bool
	figures := regexp.MustCompile(`"(sum|count|max)":(\d+)`)
	w.putFront(t, func(req *http.Request, body []byte) []byte {
		if later.Load() && strings.HasSuffix(req.URL.Path, "/queues/summary") {
			return figures.ReplaceAll(body, []byte(`"$1":1$2`))
		}
		return nil
	})
	run := func(end, key string, set ...string) {
		p, err := w.Ship(w.tenant, append(append([]string{"run"}, set...), toMySQL), "MYSQL_DSN="+dsn,
			oneHour[0], "EXPORT_END="+end, "CHECKPOINT_KEY="+key)
		require.NoError(t, err)
		ended(t, p)
	}
	looksBack := []string{"--set", `input.genesys_analytics.schedule="@every 1s"`, "--set", "input.genesys_analytics.lookback=PT2H"}
	const end = "2026-11-21T13:00:00+09:00"

	run(end, "scheduled", looksBack...)
	first := w.summaries(t)
	require.NotEmpty(t, first)
	assert.Equal(t, first, inMySQL(t, db, 0))
	run(end, "again")
	assert.Equal(t, first, inMySQL(t, db, 0))

	// A higher revision wins although it was read before, as a clock that was set back would have it.
	_, err = db.ExecContext(t.Context(), "UPDATE queue_summary SET genesys_fetched_at = genesys_fetched_at + INTERVAL 1 DAY")
	require.NoError(t, err)
	later.Store(true)
	run("2026-11-21T13:05:00+09:00", "scheduled", looksBack...)
	_, err = db.ExecContext(t.Context(), "DELETE FROM queue_summary WHERE interval_start >= '2026-11-21 04:00:00'") // it is of revision 0
	require.NoError(t, err)
	second := w.summaries(t)
	require.NotEqual(t, first, second)
	assert.Equal(t, second, inMySQL(t, db, 1))

	later.Store(false)
	run(end, "late")
	assert.Equal(t, second, inMySQL(t, db, 1))
	w.measured(t, "rows in MySQL", len(second))
}
