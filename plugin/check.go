// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"fmt"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/window"
)

// ConnectionTest tries the checkpoint's cache and the shared hold, gets a token
// and makes the cheapest call that the endpoint's permission allows. It depends on
// nothing that Connect does.
func (in *input) ConnectionTest(ctx context.Context) service.ConnectionTestResults {
	if err := in.test(ctx); err != nil {
		return service.ConnectionTestFailed(err).AsList()
	}
	return service.ConnectionTestSucceeded().AsList()
}

func (in *input) test(ctx context.Context) error {
	if in.store != nil {
		if _, _, err := in.store.Load(ctx); err != nil {
			return err
		}
		if err := in.store.Probe(ctx); err != nil {
			return fmt.Errorf("checkpoint_cache %q: %w", in.settings.Checkpoint.Cache, err)
		}
	}
	if err := in.client.ReadSharedHold(ctx); err != nil { // else the call would wait for it
		return fmt.Errorf("rate limit %q: %w: check its cache, and the permissions that reading it takes", in.settings.Retry.RateLimit, err)
	}
	return in.client.Try(ctx, &in.settings.Query.Query, triedInterval(time.Now()).String())
}

// triedInterval returns a minute two days ago, for which every endpoint has its data.
func triedInterval(now time.Time) window.Interval {
	start := now.UTC().Truncate(time.Minute).Add(-48 * time.Hour)
	return window.Interval{Start: start, End: start.Add(time.Minute)}
}
