// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"fmt"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/quota"
	"connect-genesys.example/connect-genesys/plugin/settings"
)

// SharedHold is where a rate limit shares its holds, for the command that shows and
// ends them.
type SharedHold struct {
	// Cache is the label of the cache resource, Key the entry's in it.
	Cache, Key string

	store holdStore
}

// ReadSharedHold returns where a rate limit shares its holds, from its config as
// written; nil if it shares none.
func ReadSharedHold(config map[string]any) (*SharedHold, error) {
	conf, err := parsed(rateLimitSpec(), config)
	if err != nil {
		return nil, err
	}
	s, err := parse(conf, settings.RateLimit)
	if err != nil || s.Cache == "" {
		return nil, err
	}
	return &SharedHold{Cache: s.Cache, Key: s.CacheKey}, nil
}

// Open finds the cache among the resources of the config.
func (h *SharedHold) Open(res *service.Resources) error {
	if !res.HasCache(h.Cache) {
		return fmt.Errorf("field `cache`: there is no cache resource with the label %q", h.Cache)
	}
	h.store = holdStore{cache{res, h.Cache}, h.Key}
	return nil
}

// Holds returns those that have not ended, the longest first. Its errors are those of
// the cache, and [quota.ErrIllegible].
func (h *SharedHold) Holds(ctx context.Context) ([]quota.SharedHold, error) {
	return quota.SharedHolds(ctx, h.store)
}

// End ends them for every process.
func (h *SharedHold) End(ctx context.Context) error { return quota.EndHolds(ctx, h.store) }
