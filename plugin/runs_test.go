// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

func TestTheManifestTellsWhatTheTenantSaw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant := newTenant(t, simulator.Config{Bucket: 50, Latency: 10 * time.Millisecond})
		in := open(t, with(settledDay, "manifest: true", "page_size: 2"), tenant, resources())
		began := time.Now()
		for range 2 * 288 {
			_, ack, err := in.Read(t.Context())
			require.NoError(t, err)
			require.NoError(t, ack(t.Context(), nil))
		}
		last := read(t, in, 1)[0]
		kind, _ := last.msg.MetaGet("genesys_kind")
		assert.Equal(t, "manifest", kind)
		assert.Equal(t, "queues-summary/_manifests/19991231T000000Z-20000101T000000Z", last.key(t))
		body, err := last.msg.AsBytes()
		require.NoError(t, err)
		var m export.Manifest
		require.NoError(t, json.Unmarshal(body, &m))
		report := tenant.Report()
		assert.Equal(t, int64(report.Requests), m.Requests)
		assert.Equal(t, int64(report.Throttled), m.Throttled)
		assert.Equal(t, int64(2*288), m.Pages)
		assert.Equal(t, int64(3*288), m.Records)
		assert.True(t, m.Complete)
		assert.Len(t, m.Intervals, 288)
		assert.Equal(t, began.UTC(), m.StartedAt)
		assert.InDelta(t, time.Since(began).Seconds(), m.PausedSeconds, 10, "it was hardly anything but paused")
		ended := make(chan error)
		go func() {
			_, _, err := in.Read(t.Context())
			ended <- err
		}()
		synctest.Wait()
		assert.Empty(t, ended, "the run is over when its manifest is acknowledged, too")
		require.NoError(t, last.ack(t.Context(), nil))
		require.ErrorIs(t, <-ended, service.ErrEndOfInput)
	})
}

const daily = `client_id: demo-client
client_secret: demo-secret
endpoint: /api/v2/analytics/queues/summary
start: -P1D
interval: PT1H
schedule: 0 2 * * *
manifest: true
checkpoint_cache: position`

func TestAScheduledInputWaitsForItsTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant, res := newTenant(t, simulator.Config{}), resources()
		in := open(t, daily, tenant, res)
		for day := range 3 {
			for hour := range 25 { // 24 pages and the manifest
				d := read(t, in, 1)[0]
				kind, _ := d.msg.MetaGet("genesys_kind")
				assert.Equal(t, hour == 24, kind == "manifest")
				require.NoError(t, d.ack(t.Context(), nil))
			}
			assert.Equal(t, time.Date(2000, 1, 1+day, 2, 0, 0, 0, time.UTC), time.Now().UTC())
		}
	})
}

// TestClosingInAnyStateIsQuickAndKeepsThePosition: what Benthos does at SIGTERM
// once nothing is in flight, whatever Read is waiting for.
func TestClosingInAnyStateIsQuickAndKeepsThePosition(t *testing.T) {
	tests := []struct {
		name   string
		config string
		tenant simulator.Config
		after  time.Duration
		pages  int // acknowledged before
	}{
		{"waiting for the schedule", daily, simulator.Config{}, time.Hour, 0},
		{"waiting for the next day", daily, simulator.Config{}, 10 * time.Hour, 25},
		{"fetching", settledDay, simulator.Config{Latency: 50 * time.Second}, 10 * time.Second, 0},
		{"holding for hours", settledDay, simulator.Config{Bucket: 4, Window: 20 * time.Hour}, time.Hour, 3},
		{"following the clock", strings.Replace(with(settledDay, "start: -PT10M"), "end: 2000-01-01T00:00:00Z\n", "", 1), simulator.Config{}, time.Minute, 2},
		{"between two tries", with(settledDay, "fallback_pause: 1h"), simulator.Config{Faults: simulator.Faults{ServerError: 1}}, time.Minute, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				res := resources()
				in := open(t, test.config, newTenant(t, test.tenant), res)
				for range test.pages { // one by one: a manifest comes only after the acks
					require.NoError(t, read(t, in, 1)[0].ack(t.Context(), nil))
				}
				assertCloseEnds(t, in, test.after)
				_, found := kept(t, res)
				assert.Equal(t, test.name != "waiting for the schedule", found, "a run that has begun is known")
			})
		})
	}
}

// assertCloseEnds closes an input whose Read has been waiting for a while. Benthos
// calls Close meanwhile, and gives it no deadline.
func assertCloseEnds(t *testing.T, in *input, after time.Duration) {
	t.Helper()
	ended := make(chan error)
	go func() {
		_, _, err := in.Read(context.Background())
		ended <- err
	}()
	time.Sleep(after)
	began := time.Now()
	require.NoError(t, in.Close(context.Background()))
	require.ErrorIs(t, <-ended, service.ErrEndOfInput)
	assert.Zero(t, time.Since(began))
}

func TestProgressIsToldWhileARunIsGoing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		res := logging(&log)
		in := open(t, settledDay, newTenant(t, simulator.Config{Bucket: 50}), res)
		began := time.Now()
		exportAll(t, in)
		require.NoError(t, in.Close(t.Context()))
		text := log.String()
		assert.Contains(t, text, "Exporting /api/v2/analytics/queues/summary from 1999-12-31T00:00:00Z to 2000-01-01T00:00:00Z: 288 intervals of PT5M")
		assert.Contains(t, text, "Progress: 49 of 288 intervals (17 %), 49 pages, 51 requests, 1 throttled")
		assert.Contains(t, text, "The run of 288 of 288 intervals has ended: 288 pages, 864 records, 294 requests, 5 throttled, 5m0s paused, in 5m0s")
		told := regexp.MustCompile(`time=(\S+) level=INFO msg="Progress`).FindAllStringSubmatch(text, -1)
		assert.InDelta(t, 30, len(told), 1, "of five minutes")
		first, err := time.Parse(time.RFC3339, told[0][1])
		require.NoError(t, err)
		assert.Equal(t, 10*time.Second, first.Sub(began))
		assert.Regexp(t, `Progress: 49 of 288 intervals .* about 49s left`, text, "239 at ten seconds for 49")
		assert.Equal(t, 5, strings.Count(text, "holds all requests for 1m0s"), "each hold is one line")
		assert.NotContains(t, text, "demo-secret")
	})
}

// TestAnIntervalThatIsCutAtTheEndCounts as one of the run's.
func TestAnIntervalThatIsCutAtTheEndCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &lines{}
		res := logging(log)
		in := open(t, with(settledDay, "interval: PT1H", "end: 1999-12-31T02:30:00Z"), newTenant(t, simulator.Config{}), res)
		require.Len(t, exportAll(t, in), 3)
		require.NoError(t, in.Close(t.Context()))
		assert.Contains(t, log.String(), "3 intervals of PT1H")
		assert.Contains(t, log.String(), "The run of 3 of 3 intervals")
	})
}

// TestARunThatGoesOnDoesNotGuessFromWhatAnotherProcessHasDone.
func TestARunThatGoesOnDoesNotGuessFromWhatAnotherProcessHasDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &lines{}
		res := logging(log)
		tenant := newTenant(t, simulator.Config{Bucket: 50})
		in := open(t, settledDay, tenant, res)
		for _, d := range read(t, in, 49) {
			require.NoError(t, d.ack(t.Context(), nil))
		}
		require.NoError(t, in.Close(t.Context()))
		in = open(t, settledDay, tenant, res)
		go func() { _, _, _ = in.Read(context.Background()) }()
		time.Sleep(10500 * time.Millisecond)
		assert.Regexp(t, `Progress: 49 of 288 intervals \(17 %\), 0 pages, \d requests, \d throttled, \d+s paused, time left not known yet`, log.String())
		require.NoError(t, in.Close(t.Context()))
	})
}

func TestTheTimeThatIsLeftIsEstimatedFromWhatIsDone(t *testing.T) {
	assert.Equal(t, "time left not known yet", left(time.Minute, 0, 5))
	assert.Equal(t, "about 5m0s left", left(time.Minute, 1, 5))
	assert.Equal(t, "about 1m30s left", left(time.Minute, 2, 3))
	assert.Equal(t, "about 1m0s left", left(time.Minute, 1, 1))
	assert.Equal(t, "done in 1m0s", left(time.Minute, 5, 0))
}

func TestASnapshotTellsOfTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		assert.Zero(t, Snapshot())
		in := open(t, settledDay, newTenant(t, simulator.Config{Bucket: 50}), resources())
		for range 49 {
			require.NoError(t, read(t, in, 1)[0].ack(t.Context(), nil))
		}
		go func() { _, _, _ = in.Read(context.Background()) }()
		time.Sleep(20 * time.Second)
		s := Snapshot()
		assert.Equal(t, Status{Done: 49, Planned: 288, Pages: 49, Requests: 51, Throttled: 1, HeldFor: 40 * time.Second}, s)

		other := open(t, with(settledDay, "interval: PT1H"), newTenant(t, simulator.Config{Bucket: 10}), resources())
		for range 9 {
			require.NoError(t, read(t, other, 1)[0].ack(t.Context(), nil))
		}
		go func() { _, _, _ = other.Read(context.Background()) }()
		time.Sleep(10 * time.Second)
		both := Status{Done: 49 + 9, Planned: 288 + 24, Pages: 49 + 9, Requests: 51 + 11, Throttled: 2, HeldFor: 50 * time.Second}
		assert.Equal(t, both, Snapshot(), "of two inputs, and the longer hold")
		require.NoError(t, other.Close(t.Context()))
		require.NoError(t, in.Close(t.Context()))
		assert.Zero(t, Snapshot())
	})
}

func TestMistakesAboutRuns(t *testing.T) {
	for _, test := range []struct{ config, says string }{
		{with(base, "schedule: often"), "`schedule`"},
		{with(base, "schedule: 0 2 * *"), "`schedule`"},
		{with(base, "schedule: '@every tuesday'"), "`schedule`"},
		{with(base, "lookback: -P1D", "schedule: 0 2 * * *"), "`lookback`"},
		{with(base, "lookback: P1D"), "set `schedule`"},
		{strings.Replace(with(base, "manifest: true"), "end: 2026-11-23\n", "", 1), "set `end` or `schedule`"},
	} {
		assert.Contains(t, lint(t, test.config), test.says)
		require.ErrorContains(t, construct(t, test.config), test.says)
	}
	assert.Empty(t, lint(t, with(base, "schedule: 0 2 * * *", "lookback: P1D", "manifest: true")))
}
