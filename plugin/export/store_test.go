// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// memory is a cache that can be down, slow, or stop in the middle of a write.
type memory struct {
	entries map[string]string
	getErr  error
	setErr  error
	torn    bool // the next write leaves half of its value, and an error
	writes  int
	before  func() // called as a write begins
}

func newMemory() *memory { return &memory{entries: map[string]string{}} }

func (m *memory) Get(_ context.Context, key string) ([]byte, error) {
	if m.getErr != nil {
		return nil, m.getErr
	}
	value, ok := m.entries[key]
	if !ok {
		return nil, ErrNoEntry
	}
	return []byte(value), nil
}

func (m *memory) Set(_ context.Context, key string, value []byte) error {
	if m.before != nil {
		m.before()
	}
	m.writes++
	if m.torn {
		m.entries[key] = string(value[:len(value)/2])
		return errors.New("power failure")
	}
	if m.setErr != nil {
		return m.setErr
	}
	m.entries[key] = string(value)
	return nil
}

func (m *memory) Delete(_ context.Context, key string) error {
	if m.setErr != nil {
		return m.setErr
	}
	delete(m.entries, key)
	return nil
}

var (
	somePlan = Plan{Host: "api.mypurecloud.com", ClientID: "id", Dataset: "queues-summary", Endpoint: "/api/v2/analytics/queues/summary", Query: "sha256:1", Interval: "PT5M", TimeZone: "Asia/Seoul"}
	// three o'clock lies before the bubbles' midnight of 2000-01-01: settled.
	three = time.Date(1999, 11, 21, 15, 0, 0, 0, time.UTC)
)

func minutes(n int) time.Time { return three.Add(time.Duration(n) * time.Minute) }

func load(t *testing.T, m *memory, plan Plan) (Position, bool) {
	t.Helper()
	p, ok, err := NewStore(m, "key", plan).Load(t.Context())
	require.NoError(t, err)
	return p, ok
}

func TestAPositionComesBackAsItWasWritten(t *testing.T) {
	for _, p := range []Position{
		{At: three},
		{At: three, End: minutes(5), Cursor: genesys.Cursor{Page: 7}, PageSize: 100},
		{At: three, End: minutes(5), Cursor: genesys.Cursor{Page: 7, Token: "+/=", Job: "j1"}, PageSize: 1000},
		{At: three, End: minutes(5), PageSize: 100, Parent: window.Interval{Start: minutes(-5), End: minutes(5)}}, // a half
	} {
		m := newMemory()
		_, ok := load(t, m, somePlan)
		require.False(t, ok, "nothing is there yet")
		require.NoError(t, NewStore(m, "key", somePlan).Save(t.Context(), p))
		got, ok := load(t, m, somePlan)
		require.True(t, ok)
		assert.Equal(t, p, got)
	}
}

// TestACheckpointIsWrittenAsEarlierReleasesWroteIt: the fields have other names in
// the code by now, and a checkpoint has to survive an update.
func TestACheckpointIsWrittenAsEarlierReleasesWroteIt(t *testing.T) {
	const written = `{"version":1,"sequence":1,
		"plan":{"host":"api.mypurecloud.com","client_id":"id","dataset":"queues-summary","endpoint":"/api/v2/analytics/queues/summary","query":"sha256:1","interval":"PT5M","timezone":"Asia/Seoul"},
		"at":"1999-11-21T15:00:00Z","end":"1999-11-21T15:05:00Z",
		"cursor":{"page":7,"cursor":"+/=","job":"j1","records":600,"seen":"abcdefgh"},"page_size":100,
		"of":{"start":"1999-11-21T15:00:00Z","end":"1999-11-21T15:10:00Z"},
		"origin":"1999-11-21T14:00:00Z","since":"1999-11-21T14:50:00Z",
		"run":{"start":"1999-11-21T14:40:00Z","from":"1999-11-21T14:50:00Z","end":"1999-11-21T16:00:00Z","started_at":"1999-11-21T16:01:00Z",
			"pages":6,"records":600,"requests":8,"throttled":1,"paused_ns":2000000000,"intervals":[[943196400,943196700,6,600,700,0,9000]]}}`
	total := int64(700)
	p := Position{
		At: three, End: minutes(5), Parent: window.Interval{Start: three, End: minutes(10)},
		Cursor: genesys.Cursor{Page: 7, Token: "+/=", Job: "j1", Records: 600, Seen: "abcdefgh"}, PageSize: 100,
		Origin: minutes(-60), FirstRunEnd: minutes(-10),
		Run: &Run{
			Start: minutes(-20), From: minutes(-10), End: minutes(60), StartedAt: minutes(61),
			Pages: 6, Records: 600, Counts: Counts{8, 1, 2 * time.Second},
			last: Tally{Interval: window.Interval{Start: three, End: minutes(5)}, Pages: 6, Records: 600, Bytes: 9000, Total: &total},
		},
	}
	m := newMemory()
	require.NoError(t, NewStore(m, "key", somePlan).Save(t.Context(), p))
	assert.JSONEq(t, written, m.entries["key_2"])
	m.entries["key_2"] = written
	got, ok := load(t, m, somePlan)
	require.True(t, ok)
	assert.Equal(t, p, got)
}

func TestACrashInTheMiddleOfAWriteCostsOnlyThatWrite(t *testing.T) {
	m := newMemory()
	store := NewStore(m, "key", somePlan)
	for n := range 7 {
		require.NoError(t, store.Save(t.Context(), Position{At: minutes(n)}))
		before := maps.Clone(m.entries)
		m.torn = true
		require.Error(t, store.Save(t.Context(), Position{At: minutes(n + 1)}))
		m.torn = false
		got, ok := load(t, m, somePlan)
		require.True(t, ok)
		assert.Equal(t, minutes(n), got.At)
		m.entries = before
	}
}

// TestACrashInTheMiddleOfTheFirstWriteIsNoPosition: nothing is lost by beginning
// anew, and an unattended job needs nobody to delete a file.
func TestACrashInTheMiddleOfTheFirstWriteIsNoPosition(t *testing.T) {
	m := newMemory()
	require.NoError(t, NewStore(m, "key", somePlan).Save(t.Context(), Position{At: three}))
	require.Len(t, m.entries, 1)
	whole := m.entries["key_2"]
	for length := range len(whole) {
		m.entries = map[string]string{"key_2": whole[:length]}
		_, ok := load(t, m, somePlan)
		require.False(t, ok, whole[:length])
	}
	require.NoError(t, NewStore(m, "key", somePlan).Save(t.Context(), Position{At: three}))
	assert.Equal(t, map[string]string{"key_2": whole}, m.entries)
}

func TestAFailedWriteDoesNotMoveOnToTheLastGoodEntry(t *testing.T) {
	m := newMemory()
	store := NewStore(m, "key", somePlan)
	require.NoError(t, store.Save(t.Context(), Position{At: three}))
	m.torn = true
	for range 4 {
		require.Error(t, store.Save(t.Context(), Position{At: minutes(5)}))
		got, ok := load(t, m, somePlan)
		require.True(t, ok)
		assert.Equal(t, three, got.At)
	}
	m.torn = false
	require.NoError(t, store.Save(t.Context(), Position{At: minutes(5)}))
	got, _ := load(t, m, somePlan)
	assert.Equal(t, minutes(5), got.At)
}

func TestANewStoreGoesOnCounting(t *testing.T) {
	m := newMemory()
	for n := range 5 {
		store := NewStore(m, "key", somePlan)
		_, _, err := store.Load(t.Context())
		require.NoError(t, err)
		require.NoError(t, store.Save(t.Context(), Position{At: minutes(n)}))
	}
	got, _ := load(t, m, somePlan)
	assert.Equal(t, minutes(4), got.At)
	assert.Len(t, m.entries, 2)
}

func TestWhatIsThereAndCannotBeReadIsNoNewBeginning(t *testing.T) {
	tests := []struct {
		name, one, two string
	}{
		{"one key, in pieces", `{"version":1,"sequ`, ""},
		{"both in pieces", `{"version":1`, `{`},
		{"both empty", ``, ` `},
		{"one empty", ``, `-`},
		{"zeroes, as a file system leaves them", "\x00\x00\x00\x00", ""},
		{"no JSON object", `[]`, ""},
		{"no version", `{"at":"2026-11-21T15:00:00Z"}`, ""},
		{"no time", `{"version":1}`, ""},
		{"an interval that ends before it starts", `{"version":1,"at":"2026-11-21T15:00:00Z","end":"2026-11-21T14:00:00Z"}`, ""},
		{"a part of an interval elsewhere", `{"version":1,"at":"2026-11-21T15:00:00Z","end":"2026-11-21T16:00:00Z","of":{"start":"2026-11-21T15:30:00Z","end":"2026-11-21T17:00:00Z"}}`, ""},
		{"a negative page", `{"version":1,"at":"2026-11-21T15:00:00Z","end":"2026-11-21T16:00:00Z","cursor":{"page":-1}}`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMemory()
			m.entries["key"] = test.one
			if test.two != "" {
				m.entries["key_2"] = test.two
			}
			_, _, err := NewStore(m, "key", somePlan).Load(t.Context())
			require.ErrorIs(t, err, ErrUnreadable)
			require.ErrorContains(t, err, `"key"`)
		})
	}
}

func TestAnEntryOfANewerReleaseIsNotGuessedAt(t *testing.T) {
	m := newMemory()
	m.entries["key"] = `{"version":2,"at":"2026-11-21T15:00:00Z"}`
	_, _, err := NewStore(m, "key", somePlan).Load(t.Context())
	require.ErrorContains(t, err, "newer release")
}

func TestUnknownFieldsAreLeftAlone(t *testing.T) {
	_, err := decode([]byte(`{"version":1,"at":"2026-11-21T15:00:00Z","from_the_future":{}}`))
	require.NoError(t, err)
}

func TestACacheThatIsDownIsNoMissingEntry(t *testing.T) {
	m := newMemory()
	m.getErr = errors.New("connection refused")
	_, _, err := NewStore(m, "key", somePlan).Load(t.Context())
	require.ErrorIs(t, err, m.getErr)
	require.NotErrorIs(t, err, ErrUnreadable)
}

func TestAPositionOfAnotherPlanIsRefused(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Plan)
		says   string
	}{
		{"host", func(p *Plan) { p.Host = "api.mypurecloud.ie" }, "API host (it was api.mypurecloud.com, now it is api.mypurecloud.ie)"},
		{"client", func(p *Plan) { p.ClientID = "other" }, "client_id (it was id, now it is other)"},
		{"dataset", func(p *Plan) { p.Dataset = "copy" }, "dataset (it was queues-summary, now it is copy)"},
		{"endpoint", func(p *Plan) { p.Endpoint = "/api/v2/analytics/x" }, "endpoint (it was /api/v2/analytics/queues/summary, now it is /api/v2/analytics/x)"},
		{"query", func(p *Plan) { p.Query = "sha256:2" }, "query (it was sha256:1, now it is sha256:2)"},
		{"interval", func(p *Plan) { p.Interval = "PT15M" }, "interval (it was PT5M, now it is PT15M)"},
		{"granularity", func(p *Plan) { p.Granularity = "PT1M" }, "granularity (it was none, now it is PT1M)"},
		{"timezone", func(p *Plan) { p.TimeZone = "UTC" }, "timezone (it was Asia/Seoul, now it is UTC)"},
		{"two at once", func(p *Plan) { p.TimeZone, p.Interval = "UTC", "P1D" }, "interval (it was PT5M, now it is P1D) and in timezone (it was Asia/Seoul, now it is UTC)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMemory()
			require.NoError(t, NewStore(m, "key", somePlan).Save(t.Context(), Position{At: three}))
			plan := somePlan
			test.change(&plan)
			_, _, err := NewStore(m, "key", plan).Load(t.Context())
			var other *PlanError
			require.ErrorAs(t, err, &other)
			require.ErrorContains(t, err, test.says)
			require.ErrorContains(t, err, `the checkpoint "key"`)
		})
	}
}

// TestAnEntryWithoutATenantIsTakenOverOnce: earlier releases wrote none.
func TestAnEntryWithoutATenantIsTakenOverOnce(t *testing.T) {
	m, old := newMemory(), somePlan
	old.Host, old.ClientID, old.Dataset = "", "", ""
	require.NoError(t, NewStore(m, "key", old).Save(t.Context(), Position{At: three}))
	store := NewStore(m, "key", somePlan)
	p, ok, err := store.Load(t.Context())
	require.NoError(t, err)
	require.True(t, ok)
	require.NoError(t, store.Save(t.Context(), p))
	other := somePlan
	other.ClientID = "other"
	_, _, err = NewStore(m, "key", other).Load(t.Context())
	require.ErrorContains(t, err, "client_id")
}

// TestAnEntryThatLacksAPartOfItsTenantIsRefused: no release has written one.
func TestAnEntryThatLacksAPartOfItsTenantIsRefused(t *testing.T) {
	for part, remove := range map[string]func(*Plan){
		"API host":  func(p *Plan) { p.Host = "" },
		"client_id": func(p *Plan) { p.ClientID = "" },
		"dataset":   func(p *Plan) { p.Dataset = "" },
	} {
		m, broken := newMemory(), somePlan
		remove(&broken)
		require.NoError(t, NewStore(m, "key", broken).Save(t.Context(), Position{At: three}))
		_, _, err := NewStore(m, "key", somePlan).Load(t.Context())
		require.ErrorContains(t, err, "it differs in "+part)
	}
}

func TestAMarkerTellsAPositionThatWasLost(t *testing.T) {
	m := newMemory()
	store := NewStore(m, "key", somePlan)
	_, ok, _ := store.Marked(t.Context())
	assert.False(t, ok)
	require.NoError(t, store.Mark(t.Context(), three))
	began, ok, _ := NewStore(m, "key", somePlan).Marked(t.Context())
	assert.True(t, ok)
	assert.Equal(t, three, began)
	_, ok, err := store.Load(t.Context())
	require.NoError(t, err)
	assert.False(t, ok, "the marker is no position")
}

// TestAMarkerIsWrittenOnce: each process marks as it starts, and one that is killed
// meanwhile must not take away what the first one wrote.
func TestAMarkerIsWrittenOnce(t *testing.T) {
	m := newMemory()
	m.torn = true
	require.Error(t, NewStore(m, "key", somePlan).Mark(t.Context(), three), "one in pieces is written again")
	m.torn = false
	require.NoError(t, NewStore(m, "key", somePlan).Mark(t.Context(), three))
	m.torn = true
	require.NoError(t, NewStore(m, "key", somePlan).Mark(t.Context(), minutes(60)))
	began, ok, _ := NewStore(m, "key", somePlan).Marked(t.Context())
	assert.True(t, ok)
	assert.Equal(t, three, began)
}

func TestAProbeLeavesNothingBehind(t *testing.T) {
	m := newMemory()
	require.NoError(t, NewStore(m, "key", somePlan).Probe(t.Context()))
	assert.Empty(t, m.entries)
	m.setErr = errors.New("read-only file system")
	require.ErrorIs(t, NewStore(m, "key", somePlan).Probe(t.Context()), m.setErr)
}
