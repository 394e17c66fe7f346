// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/quota"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// rivals are components behind one gate that starts a request every second, before
// one simulator, which notes whose each request is.
type rivals struct {
	sim *simulator.Simulator
	res *service.Resources

	mu    sync.Mutex
	order strings.Builder
}

func newRivals(t *testing.T) *rivals {
	t.Helper()
	sim, err := simulator.New(simulator.Config{Bucket: 20, Penalty: true, Latency: 30 * time.Millisecond})
	require.NoError(t, err)
	res := service.MockResources(service.MockResourcesOptAddCache("position"),
		service.MockResourcesOptAddRateLimit("tenant", func(context.Context) (time.Duration, error) { return 0, nil }))
	res.SetGeneric(gateOf{"tenant"}, quota.NewGate(quota.Config{FallbackPause: 5 * time.Second, Pace: time.Second}))
	return &rivals{sim: sim, res: res}
}

func (r *rivals) tenant(name string) http.RoundTripper {
	return &tenantOf{Simulator: r.sim, before: func(*http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.order.WriteString(name)
	}}
}

// export runs an input of two hours, two intervals at once.
func (r *rivals) export(t *testing.T, name, priority string) {
	in := open(t, with(settledDay, "rate_limit: tenant", "end: 1999-12-31T02:00:00Z", "parallelism: 2",
		"dataset: "+name, "checkpoint_cache_key: "+name, "priority: "+priority), r.tenant(name), r.res)
	assert.Len(t, exportAll(t, in), 24)
	assert.NoError(t, in.Close(t.Context()))
}

// fetch has a processor fetch 24 intervals, two at once.
func (r *rivals) fetch(t *testing.T, name, priority string) {
	p := openProcessor(t, with(processorBase, "priority: "+priority), r.tenant(name))
	p.settings.Retry.RateLimit = "tenant"
	p, err := newProcessor(p.settings, p.template, r.res)
	if !assert.NoError(t, err) {
		return
	}
	one := func(n int) {
		start := time.Date(1999, 12, 30, n, 0, 0, 0, time.UTC)
		_, err := p.Process(t.Context(), job(fmt.Sprintf(`{"interval":"%s/%s"}`,
			start.Format(time.RFC3339), start.Add(5*time.Minute).Format(time.RFC3339))))
		assert.NoError(t, err)
	}
	spread(24, []func(int){one, one})
	assert.NoError(t, p.Close(t.Context()))
}

// TestABackfillTakesOnlyWhatTheDailyJobLeaves: it runs, the daily job begins, and
// until that has ended, through the holds of a strict tenant too, none of the
// backfill's requests is sent, since one of the daily job's waits at any time.
func TestABackfillTakesOnlyWhatTheDailyJobLeaves(t *testing.T) {
	for name, backfill := range map[string]func(*rivals, *testing.T, string, string){
		"an input": (*rivals).export, "a processor": (*rivals).fetch,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRivals(t)
				var wg sync.WaitGroup
				wg.Go(func() { backfill(r, t, "b", "-1") })
				time.Sleep(5500 * time.Millisecond)
				wg.Go(func() { r.export(t, "d", "0") })
				wg.Wait()
				order := r.order.String()
				assert.Equal(t, strings.Trim(order, "b"), strings.ReplaceAll(order, "b", ""), order)
				assert.True(t, strings.HasPrefix(order, "bbbbbb") && strings.HasSuffix(order, "b"), order)
				report := r.sim.Report()
				assert.Zero(t, report.EarlyRequests)
				assert.Positive(t, report.Throttled, "there were holds")
			})
		})
	}
}

// TestEqualsTakeTurns: of two inputs of one priority none waits for the other's end.
func TestEqualsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRivals(t)
		var wg sync.WaitGroup
		for _, name := range []string{"b", "d"} {
			wg.Go(func() { r.export(t, name, "0") })
		}
		wg.Wait()
		order := r.order.String()
		assert.NotRegexp(t, "bbbb|dddd", order[:40], "two of each wait at most before another's turn")
	})
}
