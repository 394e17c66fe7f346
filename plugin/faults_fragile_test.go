// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
)

// fragile is a cache of files that fails or hangs as long as a file of its folder
// says so: fail-set, fail-get, hang-set, hang-both.
type fragile struct{ folder string }

func init() {
	spec := service.NewConfigSpec().Fields(service.NewStringField("directory"))
	service.MustRegisterCache("fragile", spec, func(conf *service.ParsedConfig, _ *service.Resources) (service.Cache, error) {
		folder, err := conf.FieldString("directory")
		return fragile{folder}, err
	})
}

func (f fragile) told(how string) bool {
	_, err := os.Stat(filepath.Join(f.folder, how))
	return err == nil
}

func (f fragile) stumble(ctx context.Context, operation string) error {
	switch {
	case f.told("fail-" + operation):
		return errors.New("the cache is read-only")
	case f.told("hang-" + operation), f.told("hang-both"):
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (f fragile) Get(ctx context.Context, key string) ([]byte, error) {
	if err := f.stumble(ctx, "get"); err != nil {
		return nil, err
	}
	value, err := os.ReadFile(filepath.Join(f.folder, key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, service.ErrKeyNotFound
	}
	return value, err
}

func (f fragile) Set(ctx context.Context, key string, value []byte, _ *time.Duration) error {
	if err := f.stumble(ctx, "set"); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(f.folder, key), value, 0o600)
}

func (f fragile) Add(ctx context.Context, key string, value []byte, ttl *time.Duration) error {
	return f.Set(ctx, key, value, ttl)
}

func (f fragile) Delete(_ context.Context, key string) error {
	return os.Remove(filepath.Join(f.folder, key))
}

func (fragile) Close(context.Context) error { return nil }
