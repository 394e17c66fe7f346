// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"errors"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/genesys"
)

// tenant is who a quota belongs to.
type tenant struct{ apiHost, clientID string }

// newClient makes the client of a component, behind its tenant's gate.
func newClient(s *settings, res *service.Resources, m *metrics) (*genesys.Client, error) {
	config := s.client
	key := tenant{config.Origins.API.Host, config.ClientID}
	gate, besides, err := gateFor(res, s.rateLimit, key, s.fallbackPause)
	if err != nil {
		return nil, err
	}
	config.Gate, config.Hooks, config.PollPause = gate, m.hooks(res.Logger(), gate), s.fallbackPause
	config.Hooks.Before = besides
	return genesys.NewClient(config), nil
}

// cache is a Benthos cache resource as our rooms see it.
type cache struct {
	res   *service.Resources
	label string
}

func (c cache) Get(ctx context.Context, key string) (value []byte, err error) {
	access := c.res.AccessCache(ctx, c.label, func(cache service.Cache) { value, err = cache.Get(ctx, key) })
	if errors.Is(err, service.ErrKeyNotFound) {
		err = export.ErrNoEntry
	}
	return value, errors.Join(access, err)
}

func (c cache) Set(ctx context.Context, key string, value []byte) error {
	return c.set(ctx, key, value, nil)
}

// SetFor sets a value that may be forgotten after ttl.
func (c cache) SetFor(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return c.set(ctx, key, value, &ttl)
}

func (c cache) Delete(ctx context.Context, key string) (err error) {
	access := c.res.AccessCache(ctx, c.label, func(cache service.Cache) { err = cache.Delete(ctx, key) })
	if errors.Is(err, service.ErrKeyNotFound) {
		err = nil
	}
	return errors.Join(access, err)
}

func (c cache) set(ctx context.Context, key string, value []byte, ttl *time.Duration) (err error) {
	access := c.res.AccessCache(ctx, c.label, func(cache service.Cache) { err = cache.Set(ctx, key, value, ttl) })
	return errors.Join(access, err)
}
