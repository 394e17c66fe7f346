// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"errors"
	"testing"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// TestWhatWasDroppedFirstIsNamed, and each interval told once.
func TestWhatWasDroppedFirstIsNamed(t *testing.T) {
	start := time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC)
	iv := window.Interval{Start: start, End: start.Add(5 * time.Minute)}
	page := func(n int) *export.Output {
		return &export.Output{Item: &export.Item{Interval: iv, Page: genesys.Page{Number: n}}}
	}
	d, log := &drops{}, service.MockResources().Logger()
	require.NoError(t, d.err())
	d.note(page(3), errors.New("disk full"), log)
	d.note(page(4), errors.New("disk gone"), log)
	d.note(&export.Output{Manifest: &export.Run{}}, errors.New("disk gone"), log)
	require.EqualError(t, d.err(), "the output rejected 3 messages, which were dropped (auto_replay_nacks: false): the first was page 3 of "+iv.String()+": disk full")
	assert.Equal(t, []window.Interval{iv}, d.ofRun())
	assert.Empty(t, d.ofRun(), "a manifest has told of it")
}
