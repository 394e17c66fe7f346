// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheLongestDurationIsWrittenInAnyUnit: 36,600 days are too many, however they
// are made up, and a second less is not.
func TestTheLongestDurationIsWrittenInAnyUnit(t *testing.T) {
	for _, long := range []string{
		"878400h", "-878400h", "PT878400H", "P36600D", "-P36600D", "P18300DT439200H", "-P18300DT439200H", "P50Y18400D", "P5228W4D",
		"-P50Y18400D", "P9223372036854775807D", "-P9223372036854775807D", "-P9223372036854775807M", "-PT9223372036854775807H",
		"PT99999999999999999999S", "-P" + strconv.Itoa(math.MaxInt64) + "W",
	} {
		d, err := ParseDuration(long)
		require.ErrorContains(t, err, long)
		assert.Equal(t, Duration{}, d)
	}
	for _, right := range []string{"878399h59m59s", "PT878399H59M59S", "P36599DT23H59M59S", "P18300DT439199H", "P50Y18000D", "-P36599D"} {
		_, err := ParseDuration(right)
		require.NoError(t, err)
	}
}

// TestPartsOfASecondAddUp, as often as they are added.
func TestPartsOfASecondAddUp(t *testing.T) {
	half := duration("PT1.5S")
	assert.Equal(t, at("2026-11-21T15:00:04.7Z"), half.AddTo(at("2026-11-21T15:00:00.2Z"), 3, nil))
	assert.Equal(t, at("2026-11-21T14:59:55.7Z"), half.AddTo(at("2026-11-21T15:00:00.2Z"), -3, nil))
}

// TestBeforeItsStartAWalkHasTheSameInstants: an export that reads again looks there.
func TestBeforeItsStartAWalkHasTheSameInstants(t *testing.T) {
	p := plan("PT5M", "UTC", "2026-11-21T15:01:00Z", "")
	for when, want := range map[string]string{
		"2026-11-21T15:01:00Z": "2026-11-21T15:01:00Z",
		"2026-11-21T15:00:59Z": "2026-11-21T14:56:00Z",
		"2026-11-21T14:56:00Z": "2026-11-21T14:56:00Z",
		"2026-11-21T14:55:59Z": "2026-11-21T14:51:00Z",
		"2026-11-21T14:46:00Z": "2026-11-21T14:46:00Z",
	} {
		assert.Equal(t, at(want), p.Floor(at(when)), when)
	}
}

// TestAPeriodIsCountedFrom1970 on both of its sides.
func TestAPeriodIsCountedFrom1970(t *testing.T) {
	hourly := must(ParseSchedule("@every 1h", time.UTC))
	for after, want := range map[string]string{
		"1970-01-01T00:00:00Z": "1970-01-01T01:00:00Z",
		"1969-12-31T23:59:59Z": "1970-01-01T00:00:00Z",
		"1969-12-31T23:00:00Z": "1970-01-01T00:00:00Z",
		"1969-12-31T22:59:59Z": "1969-12-31T23:00:00Z",
	} {
		assert.Equal(t, at(want), hourly.Next(at(after)), after)
	}
	for _, wrong := range []string{"@every 0s", "@every -1h", "@every 1.5s", "@every P1D", "@every"} {
		_, err := ParseSchedule(wrong, time.UTC)
		require.Error(t, err, wrong)
	}
	_, err := ParseSchedule("@every 1s", time.UTC)
	require.NoError(t, err)
}

// TestUpcomingTicksAreAsManyAsAskedFor, or as there are.
func TestUpcomingTicksAreAsManyAsAskedFor(t *testing.T) {
	hourly := must(ParseSchedule("@every 1h", time.UTC))
	now := at("2026-11-21T15:00:00Z")
	assert.Equal(t, []time.Time{at("2026-11-21T16:00:00Z"), at("2026-11-21T17:00:00Z")}, hourly.Upcoming(now, 2))
	assert.Empty(t, hourly.Upcoming(now, 0))
	assert.Empty(t, Schedule{}.Upcoming(now, 3))
}

// TestAGridWithoutAStepIsOneOfDays.
func TestAGridWithoutAStepIsOneOfDays(t *testing.T) {
	for _, step := range []string{"PT0S", "-PT5M", "P1D", "P1M", "PT24H", "PT25H"} {
		g := Grid{Step: duration(step), Location: zone("Asia/Seoul")}
		assert.Equal(t, at("2026-11-20T15:00:00Z"), g.Floor(at("2026-11-21T14:59:59Z")), step)
	}
}

// TestWhatDurationsAre as [Duration.Sign] and [Duration.Clock] tell it.
func TestWhatDurationsAre(t *testing.T) {
	for text, sign := range map[string]int{"P1M": 1, "-P1M": -1, "P1D": 1, "-P1D": -1, "PT1S": 1, "-PT1S": -1, "PT0S": 0, "-1ns": -1} {
		assert.Equal(t, sign, duration(text).Sign(), text)
	}
}

// TestAnExtentIsOfOneOfThreeKinds: it has an end, or a schedule, or follows the clock.
func TestAnExtentIsOfOneOfThreeKinds(t *testing.T) {
	grid := Grid{Step: duration("PT5M"), Location: time.UTC}
	nightly := must(ParseSchedule("0 2 * * *", time.UTC))
	from, to, now := must(ParseTimeSpec("-PT1H")), must(ParseTimeSpec("2026-11-21T15:12:00Z")), must(ParseTimeSpec("now"))
	clock := at("2026-11-21T15:02:03.4Z")
	for _, row := range []struct {
		name             string
		extent           Extent
		bounded, follows bool
		limit, end       string // empty: none
	}{
		{"a window", Extent{Start: from, End: to}, true, false, "2026-11-21T15:12:00Z", "2026-11-21T15:12:00Z"},
		{"up to now", Extent{Start: from, End: now}, true, false, "", "2026-11-21T15:00:00Z"},
		{"up to now, once settled", Extent{Start: from, End: now, Settle: 3 * time.Minute}, true, false, "", "2026-11-21T14:55:00Z"},
		{"on a schedule", Extent{Start: from, Schedule: &nightly, Settle: 2 * time.Minute}, false, false, "", "2026-11-21T15:00:00Z"},
		{"on a schedule up to an end", Extent{Start: from, End: to, Schedule: &nightly}, true, false, "2026-11-21T15:12:00Z", "2026-11-21T15:00:00Z"},
		{"after the clock", Extent{Start: from, Settle: time.Hour}, false, true, "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.extent.Grid = grid
			assert.Equal(t, row.bounded, row.extent.Bounded())
			assert.Equal(t, row.follows, row.extent.Follows())
			orNone := func(text string) time.Time {
				if text == "" {
					return time.Time{}
				}
				return at(text)
			}
			assert.Equal(t, orNone(row.limit), row.extent.Limit(clock))
			first := row.extent.First(clock)
			assert.Equal(t, at("2026-11-21T14:00:00Z"), first.Start)
			assert.Equal(t, orNone(row.end), first.End)
			assert.Equal(t, first.Start, row.extent.Origin(clock))
		})
	}
}

// TestALookbackStartsAtAnInterval and not before the export.
func TestALookbackStartsAtAnInterval(t *testing.T) {
	e := Extent{Grid: Grid{Step: duration("PT5M"), Location: time.UTC}}
	origin := at("2026-11-21T15:01:00Z")
	for back, want := range map[time.Duration]string{
		0:                "2026-11-21T15:11:00Z",
		time.Second:      "2026-11-21T15:06:00Z",
		5 * time.Minute:  "2026-11-21T15:06:00Z",
		10 * time.Minute: "2026-11-21T15:01:00Z",
		11 * time.Minute: "2026-11-21T15:01:00Z",
	} {
		e.Lookback = back
		assert.Equal(t, at(want), e.Reread(origin, at("2026-11-21T15:11:00Z")), back)
	}
}
