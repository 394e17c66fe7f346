// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"context"
	"errors"
	"fmt"
	gobuild "go/build"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
)

func init() {
	// The zones that are embedded in a binary, as the image has them.
	if zones := filepath.Join(gobuild.Default.GOROOT, "lib", "time", "zoneinfo.zip"); exists(zones) {
		_ = os.Setenv("ZONEINFO", zones)
	}
	registry.processes = map[int]*process{}
	spec := func() *service.ConfigSpec { return service.NewConfigSpec().Field(service.NewIntField("process")) }
	service.MustRegisterCache("world_cache", spec().Field(service.NewStringField("store")), newCache)
	service.MustRegisterRateLimit("world_limit", spec(), func(conf *service.ParsedConfig, _ *service.Resources) (service.RateLimit, error) {
		p, err := processOf(conf)
		return &limit{process: p}, err
	})
	service.MustRegisterBatchOutput("world_output", spec().Field(service.NewOutputMaxInFlightField()).Field(service.NewBatchPolicyField("batching")), newOutput)
	service.MustRegisterInput("world_queue", spec(), func(conf *service.ParsedConfig, _ *service.Resources) (service.Input, error) {
		p, err := processOf(conf)
		return &queueInput{process: p}, err
	})
	service.MustRegisterMetricsExporter("world_metrics", spec(), func(conf *service.ParsedConfig, _ *service.Logger) (service.MetricsExporter, error) {
		p, err := processOf(conf)
		return &exporter{p}, err
	})
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// stores are the world's caches: they outlive the processes.
type stores struct {
	mu      sync.Mutex // guards all below
	entries map[string][]byte
	ops     map[string]int
}

var errCache = errors.New("the cache is not to be had")

// cache is a process's way to a store.
type cache struct {
	process *process
	store   string
}

func newCache(conf *service.ParsedConfig, _ *service.Resources) (service.Cache, error) {
	p, err := processOf(conf)
	if err != nil {
		return nil, err
	}
	store, err := conf.FieldString("store")
	return &cache{p, store}, err
}

// take is how long an operation takes, and which of its kind it is.
func (c *cache) take(ctx context.Context, op, key string) (n int, err error) {
	w := c.process.world
	w.stores.mu.Lock()
	n = w.stores.ops[op+key]
	w.stores.ops[op+key]++
	w.stores.mu.Unlock()
	d := w.plan.chance.span(0, w.plan.cacheMost, "cache", op, key, n)
	if e := w.during("the cache is slow"); e != nil {
		d = w.plan.chance.span(e.least, e.most, "slow cache", op, key, n)
	}
	// Benthos' list of what is sent again keeps a lock while an acknowledgement waits
	// for its position, and a lock stops the clock of a bubble: with that list, a
	// position is written at once or not at all.
	if op != "set" || c.store != "position" || w.plan.direct {
		if op == "set" && c.store == "position" {
			d = max(d, w.hangs(c.process, n))
		}
		c.process.pause(ctx, d)
	}
	switch {
	case c.process.dead.Load():
		return n, errCache
	case ctx.Err() != nil:
		return n, ctx.Err()
	case w.during("the cache fails") != nil, c.store == "holds" && w.during("the holds cannot be read") != nil:
		return n, errCache
	}
	return n, nil
}

func (c *cache) Get(ctx context.Context, key string) ([]byte, error) {
	w := c.process.world
	if _, err := c.take(ctx, "get", key); err != nil {
		return nil, err
	}
	w.stores.mu.Lock()
	value, ok := w.stores.entries[c.store+"/"+key]
	w.stores.mu.Unlock()
	if c.store == "holds" {
		w.model.looked(c.process, value)
	}
	if !ok {
		return nil, service.ErrKeyNotFound
	}
	return value, nil
}

func (c *cache) Set(ctx context.Context, key string, value []byte, _ *time.Duration) error {
	w := c.process.world
	if w.during("the cache cannot be written") != nil && c.store == "position" {
		return errCache
	}
	n, err := c.take(ctx, "set", key)
	killed := c.process.dead.Load()
	if err != nil && !killed {
		return err
	}
	written := value
	torn := w.during("writes are torn") != nil && w.plan.chance.share(50, "torn", key, n)
	if killed || torn {
		if killed && w.plan.chance.share(50, "not written", key, n) {
			return errCache
		}
		written, err = value[:w.plan.chance.below(len(value), "tear", key, n)], errCache
	}
	if c.store == "holds" && err != nil { // a stock store of one value replaces it at once
		return err
	}
	w.stores.mu.Lock()
	w.stores.entries[c.store+"/"+key] = append([]byte{}, written...)
	w.stores.mu.Unlock()
	if c.store == "position" && err == nil {
		w.model.keeps(c.process, key, value)
	}
	return err
}

func (c *cache) Add(ctx context.Context, key string, value []byte, ttl *time.Duration) error {
	return c.Set(ctx, key, value, ttl)
}

func (c *cache) Delete(ctx context.Context, key string) error {
	if _, err := c.take(ctx, "delete", key); err != nil {
		return err
	}
	w := c.process.world
	w.stores.mu.Lock()
	defer w.stores.mu.Unlock()
	delete(w.stores.entries, c.store+"/"+key)
	return nil
}

func (*cache) Close(context.Context) error { return nil }

// limit is a stock rate limit whose server closes its connections at times.
type limit struct {
	process *process
	mu      sync.Mutex
	n       int
}

func (l *limit) Access(context.Context) (time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	c := l.process.world.plan.chance
	switch x := c.below(20, "limit", l.process.id, l.n); {
	case x == 0:
		return 0, fmt.Errorf("reading: %w", io.EOF)
	case x < 4:
		return c.span(0, 2*time.Second, "access", l.process.id, l.n), nil
	}
	return 0, nil
}

func (*limit) Close(context.Context) error { return nil }

// exporter counts the metrics of a process.
type exporter struct{ process *process }

type counter struct {
	process *process
	name    string
}

func (c counter) Incr(n int64) {
	c.process.mu.Lock()
	defer c.process.mu.Unlock()
	c.process.counts[c.name] += n
	if n > 0 && c.name == "genesys_analytics_fatal_errors_total" && !c.process.worker {
		c.process.failedOnce.Do(func() { close(c.process.failed) })
	}
}

func (counter) Set(int64)    {}
func (counter) Timing(int64) {}

func (x *exporter) NewCounterCtor(name string, _ ...string) service.MetricsExporterCounterCtor {
	return func(...string) service.MetricsExporterCounter { return counter{x.process, name} }
}

func (x *exporter) NewTimerCtor(name string, _ ...string) service.MetricsExporterTimerCtor {
	return func(...string) service.MetricsExporterTimer { return counter{x.process, name} }
}

func (x *exporter) NewGaugeCtor(name string, _ ...string) service.MetricsExporterGaugeCtor {
	return func(...string) service.MetricsExporterGauge { return counter{x.process, name} }
}

func (*exporter) Close(context.Context) error { return nil }
