// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// identified is a plan that says whose it is.
var identified = Plan{
	Host: "api.mypurecloud.com", ClientID: "first", Dataset: "queues-summary",
	Endpoint: "/api/v2/analytics/queues/summary", Query: "sha256:1", Interval: "PT5M", TimeZone: "Asia/Seoul",
}

func inspect(t *testing.T, s *Store) Entry {
	t.Helper()
	e, ok, err := s.Inspect(t.Context())
	require.NoError(t, err)
	require.True(t, ok)
	return e
}

func TestInspectShowsTheNewestWhoeverWroteIt(t *testing.T) {
	m := newMemory()
	_, ok, err := NewStore(m, "key", identified).Inspect(t.Context())
	require.NoError(t, err)
	require.False(t, ok, "nothing is there yet")

	other := identified
	other.Endpoint = "/api/v2/analytics/conversations/details/query"
	wrote := NewStore(m, "key", other)
	for n := range 3 {
		require.NoError(t, wrote.Save(t.Context(), Position{At: minutes(n)}))
		e := inspect(t, NewStore(m, "key", identified))
		assert.Equal(t, minutes(n), e.Position.At)
		assert.Equal(t, other, e.Plan)
		require.NoError(t, e.Spoilt)
	}
	mine := NewStore(m, "key", identified)
	e := inspect(t, mine)
	assert.Len(t, mine.Differs(e), 1)
	assert.False(t, mine.OnlyRotated(e))

	m.torn = true
	require.Error(t, wrote.Save(t.Context(), Position{At: minutes(3)}))
	m.torn = false
	e = inspect(t, mine)
	assert.Equal(t, minutes(2), e.Position.At)
	require.ErrorContains(t, e.Spoilt, "not whole")
}

func TestOnlyAClientIsRotated(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*Plan)
		want   bool
	}{
		{"nothing", func(*Plan) {}, false},
		{"the client", func(p *Plan) { p.ClientID = "second" }, true},
		{"the host", func(p *Plan) { p.Host = "api.mypurecloud.de" }, false},
		{"the dataset", func(p *Plan) { p.Dataset = "other" }, false},
		{"the query, and the client", func(p *Plan) { p.Query, p.ClientID = "sha256:2", "second" }, false},
		{"an entry of an earlier release", func(p *Plan) { p.Host, p.ClientID, p.Dataset = "", "", "" }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			wrote := identified
			test.change(&wrote)
			assert.Equal(t, test.want, NewStore(newMemory(), "key", identified).OnlyRotated(Entry{Plan: wrote}))
		})
	}
}

func TestOverwriteTakesTheEntryOver(t *testing.T) {
	m, rotated := newMemory(), identified
	rotated.ClientID = "second"
	first := NewStore(m, "key", identified)
	for n := range 4 {
		require.NoError(t, first.Save(t.Context(), Position{At: minutes(n)}))
		second := NewStore(m, "key", rotated)
		require.NoError(t, second.Overwrite(t.Context(), inspect(t, second), Position{At: minutes(n + 100)}))
		got, ok := load(t, m, rotated)
		require.True(t, ok)
		assert.Equal(t, minutes(n+100), got.At, "it is the newest")
		// Nor does it fall back to the other client's with a crash in the next write.
		m.torn = true
		require.Error(t, second.Save(t.Context(), Position{At: minutes(n + 101)}))
		m.torn = false
		got, ok = load(t, m, rotated)
		require.True(t, ok)
		assert.Equal(t, minutes(n+100), got.At)
		m.entries = map[string]string{}
		first = NewStore(m, "key", identified)
	}
}

func TestOverwriteRefusesACheckpointThatMoves(t *testing.T) {
	m := newMemory()
	running, desk := NewStore(m, "key", identified), NewStore(m, "key", identified)
	require.NoError(t, running.Save(t.Context(), Position{At: minutes(0)}))
	seen := inspect(t, desk)
	require.NoError(t, running.Save(t.Context(), Position{At: minutes(1)}))
	require.ErrorContains(t, desk.Overwrite(t.Context(), seen, Position{At: three}), "stop the export")
	require.NoError(t, desk.Delete(t.Context()))
	require.ErrorContains(t, desk.Overwrite(t.Context(), seen, Position{At: three}), "stop the export")
	_, ok := load(t, m, identified)
	assert.False(t, ok)
}

func TestDeleteLeavesNothing(t *testing.T) {
	m := newMemory()
	s := NewStore(m, "key", identified)
	require.NoError(t, s.Delete(t.Context()), "nothing is there")
	require.NoError(t, s.Mark(t.Context(), three))
	require.NoError(t, s.Save(t.Context(), Position{At: three}))
	require.NoError(t, s.Save(t.Context(), Position{At: three}))
	require.Len(t, m.entries, 3)
	m.setErr = errors.New("read-only")
	require.ErrorContains(t, s.Delete(t.Context()), "read-only")
	m.setErr = nil
	require.NoError(t, s.Delete(t.Context()))
	assert.Empty(t, m.entries)
}

func TestMovedToIsBetweenTwoRunsAtAnIntervalsStart(t *testing.T) {
	location := func(name string) *time.Location {
		loc, err := time.LoadLocation(name)
		require.NoError(t, err)
		return loc
	}
	step := func(s string) window.Duration {
		d, err := window.ParseDuration(s)
		require.NoError(t, err)
		return d
	}
	five := window.Grid{Step: step("PT5M"), Location: location("Asia/Seoul")}
	days := window.Grid{Step: step("P1D"), Location: location("America/New_York")}
	march := time.Date(2026, 3, 7, 5, 0, 0, 0, time.UTC) // the clocks go forward the day after
	run := &Run{Start: three, From: three, End: minutes(60)}
	inside := Position{At: minutes(30), End: minutes(35), Cursor: genesys.Cursor{Page: 2}, PageSize: 100, Origin: three, FirstRunEnd: minutes(60), Run: run}
	half := Position{At: minutes(33), End: minutes(35), Parent: window.Interval{Start: minutes(30), End: minutes(35)}, Run: run}
	for _, test := range []struct {
		name string
		from Position
		to   time.Time
		grid window.Grid
		want Position
		says string
	}{
		{"back, out of a run", inside, minutes(10), five, Position{At: minutes(10), Origin: three, FirstRunEnd: minutes(10)}, ""},
		{"to the origin", inside, three, five, Position{At: three, Origin: three, FirstRunEnd: three}, ""},
		{"ahead of the first run's end", inside, minutes(90), five, Position{At: minutes(90), Origin: three, FirstRunEnd: minutes(60)}, ""},
		{"off the intervals", inside, minutes(11), five, Position{}, "is not the start of an interval: those next to it are 1999-11-21T15:10:00Z and 1999-11-21T15:15:00Z"},
		{"before the origin", inside, minutes(-5), five, Position{}, "lies before 1999-11-21T15:00:00Z"},
		{"of a half, by its whole", half, minutes(20), five, Position{At: minutes(20)}, ""},
		{"of a half, to its start", half, minutes(33), five, Position{}, "is not the start of an interval"},
		{"where no origin is known", Position{At: minutes(30)}, minutes(-5), five, Position{At: minutes(-5)}, ""},
		{"a day of 23 hours", Position{At: march.AddDate(0, 0, 9), Origin: march}, march.AddDate(0, 0, 2).Add(-time.Hour), days, Position{At: march.AddDate(0, 0, 2).Add(-time.Hour), Origin: march}, ""},
		{"24 hours after one", Position{At: march.AddDate(0, 0, 9), Origin: march}, march.AddDate(0, 0, 2), days, Position{}, "is not the start of an interval"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.from.MovedTo(test.to, test.grid)
			if test.says != "" {
				require.ErrorContains(t, err, test.says)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}
