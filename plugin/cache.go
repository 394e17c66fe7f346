// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"errors"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
)

// cache is a Benthos cache resource, as export and quota use one.
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

// holdStore is the entry of a cache through which gates share their holds. It implements
// [quota.HoldStore].
type holdStore struct {
	cache cache
	key   string
}

func (h holdStore) Read(ctx context.Context) ([]byte, error) {
	value, err := h.cache.Get(ctx, h.key)
	if errors.Is(err, export.ErrNoEntry) {
		return nil, nil
	}
	return value, err
}

func (h holdStore) Write(ctx context.Context, value []byte, ttl time.Duration) error {
	return h.cache.SetFor(ctx, h.key, value, ttl)
}
