// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/quota"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

var fleetSeed = flag.Uint64("fleet-seed", 0, "of the random numbers of TestManyProcessesAndNotOneEarly; 0 is a fresh one")

// chance is random numbers that repeat with their seed. Which goroutine draws which is the
// scheduler's choice, so a run is repeated only about as it was.
type chance struct {
	mu     sync.Mutex
	random *rand.Rand
}

// upTo returns a duration below a limit.
func (c *chance) upTo(limit time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Duration(c.random.Int64N(int64(limit)))
}

// far is a store on another machine: each exchange takes up to so long, there and
// back, and two gates can read it before either writes.
type far struct {
	takes  time.Duration
	chance *chance

	mu    sync.Mutex
	value []byte
}

func (f *far) travel() { time.Sleep(f.chance.upTo(f.takes / 2)) }

func (f *far) Read(context.Context) ([]byte, error) {
	f.travel()
	defer f.travel()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.value, nil
}

func (f *far) Write(_ context.Context, value []byte, _ time.Duration) error {
	f.travel()
	defer f.travel()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.value = value
	return nil
}

// skewed is a store as a process sees it whose clock is ahead.
type skewed struct {
	quota.HoldStore
	by time.Duration
}

func (s skewed) Read(ctx context.Context) ([]byte, error) {
	value, err := s.HoldStore.Read(ctx)
	if err != nil || value == nil {
		return value, err
	}
	return shift(value, -s.by)
}

func (s skewed) Write(ctx context.Context, value []byte, ttl time.Duration) error {
	value, err := shift(value, s.by)
	if err != nil {
		return err
	}
	return s.HoldStore.Write(ctx, value, ttl)
}

// shift moves every instant on a store.
func shift(value []byte, by time.Duration) ([]byte, error) {
	var lines map[string]map[string]any
	if err := json.Unmarshal(value, &lines); err != nil {
		return nil, err
	}
	for _, line := range lines {
		for name, text := range line {
			if at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(text)); err == nil {
				line[name] = at.Add(by)
			}
		}
	}
	return json.Marshal(lines)
}

// TestManyProcessesAndNotOneEarly has gates that share nothing but a store ask a
// strict tenant, which rounds its orders up to whole seconds: those of one wave
// differ by most of a second, and no process hears them all.
func TestManyProcessesAndNotOneEarly(t *testing.T) {
	const processes, threads, requests = 5, 4, 1000
	seed := *fleetSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("again with: go test -run '^TestManyProcesses' ./plugin -fleet-seed %d", seed)
	for round := range 8 {
		clocks := time.Duration(round%2) * 900 * time.Millisecond // by how much they differ
		t.Run(fmt.Sprintf("%d, clocks %s apart", round, clocks), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chance := &chance{random: rand.New(rand.NewPCG(seed, uint64(round)))} //nolint:gosec // to be repeated
				store := &far{takes: 10 * time.Millisecond, chance: chance}
				tenant := newTenant(t, simulator.Config{
					Bucket: 50, Window: 5 * time.Second, Penalty: true,
					Latency: 50*time.Millisecond + chance.upTo(400*time.Millisecond),
					// An order is read, and written down, and what its readers sent
					// meanwhile arrives: at most so long after it.
					Grace: 3 * store.takes,
				})
				began := time.Now()
				var workers []func(int)
				for range processes {
					gate := quota.NewGate(quota.Config{FallbackPause: 5 * time.Second, Store: skewed{store, chance.upTo(clocks + 1)}})
					transport := quota.NewTransport(gate, tenant, quota.Hooks{})
					time.Sleep(chance.upTo(2 * time.Second))
					token := tokenOf(t, transport)
					for range threads {
						workers = append(workers, func(n int) {
							time.Sleep(chance.upTo(20 * time.Millisecond))
							send(t, transport, token, n)
						})
					}
				}
				spread(requests, workers)
				report := tenant.Report()
				require.Zero(t, report.EarlyRequests)
				assert.LessOrEqual(t, report.Throttled, report.Windows*processes*threads, "one wave a window")
				least := time.Duration(report.MinSeconds * float64(time.Second))
				t.Logf("%s for %s: %.3f", time.Since(began), least, float64(time.Since(began))/float64(least))
			})
		})
	}
}
