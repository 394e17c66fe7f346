// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseDurationReadsISOAndGo(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"minutes in ISO 8601 stay as they are", "PT5M", "PT5M"},
		{"seconds in Go become minutes", "300s", "PT5M"},
		{"hours and minutes in Go are one clock part", "1h30m", "PT1H30M"},
		{"a day is a day", "P1D", "P1D"},
		{"24 hours are no day", "PT24H", "PT24H"},
		{"24 hours in Go are no day either", "24h", "PT24H"},
		{"a week is seven days", "P1W", "P7D"},
		{"a week may stand beside a day", "P1W1D", "P8D"},
		{"a month is a month", "P1M", "P1M"},
		{"twelve months are a year", "P12M", "P1Y"},
		{"every field at once", "P1Y2M3DT4H5M6S", "P1Y2M3DT4H5M6S"},
		{"a day and a half, as Genesys documents it", "P1DT12H", "P1DT12H"},
		{"a sign in front of ISO 8601", "-P1D", "-P1D"},
		{"a sign in front of Go", "-24h", "-PT24H"},
		{"a plus in front", "+PT5M", "PT5M"},
		{"a sign holds for all fields", "-P1DT1H", "-P1DT1H"},
		{"nothing in Go", "0s", "PT0S"},
		{"nothing in ISO 8601", "P0D", "PT0S"},
		{"nothing has no sign", "-PT0S", "PT0S"},
		{"a fraction of a second", "PT0.5S", "PT0.5S"},
		{"a fraction of a second in Go", "1500ms", "PT1.5S"},
		{"a fraction of an hour", "PT1.5H", "PT1H30M"},
		{"a comma is a decimal point in ISO 8601", "PT1,5H", "PT1H30M"},
		{"the finest there is", "-1ns", "-PT0.000000001S"},
		{"the longest", "P100Y", "P100Y"},
	} {
		t.Run(row.name, func(t *testing.T) {
			d, err := ParseDuration(row.in)
			require.NoError(t, err)
			assert.Equal(t, row.want, d.String())
		})
	}
}

func TestParseDurationRefuses(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"a word", "tuesday", `parsing duration "tuesday": want ISO 8601 (PT5M, P1D) or Go (300s)`},
		{"nothing written", "", `parsing duration "": want ISO 8601 (PT5M, P1D) or Go (300s)`},
		{"a number without a unit", "300", "want ISO 8601"},
		{"white space around it", " PT5M", "want ISO 8601"},
		{"something behind it", "PT5M!", "want ISO 8601"},
		{"small letters in ISO 8601", "pt5m", "want ISO 8601"},
		{"days in Go", "1d", "want ISO 8601"},
		{"a P alone", "P", "want ISO 8601"},
		{"a T with nothing behind it", "P1DT", "want ISO 8601"},
		{"signs that differ", "P1DT-1H", "want ISO 8601"},
		{"a sign inside", "P-1D", "want ISO 8601"},
		{"two signs", "--P1D", "want ISO 8601"},
		{"half a day, which has no length", "P0.5D", `parsing duration "P0.5D": want whole years, months, weeks and days`},
		{"more than a century", "P101Y", `parsing duration "P101Y": want at most 100 years`},
		{"more than a century of hours", "900000h", "want at most 100 years"},
		{"more than a number holds", "P99999999999999999Y", "want at most 100 years"},
		{"a century and then some", "-P90YT438000H", "want at most 100 years"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := ParseDuration(row.in)
			assert.ErrorContains(t, err, row.want)
		})
	}
}

func TestDurationTellsWhatItIs(t *testing.T) {
	for _, row := range []struct {
		name, in string
		sign     int
		calendar bool
		whole    bool
		approx   time.Duration
	}{
		{"five minutes", "PT5M", 1, false, true, 5 * time.Minute},
		{"no time", "PT0S", 0, false, true, 0},
		{"a day ago", "-P1D", -1, true, true, -24 * time.Hour},
		{"an hour ago", "-1h", -1, false, true, -time.Hour},
		{"half a second", "PT0.5S", 1, false, false, time.Second / 2},
		{"a month", "P1M", 1, true, true, 30 * 24 * time.Hour},
		{"a year", "P1Y", 1, true, true, 365 * 24 * time.Hour},
		{"a day and half a second", "P1DT0.5S", 1, true, false, 24*time.Hour + time.Second/2},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := duration(row.in)
			assert.Equal(t, row.sign, d.Sign(), "sign")
			assert.Equal(t, row.calendar, d.Calendar(), "calendar")
			assert.Equal(t, row.whole, d.WholeSeconds(), "whole seconds")
			assert.Equal(t, row.approx, d.Approx(), "approx")
			assert.Equal(t, -row.sign, d.Negate().Sign(), "negated")
			clock, ok := d.Clock()
			assert.Equal(t, !row.calendar, ok, "clock")
			if ok {
				assert.Equal(t, row.approx, clock)
			}
		})
	}
}

func TestDurationsThatSayTheSameAreEqual(t *testing.T) {
	assert.Equal(t, duration("P1W"), duration("P7D"))
	assert.Equal(t, duration("P1Y"), duration("P12M"))
	assert.Equal(t, duration("PT5M"), duration("300s"))
	assert.NotEqual(t, duration("P1D"), duration("PT24H"))
	assert.Equal(t, Duration{}, duration("0s"))
}

func TestAddToFollowsTheCalendar(t *testing.T) {
	for _, row := range []struct {
		name, zone, at, step string
		n                    int
		want                 string
	}{
		{"a month from January 31 is February 28", "UTC", "2026-01-31T00:00:00Z", "P1M", 1, "2026-02-28T00:00:00Z"},
		{"in a leap year it is February 29", "UTC", "2028-01-31T00:00:00Z", "P1M", 1, "2028-02-29T00:00:00Z"},
		{"two months from January 31 are March 31", "UTC", "2026-01-31T00:00:00Z", "P1M", 2, "2026-03-31T00:00:00Z"},
		{"a month back from March 31 is February 28", "UTC", "2026-03-31T00:00:00Z", "-P1M", 1, "2026-02-28T00:00:00Z"},
		{"a negative count goes back", "UTC", "2026-03-31T00:00:00Z", "P1M", -1, "2026-02-28T00:00:00Z"},
		{"a year from a leap day is February 28", "UTC", "2028-02-29T00:00:00Z", "P1Y", 1, "2029-02-28T00:00:00Z"},
		{"four years from a leap day are a leap day", "UTC", "2028-02-29T00:00:00Z", "P1Y", 4, "2032-02-29T00:00:00Z"},
		{"months are counted before days", "UTC", "2026-01-31T00:00:00Z", "P1M1D", 1, "2026-03-01T00:00:00Z"},
		{"the clock part comes after the calendar", "UTC", "2026-01-31T00:00:00Z", "P1DT12H", 3, "2026-02-04T12:00:00Z"},
		{"no steps leave the time alone", "America/New_York", "2026-11-01T06:30:00Z", "P1D", 0, "2026-11-01T06:30:00Z"},
		{"a day in New York is 23 hours in March", "America/New_York", "2026-03-08T05:00:00Z", "P1D", 1, "2026-03-09T04:00:00Z"},
		{"and 25 hours in November", "America/New_York", "2026-11-01T04:00:00Z", "P1D", 1, "2026-11-02T05:00:00Z"},
		{"24 hours are 24 hours on that day too", "America/New_York", "2026-11-01T04:00:00Z", "PT24H", 1, "2026-11-02T04:00:00Z"},
		{"a day in Berlin is 23 hours in March", "Europe/Berlin", "2026-03-28T23:00:00Z", "P1D", 1, "2026-03-29T22:00:00Z"},
		{"and 25 hours in October", "Europe/Berlin", "2026-10-24T22:00:00Z", "P1D", 1, "2026-10-25T23:00:00Z"},
		{"a day in Seoul is 24 hours", "Asia/Seoul", "2026-03-07T15:00:00Z", "P1D", 1, "2026-03-08T15:00:00Z"},
		{"a day on Lord Howe is 23.5 hours in October", "Australia/Lord_Howe", "2026-10-03T13:30:00Z", "P1D", 1, "2026-10-04T13:00:00Z"},
		{"and 24.5 hours in April", "Australia/Lord_Howe", "2026-04-04T13:00:00Z", "P1D", 1, "2026-04-05T13:30:00Z"},
		{"São Paulo had no midnight on 2018-11-04", "America/Sao_Paulo", "2018-11-03T03:00:00Z", "P1D", 1, "2018-11-04T03:00:00Z"},
		{"and had one again the day after", "America/Sao_Paulo", "2018-11-03T03:00:00Z", "P1D", 2, "2018-11-05T02:00:00Z"},
		{"also when counted from the day without one", "America/Sao_Paulo", "2018-11-04T03:00:00Z", "P1D", 1, "2018-11-05T02:00:00Z"},
		{"Cairo had no midnight on 2023-04-28", "Africa/Cairo", "2023-04-26T22:00:00Z", "P1D", 1, "2023-04-27T22:00:00Z"},
		{"Beirut has none on 2026-03-29", "Asia/Beirut", "2026-03-27T22:00:00Z", "P1D", 1, "2026-03-28T22:00:00Z"},
		{"and that day is 23 hours", "Asia/Beirut", "2026-03-28T22:00:00Z", "P1D", 1, "2026-03-29T21:00:00Z"},
		{"02:30 that does not exist is 03:00", "America/New_York", "2026-03-07T07:30:00Z", "P1D", 1, "2026-03-08T07:00:00Z"},
		{"01:30 that occurs twice is the first", "America/New_York", "2026-10-31T05:30:00Z", "P1D", 1, "2026-11-01T05:30:00Z"},
		{"clock steps pass what a time.Duration holds", "UTC", "2000-01-01T00:00:00Z", "876000h", 10, "2999-05-03T00:00:00Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := duration(row.step).AddTo(at(row.at), row.n, zone(row.zone))
			assert.Equal(t, row.want, got.Format(time.RFC3339Nano))
			assert.Equal(t, time.UTC, got.Location())
		})
	}
}

func TestAddToWithoutALocationIsInUTC(t *testing.T) {
	assert.Equal(t, at("2026-11-02T04:00:00Z"), duration("P1D").AddTo(at("2026-11-01T04:00:00Z"), 1, nil))
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"PT5M", "-P1DT12H", "P1W", "1h30m", "300s", "PT0.5S", "P100Y", "PT0.999999999H", "-0.1ns", "P1,5D"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err != nil {
			require.Equal(t, Duration{}, d)
			return
		}
		again, err := ParseDuration(d.String())
		require.NoError(t, err)
		require.Equal(t, d, again)
		require.Equal(t, d, d.Negate().Negate())
	})
}

func duration(s string) Duration { return must(ParseDuration(s)) }

func at(s string) time.Time { return must(time.Parse(time.RFC3339Nano, s)).UTC() }

func zone(name string) *time.Location { return must(loadLocation(name)) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
