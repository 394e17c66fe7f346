// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window_test

import (
	"fmt"
	"time"

	"connect-genesys.example/connect-genesys/plugin/window"
)

// location returns a time zone of the time zone database.
func location(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return loc
}

func ExampleParseDuration() {
	for _, s := range []string{"PT5M", "300s", "P1W", "-P1D", "P1DT12H", "PT24H"} {
		d, err := window.ParseDuration(s)
		fmt.Println(d, d.Calendar(), err)
	}
	_, err := window.ParseDuration("5 minutes")
	fmt.Println(err)
	// Output:
	// PT5M false <nil>
	// PT5M false <nil>
	// P7D true <nil>
	// -P1D true <nil>
	// P1DT12H true <nil>
	// PT24H false <nil>
	// parsing duration "5 minutes": want ISO 8601 (PT5M, P1D) or Go (300s)
}

// The days of a time zone are as long as they are there: this one has 23 hours.
func ExamplePlan() {
	berlin := location("Europe/Berlin")
	day, err := window.ParseDuration("P1D")
	if err != nil {
		fmt.Println(err)
		return
	}
	plan := window.Plan{
		Grid:  window.Grid{Step: day, Location: berlin},
		Start: time.Date(2026, time.March, 28, 0, 0, 0, 0, berlin),
		End:   time.Date(2026, time.March, 31, 0, 0, 0, 0, berlin),
	}
	for interval := range plan.All() {
		fmt.Println(interval, interval.Duration())
	}
	fmt.Println(plan.Count(), "intervals")
	// Output:
	// 2026-03-27T23:00:00.000Z/2026-03-28T23:00:00.000Z 24h0m0s
	// 2026-03-28T23:00:00.000Z/2026-03-29T22:00:00.000Z 23h0m0s
	// 2026-03-29T22:00:00.000Z/2026-03-30T22:00:00.000Z 24h0m0s
	// 3 intervals
}

// Until leaves out the intervals that are not over.
func ExamplePlan_Until() {
	hour, err := window.ParseDuration("PT1H")
	if err != nil {
		fmt.Println(err)
		return
	}
	start := time.Date(2026, time.November, 21, 0, 0, 0, 0, time.UTC)
	plan := window.Plan{Grid: window.Grid{Step: hour}, Start: start}.Until(start.Add(150 * time.Minute))
	for interval := range plan.All() {
		fmt.Println(interval.Key())
	}
	// Output:
	// 2026/11/21/000000Z-010000Z
	// 2026/11/21/010000Z-020000Z
}

// A tick that the clocks skip comes at the first instant after the gap, and the day's
// run is neither skipped nor repeated.
func ExampleSchedule() {
	berlin := location("Europe/Berlin")
	schedule, err := window.ParseSchedule("30 2 * * *", berlin)
	if err != nil {
		fmt.Println(err)
		return
	}
	tick := time.Date(2026, time.March, 28, 0, 0, 0, 0, berlin)
	for range 3 {
		tick = schedule.Next(tick)
		fmt.Println(tick.In(berlin))
	}
	// Output:
	// 2026-03-28 02:30:00 +0100 CET
	// 2026-03-29 03:00:00 +0200 CEST
	// 2026-03-30 02:30:00 +0200 CEST
}

// A duration back from now starts at an interval that others would start at, too.
func ExampleTimeSpec_Resolve() {
	hour, err := window.ParseDuration("PT1H")
	if err != nil {
		fmt.Println(err)
		return
	}
	now := time.Date(2026, time.November, 21, 15, 4, 5, 0, time.UTC)
	for _, s := range []string{"2026-11-20", "2026-11-20T12:30:00+09:00", "-P1D", "now"} {
		spec, err := window.ParseTimeSpec(s)
		fmt.Println(spec.Resolve(now, window.Grid{Step: hour}), err)
	}
	// Output:
	// 2026-11-20 00:00:00 +0000 UTC <nil>
	// 2026-11-20 03:30:00 +0000 UTC <nil>
	// 2026-11-20 15:00:00 +0000 UTC <nil>
	// 2026-11-21 15:04:05 +0000 UTC <nil>
}
