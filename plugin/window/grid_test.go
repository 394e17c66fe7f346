// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFloorIsTheLastGridInstant(t *testing.T) {
	for _, row := range []struct{ name, zone, step, at, want string }{
		{"five minutes", "UTC", "PT5M", "2026-11-21T15:07:59.9Z", "2026-11-21T15:05:00Z"},
		{"an instant of the grid is its own floor", "UTC", "PT5M", "2026-11-21T15:05:00Z", "2026-11-21T15:05:00Z"},
		{"a day begins at midnight where it is", "Asia/Seoul", "P1D", "2026-11-21T14:59:59Z", "2026-11-20T15:00:00Z"},
		{"and there at 15:00 UTC", "Asia/Seoul", "P1D", "2026-11-21T15:00:00Z", "2026-11-21T15:00:00Z"},
		{"a month floors to midnight too", "Asia/Seoul", "P1M", "2026-11-21T16:00:00Z", "2026-11-21T15:00:00Z"},
		{"and so do 24 hours on a day of 25", "America/New_York", "PT24H", "2026-11-02T04:30:00Z", "2026-11-01T04:00:00Z"},
		{"seven hours leave three at the day's end", "UTC", "PT7H", "2026-11-21T23:00:00Z", "2026-11-21T21:00:00Z"},
		{"and begin again at midnight", "UTC", "PT7H", "2026-11-22T02:00:00Z", "2026-11-22T00:00:00Z"},
		{"steps are elapsed time after clocks went forward", "America/New_York", "PT2H", "2026-03-08T08:30:00Z", "2026-03-08T07:00:00Z"},
		{"half-hour zones are counted from their midnight", "Asia/Kolkata", "PT1H", "2026-11-21T15:15:00Z", "2026-11-21T14:30:00Z"},
		{"Lord Howe goes on by the hour after its half hour", "Australia/Lord_Howe", "PT1H", "2026-10-03T16:00:00Z", "2026-10-03T15:30:00Z"},
		{"São Paulo without a midnight begins at 01:00", "America/Sao_Paulo", "P1D", "2018-11-04T10:00:00Z", "2018-11-04T03:00:00Z"},
		{"and just before that it is the day before", "America/Sao_Paulo", "P1D", "2018-11-04T02:59:59Z", "2018-11-03T03:00:00Z"},
		{"an hour that repeats across midnight stays in the new day", "America/St_Johns", "P1D", "2010-11-07T03:00:00Z", "2010-11-07T02:30:00Z"},
		{"before 1970", "UTC", "PT5M", "1969-12-31T23:59:59Z", "1969-12-31T23:55:00Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := Grid{duration(row.step), zone(row.zone)}.Floor(at(row.at))
			assert.Equal(t, row.want, got.Format(time.RFC3339Nano))
		})
	}
}

// The law of instantOf, read off the clock minute by minute.
func TestInstantOfIsTheEarliestThatShowsTheReadingOrLater(t *testing.T) {
	for _, row := range []struct{ name, zone, from string }{
		{"New York goes forward", "America/New_York", "2026-03-08T00:00:00Z"},
		{"New York goes back", "America/New_York", "2026-11-01T00:00:00Z"},
		{"Lord Howe goes forward by half an hour", "Australia/Lord_Howe", "2026-10-04T00:00:00Z"},
		{"Lord Howe goes back by half an hour", "Australia/Lord_Howe", "2026-04-05T00:00:00Z"},
		{"São Paulo skips midnight", "America/Sao_Paulo", "2018-11-04T00:00:00Z"},
		{"São Paulo goes back across midnight", "America/Sao_Paulo", "2018-02-17T12:00:00Z"},
		{"Saint John's goes back a minute after midnight", "America/St_Johns", "2010-11-06T12:00:00Z"},
		{"Apia skips a day", "Pacific/Apia", "2011-12-29T12:00:00Z"},
		{"Kwajalein skips a day", "Pacific/Kwajalein", "1993-08-20T12:00:00Z"},
		{"Kwajalein repeats a day", "Pacific/Kwajalein", "1969-09-29T18:00:00Z"},
		{"Seoul does nothing", "Asia/Seoul", "2026-03-08T00:00:00Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			loc := zone(row.zone)
			scan := at(row.from).Add(-16 * time.Hour).Truncate(time.Minute)
			for m := range 36 * 60 {
				reading := at(row.from).Add(time.Duration(m) * time.Minute)
				for shown(scan, loc).Before(reading) {
					scan = scan.Add(time.Minute)
				}
				require.Equal(t, scan, instantOf(reading, loc), "reading %s", reading)
			}
		})
	}
}

// shown is what clocks in loc show, by another way than wallOf.
func shown(t time.Time, loc *time.Location) time.Time {
	t = t.In(loc)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}
