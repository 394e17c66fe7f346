// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package commands

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"

	"connect-genesys.example/connect-genesys/plugin"
	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/genesys"
)

const exported = `
input:
  label: queues
  genesys_analytics:
    region: ap-northeast-2
    client_id: "${CLIENT:first}"
    client_secret: hunter2
    endpoint: "${ENDPOINT:/api/v2/analytics/queues/summary}"
    start: 2026-11-22
    end: 2026-11-23
    timezone: Asia/Seoul
    checkpoint_cache: position
output: { drop: {} }
cache_resources:
  - label: position
    file: { directory: "${FOLDER}" }
`

// folder is the stock file cache as the store sees it.
type folder string

func (f folder) Get(_ context.Context, key string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(string(f), key))
	if errors.Is(err, os.ErrNotExist) {
		err = export.ErrNoEntry
	}
	return data, err
}

func (f folder) Set(_ context.Context, key string, value []byte) error {
	return os.WriteFile(filepath.Join(string(f), key), value, 0o600)
}

func (f folder) Delete(_ context.Context, key string) error {
	return os.Remove(filepath.Join(string(f), key))
}

// midnight begins the day in Seoul.
var midnight = time.Date(2026, time.November, 21, 15, 0, 0, 0, time.UTC)

// plan is whose the config's checkpoint is.
func ownPlan(t *testing.T) export.Plan {
	t.Helper()
	own, err := plugin.ReadCheckpoint(map[string]any{
		"region": "ap-northeast-2", "client_id": "first", "client_secret": "x", "endpoint": "/api/v2/analytics/queues/summary",
		"start": "2026-11-22", "timezone": "Asia/Seoul", "checkpoint_cache": "position",
	})
	require.NoError(t, err)
	return own.Own()
}

// store is the checkpoint of the config in a folder.
func store(t *testing.T) (*export.Store, folder) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("FOLDER", dir)
	return export.NewStore(folder(dir), "genesys_analytics", ownPlan(t)), folder(dir)
}

// halfway is a position inside of a run.
var halfway = export.Position{
	At: midnight.Add(12 * time.Hour), End: midnight.Add(12*time.Hour + 5*time.Minute), Cursor: genesys.Cursor{Page: 3}, PageSize: 100,
	Origin: midnight, FirstRunEnd: midnight.Add(24 * time.Hour),
	Run: &export.Run{Start: midnight, From: midnight, End: midnight.Add(24 * time.Hour), StartedAt: midnight.Add(40 * time.Hour), Pages: 146, Records: 1234},
}

func loaded(t *testing.T, s *export.Store) export.Position {
	t.Helper()
	p, ok, err := s.Load(t.Context())
	require.NoError(t, err)
	require.True(t, ok)
	return p
}

func TestCheckpointShowsWhereTheExportIs(t *testing.T) {
	s, _ := store(t)
	out, err := run(t, exported, "checkpoint")
	require.NoError(t, err)
	assert.Contains(t, out, "position    none: the next run starts at the input's start\n")

	require.NoError(t, s.Save(t.Context(), halfway))
	out, err = run(t, exported, "checkpoint")
	require.NoError(t, err)
	_, age, _ := strings.Cut(out, "\nage ")
	age, _, _ = strings.Cut("age "+age, "\n")
	age += "\n"
	assert.Regexp(t, `^age         \S+( days)? (behind|ahead of) the clock\n$`, age)
	assert.Equal(t, `input       input (queues)
checkpoint  "genesys_analytics" in the cache "position", of the kind file
tenant      api.apne2.pure.cloud, client first
dataset     queues-summary
endpoint    /api/v2/analytics/queues/summary, in intervals of PT5M
            UTC                                           Asia/Seoul
position    2026-11-22T03:00:00Z                          2026-11-22T12:00:00+09:00
            inside of the interval to 2026-11-22T03:05:00Z: page 3 is next
run         2026-11-21T15:00:00Z to 2026-11-22T15:00:00Z  2026-11-22T00:00:00+09:00 to 2026-11-23T00:00:00+09:00
            144 of 288 intervals (50 %), 146 pages, 1234 records, started at 2026-11-23T07:00:00Z
`, strings.Replace(out, age, "", 1))
	assert.NotContains(t, out, "hunter2")
}

func TestCheckpointSaysThatOneWasLost(t *testing.T) {
	s, _ := store(t)
	require.NoError(t, s.Mark(t.Context(), midnight))
	out, err := run(t, exported, "checkpoint")
	require.NoError(t, err)
	assert.Contains(t, out, "none, although one was written since 2026-11-21T15:00:00Z")
}

// confirm runs the command line with an answer to its question.
func confirm(t *testing.T, answer, config string, args ...string) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	require.NoError(t, os.WriteFile(path, []byte(config), 0o600))
	var out strings.Builder
	app := &cli.App{
		Name: "connect", Reader: strings.NewReader(answer), Writer: &out, ErrWriter: &out,
		Commands: All(service.GlobalEnvironment()),
	}
	err := app.RunContext(t.Context(), append(append([]string{"connect", "checkpoint"}, args...), path))
	return out.String(), err
}

func TestCheckpointMovesThePosition(t *testing.T) {
	for _, test := range []struct {
		name, to, says string
		at, since      time.Time
	}{
		{"back", "2026-11-21T20:00:00Z", "84 intervals before it are exported again", midnight.Add(5 * time.Hour), midnight.Add(5 * time.Hour)},
		{"back to a date where the input is", "2026-11-22", "144 intervals before it are exported again", midnight, midnight},
		{"ahead", "2026-11-22T03:15:00Z", "3 intervals from the old position on are NEVER exported", midnight.Add(12*time.Hour + 15*time.Minute), midnight.Add(12*time.Hour + 15*time.Minute)},
		{"out of the run, to where it stands", "2026-11-22T03:00:00Z", "The run to 2026-11-22T15:00:00Z is given up", midnight.Add(12 * time.Hour), midnight.Add(12 * time.Hour)},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := store(t)
			require.NoError(t, s.Save(t.Context(), halfway))
			out, err := confirm(t, "n\n", exported, "--to", test.to)
			require.ErrorContains(t, err, "nothing was changed")
			assert.Contains(t, out, test.says)
			_, err = confirm(t, "", exported, "--to", test.to)
			require.ErrorContains(t, err, "nothing was changed", "nobody answers")
			assert.Equal(t, halfway.At, loaded(t, s).At)
			assert.NotNil(t, loaded(t, s).Run)

			out, err = confirm(t, "y\n", exported, "--to", test.to)
			require.NoError(t, err)
			assert.Contains(t, out, "done")
			assert.Equal(t, export.Position{At: test.at, Origin: midnight, FirstRunEnd: test.since}, loaded(t, s), "between two runs")
		})
	}
}

func TestCheckpointRefusesToMoveWhereNoIntervalStarts(t *testing.T) {
	s, _ := store(t)
	_, err := run(t, exported, "checkpoint", "--to", "2026-11-22", "--yes")
	require.ErrorContains(t, err, "there is no checkpoint to move")
	require.NoError(t, s.Save(t.Context(), halfway))
	for _, test := range []struct{ to, says string }{
		{"2026-11-21T20:02:00Z", "is not the start of an interval: those next to it are 2026-11-21T20:00:00Z and 2026-11-21T20:05:00Z"},
		{"2026-11-21T14:55:00Z", "lies before 2026-11-21T15:00:00Z, where this export started"},
		{"2126-11-21T15:00:00Z", "lies in the future"},
		{"-PT1H", "is relative"},
		{"now", "is relative"},
		{"yesterday", "RFC 3339"},
		{"", "--to is empty"},
	} {
		_, err := run(t, exported, "checkpoint", "--to", test.to, "--yes")
		require.ErrorContains(t, err, test.says)
	}
	assert.Equal(t, halfway.At, loaded(t, s).At)
}

func TestCheckpointIsAdoptedByARotatedClientAlone(t *testing.T) {
	s, dir := store(t)
	require.NoError(t, s.Save(t.Context(), halfway))
	out, err := run(t, exported, "checkpoint", "--adopt", "--yes")
	require.NoError(t, err)
	assert.Contains(t, out, "nothing to do")

	t.Setenv("CLIENT", "second")
	out, err = run(t, exported, "checkpoint")
	require.ErrorContains(t, err, "take it over with --adopt")
	assert.Contains(t, out, "differs in  client_id (it was first, now it is second)\n")
	_, err = run(t, exported, "checkpoint", "--to", "2026-11-22", "--yes")
	require.ErrorContains(t, err, "belongs to another export")

	out, err = run(t, exported, "checkpoint", "--adopt", "--yes")
	require.NoError(t, err)
	assert.Contains(t, out, `becomes that of the client "second"`)
	rotated := ownPlan(t)
	rotated.ClientID = "second"
	got := loaded(t, export.NewStore(dir, "genesys_analytics", rotated))
	assert.Equal(t, halfway.Cursor, got.Cursor, "all of the position is kept")
	assert.Equal(t, halfway.Run.Pages, got.Run.Pages)
	_, err = run(t, exported, "checkpoint")
	require.NoError(t, err)

	t.Setenv("ENDPOINT", "/api/v2/analytics/conversations/details/query")
	_, err = run(t, exported, "checkpoint", "--adopt", "--yes")
	require.ErrorContains(t, err, "it is not the same export")
	_, err = run(t, exported, "checkpoint")
	require.ErrorContains(t, err, "a run would refuse it, it belongs to another export")
}

func TestCheckpointOfAnEarlierReleaseIsShownAndMoved(t *testing.T) {
	old := ownPlan(t)
	old.Host, old.ClientID, old.Dataset = "", "", ""
	s, dir := store(t)
	require.NoError(t, export.NewStore(dir, "genesys_analytics", old).Save(t.Context(), export.Position{At: midnight.Add(time.Hour)}))
	out, err := run(t, exported, "checkpoint")
	require.NoError(t, err)
	assert.Contains(t, out, "not written down, by an earlier release")
	_, err = run(t, exported, "checkpoint", "--to", "2026-11-22", "--yes")
	require.NoError(t, err)
	assert.Equal(t, export.Position{At: midnight}, loaded(t, s))
}

func TestCheckpointIsDeletedWhateverItIs(t *testing.T) {
	s, dir := store(t)
	out, err := run(t, exported, "checkpoint", "--delete", "--yes")
	require.NoError(t, err)
	assert.Contains(t, out, "there is nothing to remove")

	require.NoError(t, s.Mark(t.Context(), midnight))
	require.NoError(t, s.Save(t.Context(), halfway))
	require.NoError(t, s.Save(t.Context(), halfway))
	_, err = confirm(t, "no\n", exported, "--delete")
	require.Error(t, err)
	assert.Equal(t, halfway.At, loaded(t, s).At)
	_, err = confirm(t, "yes\n", exported, "--delete")
	require.NoError(t, err)
	left, err := os.ReadDir(string(dir))
	require.NoError(t, err)
	assert.Empty(t, left, "the position, what it was before, and the marker")

	for _, key := range []string{"genesys_analytics", "genesys_analytics_2"} {
		require.NoError(t, dir.Set(t.Context(), key, []byte("not an entry")))
	}
	_, err = run(t, exported, "checkpoint")
	require.ErrorIs(t, err, export.ErrUnreadable)
	_, err = run(t, exported, "checkpoint", "--to", "2026-11-22", "--yes")
	require.ErrorIs(t, err, export.ErrUnreadable)
	out, err = run(t, exported, "checkpoint", "--delete", "--yes")
	require.NoError(t, err)
	assert.Contains(t, out, "position    unknown: the checkpoint cannot be read")
	left, err = os.ReadDir(string(dir))
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestCheckpointsOfSeveralInputsAreChangedOneAtATime(t *testing.T) {
	s, _ := store(t)
	require.NoError(t, s.Save(t.Context(), halfway))
	second := strings.NewReplacer("input:\n  label: queues\n  genesys_analytics:", "", "    ", "          ").Replace(
		exported[:strings.Index(exported, "output:")])
	two := "input:\n  broker:\n    inputs:\n      - label: queues\n        genesys_analytics:" + second +
		"      - label: other\n        genesys_analytics:" + second + "          checkpoint_cache_key: other\n" +
		exported[strings.Index(exported, "output:"):]
	out, err := run(t, two, "checkpoint")
	require.NoError(t, err)
	assert.Contains(t, out, "(queues)")
	assert.Contains(t, out, "(other)")
	for _, args := range [][]string{{"--delete"}, {"--to", "2026-11-22"}} {
		_, err = run(t, two, append([]string{"checkpoint", "--yes"}, args...)...)
		require.ErrorContains(t, err, "2 checkpoints: say with --input whose to change, queues, other")
	}
	assert.Equal(t, halfway.At, loaded(t, s).At)
	_, err = run(t, two, "checkpoint", "--input", "queues", "--to", "2026-11-22", "--yes")
	require.NoError(t, err)
	assert.Equal(t, midnight, loaded(t, s).At)
	_, err = run(t, two, "checkpoint", "--input", "third")
	require.ErrorContains(t, err, `label or path "third"`)
}

func TestCheckpointRefusesWhatItCannotShow(t *testing.T) {
	store(t)
	_, err := run(t, strings.Replace(exported, `file: { directory: "${FOLDER}" }`, "memory: {}", 1), "checkpoint")
	require.ErrorContains(t, err, "what it keeps is gone with the process")
	_, err = run(t, strings.Replace(exported, "checkpoint_cache: position", `checkpoint_cache: ""`, 1), "checkpoint")
	require.ErrorContains(t, err, "no genesys_analytics input of the config has a checkpoint_cache")
	_, err = run(t, strings.Replace(exported, "checkpoint_cache: position", "checkpoint_cache: gone", 1), "checkpoint")
	require.ErrorContains(t, err, `there is no cache resource with the label "gone"`)
	_, err = run(t, "input: { stdin: {} }", "checkpoint")
	require.ErrorContains(t, err, "the config has no genesys_analytics input")
	t.Setenv("FOLDER", filepath.Join(t.TempDir(), "file"))
	require.NoError(t, os.WriteFile(os.Getenv("FOLDER"), nil, 0o600))
	out, err := run(t, exported, "checkpoint")
	require.ErrorContains(t, err, "reading the checkpoint")
	assert.Contains(t, out, "position    unknown: ")
	assert.NotContains(t, out, "none", "a cache that cannot be read is not one that is empty")
	_, err = run(t, exported, "checkpoint", "--delete", "--adopt")
	require.ErrorContains(t, err, "at a time")
}
