// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// silent is a source that reports its end and has emitted nothing.
type silent struct{ jobless }

func (silent) Read(context.Context, genesys.Cursor, func(genesys.Page) error) error { return nil }

func TestAnIntervalWithoutAPageIsNotPassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := config(&service{}, 3)
		open := c.Open
		c.Open = func(iv window.Interval, retry genesys.Retry) Source {
			if iv.Start.Equal(minutes(5)) {
				return silent{}
			}
			return open(iv, retry)
		}
		w := NewWalk(c)
		defer w.Close()
		got, end := bodies(t.Context(), w)
		assert.Equal(t, []string{"15:00 p1"}, got)
		require.ErrorIs(t, end, ErrNoPage)
		require.ErrorContains(t, end, "1999-11-21T15:05:00.000Z")
	})
}

// TestNoFaultEndsAnInterval: what the network, a decoder or a cache returns where
// there is nothing more to read is a fault like any other.
func TestNoFaultEndsAnInterval(t *testing.T) {
	for _, fault := range []error{io.EOF, io.ErrUnexpectedEOF, fmt.Errorf("Post: %w", io.EOF), context.Canceled, context.DeadlineExceeded, net.ErrClosed} {
		t.Run(fault.Error(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{
					pages: func(window.Interval) int { return 2 },
					fault: func(_ window.Interval, _, attempt int) error {
						if attempt == 1 {
							return fault
						}
						return nil
					},
				}
				c := config(s, 2)
				c.Available = func(context.Context) (time.Time, error) {
					if s.asked["available"]++; s.asked["available"] == 1 {
						return time.Time{}, fault
					}
					return minutes(60), nil
				}
				s.asked = map[string]int{}
				w := NewWalk(c)
				defer w.Close()
				got, end := bodies(t.Context(), w)
				require.NoError(t, end)
				assert.Equal(t, []string{"15:00 p1", "15:00 p2", "15:05 p1", "15:05 p2"}, got)
			})
		})
	}
}

// timeout is what net returns where a dial or a look-up takes too long: it says
// that it is a context's deadline, and is not.
type timeout struct{}

func (timeout) Error() string        { return "i/o timeout" }
func (timeout) Timeout() bool        { return true }
func (timeout) Is(target error) bool { return target == context.DeadlineExceeded }

func TestADialThatTimesOutIsNoReasonToGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{fault: func(_ window.Interval, _, attempt int) error {
			if attempt < 4 {
				return &net.OpError{Op: "dial", Err: timeout{}}
			}
			return nil
		}}
		c := config(s, 2)
		c.GiveUpAfter = time.Hour
		w := NewWalk(c)
		defer w.Close()
		got, end := bodies(t.Context(), w)
		require.NoError(t, end)
		assert.Len(t, got, 2)
	})
}

// slow times out on what is asked of an interval, from a page on, as often as
// told.
func slow(from, times int) *service {
	return &service{
		pages: func(window.Interval) int { return 2 },
		fault: func(iv window.Interval, page, attempt int) error {
			if iv.Start.Equal(three) && page >= from && attempt <= times {
				return &genesys.Error{Status: 504}
			}
			return nil
		},
	}
}

func timingOut(s *service, intervals int) Config {
	c := config(s, intervals)
	c.TimedOut = (&genesys.Query{Endpoint: genesys.Endpoint{Interval: genesys.InBody}}).TimedOutTwice
	return c
}

func TestAnIntervalOfWhichAPageHasLeftIsNotSplitForBeingSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWalk(timingOut(slow(2, 5), 1))
		defer w.Close()
		got, _, end := spans(t.Context(), w)
		require.NoError(t, end)
		assert.Equal(t, []string{"15:00:00-15:05:00 p1", "15:00:00-15:05:00 p2"}, got)
	})
}

func TestASecondThatIsSlowIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := timingOut(slow(1, 7), 1)
		c.Plan.End = three.Add(time.Second)
		w := NewWalk(c)
		defer w.Close()
		got, _, end := spans(t.Context(), w)
		require.NoError(t, end)
		assert.Equal(t, []string{"15:00:00-15:00:01 p1", "15:00:00-15:00:01 p2"}, got)
	})
}

func item(start, end, page, records int, last bool, total int64) Item {
	return Item{
		Interval: window.Interval{Start: minutes(start), End: minutes(end)},
		Page:     genesys.Page{Number: page, Records: records, Last: last, Total: &total, Body: []byte("{}")},
	}
}

// TestAManifestIsProved against its window, and counts each page once.
func TestAManifestIsProved(t *testing.T) {
	tests := []struct {
		name       string
		items      []Item
		loose      bool
		pages      int64
		incomplete []string // reasons
	}{
		{"whole", []Item{item(0, 5, 1, 3, true, 3), item(5, 10, 1, 2, true, 2)}, false, 2, nil},
		{"an interval is missing", []Item{item(0, 5, 1, 3, true, 3)}, false, 1, []string{"it is not among the intervals that this run counted"}},
		{"the first is missing", []Item{item(5, 10, 1, 3, true, 3)}, false, 1, []string{"it is not among the intervals that this run counted"}},
		{"a last page is missing", []Item{item(0, 5, 1, 3, false, 3), item(5, 10, 1, 2, true, 2)}, false, 2, []string{"its last page is missing"}},
		{"fewer records than counted", []Item{item(0, 5, 1, 3, true, 4), item(5, 10, 1, 2, true, 2)}, false, 2, []string{"it has 3 records where the service counts 4"}},
		{"a count that is none", []Item{item(0, 5, 1, 3, true, 4), item(5, 10, 1, 2, true, 2)}, true, 2, nil},
		{"started over with a lost job", []Item{item(0, 5, 1, 3, false, 5), item(0, 5, 2, 2, false, 5), item(0, 5, 1, 3, false, 5), item(0, 5, 2, 2, true, 5), item(5, 10, 1, 2, true, 2)}, false, 3, nil},
		{"split after a page had left", []Item{item(0, 10, 1, 3, false, 5), item(0, 5, 1, 3, true, 3), item(5, 10, 1, 2, true, 2)}, false, 2, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			run := &Run{Start: minutes(0), From: minutes(0), End: minutes(10)}
			for _, it := range test.items {
				run = run.with(it.Interval, it.Page, Counts{}, true)
			}
			m := run.Manifest("d", genesys.Endpoint{LooseTotal: test.loose}, three, Counts{})
			assert.Equal(t, test.incomplete == nil, m.Complete)
			var reasons []string
			for _, i := range m.Incomplete {
				reasons = append(reasons, i.Reason)
			}
			assert.Equal(t, test.incomplete, reasons)
			assert.Equal(t, test.pages, m.Pages)
			assert.Equal(t, 2*test.pages, m.Bytes)
			assert.Equal(t, test.pages, run.Pages)
			assert.Equal(t, m.Records, run.Records)
		})
	}
}

// TestWhereARunStartsIsWrittenOnce: a process that is killed before its first
// acknowledgement does not resolve a relative start again.
func TestWhereARunStartsIsWrittenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.schedule, j.start, j.step = "0 2 * * *", "-P1D", "P1D"
		require.ErrorIs(t, j.process(midnight.Add(2*time.Hour+time.Minute), 0), context.DeadlineExceeded, "killed a minute into its first run")
		require.NotNil(t, j.kept)
		time.Sleep(24 * time.Hour)
		require.Error(t, j.process(time.Now().Add(48*time.Hour), forEver))
		assert.Equal(t, "page d/1999/12/31/000000Z-20000101T000000Z/p0001 0", j.seen[0])
	})
}

func TestARunThatFindsNothingSaysWhy(t *testing.T) {
	tests := []struct {
		name, start, end string
		at               *Position
		says             string
	}{
		{"the position is at the end", "1999-12-31T00:00:00Z", "1999-12-31T02:00:00Z", &Position{At: midnight.Add(-22 * time.Hour), Origin: midnight.Add(-24 * time.Hour)}, "at or past the end, 1999-12-31T02:00:00Z"},
		{"the start is in the future", "2000-01-02T00:00:00Z", "now", nil, "starts at 2000-01-02T00:00:00Z, which lies in the future"},
		{"nothing has settled", "2000-01-01T00:00:00Z", "now", nil, "no interval has ended and settled since"},
		{"it follows from a future", "2000-01-01T01:00:00Z", "", nil, "starts at 2000-01-01T01:00:00Z, which lies in the future"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := newJob(t)
				j.start, j.end, j.kept = test.start, test.end, test.at
				err := j.process(midnight.Add(time.Minute), forEver)
				if !errors.Is(err, context.DeadlineExceeded) {
					require.NoError(t, err)
				}
				require.Len(t, j.idle, 1)
				assert.Contains(t, j.idle[0], test.says)
			})
		})
	}
}
