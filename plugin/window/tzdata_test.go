// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window

import (
	"archive/zip"
	"cmp"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // where the system has none

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// loadLocation is where every test of the package has its locations from.
var loadLocation = time.LoadLocation

// TestMain runs the tests twice: with the time zones of the system, which may list
// the changes of years to come, and with those that Go embeds into the shipped
// binary, which only have a rule for them.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	once := flag.Lookup("test.fuzz").Value.String() + flag.Lookup("test.bench").Value.String()
	if once == "" {
		fmt.Println("and with the time zones of Go:")
		loadLocation = goLocation
		bothCompared = true
		code = max(code, m.Run())
	}
	os.Exit(code)
}

// bothCompared says that the tests of both sources at once have run.
var bothCompared bool

// goLocation is a location as a binary has it that was built with timetzdata.
func goLocation(name string) (*time.Location, error) {
	data, ok := goZones[name]
	if !ok {
		return nil, fmt.Errorf("finding the zone %s among those of Go", name)
	}
	return time.LoadLocationFromTZData(name, data)
}

// goZones are the time zones in Go's own folder.
var goZones = must(readZones(filepath.Join(goRoot(), "lib", "time", "zoneinfo.zip")))

// goRoot is that of the go command that runs the tests, which it has in its PATH.
func goRoot() string {
	return strings.TrimSpace(string(must(exec.Command("go", "env", "GOROOT").Output())))
}

func readZones(path string) (map[string][]byte, error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	zones := map[string][]byte{}
	for _, file := range archive.File {
		if strings.HasSuffix(file.Name, "/") {
			continue
		}
		content, err := file.Open()
		if err != nil {
			return nil, err
		}
		if zones[file.Name], err = io.ReadAll(content); err != nil {
			return nil, err
		}
	}
	return zones, nil
}

// different are the names of zones of which none is another's alias.
var different = slices.SortedFunc(maps.Values(func() map[string]string {
	names := map[string]string{}
	for name, data := range goZones {
		names[string(data)] = max(name, names[string(data)])
	}
	return names
}()), strings.Compare)

// alike reports whether the clocks of two locations are the same around t. An older
// system may know others for some country.
func alike(a, b *time.Location, t time.Time) bool {
	for hours := -96; hours <= 96; hours += 12 {
		at := t.Add(time.Duration(hours) * time.Hour)
		if !wallOf(at, a).Equal(wallOf(at, b)) {
			return false
		}
	}
	return true
}

// within fails a test that would hang.
func within(t *testing.T, limit time.Duration, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(limit):
		t.Fatalf("no end after %s", limit)
	}
}

// TestEveryYearEnds: in each zone, at the end of each year, readings become
// instants, days are walked and schedules tick, and in all of it both sources of
// time zones say the same.
func TestEveryYearEnds(t *testing.T) {
	if bothCompared {
		return
	}
	require.Greater(t, len(different), 300)
	compared := 0
	within(t, 3*time.Minute, func() {
		for _, name := range different {
			ours := must(goLocation(name))
			system, err := time.LoadLocation(name)
			for year := 2000; year <= 2040; year++ {
				newYear := time.Date(year+1, 1, 1, 0, 0, 0, 0, time.UTC)
				seen := yearEnd(t, ours, newYear)
				if err == nil && alike(ours, system, newYear) {
					compared++
					assert.Equal(t, seen, yearEnd(t, system, newYear), "%s at the end of %d", name, year)
				}
			}
		}
	})
	t.Logf("both sources have the same clocks at %d of %d year ends", compared, len(different)*41)
}

var sixHours, halfPast = schedule("15 */6 * * *", "UTC").cron, schedule("30 * * * *", "UTC").cron

// yearEnd is what an export sees around a new year: readings as instants, the days,
// and the ticks of two schedules.
func yearEnd(t *testing.T, loc *time.Location, newYear time.Time) (seen []int64) {
	t.Helper()
	for hours := -48; hours <= 48; hours += 6 {
		reading := newYear.Add(time.Duration(hours) * time.Hour)
		instant := instantOf(reading, loc)
		if wallOf(instant, loc).Before(reading) || !wallOf(instant.Add(-time.Second), loc).Before(reading) {
			t.Errorf("%s in %s is not %s", reading, loc, instant)
		}
		seen = append(seen, instant.Unix())
	}
	from, to := seen[0], seen[len(seen)-1]
	days := Plan{Grid: Grid{duration("P1D"), loc}, Start: time.Unix(from, 0), End: time.Unix(to, 0)}
	for iv := range days.All() {
		if !iv.Start.Before(iv.End) {
			t.Errorf("empty interval %s in %s", iv, loc)
		}
		seen = append(seen, iv.End.Unix())
	}
	for _, s := range []Schedule{{cron: sixHours, loc: loc}, {cron: halfPast, loc: loc}} {
		for tick := s.Next(newYear.Add(-27 * time.Hour)); tick.Before(newYear.Add(12 * time.Hour)); tick = s.Next(tick) {
			seen = append(seen, tick.Unix())
		}
	}
	return seen
}

// TestTheLastDayOfALeapYearIsLeft is the case that was found: Go's own zones end
// a leap year a day early, and a walk stood still there.
func TestTheLastDayOfALeapYearIsLeft(t *testing.T) {
	for _, name := range []string{"America/New_York", "Europe/Berlin", "Australia/Sydney", "Asia/Seoul"} {
		loc := must(goLocation(name))
		within(t, 10*time.Second, func() {
			p := Plan{Grid: Grid{duration("P1D"), loc}}
			p.Start, p.End = instantOf(at("2024-12-30T00:00:00Z"), loc), instantOf(at("2025-01-02T00:00:00Z"), loc)
			require.Equal(t, 3, p.Count(), name)
			for _, cron := range []string{"0 2 * * *", "0 * * * *", "0 0 29 2 *", "0 * 29 2 *"} {
				s := must(ParseSchedule(cron, loc))
				for tick, n := at("2028-12-30T00:00:00Z"), 0; n < 100; n++ {
					next := s.Next(tick)
					require.True(t, next.After(tick), "%s in %s after %s", cron, name, tick)
					tick = next
				}
			}
		})
	}
}

// TestAWalkOfZonesAlwaysGetsAhead holds zoneFrom to its promise, second by second
// around each end of a year and once a day between.
func TestAWalkOfZonesAlwaysGetsAhead(t *testing.T) {
	for _, name := range different {
		loc := zoneOr(name)
		for day := at("2023-12-25T00:00:00Z"); day.Year() < 2030; day = day.AddDate(0, 0, 1) {
			for _, t0 := range []time.Time{day.Add(-time.Nanosecond), day, day.Add(time.Second), day.Add(13*time.Hour + time.Nanosecond)} {
				offset, until := zoneFrom(t0, loc)
				if until.IsZero() {
					continue
				}
				last := until.Add(-time.Second)
				if !until.After(t0) || wallOf(last, loc).Sub(last) != offset {
					t.Fatalf("%s at %s: %s until %s", name, t0, offset, until)
				}
			}
		}
	}
}

// zoneOr is a zone of the source in use, or of Go's where that has it not.
func zoneOr(name string) *time.Location {
	loc, _ := loadLocation(name)
	return cmp.Or(loc, must(goLocation(name)))
}
