// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
)

// cache is a Benthos cache resource, as export and quota use one.
type cache struct {
	res   *service.Resources
	label string
}

// openCache finds the cache with the label that a field names.
func openCache(res *service.Resources, field, label string) (cache, error) {
	if !res.HasCache(label) {
		return cache{}, fmt.Errorf("field `%s`: there is no cache resource with the label %q", field, label)
	}
	return cache{res, label}, nil
}

// use calls one of the cache's methods. ErrKeyNotFound becomes ErrNoEntry.
func (c cache) use(ctx context.Context, method func(service.Cache) error) (err error) {
	access := c.res.AccessCache(ctx, c.label, func(cache service.Cache) { err = method(cache) })
	if errors.Is(err, service.ErrKeyNotFound) {
		err = export.ErrNoEntry
	}
	return errors.Join(access, err)
}

func (c cache) Get(ctx context.Context, key string) (value []byte, err error) {
	err = c.use(ctx, func(cache service.Cache) (err error) {
		value, err = cache.Get(ctx, key)
		return err
	})
	return value, err
}

func (c cache) Set(ctx context.Context, key string, value []byte) error {
	return c.use(ctx, func(cache service.Cache) error { return cache.Set(ctx, key, value, nil) })
}

func (c cache) Delete(ctx context.Context, key string) error {
	return c.use(ctx, func(cache service.Cache) error { return cache.Delete(ctx, key) })
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
	return h.cache.use(ctx, func(cache service.Cache) error { return cache.Set(ctx, h.key, value, &ttl) })
}
