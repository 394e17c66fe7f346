// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package settings

import (
	"math"
	"net/url"
	"slices"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
)

// Component is the name that all components have.
const Component = "genesys_analytics"

// Config is that of an input, or of a processor, which has no Window and no
// Checkpoint.
type Config struct {
	Client     Client
	Query      Query
	Window     Window
	Retry      Retry
	Checkpoint Checkpoint
}

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

// Input is the input's fields.
var Input = Schema[Config]{
	rows: func(c *Config) []row {
		return slices.Concat(c.client(), c.query(), c.request(), c.window(), c.retry(), c.checkpoint())
	},
	check: (*Config).checkInput,
}

const defaultBytes = 256 << 20

func (c *Config) client() []row {
	client := &c.Client
	return []row{
		{"region", "us-east-1", into(&client.Origins, genesys.RegionOrigins)},
		{"api_url", unset{""}, into(&client.Origins.API, genesys.ParseOrigin)},
		{"login_url", unset{""}, into(&client.Origins.Login, genesys.ParseOrigin)},
		{"client_id", nil, into(&client.ClientID, notEmpty)},
		{"client_secret", nil, secret(&client.ClientSecret)},
		{"priority", 0, atLeast(math.MinInt, &client.Priority)},
		{"request_timeout", "60s", into(&client.RequestTimeout, positive)},
		{"max_response_bytes", defaultBytes, atLeast(1, &client.MaxResponseBytes)},
		{"max_in_flight_bytes", defaultBytes, atLeast(1, &client.MaxInFlightBytes)},
		{"proxy_url", unset{""}, into(&client.Proxy, proxy)},
	}
}

func (c *Config) retry() []row {
	return []row{
		{"rate_limit", unset{""}, into(&c.Retry.RateLimit, asIs)},
		{"fallback_pause", "5s", into(&c.Retry.FallbackPause, positive)},
		{"give_up_after", "0s", into(&c.Retry.GiveUpAfter, notNegative)},
	}
}

func (c *Config) checkpoint() []row {
	return []row{
		{"checkpoint_cache", unset{""}, into(&c.Checkpoint.Cache, asIs)},
		{"checkpoint_cache_key", Component, into(&c.Checkpoint.Key, notEmpty)},
		{"checkpoint_limit", 1024, atLeast(1, &c.Checkpoint.Limit)},
	}
}
