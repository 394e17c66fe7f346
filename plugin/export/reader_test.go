// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

var errTooMuch = errors.New("pagination may not exceed")

// strict serves two pages of each interval of at most so long, and refuses the
// others from a page on.
func strict(longest time.Duration, from int) *service {
	return &service{
		pages: func(window.Interval) int { return 2 },
		fault: func(iv window.Interval, page, _ int) error {
			if iv.Duration() > longest && page >= from {
				return errTooMuch
			}
			return nil
		},
	}
}

func halving(s *service, intervals int) Config {
	c := config(s, intervals)
	c.Refused = func(err error) bool { return errors.Is(err, errTooMuch) }
	return c
}

// spans takes all that a walk gives, as "15:00:00-15:02:30 p1".
func spans(ctx context.Context, w *Walk) (got []string, after []Position, end error) {
	for {
		item, ok, err := w.Next(ctx)
		if err != nil || !ok {
			return got, after, err
		}
		iv := item.Interval
		got = append(got, fmt.Sprintf("%s-%s p%d", iv.Start.Format(time.TimeOnly), iv.End.Format(time.TimeOnly), item.Page.Number))
		after = append(after, item.After)
	}
}

func TestAnIntervalThatIsTooMuchIsReadInHalves(t *testing.T) {
	tests := []struct {
		name    string
		longest time.Duration
		from    int
		bucket  time.Duration
		want    []string
	}{
		{"small enough", 5 * time.Minute, 1, 0, []string{"15:00:00-15:05:00 p1", "15:00:00-15:05:00 p2"}},
		{"two halves", 3 * time.Minute, 1, 0, []string{
			"15:00:00-15:02:30 p1", "15:00:00-15:02:30 p2", "15:02:30-15:05:00 p1", "15:02:30-15:05:00 p2",
		}},
		{"halves of halves", 100 * time.Second, 1, 0, []string{
			"15:00:00-15:01:15 p1", "15:00:00-15:01:15 p2", "15:01:15-15:02:30 p1", "15:01:15-15:02:30 p2",
			"15:02:30-15:03:45 p1", "15:02:30-15:03:45 p2", "15:03:45-15:05:00 p1", "15:03:45-15:05:00 p2",
		}},
		{"refused in the middle: what has left comes again", 3 * time.Minute, 2, 0, []string{
			"15:00:00-15:05:00 p1",
			"15:00:00-15:02:30 p1", "15:00:00-15:02:30 p2", "15:02:30-15:05:00 p1", "15:02:30-15:05:00 p2",
		}},
		{"between two buckets", 3 * time.Minute, 1, time.Minute, []string{
			"15:00:00-15:02:00 p1", "15:00:00-15:02:00 p2", "15:02:00-15:05:00 p1", "15:02:00-15:05:00 p2",
		}},
		{"through a bucket where there is but one", 3 * time.Minute, 1, 5 * time.Minute, []string{
			"15:00:00-15:02:30 p1", "15:00:00-15:02:30 p2", "15:02:30-15:05:00 p1", "15:02:30-15:05:00 p2",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := strict(test.longest, test.from)
				c := halving(s, 1)
				c.Granularity = test.bucket
				w := NewWalk(c)
				defer w.Close()
				got, _, end := spans(t.Context(), w)
				require.NoError(t, end)
				assert.Equal(t, test.want, got)
			})
		})
	}
}

// TestAHalvedIntervalIsTakenUpWhereItWasLeft: the position after any page leads
// to the same rest.
func TestAHalvedIntervalIsTakenUpWhereItWasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := strict(80*time.Second, 1)
		w := NewWalk(halving(s, 3))
		whole, after, end := spans(t.Context(), w)
		require.NoError(t, end)
		w.Close()
		require.Len(t, whole, 3*4*2)
		assert.Equal(t, Position{At: minutes(15)}, after[len(after)-1])
		for i, p := range after {
			w := NewWalkFrom(halving(s, 3), p)
			rest, _, end := spans(t.Context(), w)
			require.NoError(t, end)
			w.Close()
			assert.Equal(t, whole[i+1:], append([]string{}, rest...), "after %s", whole[i])
		}
	})
}

func TestTheRestOfAnIntervalIsFoundAmongItsHalves(t *testing.T) {
	at := func(from, to int) window.Interval { return window.Interval{Start: minutes(from), End: minutes(to)} }
	tests := []struct {
		name string
		part window.Interval
		want []window.Interval
	}{
		{"itself", at(0, 32), []window.Interval{at(0, 32)}},
		{"the first half", at(0, 16), []window.Interval{at(0, 16), at(16, 32)}},
		{"the second half", at(16, 32), []window.Interval{at(16, 32)}},
		{"deeper", at(8, 12), []window.Interval{at(8, 12), at(12, 16), at(16, 32)}},
		{"one that halving does not lead to", at(3, 5), []window.Interval{at(3, 5), at(5, 32)}},
		{"one of those at the end", at(3, 32), []window.Interval{at(3, 32)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, ReaderConfig{}.rest(at(0, 32), test.part))
		})
	}
}

// TestTheRestOfALongIntervalIsFoundAmongItsParts and the halves of these. A part of an
// earlier release, which halved, is read to its end, and what follows it is cut anew.
func TestTheRestOfALongIntervalIsFoundAmongItsParts(t *testing.T) {
	at := func(from, to int) window.Interval { return window.Interval{Start: minutes(from), End: minutes(to)} }
	tests := []struct {
		name string
		part window.Interval
		want []window.Interval
	}{
		{"the first part", at(0, 7), []window.Interval{at(0, 7), at(7, 14), at(14, 21), at(21, 28), at(28, 31)}},
		{"one in the middle", at(14, 21), []window.Interval{at(14, 21), at(21, 28), at(28, 31)}},
		{"the last, which is shorter", at(28, 31), []window.Interval{at(28, 31)}},
		{"half of a part", window.Interval{Start: minutes(14), End: minutes(17).Add(30 * time.Second)}, []window.Interval{
			{Start: minutes(14), End: minutes(17).Add(30 * time.Second)}, {Start: minutes(17).Add(30 * time.Second), End: minutes(21)}, at(21, 28), at(28, 31),
		}},
		{"half of the whole", at(0, 15), []window.Interval{at(0, 15), at(15, 22), at(22, 29), at(29, 31)}},
		{"its other half", at(15, 31), []window.Interval{at(15, 31)}},
		{"the whole", at(0, 31), []window.Interval{at(0, 31)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, ReaderConfig{Longest: 7 * time.Minute}.rest(at(0, 31), test.part))
		})
	}
}

func TestASecondIsNotHalved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWalk(halving(strict(0, 1), 1))
		defer w.Close()
		_, _, end := spans(t.Context(), w)
		require.ErrorIs(t, end, errTooMuch)
		require.ErrorContains(t, end, "an interval of 1s cannot be split")
	})
}

func TestTheSecondTimeOutInARowHalves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		query := &genesys.Query{Endpoint: genesys.Endpoint{Interval: genesys.InBody}}
		s := &service{fault: func(iv window.Interval, _, attempt int) error {
			switch {
			case iv.Duration() > 4*time.Minute && attempt != 2 && attempt < 5: // 504, 500, 504, 504
				return &genesys.Error{Status: 504}
			case iv.Duration() > 4*time.Minute:
				return &genesys.Error{Status: 500}
			}
			return nil
		}}
		c := config(s, 1)
		c.TimedOut = query.TimedOutTwice
		var halved []string
		c.Halved = func(iv window.Interval, err error) { halved = append(halved, iv.Key()+" "+err.Error()) }
		began := time.Now()
		w := NewWalk(c)
		defer w.Close()
		got, _, end := spans(t.Context(), w)
		require.NoError(t, end)
		assert.Equal(t, []string{"15:00:00-15:02:30 p1", "15:02:30-15:05:00 p1"}, got)
		assert.Equal(t, 15*time.Second, time.Since(began), "three pauses")
		assert.Equal(t, []string{"1999/11/21/150000Z-150500Z  : status 504"}, halved)
	})
}

func TestAnIntervalIsReadOnceItsDataIsComplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The watermark stands at 15:07 and rises from then on, an hour behind the hour.
		began, asks, down := time.Now(), 0, true
		s := &service{}
		c := config(s, 3)
		c.Available = func(context.Context) (time.Time, error) {
			if asks++; down {
				down = false
				return time.Time{}, errors.New("connection refused")
			}
			return minutes(7).Add(time.Since(began)), nil
		}
		w := NewWalk(c)
		defer w.Close()
		at := map[string]time.Duration{}
		for range 3 {
			item, _, err := w.Next(t.Context())
			require.NoError(t, err)
			at[string(item.Page.Body)] = time.Since(began)
		}
		assert.Equal(t, map[string]time.Duration{
			"15:00 p1": 5 * time.Second,               // after the fault
			"15:05 p1": 3*time.Minute + 5*time.Second, // at 15:10
			"15:10 p1": 8*time.Minute + 5*time.Second, // at 15:15
		}, at)
		assert.Equal(t, 2+4+6, asks)
	})
}

func TestToWaitForDataIsNoReasonToGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		c := config(&service{}, 1)
		c.GiveUpAfter = time.Minute
		c.Available = func(context.Context) (time.Time, error) { return minutes(-10).Add(time.Since(began)), nil }
		w := NewWalk(c)
		defer w.Close()
		_, _, err := w.Next(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 15*time.Minute, time.Since(began))
	})
}

// TestAWatermarkThatIsRefusedIsNotWaitedFor: no retry gives a client the permission.
func TestAWatermarkThatIsRefusedIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused, began, asks := &genesys.Error{Status: 403}, time.Now(), 0
		c := config(&service{}, 1)
		c.Available = func(context.Context) (time.Time, error) { asks++; return time.Time{}, refused }
		w := NewWalk(c)
		defer w.Close()
		_, ok, err := w.Next(t.Context())
		assert.False(t, ok)
		require.ErrorIs(t, err, error(refused))
		require.ErrorContains(t, err, "waiting until the data of")
		assert.Equal(t, 1, asks)
		assert.Zero(t, time.Since(began))
	})
}

// abandoned counts the readings that were let go.
type abandoned struct {
	Source
	n *atomic.Int32
}

func (a abandoned) Abandon(ctx context.Context) error {
	a.n.Add(1)
	return ctx.Err()
}

func TestOnlyAFailedWalkAbandonsWhatItReads(t *testing.T) {
	refused := &genesys.Error{Status: 403}
	for _, fails := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := &service{
				takes: func(iv window.Interval, _ int) time.Duration { return time.Duration(1+iv.Start.Minute()) * time.Second },
				fault: func(iv window.Interval, _, _ int) error {
					if fails && iv.Start.Minute() == 5 {
						return refused
					}
					return nil
				},
			}
			c, n := config(s, 12), &atomic.Int32{}
			c.Parallelism = 4
			open := c.Open
			c.Open = func(iv window.Interval, retry genesys.Retry) Source { return abandoned{open(iv, retry), n} }
			w := NewWalk(c)
			_, _, err := w.Next(t.Context())
			require.NoError(t, err)
			if fails {
				_, _, err = w.Next(t.Context())
				require.ErrorIs(t, err, error(refused))
			}
			w.Close()
			if fails {
				assert.EqualValues(t, 4, n.Load(), "the one that failed and those beside it")
			} else {
				assert.Zero(t, n.Load(), "the next run goes on with them")
			}
		})
	}
}
