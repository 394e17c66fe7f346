// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// TestEachRunCountsItsOwn: not what the runs before it in the same process have cost,
// and in its manifest all of what it cost in processes that came before.
func TestEachRunCountsItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		tenant := newTenant(t, simulator.Config{Bucket: 10})
		res := logging(&log)
		in := open(t, daily, tenant, res)
		pages := func(n int) {
			for _, d := range read(t, in, n) {
				require.NoError(t, d.ack(t.Context(), nil))
			}
		}
		before := tenant.Report()
		for range 2 {
			pages(24)
			m := manifestOf(t, read(t, in, 1)[0])
			after := tenant.Report()
			assert.EqualValues(t, 24, m.Pages)
			assert.EqualValues(t, after.Requests-before.Requests, m.Requests)
			assert.EqualValues(t, after.Throttled-before.Throttled, m.Throttled)
			assert.Contains(t, log.String(), fmt.Sprintf("The run of 24 of 24 intervals has ended: 24 pages, 72 records, %d requests, %d throttled, %s paused",
				m.Requests, m.Throttled, time.Duration(m.PausedSeconds*float64(time.Second)).Round(time.Second)))
			before = after
			log.Reset()
		}
		pages(12)
		require.NoError(t, in.Close(t.Context()))
		in = open(t, daily, tenant, res)
		pages(12)
		m := manifestOf(t, read(t, in, 1)[0])
		after := tenant.Report()
		const ahead = 1 // the first process may have asked for one page more than it delivered
		assert.InDelta(t, after.Requests-before.Requests, m.Requests, ahead, "of both processes")
		assert.InDelta(t, after.Throttled-before.Throttled, m.Throttled, ahead)
		assert.Contains(t, log.String(), "has ended: 12 pages, 36 records, ", "the line is of this process")
	})
}

// TestAnExportWithoutRunsHasALastLineToo, unless it has asked for nothing; one that has runs has no other.
func TestAnExportWithoutRunsHasALastLineToo(t *testing.T) {
	for name, test := range map[string]struct {
		config string
		pages  int
		want   []string
	}{
		"it follows the clock":      {with(settledDay, "interval: PT1H", "end:"), 2, []string{"The export has ended: 2 pages, 6 records, "}},
		"and has asked for nothing": {with(settledDay, "start: -PT1S", "end:"), 0, nil},
		"one of a day":              {with(settledDay, "interval: PT12H"), 2, []string{"The run of 2 of 2 intervals has ended: 2 pages, "}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := &lines{}
				in := open(t, test.config, newTenant(t, simulator.Config{}), logging(log))
				for _, d := range read(t, in, test.pages) {
					require.NoError(t, d.ack(t.Context(), nil))
				}
				if strings.Contains(name, "day") {
					_, _, err := in.Read(t.Context())
					require.ErrorIs(t, err, service.ErrEndOfInput)
				}
				require.NoError(t, in.Close(t.Context()))
				assert.Equal(t, len(test.want), strings.Count(log.String(), " has ended: "), log.String())
				for _, line := range test.want {
					assert.Contains(t, log.String(), line)
				}
			})
		})
	}
}

// manifestOf acknowledges a manifest, and returns what it says.
func manifestOf(t *testing.T, d delivered) (m export.Manifest) {
	t.Helper()
	body, err := d.msg.AsBytes()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(body, &m))
	require.NoError(t, d.ack(t.Context(), nil))
	return m
}
