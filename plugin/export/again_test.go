// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// lostOnce is a source whose job is lost after the second of three pages.
type lostOnce struct{ jobless }

func (lostOnce) Read(_ context.Context, _ genesys.Cursor, emit func(genesys.Page) error) error {
	for _, n := range []int{1, 2, 1, 2, 3} {
		if err := emit(genesys.Page{Number: n, Last: n == 3}); err != nil {
			return err
		}
	}
	return nil
}

// TestAPageLeavesOnceMoreOnlyWhenItsFirstCopyIsAcknowledged: the pages of another job may
// hold other records, and the output may deliver the first copy last.
func TestAPageLeavesOnceMoreOnlyWhenItsFirstCopyIsAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.end = "2000-01-01T02:00:00Z"
		busy, drained := errors.New("pages are in flight"), 0
		var drain error
		config := j.config(func(context.Context) error { drained++; return drain })
		config.Walk.Open = func(window.Interval, genesys.Retry) Source { return lostOnce{} }
		runs := NewRuns(config)
		defer runs.Close()
		time.Sleep(2 * time.Hour)
		var seen []string
		for range 2 {
			for _, n := range []int{1, 2} {
				out, ok, err := runs.Next(t.Context())
				require.NoError(t, err)
				require.True(t, ok)
				assert.Equal(t, n, out.Page.Number)
			}
			before := drained
			drain = busy
			_, _, err := runs.Next(t.Context())
			require.ErrorIs(t, err, busy)
			drain = nil
			for _, n := range []int{1, 2, 3} { // none is passed over
				out, _, err := runs.Next(t.Context())
				require.NoError(t, err)
				assert.Equal(t, n, out.Page.Number)
				seen = append(seen, fmt.Sprint(out.Interval.Start.Hour(), n))
			}
			assert.Equal(t, before+2, drained, "once, and once in vain")
		}
		_, ok, err := runs.Next(t.Context())
		require.NoError(t, err)
		assert.False(t, ok)
		assert.Equal(t, []string{"0 1", "0 2", "0 3", "1 1", "1 2", "1 3"}, seen)
	})
}

// TestALaterRunWaitsForTheCopiesOfAnEarlierOne, whose pages it reads again.
func TestALaterRunWaitsForTheCopiesOfAnEarlierOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.schedule, j.start, j.lookback = "0 * * * *", "1999-12-31T22:00:00Z", time.Hour
		drained := 0
		runs := NewRuns(j.config(func(context.Context) error { drained++; return nil }))
		defer runs.Close()
		var got []string
		for range 6 {
			out, _, err := runs.Next(t.Context())
			require.NoError(t, err)
			got = append(got, fmt.Sprintf("%d h, waited %d", out.Interval.Start.Hour(), drained))
		}
		assert.Equal(t, []string{
			"22 h, waited 0", "23 h, waited 0", "0 h, waited 0", // at one o'clock
			"0 h, waited 1", "1 h, waited 1",
			"1 h, waited 2",
		}, got)
	})
}
