// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/quota"
)

const (
	fieldMinRemaining = "min_remaining"
	fieldCount        = "count"
	fieldCache        = "cache"
	fieldCacheKey     = "cache_key"
)

//go:embed ratelimit.md
var rateLimitDescription string

// rateLimitDefaults are the rate limit's own; it shares the names interval and
// fallback_pause with the input, and the latter's default too.
var rateLimitDefaults = map[string]any{
	fieldMinRemaining:  0,
	fieldFallbackPause: defaults[fieldFallbackPause],
	fieldCount:         0,
	fieldInterval:      "1m",
	fieldCacheKey:      componentName + "_hold",
}

var rateLimitChecks = map[string]func(any) error{
	fieldMinRemaining:  atLeast(0),
	fieldFallbackPause: text(positive),
	fieldCount:         atLeast(0),
	fieldInterval:      text(positive),
	fieldCacheKey:      text(notEmpty),
}

func rateLimitSpec() *service.ConfigSpec {
	f := func(name string, f *service.ConfigField) *service.ConfigField {
		f = defaulted(name, rateLimitDefaults, f)
		return f.LintRule(lintRule(rateLimitKind, name))
	}
	return service.NewConfigSpec().
		Categories("Services").
		Version("0.1.0").
		Summary("The quota gate of a Genesys Cloud tenant, for all who share it by label, and across processes through a cache.").
		Description(rateLimitDescription).
		Fields(
			f(fieldMinRemaining, service.NewIntField(fieldMinRemaining).
				Description("Hold while the server says that this many requests or fewer are left: room for the tenant's other applications. It needs a server, or a gateway before it, that shows what is left.")),
			f(fieldFallbackPause, service.NewStringField(fieldFallbackPause).
				Description("How long to hold when the server throttles and gives no time at all.")),
			f(fieldCount, service.NewIntField(fieldCount).
				Description("On top of what the server says, start at most this many requests in any `interval`, evenly paced; 0 is off. Genesys Cloud shows no budget on a 200 and documents 300 requests a minute for each client's token.").
				Example(270)),
			f(fieldInterval, service.NewStringField(fieldInterval).
				Description("The span of `count`.")),
			f(fieldCache, service.NewStringField(fieldCache).
				Description("The label of a cache resource. Holds are shared through it by every process that names it, and outlive a restart. It is read before every request, and no request is sent before it has been read once. Whoever can write to it can hold every process for as long as they like: give the key credentials of its own, that nothing else has. The command `hold` shows who ordered a hold, and `hold --clear` ends it for all.")),
			f(fieldCacheKey, service.NewStringField(fieldCacheKey).
				Description("Change it when several tenants share one cache.")),
		)
}

// rateLimit is a gate as a resource. Those of our components that name it use
// the gate itself; it learns from each of their responses.
type rateLimit struct{ gate *quota.Gate }

// gateOf is the key under which a resource's gate is found: Benthos hands out
// resources wrapped, so the gate has to be had on the side.
type gateOf struct{ label string }

func newRateLimitFromParsed(conf *service.ParsedConfig, res *service.Resources) (service.RateLimit, error) {
	raw, err := rawOf(conf)
	if err != nil {
		return nil, err
	}
	if err := kinds[rateLimitKind].problems(raw); err != nil {
		return nil, err
	}
	config := quota.Config{
		MinRemaining:  int64(intOf(raw[fieldMinRemaining])),
		FallbackPause: span(raw[fieldFallbackPause]),
	}
	if count := intOf(raw[fieldCount]); count > 0 {
		// Rounded up, so that count starts never fall into one interval.
		config.Pace = (span(raw[fieldInterval]) + time.Duration(count) - 1) / time.Duration(count)
	}
	if label, ok := raw[fieldCache]; ok {
		if !res.HasCache(asText(label)) {
			return nil, fmt.Errorf("field `cache`: there is no cache resource with the label %q", label)
		}
		failures := res.Metrics().NewCounter("genesys_analytics_shared_hold_errors_total")
		failures.Incr(0)
		config.Board = board{cache{res, asText(label)}, asText(raw[fieldCacheKey])}
		config.BoardHeld = func(h quota.Hold) { logHold(res.Logger(), h) }
		config.BoardFailed = func(err error) {
			failures.Incr(1)
			if errors.Is(err, quota.ErrBoardUnread) {
				res.Logger().Errorf("Waiting for the cache %q: %v", asText(label), err)
				return
			}
			res.Logger().Errorf("%v. This process goes on with the holds that it knows itself", err)
		}
	}
	gate := quota.NewGate(config)
	res.SetGeneric(gateOf{res.Label()}, gate)
	return &rateLimit{gate}, nil
}

// Access serves stock components, whose responses cannot be seen.
func (r *rateLimit) Access(ctx context.Context) (time.Duration, error) {
	return r.gate.Pass(ctx), nil
}

func (*rateLimit) Close(context.Context) error { return nil }

// board is one entry of a Benthos cache as gates share it.
type board struct {
	cache cache
	key   string
}

func (b board) Read(ctx context.Context) ([]byte, error) {
	value, err := b.cache.Get(ctx, b.key)
	if errors.Is(err, export.ErrNoEntry) {
		return nil, nil
	}
	return value, err
}

func (b board) Write(ctx context.Context, value []byte, ttl time.Duration) error {
	return b.cache.SetFor(ctx, b.key, value, ttl)
}

// gateFor is the gate that a config's client stands behind: that of the
// genesys_analytics rate limit it names, or else the tenant's own in this
// process. A rate limit of another kind is to be asked besides.
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
		switch err := errors.Join(access, err); {
		case errors.Is(err, io.EOF): // its server closed the connection; to a reader of pages it is their end
			return fmt.Errorf("asking the rate limit %q: %v", label, err)
		case err != nil:
			return fmt.Errorf("asking the rate limit %q: %w", label, err)
		case wait <= 0:
			return nil
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// sleep lets time pass; it returns the context's cause when that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
