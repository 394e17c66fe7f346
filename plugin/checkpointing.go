// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"
	"weak"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
)

// errCannotKeep says that a position cannot be kept, as a run is about to start.
var errCannotKeep = errors.New("the checkpoint cannot be kept")

// attemptsAtStart is how often the first write of a process is tried, with
// fallback_pause between: a cache that restarts is waited for, a folder that is
// missing is an error before anything was asked for.
const attemptsAtStart = 3

// atStart runs a first use of the checkpoint. What a person has to solve is not
// tried again.
func (in *input) atStart(ctx context.Context, use func(context.Context) error) error {
	var err error
	var other *export.PlanError
	for attempt := range attemptsAtStart {
		if attempt > 0 {
			in.log.Warnf("Keeping the checkpoint: %v. It is tried again in %s", err, in.settings.Retry.FallbackPause)
			if err := sleep(ctx, in.settings.Retry.FallbackPause); err != nil {
				return err
			}
		}
		if err = use(ctx); err == nil || ctx.Err() != nil || errors.As(err, &other) || errors.Is(err, export.ErrUnreadable) {
			return err
		}
		in.metrics.checkpointErrors.Incr(1)
	}
	return fmt.Errorf("%w: %w: is the cache %q there, and may it be read and written?", errCannotKeep, err, in.settings.Checkpoint.Cache)
}

// keepStart writes the position that a run starts at. Of the first run a relative
// start is in it, which must not be resolved again; of later ones the position
// before it says as much, and the tracker writes it when it can.
func (in *input) keepStart(ctx context.Context, at export.Position) error {
	if in.begun {
		_ = in.acks.Begin(ctx, at) // the tracker reports it and tries again
		return nil
	}
	first := func(ctx context.Context) error { return in.acks.Begin(ctx, at) }
	if err := in.atStart(ctx, first); err != nil {
		return err
	}
	in.begun = true
	return in.atStart(ctx, func(ctx context.Context) error { return in.store.Mark(ctx, time.Now()) })
}

// claims are the checkpoints that inputs of this process write. They are weak,
// since the engine does not close an input whose pipeline could not be built:
// such a one must not lock out the next.
type claims struct {
	mu   sync.Mutex
	held map[checkpointName]weak.Pointer[input]
}

type checkpointName struct{ cache, key string }

type claimsKey struct{}

// claimCheckpoint refuses a second input with the same checkpoint: each would go
// on where the other one is. The claim is held until release.
func claimCheckpoint(res *service.Resources, cache, key string, in *input) (release func(), err error) {
	shared, _ := res.GetOrSetGeneric(claimsKey{}, &claims{held: map[checkpointName]weak.Pointer[input]{}})
	c, name := shared.(*claims), checkpointName{cache, key}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held[name].Value() != nil {
		runtime.GC() // so that one which nobody has any more is gone
	}
	if c.held[name].Value() != nil {
		return nil, fmt.Errorf("field `checkpoint_cache_key`: another input keeps its checkpoint as %q in the cache %q: give each input a key of its own", key, cache)
	}
	c.held[name] = weak.Make(in)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.held[name].Value() == in {
			delete(c.held, name)
		}
	}, nil
}
