// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"runtime"
	"runtime/debug"
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

func constructOn(t *testing.T, res *service.Resources, lines ...string) (service.Input, error) {
	t.Helper()
	conf, err := inputSpec().ParseYAML(with(settledDay, lines...), nil)
	require.NoError(t, err)
	return newInputFromParsed(conf, res)
}

// TestTwoInputsDoNotShareACheckpoint: each would go on where the other one is.
func TestTwoInputsDoNotShareACheckpoint(t *testing.T) {
	res := resources()
	first, err := constructOn(t, res)
	require.NoError(t, err)
	_, err = constructOn(t, res, "client_id: other")
	require.ErrorContains(t, err, "field `checkpoint_cache_key`")
	other, err := constructOn(t, res, "client_id: other", "checkpoint_cache_key: other")
	require.NoError(t, err)
	require.NoError(t, first.Close(context.Background()))
	again, err := constructOn(t, res)
	require.NoError(t, err, "who is closed lets go of it")
	require.NoError(t, again.Close(context.Background()))
	require.NoError(t, other.Close(context.Background()))
}

// TestAnInputThatWasNeverStartedLocksNobodyOut: the engine does not close an input
// whose pipeline could not be built.
func TestAnInputThatWasNeverStartedLocksNobodyOut(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // else it may be garbage by chance
	res := resources()
	func() {
		_, err := constructOn(t, res)
		require.NoError(t, err)
	}()
	in, err := constructOn(t, res)
	require.NoError(t, err)
	require.NoError(t, in.Close(context.Background()))
}

// TestOnlyItsOwnerLetsGoOfACheckpoint: it is closed twice, the second time as another has it.
func TestOnlyItsOwnerLetsGoOfACheckpoint(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	res := resources()
	first, err := claimCheckpoint(res, "position", "key")
	require.NoError(t, err)
	first.release()
	second, err := claimCheckpoint(res, "position", "key")
	require.NoError(t, err, "who is closed lets go of it, be he garbage or not")
	first.release()
	_, err = claimCheckpoint(res, "position", "key")
	require.ErrorContains(t, err, "field `checkpoint_cache_key`")
	runtime.KeepAlive(first)
	runtime.KeepAlive(second)
}

// TestWhatNeedsAPersonIsSaidAtOnce: a checkpoint of another export, or one that cannot be
// read, is not another one some seconds later.
func TestWhatNeedsAPersonIsSaidAtOnce(t *testing.T) {
	for name, spoil := range map[string]func(context.Context, *testing.T, *input){
		"another export": func(ctx context.Context, t *testing.T, in *input) {
			t.Helper()
			plan := planOf(in.settings)
			plan.Interval = "PT7M"
			require.NoError(t, export.NewStore(in.cache, in.settings.Checkpoint.Key, plan).Save(ctx, export.Position{At: time.Now()}))
		},
		"not readable": func(ctx context.Context, t *testing.T, in *input) {
			t.Helper()
			for _, key := range []string{in.settings.Checkpoint.Key, in.settings.Checkpoint.Key + "_2"} {
				require.NoError(t, in.cache.Set(ctx, key, []byte(`{"posi`)))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				defer ForgetExitStatus()
				in := unconnected(t, settledDay, newTenant(t, simulator.Config{}), resources())
				spoil(t.Context(), t, in)
				began := time.Now()
				require.ErrorIs(t, in.Connect(t.Context()), service.ErrEndOfInput)
				assert.Zero(t, time.Since(began))
				require.NoError(t, in.Close(t.Context()))
			})
		})
	}
}

// TestACacheThatCannotBeWrittenIsKnownBeforeTheFirstTick, not at two in the
// morning.
func TestACacheThatCannotBeWrittenIsKnownBeforeTheFirstTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ForgetExitStatus()
		in := unconnected(t, daily, newTenant(t, simulator.Config{}), resources())
		in.store = export.NewStore(failing{in.cache, func() bool { return true }}, in.settings.Checkpoint.Key, planOf(in.settings))
		require.ErrorIs(t, in.Connect(t.Context()), service.ErrEndOfInput)
		assert.Equal(t, 1, ExitStatus())
		ForgetExitStatus()
	})
}

// TestAPositionThatWasLostIsSaid: a cache that forgets makes an export start over.
func TestAPositionThatWasLostIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		res := logging(&log)
		tenant := newTenant(t, simulator.Config{})
		short := with(settledDay, "end: 1999-12-31T00:10:00Z")
		in := open(t, short, tenant, res)
		exportAll(t, in)
		require.NoError(t, in.Close(t.Context()))
		assert.NotContains(t, log.String(), "WARN")
		for _, key := range []string{"genesys_analytics", "genesys_analytics_2"} {
			require.NoError(t, cache{res, "position"}.Delete(t.Context(), key))
		}
		in = open(t, short, tenant, res)
		exportAll(t, in)
		require.NoError(t, in.Close(t.Context()))
		assert.Equal(t, 1, strings.Count(log.String(), "There is no checkpoint"))
	})
}

// forgetful is a cache that has lost the checkpoint, and cannot be read for a moment when
// it is asked whether there was one.
type forgetful struct {
	export.Cache
	asked int
}

func (f *forgetful) Get(_ context.Context, key string) ([]byte, error) {
	if !strings.HasSuffix(key, "_began") {
		return nil, export.ErrNoEntry
	}
	if f.asked++; f.asked == 1 {
		return nil, errors.New("connection refused")
	}
	return []byte(`{"began":"1999-12-01T00:00:00Z"}`), nil
}

// TestAPositionThatWasLostIsSaidWhenTheCacheIsBackAgain, which was away as it was asked
// for that alone.
func TestAPositionThatWasLostIsSaidWhenTheCacheIsBackAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		res := logging(&log)
		in := unconnected(t, daily, newTenant(t, simulator.Config{}), res)
		in.store = export.NewStore(&forgetful{Cache: in.cache}, in.settings.Checkpoint.Key, planOf(in.settings))
		require.NoError(t, in.Connect(t.Context()))
		require.NoError(t, in.Close(t.Context()))
		assert.Equal(t, 1, strings.Count(log.String(), "There is no checkpoint"))
	})
}

// TestAQueryHasTheDigestThatCheckpointsHaveOfIt: another one would make each of them one of another export.
func TestAQueryHasTheDigestThatCheckpointsHaveOfIt(t *testing.T) {
	sum := sha256.Sum256([]byte(`{"filter":{"type":"or"},"metrics":["nOffered"]}`))
	query := map[string]any{"metrics": []any{"nOffered"}, "filter": map[string]any{"type": "or"}}
	assert.Equal(t, "sha256:"+hex.EncodeToString(sum[:8]), digest(query))
}

func TestTheLastWriteOfAPositionIsTriedForFiveSecondsAtLeast(t *testing.T) {
	for line, want := range map[string]time.Duration{"fallback_pause: 1ms": 5 * time.Second, "fallback_pause: 5s": 20 * time.Second} {
		in := open(t, with(settledDay, line), newTenant(t, simulator.Config{}), resources())
		assert.Equal(t, want, in.ackTrackerConfig().LastWrite, line)
		require.NoError(t, in.Close(t.Context()))
	}
}
