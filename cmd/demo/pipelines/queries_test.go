// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

//go:build queries

package pipelines

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestQueriesServiceLevel runs the shipped SQL over what the pipelines wrote: the sums of each queue
// and day, by name, in two time zones, and of what was read twice the latest.
func TestQueriesServiceLevel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, pipeline := range []string{queuePerformance, entities} {
		status, log := w.toEnd(t, pipeline, lastDays()...)
		require.Zero(t, status, log)
	}
	names := map[string]string{}
	for _, queue := range list(w.get(t, "/api/v2/routing/queues?pageSize=100&pageNumber=1")["entities"]) {
		names[queue["id"].(string)] = queue["name"].(string)
	}
	again(t, w, "queue_performance")
	for _, zone := range []string{"Asia/Seoul", "America/New_York"} {
		want := map[string]*[3]big.Rat{}
		for at, row := range performance(t, w) {
			key := strings.Fields(at) // queue, media type, start, metric
			sums := totalsOf(want, dateIn(t, zone, key[2])+" "+key[0]+" "+names[key[0]])
			switch key[3] {
			case "nOffered":
				add(t, &sums[0], row["count"])
			case "oServiceLevel":
				add(t, &sums[1], row["numerator"])
				add(t, &sums[2], row["denominator"])
			}
		}
		got := map[string]*[3]big.Rat{}
		for _, row := range shippedSQL(t, w, zone, "daily_service_level") {
			sums := totalsOf(got, fmt.Sprint(row["date"], " ", row["queue_id"], " ", row["queue"]))
			for i, column := range []string{"offered", "in_time", "counted"} {
				add(t, &sums[i], row[column].(json.Number).String())
			}
			ratio, _ := new(big.Rat).Quo(&sums[1], &sums[2]).Float64()
			level, err := row["service_level"].(json.Number).Float64()
			require.NoError(t, err)
			assert.InDelta(t, ratio, level, 1e-15)
		}
		assert.Equal(t, shown(want), shown(got), zone)
		assert.Greater(t, len(got), 2*3-1, "two days, or three, of three queues")
	}
}

// TestQueriesAgentTime: what agents spent in each status, by name, to the last digit.
func TestQueriesAgentTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, pipeline := range []string{agentStatus, entities} {
		status, log := w.toEnd(t, pipeline, lastDays()...)
		require.Zero(t, status, log)
	}
	names := map[string]string{}
	for _, user := range list(w.get(t, "/api/v2/users?state=any&pageSize=100&pageNumber=1")["entities"]) {
		names[user["id"].(string)] = user["name"].(string)
	}
	again(t, w, "agent_status")
	want := map[string]*[3]big.Rat{}
	for _, interval := range twoDays {
		answer := w.post(t, userAggregates, fmt.Sprintf(`{"interval":%q,"granularity":"PT30M","timeZone":"Asia/Seoul","groupBy":["userId"],
			"metrics":["tAgentRoutingStatus","tSystemPresence"]}`, interval))
		for _, result := range list(answer["results"]) {
			user := result["group"].(map[string]any)["userId"].(string)
			for _, bucket := range list(result["data"]) {
				start, _, _ := strings.Cut(bucket["interval"].(string), "/")
				for _, m := range list(bucket["metrics"]) {
					sums := totalsOf(want, fmt.Sprint(dateIn(t, "Asia/Seoul", start), " ", user, " ", names[user], " ", m["metric"], " ", m["qualifier"]))
					add(t, &sums[0], m["stats"].(map[string]any)["sum"].(json.Number).String())
				}
			}
		}
	}
	got := map[string]*[3]big.Rat{}
	for _, row := range shippedSQL(t, w, "Asia/Seoul", "agent_time") {
		sums := totalsOf(got, fmt.Sprint(row["date"], " ", row["user_id"], " ", row["agent"], " ", row["metric"], " ", row["status"]))
		add(t, &sums[0], row["seconds"].(json.Number).String())
		sums[0].Mul(&sums[0], big.NewRat(1000, 1))
	}
	require.NotEmpty(t, want)
	assert.Equal(t, shown(want), shown(got))
}

// TestQueriesConversations: each table has as many rows of a conversation as the job says.
func TestQueriesConversations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--conversations=300")
	status, log := w.toEnd(t, conversations, lastDays("POLL_EVERY=20ms")...)
	require.Zero(t, status, log)
	again(t, w, "segments")
	want := inTables(startedOnLastDays(t, w))
	for table, rows := range want.rows {
		got := sqlText(t, w, "Asia/Seoul", "SELECT count(*) AS rows, count(DISTINCT conversation_id) AS conversations FROM of_conversations('"+table+"')")
		require.Len(t, got, 1)
		assert.Equal(t, fmt.Sprint(len(rows)), got[0]["rows"].(json.Number).String(), table)
		assert.Equal(t, fmt.Sprint(len(want.whole)), got[0]["conversations"].(json.Number).String(), table)
	}
}

// again puts a file beside one of a table that has the same rows as of an hour before, with other
// figures: a job that was lost leaves such pages behind.
func again(t *testing.T, w *world, table string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(w.Storage.Folder(), "genesys", table, "*", "*", "day=21", "*.parquet"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	stale := map[string]string{"queue_performance": "count + 1 AS count", "agent_status": "seconds + 1 AS seconds", "segments": "'stale' AS segment_type"}
	duck(t, w, "", fmt.Sprintf(`COPY (SELECT * REPLACE (genesys_fetched_at - INTERVAL 1 HOUR AS genesys_fetched_at, %s)
		FROM read_parquet('%s', hive_partitioning = false)) TO '%s' (FORMAT parquet)`,
		stale[table], files[0], strings.TrimSuffix(files[0], ".parquet")+"-stale.parquet"))
}

func shippedSQL(t *testing.T, w *world, zone, query string) []map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.Root(), "config", "queries", "duckdb", query+".sql"))
	require.NoError(t, err)
	return sqlText(t, w, zone, string(text))
}

// sqlText runs a query after the shipped tables, over the bucket as it lies on disk.
func sqlText(t *testing.T, w *world, zone, query string) (rows []map[string]any) {
	t.Helper()
	tables, err := os.ReadFile(filepath.Join(w.Root(), "config", "queries", "duckdb", "tables.sql"))
	require.NoError(t, err)
	decoder := json.NewDecoder(bytes.NewReader(duck(t, w, fmt.Sprintf("SET VARIABLE lake = '%s/genesys/'; SET VARIABLE zone = '%s'",
		w.Storage.Folder(), zone), string(tables)+query)))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&rows))
	return rows
}

func duck(t *testing.T, w *world, before, text string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(w.Root(), "bin", "duckdb"), "-json", "-cmd", before)
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.Output()
	var stderr []byte
	if failed, ok := err.(*exec.ExitError); ok {
		stderr = failed.Stderr
	}
	require.NoError(t, err, "%s", stderr)
	return out
}

func dateIn(t *testing.T, zone, at string) string {
	t.Helper()
	place, err := time.LoadLocation(zone)
	require.NoError(t, err)
	start, err := time.Parse(time.RFC3339, at)
	require.NoError(t, err)
	return start.In(place).Format(time.DateOnly)
}

func totalsOf(all map[string]*[3]big.Rat, key string) *[3]big.Rat {
	if all[key] == nil {
		all[key] = new([3]big.Rat)
	}
	return all[key]
}

func add(t *testing.T, to *big.Rat, number string) {
	t.Helper()
	if number == "" {
		return
	}
	n, ok := new(big.Rat).SetString(number)
	require.True(t, ok, number)
	to.Add(to, n)
}

func shown(all map[string]*[3]big.Rat) map[string]string {
	text := map[string]string{}
	for key, sums := range all {
		text[key] = fmt.Sprint(sums[0].RatString(), " ", sums[1].RatString(), " ", sums[2].RatString())
	}
	return text
}
