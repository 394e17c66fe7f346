// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func schedule(s, zoneName string) Schedule { return must(ParseSchedule(s, zone(zoneName))) }

func TestScheduleTicksAfterATime(t *testing.T) {
	for _, row := range []struct{ name, schedule, zone, after, want string }{
		{"two at night in Seoul", "0 2 * * *", "Asia/Seoul", "2026-11-21T16:00:00Z", "2026-11-21T17:00:00Z"},
		{"a tick is not after itself", "0 2 * * *", "Asia/Seoul", "2026-11-21T17:00:00Z", "2026-11-22T17:00:00Z"},
		{"but it is after a moment before", "0 2 * * *", "Asia/Seoul", "2026-11-21T16:59:59.999Z", "2026-11-21T17:00:00Z"},
		{"six fields begin with seconds", "30 0 2 * * *", "UTC", "2026-11-21T00:00:00Z", "2026-11-21T02:00:30Z"},
		{"daily is at midnight where it is", "@daily", "Asia/Seoul", "2026-11-21T12:00:00Z", "2026-11-21T15:00:00Z"},
		{"white space around it does not matter", "  0 2 * * * ", "UTC", "2026-11-21T00:00:00Z", "2026-11-21T02:00:00Z"},
		{"weekdays by name", "0 2 * * MON", "UTC", "2026-11-21T00:00:00Z", "2026-11-23T02:00:00Z"},
		{"a leap day may be four years away", "0 0 29 2 *", "UTC", "2028-03-01T00:00:00Z", "2032-02-29T00:00:00Z"},
		{"or eight", "0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"},
		{"every five minutes", "@every 5m", "UTC", "2026-11-21T15:07:31.5Z", "2026-11-21T15:10:00Z"},
		{"every five minutes in ISO 8601", "@every PT5M", "Asia/Seoul", "2026-11-21T15:10:00Z", "2026-11-21T15:15:00Z"},
		{"a period counts from 1970, whatever the day", "@every 7h", "UTC", "1970-01-01T22:00:00Z", "1970-01-02T04:00:00Z"},
		{"and before 1970 too", "@every 7h", "UTC", "1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z"},
		{"02:30 that does not exist is the end of the gap", "30 2 * * *", "America/New_York", "2026-03-08T05:00:00Z", "2026-03-08T07:00:00Z"},
		{"and is not repeated at 03:30", "30 2 * * *", "America/New_York", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"},
		{"01:30 that occurs twice is the first", "30 1 * * *", "America/New_York", "2026-11-01T04:00:00Z", "2026-11-01T05:30:00Z"},
		{"and is not repeated an hour later", "30 1 * * *", "America/New_York", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"},
		{"nor for a process that starts between the two", "30 1 * * *", "America/New_York", "2026-11-01T06:10:00Z", "2026-11-02T06:30:00Z"},
		{"several in a gap tick once", "*/10 2 * * *", "America/New_York", "2026-03-08T05:00:00Z", "2026-03-08T07:00:00Z"},
		{"and then the next day", "*/10 2 * * *", "America/New_York", "2026-03-08T07:00:00Z", "2026-03-09T06:00:00Z"},
		{"a midnight that does not exist is the first instant", "@daily", "America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-04T03:00:00Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := schedule(row.schedule, row.zone).Next(at(row.after))
			assert.Equal(t, row.want, got.Format(time.RFC3339Nano))
			assert.Equal(t, time.UTC, got.Location())
		})
	}
}

func TestParseScheduleRefuses(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"a word", "tuesday", `parsing schedule "tuesday": want cron with 5 or 6 fields (0 2 * * *)`},
		{"nothing", "", "want cron with 5 or 6 fields"},
		{"four fields", "0 2 * *", "want cron with 5 or 6 fields"},
		{"seven fields", "0 0 2 * * * *", "want cron with 5 or 6 fields"},
		{"an hour that does not exist", "0 25 * * *", "want cron with 5 or 6 fields"},
		{"a name that does not exist", "@fortnightly", "want cron with 5 or 6 fields"},
		{"a date that does not exist", "0 0 30 2 *", "never ticks"},
		{"an hour of a comma", "0 , * * *", "never ticks"},
		{"a second of a comma, without looking for it", ", * * * * *", "never ticks"},
		{"a zone of its own", "CRON_TZ=Asia/Seoul 0 2 * * *", "want the time zone in the timezone field"},
		{"a zone of its own and no more", "TZ=Asia/Seoul", "want the time zone in the timezone field"},
		{"a period that is none", "@every tuesday", `parsing schedule "@every tuesday": parsing duration "tuesday"`},
		{"no period", "@every", "parsing duration"},
		{"a period of days", "@every P1D", "want hours or less, or for days cron (0 2 * * *)"},
		{"a period of nothing", "@every 0s", "want a positive period of whole seconds"},
		{"a period back", "@every -5m", "want a positive period of whole seconds"},
		{"a fraction of a second", "@every 1500ms", "want a positive period of whole seconds"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := ParseSchedule(row.in, time.UTC)
			assert.ErrorContains(t, err, row.want)
		})
	}
}

func TestTheZeroScheduleNeverTicks(t *testing.T) {
	assert.True(t, Schedule{}.Next(at("2026-11-21T00:00:00Z")).IsZero())
}

func TestADailyScheduleTicksOnceOnEveryLocalDay(t *testing.T) {
	for _, name := range []string{"Asia/Seoul", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Beirut"} {
		for _, cron := range []string{"0 2 * * *", "30 2 * * *", "30 1 * * *", "0 0 * * *", "30 0 * * *", "15 2 * * *", "0 30 2 * * *", "@daily"} {
			t.Run(cron+" in "+name, func(t *testing.T) {
				loc := zone(name)
				s := schedule(cron, name)
				days := map[string]int{}
				end := time.Date(2027, 1, 1, 0, 0, 0, 0, loc)
				for tick := s.Next(time.Date(2026, 1, 1, 0, 0, 0, -1, loc)); tick.Before(end); tick = s.Next(tick) {
					days[tick.In(loc).Format(time.DateOnly)]++
				}
				assert.Len(t, days, 365)
				for day, ticks := range days {
					assert.Equal(t, 1, ticks, day)
				}
			})
		}
	}
}

func TestAScheduleOfEveryHourKeepsItsPace(t *testing.T) {
	for _, row := range []struct {
		schedule, zone string
		pace           time.Duration
	}{
		{"*/5 * * * *", "America/New_York", 5 * time.Minute},
		{"*/5 * * * *", "Australia/Lord_Howe", 5 * time.Minute},
		{"30 * * * *", "America/New_York", time.Hour},
		{"30 0-23 * * *", "Europe/Berlin", time.Hour},
		{"@hourly", "Asia/Beirut", time.Hour},
		{"@every 7m", "Europe/Berlin", 7 * time.Minute},
	} {
		t.Run(row.schedule+" in "+row.zone, func(t *testing.T) {
			s := schedule(row.schedule, row.zone)
			// Every change of these clocks in 2026 is in one of the two spans.
			for _, from := range []string{"2026-03-01T00:00:00Z", "2026-10-01T00:00:00Z"} {
				last := s.Next(at(from))
				for last.Before(at(from).AddDate(0, 0, 45)) {
					next := s.Next(last)
					require.Equal(t, row.pace, next.Sub(last), "after %s", last)
					last = next
				}
			}
		})
	}
}

// Which ticks there are must not depend on when one asks.
func TestTicksDoNotDependOnWhenOneAsks(t *testing.T) {
	for _, cron := range []string{"30 1 * * *", "30 2 * * *", "*/20 1-3 * * *", "*/20 * * * *", "@every 20m"} {
		for _, from := range []string{"2026-03-08T04:00:00Z", "2026-11-01T04:00:00Z"} {
			t.Run(cron+" from "+from, func(t *testing.T) {
				s := schedule(cron, "America/New_York")
				want := s.Next(at(from))
				for m := range 6 * 60 {
					now := at(from).Add(time.Duration(m) * time.Minute)
					if !now.Before(want) {
						want = s.Next(want)
					}
					require.Equal(t, want, s.Next(now), "asked at %s", now)
				}
			})
		}
	}
}

func FuzzParseSchedule(f *testing.F) {
	for _, s := range []string{"0 2 * * *", "*/5 * * * *", "@every PT5M", "@daily", "TZ=UTC", "0 0 29 2 *", "0 , * * *"} {
		f.Add(s)
	}
	now := at("2026-11-01T05:30:00Z")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSchedule(text, zone("America/New_York"))
		if err != nil {
			return
		}
		first := s.Next(now)
		require.True(t, first.After(now))
		require.True(t, s.Next(first).After(first))
	})
}
