// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// TestAWaitForTheLastPositionEndsWithItsContext: by its cause, since nobody knows yet
// whether the position could have been written.
func TestAWaitForTheLastPositionEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t, 10)
		b.cache.setErr = errors.New("connection refused")
		b.track(1)
		b.ack(0)
		stop := errors.New("the input closes")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(stop) })
		err := b.Flush(ctx)
		require.ErrorIs(t, err, stop)
		assert.NotContains(t, err.Error(), "everything is delivered")
		require.ErrorIs(t, b.Close(t.Context()), b.cache.setErr)
		writes := b.cache.writes
		time.Sleep(time.Hour)
		assert.Equal(t, writes, b.cache.writes, "nothing is written once it is closed")
	})
}

// TestAnEntryLiesInsideOfWhatItNames, at either end of it too.
func TestAnEntryLiesInsideOfWhatItNames(t *testing.T) {
	const head = `{"version":1,"at":"2026-11-21T15:00:00Z"`
	run := func(start, from, end string) string {
		return head + `,"run":{"start":"2026-11-21T` + start + `Z","from":"2026-11-21T` + from + `Z","end":"2026-11-21T` + end + `Z"}}`
	}
	part := func(end, start, whole string) string {
		return head + `,"end":"2026-11-21T` + end + `Z","of":{"start":"2026-11-21T` + start + `Z","end":"2026-11-21T` + whole + `Z"}}`
	}
	for name, test := range map[string]struct {
		entry, says string
	}{
		"the first of its run":         {run("15:00:00", "15:00:00", "16:00:00"), ""},
		"the end of its run":           {run("14:00:00", "15:00:00", "15:00:00"), ""},
		"before its run":               {run("15:00:01", "15:00:01", "16:00:00"), "outside its run"},
		"after its run":                {run("14:00:00", "14:00:00", "14:59:59"), "outside its run"},
		"a run whose new ground is no": {run("14:00:00", "16:00:01", "16:00:00"), "outside its run"},
		"the whole of its interval":    {part("15:05:00", "15:00:00", "15:05:00"), ""},
		"before its interval":          {part("15:05:00", "15:00:01", "15:05:00"), "not inside the one that was split"},
		"beyond its interval":          {part("15:05:00", "15:00:00", "15:04:59"), "not inside the one that was split"},
		"a half without an end":        {head + `,"of":{"start":"2026-11-21T15:00:00Z","end":"2026-11-21T15:05:00Z"}}`, "not inside the one that was split"},
		"an interval of nothing":       {head + `,"end":"2026-11-21T15:00:00Z"}`, "ends before it starts"},
		"no version":                   {`{"at":"2026-11-21T15:00:00Z"}`, "no version"},
		"no time":                      {`{"version":1}`, "no time"},
	} {
		_, err := decode([]byte(test.entry))
		if test.says == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, test.says, name)
	}
}

// TestWhatRequestsCostAddsUp in each of its counts.
func TestWhatRequestsCostAddsUp(t *testing.T) {
	one, two := Counts{5, 3, time.Minute}, Counts{7, 4, time.Second}
	assert.Equal(t, Counts{12, 7, 61 * time.Second}, one.Add(two))
	assert.Equal(t, Counts{2, 1, -59 * time.Second}, two.Sub(one))
}

// TestATotalOfNoneIsKept: an interval that has records where the service counts none is
// not complete, after a restart too.
func TestATotalOfNoneIsKept(t *testing.T) {
	none, start := int64(0), time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC)
	iv := window.Interval{Start: start, End: start.Add(5 * time.Minute)}
	for _, total := range []*int64{nil, &none} {
		run := (&Run{Start: iv.Start, From: iv.Start, End: iv.End}).with(iv, genesys.Page{Number: 1, Last: true, Records: 2, Total: total}, Counts{}, true)
		data, err := run.MarshalJSON()
		require.NoError(t, err)
		var again Run
		require.NoError(t, again.UnmarshalJSON(data))
		assert.Equal(t, run.tallies(), again.tallies())
		assert.Equal(t, total == nil, again.Manifest("", genesys.Endpoint{}, start, Counts{}).Complete)
	}
}

// TestGivingUpTellsTheFaultBefore: the last may say no more than that the time is up.
func TestGivingUpTellsTheFaultBefore(t *testing.T) {
	p := RetryPolicy{GiveUpAfter: time.Hour}
	iv := window.Interval{Start: time.Unix(0, 0), End: time.Unix(300, 0)}
	last, before := context.DeadlineExceeded, errors.New("status 500")
	err := p.giveUp(iv, last, before)
	require.ErrorIs(t, err, before)
	require.ErrorIs(t, err, last)
	assert.Equal(t, "giving up after 1h0m0s (give_up_after) on "+iv.String()+": context deadline exceeded; before that: status 500", err.Error())
	assert.Equal(t, "giving up after 1h0m0s (give_up_after) on "+iv.String()+": status 500", p.giveUp(iv, before, nil).Error())
}
