// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package settings

import (
	"math"
	"net/url"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
)

// Client is how to reach the tenant: the client's config without its transport, its
// gate and its hooks.
type Client struct {
	genesys.Config
	Proxy *url.URL // nil: the one that the environment names
}

// Retry is what to wait for, and how long.
type Retry struct {
	RateLimit     string        // label of the resource; empty: the tenant's own gate
	FallbackPause time.Duration // a day counts as 24 hours
	GiveUpAfter   time.Duration // 0: never
}

// Checkpoint is where the position is kept.
type Checkpoint struct {
	Cache string // label of the resource; empty: nowhere
	Key   string
	Limit int // pages in flight
}

const defaultBytes = 256 << 20

func (c *Client) rows() []row {
	return []row{
		{"region", "us-east-1", into(&c.Origins, genesys.RegionOrigins)},
		{"api_url", unset{""}, into(&c.Origins.API, genesys.ParseOrigin)},
		{"login_url", unset{""}, into(&c.Origins.Login, genesys.ParseOrigin)},
		{"client_id", nil, into(&c.ClientID, notEmpty)},
		{"client_secret", nil, secret(&c.ClientSecret)},
		{"priority", 0, atLeast(math.MinInt, &c.Priority)},
		{"request_timeout", "60s", into(&c.RequestTimeout, positive)},
		{"max_response_bytes", defaultBytes, atLeast(1, &c.MaxResponseBytes)},
		{"max_in_flight_bytes", defaultBytes, atLeast(1, &c.MaxInFlightBytes)},
		{"proxy_url", unset{""}, into(&c.Proxy, proxy)},
	}
}

func (r *Retry) rows() []row {
	return []row{
		{"rate_limit", unset{""}, into(&r.RateLimit, asIs)},
		{"fallback_pause", "5s", into(&r.FallbackPause, positive)},
		{"give_up_after", "0s", into(&r.GiveUpAfter, notNegative)},
	}
}

func (p *Checkpoint) rows() []row {
	return []row{
		{"checkpoint_cache", unset{""}, into(&p.Cache, asIs)},
		{"checkpoint_cache_key", Component, into(&p.Key, notEmpty)},
		{"checkpoint_limit", 1024, atLeast(1, &p.Limit)},
	}
}
