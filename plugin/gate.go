// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/quota"
)

// tenant identifies whose quota a gate keeps.
type tenant struct{ apiHost, clientID string }

// gateOf is the key of a rate limit resource's gate among the generic values of
// [service.Resources]: Benthos returns the resource itself wrapped.
type gateOf struct{ label string }

// gateFor returns the gate that a client's requests go through: that of the
// genesys_analytics rate limit it names, else the tenant's own in this process. Before
// each request besides is called, which asks a rate limit of another kind; it may be
// nil.
func gateFor(res *service.Resources, label string, key tenant, fallbackPause time.Duration) (gate *quota.Gate, besides func(context.Context) error, err error) {
	if label != "" {
		if !res.HasRateLimit(label) {
			return nil, nil, fmt.Errorf("field `rate_limit`: there is no rate limit resource with the label %q", label)
		}
		// Resources are built when they are first accessed.
		if err := res.AccessRateLimit(context.Background(), label, func(service.RateLimit) {}); err != nil {
			return nil, nil, fmt.Errorf("field `rate_limit`: %w", err)
		}
		if shared, ok := res.GetGeneric(gateOf{label}); ok {
			return shared.(*quota.Gate), nil, nil
		}
		besides = func(ctx context.Context) error { return awaitAccess(ctx, res, label) }
	}
	own, _ := res.GetOrSetGeneric(key, quota.NewGate(quota.Config{FallbackPause: fallbackPause}))
	return own.(*quota.Gate), besides, nil
}

// awaitAccess asks a rate limit resource until it lets a request through. The
// waiting is done outside of the access, which locks the resource.
func awaitAccess(ctx context.Context, res *service.Resources, label string) error {
	for {
		var wait time.Duration
		var err error
		access := res.AccessRateLimit(ctx, label, func(r service.RateLimit) { wait, err = r.Access(ctx) })
		if err := errors.Join(access, err); err != nil {
			return fmt.Errorf("asking the rate limit %q: %w", label, err)
		}
		if wait <= 0 {
			return nil
		}
		if err := quota.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}
