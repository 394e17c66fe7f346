// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"errors"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/quota"
	"connect-genesys.example/connect-genesys/plugin/settings"
)

func rateLimitSpec() *service.ConfigSpec {
	d := rateLimitFields
	return d.spec("0.1.0", "The quota gate of a Genesys Cloud tenant, shared by all components that name it, and across processes through a cache.", []*service.ConfigField{
		d.any("min_remaining", "Hold while the server says that this many requests or fewer are left: room for the tenant's other applications. It needs a server, or a gateway before it, that shows what is left."),
		d.text("fallback_pause", "How long to hold when the server throttles without naming a time."),
		d.any("count", "On top of what the server says, start at most this many requests in any `interval`, evenly paced; 0 is off. Genesys Cloud shows no budget on a 200 and documents 300 requests a minute for each client's token.").
			Example(270),
		d.text("interval", "The span of `count`."),
		d.text("cache", "The label of a cache resource. Holds are shared through it by every process that names it, and outlive a restart. It is read before every request, and no request is sent before it has been read once. Whoever can write to it can hold every process for as long as they like: give the key credentials that nothing else has. The command `hold` shows who ordered a hold, and `hold --clear` ends it for all."),
		d.text("cache_key", "Change it when several tenants share one cache."),
	})
}

// rateLimit is a gate as a resource. Our own components use the gate itself, which
// learns from each of their responses.
type rateLimit struct{ gate *quota.Gate }

func newRateLimitFromParsed(conf *service.ParsedConfig, res *service.Resources) (service.RateLimit, error) {
	s, err := parse(conf, settings.RateLimit)
	if err != nil {
		return nil, err
	}
	config := quota.Config{MinRemaining: s.MinRemaining, FallbackPause: s.FallbackPause, Pace: s.Pace()}
	if err := share(&config, s, res); err != nil {
		return nil, err
	}
	gate := quota.NewGate(config)
	res.SetGeneric(gateOf{res.Label()}, gate)
	return &rateLimit{gate}, nil
}

// share makes the config's gate share its holds through a cache, if one is named.
func share(config *quota.Config, s *settings.RateLimitConfig, res *service.Resources) error {
	if s.Cache == "" {
		return nil
	}
	cache, err := openCache(res, "cache", s.Cache)
	if err != nil {
		return err
	}
	failures := res.Metrics().NewCounter("genesys_analytics_shared_hold_errors_total")
	failures.Incr(0)
	config.Store = holdStore{cache, s.CacheKey}
	config.StoreHeld = func(h quota.Hold) { logHold(res.Logger(), h) }
	config.StoreFailed = func(err error) {
		failures.Incr(1)
		if errors.Is(err, quota.ErrStoreUnread) {
			res.Logger().Errorf("Waiting for the cache %q: %v", s.Cache, err)
			return
		}
		res.Logger().Errorf("%v. This process goes on with the holds that it knows itself", err)
	}
	return nil
}

// Access implements [service.RateLimit] for stock components, whose responses the gate
// does not see.
func (r *rateLimit) Access(ctx context.Context) (time.Duration, error) {
	return r.gate.TryAcquireUnseen(ctx), nil
}

func (*rateLimit) Close(context.Context) error { return nil }

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
	cache, err := openCache(res, "cache", h.Cache)
	if err != nil {
		return err
	}
	h.store = holdStore{cache, h.Key}
	return nil
}

// Holds returns those that have not ended, the longest first. Its errors are those of
// the cache, and [quota.ErrIllegible].
func (h *SharedHold) Holds(ctx context.Context) ([]quota.SharedHold, error) {
	return quota.SharedHolds(ctx, h.store)
}

// End ends them for every process.
func (h *SharedHold) End(ctx context.Context) error { return quota.EndHolds(ctx, h.store) }
