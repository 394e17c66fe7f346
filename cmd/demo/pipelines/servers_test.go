// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

//go:build servers

package pipelines

import (
	"context"
	"database/sql"
	"os"
	"testing"
	"time"

	_ "github.com/lib/pq"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	toPostgreSQL      = "config/conversations_postgresql/conversations.yaml"
	namesToPostgreSQL = "config/names/names_to_postgresql.yaml"
)

// at is a time as the tenant spells it.
func at(column string) string {
	return `to_char(` + column + ` AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}

// tables are the columns that flat has of each.
var tables = map[string]string{
	"conversations":          "conversation_id, " + at("conversation_start") + ", " + at("conversation_end") + ", originating_direction, coalesce(media_stats_min_conversation_mos::text, '')",
	"participants":           "conversation_id, participant_id, purpose, coalesce(user_id, '')",
	"sessions":               "conversation_id, participant_id, session_id, media_type, direction",
	"segments":               "conversation_id, participant_id, session_id, segment_number, " + at("segment_start") + ", " + at("segment_end") + ", segment_type, coalesce(queue_id, '')",
	"participant_attributes": "conversation_id, participant_id, attribute_name, attribute_value",
}

// database starts a server with the tables of the shipped schema, which is run twice as its head allows.
func database(t *testing.T, w *world) (dsn string, db *sql.DB) {
	t.Helper()
	dsn, err := w.StartPostgres(t.Context())
	require.NoError(t, err)
	db, err = sql.Open("postgres", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	require.Eventually(t, func() bool { return db.PingContext(t.Context()) == nil }, patience, 20*time.Millisecond)
	schema, err := os.ReadFile("../../../config/conversations_postgresql/schema.sql")
	require.NoError(t, err)
	for range 2 {
		_, err = db.ExecContext(t.Context(), string(schema))
		require.NoError(t, err)
	}
	return dsn, db
}

// column reads the first column of a query.
func column(t *testing.T, db *sql.DB, query string, args ...any) (all []string) {
	t.Helper()
	found, err := db.QueryContext(t.Context(), query, args...)
	require.NoError(t, err)
	defer found.Close()
	for found.Next() {
		var value string
		require.NoError(t, found.Scan(&value))
		all = append(all, value)
	}
	require.NoError(t, found.Err())
	return all
}

func one(t *testing.T, db *sql.DB, query string, args ...any) string {
	t.Helper()
	all := column(t, db, query, args...)
	require.Len(t, all, 1)
	return all[0]
}

func TestServersNamesInRedis(t *testing.T) {
	t.Parallel()
	w := newWorld(t, smallQuota...)
	redis, err := w.StartRedisServer(t.Context())
	require.NoError(t, err)
	namesBesideIDs(t, w, redis.URL)
}

func TestServersPostgreSQLIsGoneAfterwards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, db := database(t, w)
	folder := one(t, db, "SHOW data_directory")
	w.Close()
	require.Error(t, db.PingContext(t.Context()))
	require.NoDirExists(t, folder)
}

func TestServersConversationsInPostgreSQL(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--conversations", "1000")
	dsn, db := database(t, w)
	env := []string{"POSTGRES_DSN=" + dsn, "EXPORT_START=2026-11-20", "EXPORT_END=2026-11-22", "PAGE_SIZE=100"}

	// The first run is killed in the middle, and nothing is seen of a page but all of it.
	p := w.start(t, toPostgreSQL, env...)
	require.NoError(t, p.Until(t.Context(), patience, "some pages", func(context.Context) (bool, error) {
		return one(t, db, "SELECT count(*) > 300 FROM conversations") == "true", nil
	}))
	p.Kill()
	assert.Equal(t, "0", one(t, db, "SELECT count(*) FROM conversations c WHERE NOT EXISTS (SELECT FROM segments s WHERE s.conversation_id = c.conversation_id)"))
	status, log := w.toEnd(t, toPostgreSQL, env...)
	require.Zero(t, status, log)

	want := flat(startedIn(w.conversations(t, "2026-11-19T15:00:00Z/2026-11-21T15:00:00Z"), "2026-11-19T15:00:00.000Z", "2026-11-21T15:00:00.000Z"))
	require.Greater(t, len(want["conversations"]), 1900)
	for table, columns := range tables {
		require.NotEmpty(t, want[table], table)
		assert.ElementsMatch(t, want[table], column(t, db, "SELECT concat_ws('|', "+columns+") FROM "+table), table)
		assert.Equal(t, "0", one(t, db, "SELECT count(*) FROM "+table+" WHERE extra IS NOT NULL"), table)
		w.measured(t, table+" in PostgreSQL", len(want[table]))
	}
}

// TestServersTheHigherRevisionWins: a page that comes late, or that is older than what is there, takes
// nothing away and puts nothing beside it.
func TestServersTheHigherRevisionWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--conversations", "50")
	dsn, db := database(t, w)
	run := func(key string) {
		status, log := w.toEnd(t, toPostgreSQL, "POSTGRES_DSN="+dsn, "EXPORT_START=2026-11-21", "EXPORT_END=2026-11-22", "CHECKPOINT_KEY="+key)
		require.Zero(t, status, log)
	}
	run("first")
	segments := one(t, db, "SELECT count(*) FROM segments")
	read := one(t, db, "SELECT max(genesys_fetched_at) FROM conversations")
	ids := column(t, db, "SELECT conversation_id FROM conversations ORDER BY 1 LIMIT 2")
	// One was read later as revision 1, and had one segment then; the other has a segment that the page
	// of before does not have.
	for table := range tables {
		_, err := db.ExecContext(t.Context(), "UPDATE "+table+" SET genesys_revision = 1 WHERE conversation_id = $1", ids[0])
		require.NoError(t, err)
	}
	_, err := db.ExecContext(t.Context(), "DELETE FROM segments WHERE ctid IN (SELECT ctid FROM segments WHERE conversation_id = $1 LIMIT 1)", ids[0])
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "INSERT INTO segments SELECT conversation_id, conversation_start, participant_id, session_id, 99 FROM segments WHERE conversation_id = $1 LIMIT 1", ids[1])
	require.ErrorContains(t, err, "genesys_key", "a row says which page it is of")
	_, err = db.ExecContext(t.Context(), `INSERT INTO segments (conversation_id, segment_number, genesys_key, genesys_revision, genesys_fetched_at)
		SELECT conversation_id, 99, genesys_key, genesys_revision, genesys_fetched_at FROM conversations WHERE conversation_id = $1`, ids[1])
	require.NoError(t, err)

	run("again")
	assert.Equal(t, "1", one(t, db, "SELECT count(*) FROM segments WHERE conversation_id = $1", ids[0]), "of revision 1")
	assert.Equal(t, "2", one(t, db, "SELECT count(*) FROM segments WHERE conversation_id = $1", ids[1]), "the stale one is gone")
	assert.Equal(t, "49", one(t, db, "SELECT count(*) FROM conversations WHERE genesys_revision = 0 AND genesys_fetched_at > $1", read))
	_, err = db.ExecContext(t.Context(), "DELETE FROM conversations WHERE conversation_id = $1", ids[0])
	require.NoError(t, err)
	run("once more")
	assert.Equal(t, segments, one(t, db, "SELECT count(*) FROM segments"))
}

func TestServersNamesInPostgreSQL(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--conversations", "50")
	dsn, db := database(t, w)
	redis, err := w.StartRedis()
	require.NoError(t, err)
	env := []string{"POSTGRES_DSN=" + dsn, "REDIS_URL=" + redis.URL}
	names := func() {
		p, err := w.Ship(w.tenant, []string{"run", "-r", entitiesFile, namesToPostgreSQL}, env...)
		require.NoError(t, err)
		status, err := p.Wait(t.Context(), patience)
		require.NoError(t, err)
		require.Zero(t, status, p.Output())
	}
	names()
	_, err = db.ExecContext(t.Context(), "UPDATE entities SET name = 'renamed since'")
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "UPDATE entities SET genesys_fetched_at = now() + interval '1 day' WHERE kind = 'wrapupcodes'")
	require.NoError(t, err)
	names()
	for kind, path := range map[string]string{
		"users": "/api/v2/users?state=any&pageSize=500", "queues": "/api/v2/routing/queues?pageSize=500",
	} {
		var want []string
		for _, entity := range list(w.get(t, path)["entities"]) {
			want = append(want, text(entity, "id")+"|"+text(entity, "name"))
		}
		require.NotEmpty(t, want)
		assert.ElementsMatch(t, want, column(t, db, "SELECT concat_ws('|', id, name) FROM entities WHERE kind = $1", kind))
	}
	assert.Equal(t, "renamed since", one(t, db, "SELECT DISTINCT name FROM entities WHERE kind = 'wrapupcodes'"), "read later than this run")

	status, log := w.toEnd(t, toPostgreSQL, append(env, "EXPORT_START=2026-11-21", "EXPORT_END=2026-11-22")...)
	require.Zero(t, status, log)
	assert.Equal(t, one(t, db, "SELECT count(*) FROM segments"), one(t, db, "SELECT count(*) FROM segments_with_names"))
	assert.Equal(t, "0", one(t, db, "SELECT count(*) FROM segments_with_names WHERE user_id <> '' AND user_name IS NULL OR queue_id <> '' AND queue_name IS NULL"))
	assert.NotEqual(t, "0", one(t, db, "SELECT count(*) FROM segments_with_names WHERE user_name <> ''"))
}
