// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/quota"
)

// errCannotKeep is the error of a checkpoint that cannot be used when a run starts.
var errCannotKeep = errors.New("the checkpoint cannot be kept")

// attemptsAtStart is how often the first write of a process is tried, with
// fallback_pause between: a cache that restarts is waited for, a folder that is
// missing is an error before anything was asked for.
const attemptsAtStart = 3

// atStart runs a first use of the checkpoint, several times if need be. An error that
// needs a person is returned at once.
func (in *input) atStart(ctx context.Context, use func(context.Context) error) error {
	var err error
	var other *export.PlanError
	for attempt := range attemptsAtStart {
		if attempt > 0 {
			in.log.Warnf("Keeping the checkpoint: %v. It is tried again in %s", err, in.settings.Retry.FallbackPause)
			if err := quota.Sleep(ctx, in.settings.Retry.FallbackPause); err != nil {
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

// keepStart writes the position at which a run starts. For the first run it must be
// written before the first request, since a relative start must not be resolved again.
// For later runs the position before it does as well, and the tracker writes it when
// it can.
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
