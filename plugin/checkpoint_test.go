// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// checkpointOf reads what a config says of its checkpoint, as the commands do.
func checkpointOf(t *testing.T, config string) (*Checkpoint, error) {
	t.Helper()
	var raw map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(config), &raw))
	return ReadCheckpoint(raw)
}

// moveTo moves the checkpoint of a config, as the command does.
func moveTo(t *testing.T, config string, res *service.Resources, to string) {
	t.Helper()
	c, err := checkpointOf(t, config)
	require.NoError(t, err)
	require.NoError(t, c.Open(res))
	state, err := c.State(t.Context())
	require.NoError(t, err)
	require.NotNil(t, state.Entry)
	position, err := c.Target(state, to, time.Now())
	require.NoError(t, err)
	require.NoError(t, c.Move(t.Context(), state, position))
}

// TestACheckpointIsThereOrItIsSaidWhyNot: an input without one, a cache without an entry,
// and one that fails.
func TestACheckpointIsThereOrItIsSaidWhyNot(t *testing.T) {
	c, err := checkpointOf(t, without(settledDay, "checkpoint_cache"))
	require.NoError(t, err)
	assert.Nil(t, c)
	_, err = checkpointOf(t, with(settledDay, "start: tomorrow"))
	require.ErrorContains(t, err, "field `start`")

	c, err = checkpointOf(t, settledDay)
	require.NoError(t, err)
	require.NoError(t, c.Open(resources()))
	state, err := c.State(t.Context())
	require.NoError(t, err)
	assert.Equal(t, CheckpointState{}, state)
	res := resources()
	require.NoError(t, cache{res, "position"}.Set(t.Context(), c.Key, []byte("{")))
	require.NoError(t, c.Open(res))
	state, err = c.State(t.Context())
	require.ErrorIs(t, err, export.ErrUnreadable)
	assert.Nil(t, state.Entry)
}

func TestWhatLiesBetweenTwoTimesIsCounted(t *testing.T) {
	c, err := checkpointOf(t, with(settledDay, "interval: PT1H"))
	require.NoError(t, err)
	at := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	assert.Equal(t, 5, c.Between(export.Position{At: at}, at, at.Add(5*time.Hour)))
	assert.Equal(t, 6, c.Between(export.Position{At: at}, at.Add(-time.Hour), at.Add(5*time.Hour)), "it goes back too")
	assert.Zero(t, c.Between(export.Position{At: at}, at, at))
}

// TestARunThatWasLeftByMovingItsPositionIsFollowedByAWholeOne: from inside of an
// interval, with a manifest, back and ahead.
func TestARunThatWasLeftByMovingItsPositionIsFollowedByAWholeOne(t *testing.T) {
	for _, to := range []string{"1999-12-31T05:00:00Z", "1999-12-31T00:00:00Z", "1999-12-31T20:00:00Z"} {
		t.Run(to, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				config := with(settledDay, "interval: PT1H", "page_size: 2", "manifest: true")
				tenant, res := newTenant(t, simulator.Config{}), resources()
				in := open(t, config, tenant, res)
				for _, d := range read(t, in, 21) { // of the 11th hour's two, the first
					require.NoError(t, d.ack(t.Context(), nil))
				}
				require.NoError(t, in.Close(t.Context()))

				moveTo(t, config, res, to)
				start, err := time.Parse(time.RFC3339, to)
				require.NoError(t, err)
				hours := 24 - start.Hour()
				in = open(t, config, tenant, res)
				got := readAll(t, in)
				require.Len(t, got, 2*hours+1, "two pages an hour, and the manifest")
				assert.Contains(t, got[0].key(t), "/"+start.Format("150405Z")+"-")
				body, err := got[2*hours].msg.AsBytes()
				require.NoError(t, err)
				var m export.Manifest
				require.NoError(t, json.Unmarshal(body, &m))
				assert.True(t, m.Complete, string(body))
				assert.Equal(t, start, m.Start)
				assert.Len(t, m.Intervals, hours)
				assert.EqualValues(t, 2*hours, m.Pages)
			})
		})
	}
}

// TestAScheduleMakesUpForWhatItsPositionWasMovedOver by the runs that its ticks had
// then, each with its lookback.
func TestAScheduleMakesUpForWhatItsPositionWasMovedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := with(settledDay, "interval: PT1H", "start: 1999-12-30T00:00:00Z", "end:", "schedule: 0 0 * * *", "lookback: PT2H")
		tenant, res := newTenant(t, simulator.Config{}), resources()
		in := open(t, config, tenant, res)
		acknowledged := func(in *input, n int) (all []delivered) {
			for range n { // a page that leaves once more waits for its first copy
				all = append(all, read(t, in, 1)...)
				require.NoError(t, all[len(all)-1].ack(t.Context(), nil))
			}
			return all
		}
		acknowledged(in, 3*24+26) // the first tick, and the next with its lookback
		require.NoError(t, in.Close(t.Context()))

		moveTo(t, config, res, "2000-01-01T00:00:00Z")
		in = open(t, config, tenant, res)
		got := acknowledged(in, 26+26)
		for i, want := range map[int]string{0: "1999/12/31/220000Z", 2: "2000/01/01/000000Z", 26: "2000/01/01/220000Z", 28: "2000/01/02/000000Z"} {
			assert.Contains(t, got[i].key(t), want)
		}
		for i, want := range map[int]int{0: 1, 2: 0, 26: 1, 28: 0} {
			revision, _ := got[i].msg.MetaGetMut("genesys_revision")
			assert.EqualValues(t, want, revision, "page %d", i)
		}
		require.NoError(t, in.Close(t.Context()))
	})
}
