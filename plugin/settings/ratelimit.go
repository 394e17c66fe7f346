// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package settings

import "time"

// RateLimitConfig is the config of a rate limit.
type RateLimitConfig struct {
	MinRemaining  int64
	FallbackPause time.Duration
	Count         int // most starts in any Interval; 0: no limit
	Interval      time.Duration
	Cache         string // label of the resource; empty: holds are not shared
	CacheKey      string
}

// RateLimit is the rate limit's fields.
var RateLimit = Schema[RateLimitConfig]{rows: func(c *RateLimitConfig) []row {
	return []row{
		{"min_remaining", 0, atLeast(0, &c.MinRemaining)},
		{"fallback_pause", "5s", into(&c.FallbackPause, positive)},
		{"count", 0, atLeast(0, &c.Count)},
		{"interval", "1m", into(&c.Interval, positive)},
		{"cache", unset{""}, into(&c.Cache, asIs)},
		{"cache_key", Component + "_hold", into(&c.CacheKey, notEmpty)},
	}
}}

// Pace returns the least time between two starts, 0 without a limit. It is rounded up, so
// that no more than Count fall into one Interval.
func (c *RateLimitConfig) Pace() time.Duration {
	if c.Count == 0 {
		return 0
	}
	return (c.Interval + time.Duration(c.Count) - 1) / time.Duration(c.Count)
}
