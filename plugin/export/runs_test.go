// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/window"
)

// TestAYearOfDailyRunsWithOutages: each day is exported once, by a run and with
// a manifest of its own, wherever the process was meanwhile.
func TestAYearOfDailyRunsWithOutages(t *testing.T) {
	for _, zone := range []string{"Asia/Seoul", "America/New_York", "Europe/Berlin"} {
		t.Run(zone, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(7, 7))
				loc, err := time.LoadLocation(zone)
				require.NoError(t, err)
				j := newJob(t)
				j.zone, j.step, j.schedule, j.start, j.manifest = zone, "P1D", "0 2 * * *", "2000-01-01", true
				if zone == "Asia/Seoul" { // there it is nine o'clock already
					j.start = "2000-01-02"
				}
				first, err := time.ParseInLocation(time.DateOnly, j.start, loc)
				require.NoError(t, err)
				end := first.AddDate(1, 0, 0).Add(3 * time.Hour)
				for time.Now().Before(end) {
					up := time.Duration(1+random.IntN(200)) * time.Hour
					if stop := time.Now().Add(up); stop.After(end) {
						up = time.Until(end)
					}
					require.ErrorIs(t, j.process(time.Now().Add(up), forEver), context.DeadlineExceeded)
					if random.IntN(3) == 0 && time.Until(end) > 200*time.Hour { // an outage of up to four days
						time.Sleep(time.Duration(random.IntN(100)) * time.Hour)
					}
				}
				days := int(first.AddDate(1, 0, 0).Sub(first).Hours()/24 + 0.5)
				assert.Len(t, j.done, days)
				assert.Len(t, j.pages, days)
				for key, n := range j.pages {
					assert.Equal(t, 1, n, key)
				}
				day := first
				for _, m := range j.done {
					assert.Equal(t, day.UTC(), m.Start)
					day = day.AddDate(0, 0, 1)
					assert.Equal(t, day.UTC(), m.End)
					assert.True(t, m.Complete)
				}
			})
		})
	}
}

func TestTheFirstRunIsAtTheFirstTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.schedule, j.start = "0 2 * * *", "-PT3H"
		require.ErrorIs(t, j.process(midnight.Add(time.Hour), forEver), context.DeadlineExceeded)
		assert.Empty(t, j.seen)
		require.ErrorIs(t, j.process(midnight.Add(3*time.Hour), forEver), context.DeadlineExceeded)
		assert.Equal(t, []string{
			"page d/1999/12/31/230000Z-20000101T000000Z/p0001 0",
			"page d/2000/01/01/000000Z-010000Z/p0001 0",
			"page d/2000/01/01/010000Z-020000Z/p0001 0",
		}, j.seen)
	})
}

func TestMissedTicksAreMadeUpForEachAsOfItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.schedule = "0 */2 * * *"
		require.ErrorIs(t, j.process(midnight.Add(2*time.Hour+time.Minute), forEver), context.DeadlineExceeded)
		time.Sleep(7 * time.Hour) // 04:00, 06:00 and 08:00 are missed
		require.ErrorIs(t, j.process(midnight.Add(9*time.Hour+2*time.Minute), forEver), context.DeadlineExceeded)
		var got []string
		for _, w := range j.windows {
			got = append(got, w.Start.Format("15")+"-"+w.End.Format("15"))
		}
		assert.Equal(t, []string{"00-02", "02-04", "04-06", "06-08"}, got)
		assert.Equal(t, []string{"02:00", "04:00", "10:00"}, j.waits, "not for those that were missed")
	})
}

// TestAnInterruptedRunUpToNowIsFinishedAndGoneOnFrom: `end: now` is as of the run's
// start, so what has settled since is a run of its own, and then the export ends.
func TestAnInterruptedRunUpToNowIsFinishedAndGoneOnFrom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.end = "now"
		time.Sleep(3 * time.Hour)
		require.NoError(t, j.process(time.Now().Add(time.Hour), 1))
		time.Sleep(2 * time.Hour)
		require.NoError(t, j.process(time.Now().Add(time.Hour), forEver))
		var got []string
		for _, w := range j.windows {
			got = append(got, w.Start.Format("15")+"-"+w.End.Format("15"))
		}
		assert.Equal(t, []string{"00-03", "00-03", "03-05"}, got)
		assert.Len(t, j.pages, 5)
		assert.Empty(t, j.idle)
	})
}

// TestMonthsAreCountedFromTheStart: an interval that ended early, in a short month, does
// not shorten those after it, whichever run or process reads them.
func TestMonthsAreCountedFromTheStart(t *testing.T) {
	for _, lookback := range []time.Duration{0, 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			j := newJob(t)
			j.step, j.schedule, j.start, j.lookback = "P1M", "0 3 * * *", "2000-01-31", lookback
			for month := range 7 { // each by a process of its own
				require.ErrorIs(t, j.process(midnight.AddDate(0, month+1, 2), forEver), context.DeadlineExceeded)
			}
			for _, day := range []string{"2000-01-31", "2000-02-29", "2000-03-31", "2000-04-30", "2000-05-31", "2000-06-30"} {
				found := slices.ContainsFunc(slices.Collect(maps.Keys(j.rounds)), func(iv string) bool { return strings.HasPrefix(iv, day) })
				assert.True(t, found, "no interval starts on %s: %v", day, slices.Sorted(maps.Keys(j.rounds)))
			}
			assert.Len(t, j.rounds, 6)
		})
	}
}

func TestATickThatFindsNothingSettledMakesNoRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.schedule, j.settle, j.manifest = "*/10 * * * *", 15*time.Minute, true
		require.ErrorIs(t, j.process(midnight.Add(85*time.Minute), forEver), context.DeadlineExceeded)
		assert.Len(t, j.idle, 7, "00:10 to 01:10 say so")
		time.Sleep(30 * time.Minute)
		require.ErrorIs(t, j.process(midnight.Add(3*time.Hour-time.Minute), forEver), context.DeadlineExceeded)
		assert.Len(t, j.idle, 7+5, "01:30 to 01:50 do not, which were missed")
		assert.Len(t, j.done, 2, "01:20 and 02:20 find an hour that has settled")
	})
}

func TestATickDuringARunStartsNoSecondOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.schedule, j.manifest = "0 * * * *", true
		j.service.takes = func(window.Interval, int) time.Duration { return 150 * time.Minute }
		require.ErrorIs(t, j.process(midnight.Add(24*time.Hour), forEver), context.DeadlineExceeded)
		for i, m := range j.done {
			assert.Equal(t, midnight.Add(time.Duration(i)*time.Hour), m.Start)
			assert.Equal(t, midnight.Add(time.Duration(i+1)*time.Hour), m.End)
		}
		assert.Len(t, j.done, 9)
	})
}

func TestLookbackReadsAgainAsAHigherRevision(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.schedule, j.lookback = "0 */2 * * *", 3*time.Hour
		// Killed in the middle of it as well: the revision is of the run, not of
		// the process.
		for n := range 200 {
			if err := j.process(midnight.Add(12*time.Hour+time.Minute), 1+n%3); err != nil {
				require.ErrorIs(t, err, context.DeadlineExceeded)
				break
			}
		}
		for hour := range 12 {
			iv := window.Interval{Start: midnight.Add(time.Duration(hour) * time.Hour), End: midnight.Add(time.Duration(hour+1) * time.Hour)}
			want := []int{0}
			// A run of every second hour looks back three: an odd hour is read
			// by two runs more, an even one by one.
			for run, again := (hour/2+2)*2, 1; run <= 12 && run-2-3 <= hour; run, again = run+2, again+1 {
				want = append(want, again)
			}
			assert.Equal(t, want, j.rounds[iv.String()], "hour %d", hour)
		}
	})
}

func TestLookbackDoesNotReachBeforeTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.schedule, j.lookback = "0 */2 * * *", 1000*time.Hour
		require.ErrorIs(t, j.process(midnight.Add(5*time.Hour), forEver), context.DeadlineExceeded)
		for _, w := range j.windows {
			assert.Equal(t, midnight, w.Start)
		}
		assert.Len(t, j.windows, 2)
	})
}

// TestAnIntervalThatIsBegunIsFinishedBeforeARunReadsAgain: an export that followed the clock
// gets a schedule with a lookback.
func TestAnIntervalThatIsBegunIsFinishedBeforeARunReadsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.service.pages = func(window.Interval) int { return 3 }
		j.schedule = "0 */2 * * *"
		require.ErrorIs(t, j.process(midnight.Add(2*time.Hour+time.Minute), forEver), context.DeadlineExceeded)
		j.schedule = ""
		require.NoError(t, j.process(midnight.Add(4*time.Hour), 1))
		j.schedule, j.lookback, j.seen = "0 */2 * * *", time.Hour, nil
		require.ErrorIs(t, j.process(midnight.Add(4*time.Hour+time.Minute), forEver), context.DeadlineExceeded)
		begun := "page d/2000/01/01/020000Z-030000Z/p000"
		assert.Equal(t, []string{begun + "2 0", begun + "3 0"}, j.seen[:2])
		for key := range j.pages {
			assert.Equal(t, 1, j.pages[key], key)
		}
		assert.Len(t, j.pages, 4*3)
	})
}

// TestAManifestSurvivesAKillAtEveryStep kills a run after each of its outputs:
// in the end there is one manifest, and its counts are right.
func TestAManifestSurvivesAKillAtEveryStep(t *testing.T) {
	total := int64(21)
	for outputs := 0; outputs <= 7; outputs++ {
		t.Run(fmt.Sprintf("after %d", outputs), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := newJob(t)
				j.start, j.end, j.manifest = "1999-12-31T21:00:00Z", "2000-01-01T00:00:00Z", true
				j.service.pages = func(iv window.Interval) int { return 3 - iv.Start.Hour()%2*2 + iv.Start.Hour()%2 }
				j.service.records = 7
				j.service.total = &total
				if outputs > 0 {
					require.NoError(t, j.process(midnight.Add(time.Hour), outputs))
				}
				time.Sleep(time.Minute)
				require.NoError(t, j.process(midnight.Add(time.Hour), forEver))
				require.NoError(t, j.process(midnight.Add(time.Hour), forEver), "and nothing is left")
				require.Len(t, j.done, 1)
				m := j.done[0]
				assert.Equal(t, int64(len(j.pages)), m.Pages)
				assert.Equal(t, 7*m.Pages, m.Records)
				assert.Len(t, m.Intervals, 3)
				assert.Equal(t, "1999-12-31T21:00:00.000Z/1999-12-31T22:00:00.000Z", m.Intervals[0].Interval)
				assert.False(t, m.Complete, "an interval has fewer records than the server counted")
				assert.True(t, m.Intervals[1].Complete, "three pages of seven are the 21")
			})
		})
	}
}

func TestAManifestThatWasNotAcknowledgedComesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.start, j.end, j.manifest = "1999-12-31T22:00:00Z", "2000-01-01T00:00:00Z", true
		require.NoError(t, j.process(midnight.Add(time.Hour), 2))
		before := *j.kept
		require.NoError(t, j.process(midnight.Add(time.Hour), forEver))
		j.kept = &before // the manifest's ack never came
		require.NoError(t, j.process(midnight.Add(time.Hour), forEver))
		require.Len(t, j.done, 2)
		assert.Equal(t, j.done[0].Pages, j.done[1].Pages)
		assert.Equal(t, j.seen[2], j.seen[3], "under the same key")
	})
}

func TestAManifestWaitsForTheAcknowledgements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.start, j.end, j.manifest = "1999-12-31T23:00:00Z", "2000-01-01T00:00:00Z", true
		acked := make(chan struct{})
		runs := NewRuns(j.config(func(ctx context.Context) error {
			select {
			case <-acked:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}))
		defer runs.Close()
		_, _, err := runs.Next(t.Context())
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		_, _, err = runs.Next(ctx)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		close(acked)
		out, _, err := runs.Next(t.Context())
		require.NoError(t, err)
		assert.NotNil(t, out.Manifest)
	})
}

func TestEndNowIsOneRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.start, j.end, j.step = "-PT1H", "now", "PT5M"
		j.service.takes = func(window.Interval, int) time.Duration { return time.Minute }
		require.NoError(t, j.process(midnight.Add(time.Hour), forEver))
		assert.Len(t, j.pages, 12, "what settled meanwhile is for the next run")
	})
}

func TestAScheduleWithAnEndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.schedule, j.end = "0 * * * *", "2000-01-01T03:30:00Z"
		require.NoError(t, j.process(midnight.Add(24*time.Hour), forEver))
		assert.Len(t, j.pages, 4)
	})
}

func TestCloseEndsAWaitForATickAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.schedule = "0 2 1 6 *"
		runs := NewRuns(j.config(nil))
		ended := make(chan error)
		go func() {
			_, _, err := runs.Next(context.Background())
			ended <- err
		}()
		time.Sleep(time.Hour)
		began := time.Now()
		runs.Close()
		require.ErrorIs(t, <-ended, errClosed)
		assert.Zero(t, time.Since(began))
	})
}
