// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func plan(step, zoneName, start, end string) Plan {
	p := Plan{Grid: Grid{duration(step), zone(zoneName)}, Start: at(start)}
	if end != "" {
		p.End = at(end)
	}
	return p
}

func keys(p Plan) []string {
	var ks []string
	for iv := range p.All() {
		ks = append(ks, iv.Compact())
	}
	return ks
}

func TestAllWalksFromStartToEnd(t *testing.T) {
	for _, row := range []struct {
		name string
		plan Plan
		want []string
	}{
		{
			"the last interval is cut at the end",
			plan("PT5M", "UTC", "2026-11-21T15:00:00Z", "2026-11-21T15:12:00Z"),
			[]string{"20261121T150000Z-20261121T150500Z", "20261121T150500Z-20261121T151000Z", "20261121T151000Z-20261121T151200Z"},
		},
		{
			"steps are counted from the start, on the grid or not",
			plan("PT7H", "UTC", "2026-11-21T20:00:01Z", "2026-11-22T10:00:01Z"),
			[]string{"20261121T200001Z-20261122T030001Z", "20261122T030001Z-20261122T100001Z"},
		},
		{
			"month ends do not drift",
			plan("P1M", "UTC", "2026-01-31T00:00:00Z", "2026-04-30T00:00:00Z"),
			[]string{"20260131T000000Z-20260228T000000Z", "20260228T000000Z-20260331T000000Z", "20260331T000000Z-20260430T000000Z"},
		},
		{
			"days in New York have 23 hours in March",
			plan("P1D", "America/New_York", "2026-03-07T05:00:00Z", "2026-03-10T04:00:00Z"),
			[]string{"20260307T050000Z-20260308T050000Z", "20260308T050000Z-20260309T040000Z", "20260309T040000Z-20260310T040000Z"},
		},
		{
			"a day that never was is not walked",
			plan("P1D", "Pacific/Apia", "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z"),
			[]string{"20111229T100000Z-20111230T100000Z", "20111230T100000Z-20111231T100000Z"},
		},
		{
			"a walk that begins on a day without a midnight finds the next",
			plan("P1D", "America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-06T02:00:00Z"),
			[]string{"20181104T030000Z-20181105T020000Z", "20181105T020000Z-20181106T020000Z"},
		},
		{
			"an end at the start is an empty walk",
			plan("PT5M", "UTC", "2026-11-21T15:00:00Z", "2026-11-21T15:00:00Z"),
			nil,
		},
		{
			"and so is an end before it",
			plan("PT5M", "UTC", "2026-11-21T15:00:00Z", "2026-11-21T14:00:00Z"),
			nil,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.want, keys(row.plan))
			assert.Equal(t, len(row.want), row.plan.Count())
		})
	}
}

func TestAtEndsAtTheNextInstantOfTheWalk(t *testing.T) {
	bounded := plan("PT5M", "UTC", "2026-11-21T15:02:00Z", "2026-11-21T15:14:00Z")
	for _, row := range []struct {
		name string
		plan Plan
		at   string
		want string
	}{
		{"an instant of the walk begins a whole interval", bounded, "2026-11-21T15:07:00Z", "20261121T150700Z-20261121T151200Z"},
		{"a time inside gets the rest", bounded, "2026-11-21T15:08:30Z", "20261121T150830Z-20261121T151200Z"},
		{"the last second before an instant too", bounded, "2026-11-21T15:11:59Z", "20261121T151159Z-20261121T151200Z"},
		{"the end cuts", bounded, "2026-11-21T15:13:00Z", "20261121T151300Z-20261121T151400Z"},
		{"at the end there is none", bounded, "2026-11-21T15:14:00Z", ""},
		{"past it neither", bounded, "2026-11-21T16:00:00Z", ""},
		{"the walk goes on before its start", bounded, "2026-11-21T14:53:00Z", "20261121T145300Z-20261121T145700Z"},
		{"an open walk has no end", plan("PT5M", "UTC", "2026-11-21T15:02:00Z", ""), "2999-01-01T00:00:00Z", "29990101T000000Z-29990101T000200Z"},
		{"an open walk of days has none either", plan("P1D", "Europe/Berlin", "2026-11-20T23:00:00Z", ""), "2126-07-01T12:00:00Z", "21260701T120000Z-21260701T220000Z"},
		{"months before the start", plan("P1M", "UTC", "2026-03-31T00:00:00Z", ""), "2026-01-31T00:00:00Z", "20260131T000000Z-20260228T000000Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			iv, ok := row.plan.At(at(row.at))
			assert.Equal(t, row.want != "", ok)
			if ok {
				assert.Equal(t, row.want, iv.Compact())
			}
		})
	}
}

func TestAnOpenPlanHasNoCountAndNoEnd(t *testing.T) {
	p := plan("PT5M", "UTC", "2026-11-21T15:00:00Z", "")
	assert.Zero(t, p.Count())
	n := 0
	for range p.All() {
		if n++; n == 1000 {
			break
		}
	}
	assert.Equal(t, 1000, n)
}

func TestUntilKeepsWhatIsOver(t *testing.T) {
	open := plan("PT5M", "UTC", "2026-11-21T15:00:00Z", "")
	bounded := plan("PT5M", "UTC", "2026-11-21T15:00:00Z", "2026-11-21T15:12:00Z")
	for _, row := range []struct {
		name  string
		plan  Plan
		until string
		count int
		end   string
	}{
		{"an interval that has begun is left out", open, "2026-11-21T15:14:59.9Z", 2, "2026-11-21T15:10:00Z"},
		{"one that ends now is over", open, "2026-11-21T15:15:00Z", 3, "2026-11-21T15:15:00Z"},
		{"before the first ends there is none", open, "2026-11-21T15:04:59Z", 0, "2026-11-21T15:00:00Z"},
		{"before the start there is none", open, "2026-11-21T14:00:00Z", 0, "2026-11-21T15:00:00Z"},
		{"a cut interval stays once it is over", bounded, "2026-11-21T15:12:00Z", 3, "2026-11-21T15:12:00Z"},
		{"and for good", bounded, "2026-11-22T00:00:00Z", 3, "2026-11-21T15:12:00Z"},
		{"but not a second earlier", bounded, "2026-11-21T15:11:59Z", 2, "2026-11-21T15:10:00Z"},
		{"days are over at their midnight", plan("P1D", "Asia/Seoul", "2026-11-20T15:00:00Z", ""), "2026-11-22T17:00:00Z", 2, "2026-11-22T15:00:00Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			cut := row.plan.Until(at(row.until))
			assert.Equal(t, row.count, cut.Count())
			assert.Equal(t, row.end, cut.End.Format(time.RFC3339))
		})
	}
}

func TestFloorOfAPlanIsWhereAnIntervalBegan(t *testing.T) {
	p := plan("PT7H", "UTC", "2026-11-21T00:00:00Z", "")
	assert.Equal(t, at("2026-11-22T04:00:00Z"), p.Floor(at("2026-11-22T10:59:59Z")))
	assert.Equal(t, at("2026-11-22T11:00:00Z"), p.Floor(at("2026-11-22T11:00:00Z")))
	assert.Equal(t, at("2026-11-20T17:00:00Z"), p.Floor(at("2026-11-20T18:00:00Z")))
}

var walkZones = []string{
	"UTC", "America/New_York", "Asia/Seoul", "Europe/Berlin", "America/Sao_Paulo",
	"Africa/Cairo", "Asia/Beirut", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia",
}

func TestAYearIsCoveredExactly(t *testing.T) {
	// Of these zones a year in which their clocks did something odd.
	years := map[string]int{"America/Sao_Paulo": 2018, "Africa/Cairo": 2023, "Pacific/Apia": 2011}
	for _, name := range walkZones {
		year := cmp.Or(years[name], 2026)
		for _, step := range []string{"PT1H", "PT7H", "PT24H", "P1D", "P1DT12H", "P1W", "P1M", "P5M"} {
			t.Run(step+" in "+name, func(t *testing.T) {
				loc := zone(name)
				p := Plan{Grid: Grid{duration(step), loc}, Start: time.Date(year, 1, 31, 0, 0, 0, 0, loc).UTC(), End: time.Date(year+1, 2, 3, 4, 5, 6, 0, loc).UTC()}
				covers(t, p)
			})
		}
	}
}

// covers checks the law of a Plan, and that each interval can be found again
// from its start and from a second inside it.
func covers(t *testing.T, p Plan) {
	t.Helper()
	next, n := p.Start, 0
	for iv := range p.All() {
		require.Equal(t, next, iv.Start)
		require.True(t, iv.Start.Before(iv.End), "empty interval %s", iv)
		require.Equal(t, iv.Start, p.Floor(iv.End.Add(-time.Second)))
		if a, rest, ok := iv.Halves(); ok {
			again, found := p.At(a.End)
			require.True(t, found)
			require.Equal(t, rest, again)
		}
		next = iv.End
		n++
	}
	require.Equal(t, p.End, next)
	require.Equal(t, n, p.Count())
}

func TestFiveMinutesOfAYear(t *testing.T) {
	p := plan("PT5M", "Asia/Seoul", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
	assert.Equal(t, 365*288, p.Count())
	all := slices.Collect(p.All())
	assert.Len(t, all, 365*288)
	assert.Equal(t, p.End, all[len(all)-1].End)
}

func TestAYearOfDaysBeginsEachAtMidnight(t *testing.T) {
	for _, name := range walkZones {
		t.Run(name, func(t *testing.T) {
			loc := zone(name)
			p := Plan{Grid: Grid{duration("P1D"), loc}, Start: time.Date(2026, 1, 1, 0, 0, 0, 0, loc).UTC(), End: time.Date(2027, 1, 1, 0, 0, 0, 0, loc).UTC()}
			assert.Equal(t, 365, p.Count())
			for iv := range p.All() {
				before := iv.Start.Add(-time.Second).In(loc)
				assert.NotEqual(t, before.Day(), iv.Start.In(loc).Day(), "a day begins at %s", iv.Start.In(loc))
			}
		})
	}
}

func BenchmarkAtFarFromTheStart(b *testing.B) {
	for _, step := range []string{"PT5M", "P1D", "P1M"} {
		b.Run(step, func(b *testing.B) {
			p := plan(step, "America/New_York", "2000-01-31T05:00:00Z", "")
			when := at("2026-11-21T15:00:00Z")
			for b.Loop() {
				p.At(when)
			}
		})
	}
}
