// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

func TestADayIsExportedWholeAndNothingIsEarly(t *testing.T) {
	tests := []struct {
		name      string
		config    simulator.Config
		throttled int // at most
	}{
		{"no limit", simulator.Config{}, 0},
		{"seconds", simulator.Config{Bucket: 50, Penalty: true}, 6},
		{"a date", simulator.Config{Bucket: 50, Penalty: true, RetryAfter: "date"}, 6},
		{"only the body says", simulator.Config{Bucket: 50, Penalty: true, RetryAfter: "body"}, 6},
		{"nothing says", simulator.Config{Bucket: 50, Penalty: true, RetryAfter: "none"}, 80},
		{"a small shown budget", simulator.Config{Bucket: 20, Penalty: true, RateHeaders: "x"}, 0},
		{"a shown budget", simulator.Config{Bucket: 50, Penalty: true, RateHeaders: "x"}, 0},
		{"the IETF draft's budget", simulator.Config{Bucket: 50, Penalty: true, RateHeaders: "ratelimit"}, 0},
		{"the budget of before 2021", simulator.Config{Bucket: 50, Penalty: true, RateHeaders: "inin"}, 0},
		{"tokens that expire", simulator.Config{Bucket: 50, Penalty: true, TokenLife: 70 * time.Second}, 8},
		{"all that can go wrong", simulator.Config{
			Bucket: 50, Penalty: true,
			Faults: simulator.Faults{Reset: 0.04, ServerError: 0.04, Truncate: 0.04},
		}, 12},
	}
	for _, test := range tests {
		for _, parallelism := range []string{"parallelism: 1", "parallelism: 8"} {
			t.Run(test.name+", "+parallelism, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					// At one instant of the bubble, an answer and the next request may pass each other.
					test.config.Latency, test.config.Grace = 20*time.Millisecond, time.Nanosecond
					tenant := newTenant(t, test.config)
					in := open(t, with(settledDay, parallelism), tenant, resources())
					keys := exportAll(t, in)
					require.NoError(t, in.Close(t.Context()))
					require.Len(t, keys, 288)
					assert.Equal(t, "queues-summary/1999/12/31/000000Z-000500Z/p0001", keys[0])
					assert.Equal(t, "queues-summary/1999/12/31/235500Z-20000101T000000Z/p0001", keys[287])
					assert.IsIncreasing(t, keys)
					report := tenant.Report()
					assert.Zero(t, report.EarlyRequests)
					if parallelism == "parallelism: 1" || test.config.RateHeaders != "" {
						assert.LessOrEqual(t, report.Throttled, test.throttled)
					}
				})
			})
		}
	}
}

func TestAMessageSaysWhatItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := open(t, with(settledDay, "granularity: PT5M", "dataset: summary"), newTenant(t, simulator.Config{}), resources())
		got := read(t, in, 1)[0]
		meta := map[string]any{}
		require.NoError(t, got.msg.MetaWalkMut(func(key string, value any) error {
			meta[key] = value
			return nil
		}))
		fetched, err := time.Parse(time.RFC3339Nano, meta["genesys_fetched_at"].(string))
		require.NoError(t, err)
		assert.WithinDuration(t, time.Now(), fetched, time.Minute)
		assert.NotEmpty(t, meta["genesys_correlation_id"])
		delete(meta, "genesys_fetched_at")
		delete(meta, "genesys_correlation_id")
		assert.Equal(t, map[string]any{
			"genesys_kind":           "page",
			"genesys_endpoint":       "/api/v2/analytics/queues/summary",
			"genesys_dataset":        "summary",
			"genesys_interval":       "1999-12-31T00:00:00.000Z/1999-12-31T00:05:00.000Z",
			"genesys_interval_start": "1999-12-31T00:00:00Z",
			"genesys_interval_end":   "1999-12-31T00:05:00Z",
			"genesys_granularity":    "PT5M",
			"genesys_page":           int64(1),
			"genesys_last_page":      true,
			"genesys_total":          int64(3),
			"genesys_revision":       int64(0),
			"genesys_key":            "summary/1999/12/31/000000Z-000500Z/p0001",
		}, meta)
		body, err := got.msg.AsBytes()
		require.NoError(t, err)
		assert.Contains(t, string(body), "9007199254740993")
		require.NoError(t, in.Close(t.Context()))
	})
}

// TestAKilledExportGoesOnAtTheFirstPageThatWasNotAcknowledged: what a process leaves
// behind is the cache. The first page that stays open is the run's first, one of each
// kind of place in an interval, its last, and none.
func TestAKilledExportGoesOnAtTheFirstPageThatWasNotAcknowledged(t *testing.T) {
	config := with(settledDay, "page_size: 1", "end: 1999-12-31T01:00:00Z") // 12 intervals of 3 pages
	for _, acked := range []int{0, 1, 2, 3, 10, 35, 36} {
		synctest.Test(t, func(t *testing.T) {
			tenant, res := newTenant(t, simulator.Config{}), resources()
			in := open(t, config, tenant, res)
			first := read(t, in, 36)
			for i, d := range first {
				if i < acked || i > acked { // one in the middle stays open
					require.NoError(t, d.ack(t.Context(), nil))
				}
			}
			require.NoError(t, in.Close(t.Context()))
			again := exportAll(t, open(t, config, tenant, res))
			require.Len(t, again, 36-acked)
			for i, key := range again {
				assert.Equal(t, first[acked+i].key(t), key)
			}
		})
	}
}

func TestNothingIsKeptUntilItIsAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant, res := newTenant(t, simulator.Config{}), resources()
		in := open(t, settledDay, tenant, res)
		first := read(t, in, 5)
		require.NoError(t, in.Close(t.Context()))
		at, found := kept(t, res)
		assert.True(t, found, "where the run starts is written before its first request")
		assert.Contains(t, at, `"at":"1999-12-31T00:00:00Z"`)
		assert.Equal(t, first[0].key(t), read(t, open(t, settledDay, tenant, res), 1)[0].key(t))
	})
}

func kept(t *testing.T, res *service.Resources) (value string, found bool) {
	t.Helper()
	for _, key := range []string{"genesys_analytics", "genesys_analytics_2"} {
		data, err := cache{res, "position"}.Get(t.Context(), key)
		if err == nil {
			value, found = value+string(data), true
		}
	}
	return value, found
}

func TestASecondConnectDoesNotGoBackToWhatIsInTheCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := open(t, settledDay, newTenant(t, simulator.Config{}), resources())
		first := read(t, in, 3)
		require.NoError(t, first[0].ack(t.Context(), nil))
		require.NoError(t, in.Connect(t.Context()))
		next := read(t, in, 1)[0]
		assert.Equal(t, "queues-summary/1999/12/31/001500Z-002000Z/p0001", next.key(t))
		require.NoError(t, in.Close(t.Context()))
	})
}

func TestARejectedPageIsDroppedWhereTheUserSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant, res := newTenant(t, simulator.Config{}), resources()
		in := open(t, with(settledDay, "auto_replay_nacks: false"), tenant, res)
		first := read(t, in, 2)
		require.NoError(t, first[0].ack(t.Context(), errors.New("rejected")))
		require.NoError(t, first[1].ack(t.Context(), nil))
		require.NoError(t, in.Close(t.Context()))
		assert.Equal(t, "queues-summary/1999/12/31/001000Z-001500Z/p0001", read(t, open(t, settledDay, tenant, res), 1)[0].key(t))
	})
}

func TestReadingWaitsForAcknowledgementsAtTheLimitAndLosesNoPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := open(t, with(settledDay, "checkpoint_limit: 2"), newTenant(t, simulator.Config{}), resources())
		first := read(t, in, 2)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		_, _, err := in.Read(ctx)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, first[0].ack(t.Context(), nil))
		assert.Equal(t, "queues-summary/1999/12/31/001000Z-001500Z/p0001", read(t, in, 1)[0].key(t))
		require.NoError(t, in.Close(t.Context()))
	})
}

func TestAPositionOfAnotherExportEndsTheInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ForgetExitStatus()
		tenant, res := newTenant(t, simulator.Config{}), resources()
		exportAll(t, open(t, settledDay, tenant, res))
		in := unconnected(t, with(settledDay, "interval: PT15M"), tenant, res)
		require.ErrorIs(t, in.Connect(t.Context()), service.ErrEndOfInput)
		assert.Equal(t, 1, ExitStatus())
		ForgetExitStatus()
	})
}

// TestACacheThatIsDownIsAnErrorNotANewBeginning, after a short wait for it.
func TestACacheThatIsDownIsAnErrorNotANewBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ForgetExitStatus()
		in := unconnected(t, settledDay, newTenant(t, simulator.Config{}), resources())
		in.store = export.NewStore(cache{service.MockResources(), in.settings.Checkpoint.Cache}, in.settings.Checkpoint.Key, planOf(in.settings))
		began := time.Now()
		require.ErrorIs(t, in.Connect(t.Context()), service.ErrEndOfInput)
		assert.Equal(t, 10*time.Second, time.Since(began))
		assert.Equal(t, 1, ExitStatus())
		ForgetExitStatus()
	})
}

func TestAFatalErrorEndsTheInputAfterThePagesBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ForgetExitStatus()
		tenant, n := newTenant(t, simulator.Config{}), 0
		refusing := roundTrip(func(req *http.Request) (*http.Response, error) {
			if n++; n > 6 {
				req.URL.Path = "/api/v2/nowhere"
			}
			return tenant.RoundTrip(req)
		})
		res := resources()
		in := open(t, settledDay, refusing, res)
		got := read(t, in, -1)
		require.Len(t, got, 5)
		assert.Equal(t, 1, ExitStatus())
		for _, d := range got {
			require.NoError(t, d.ack(t.Context(), nil))
		}
		require.NoError(t, in.Close(t.Context()))
		assert.Len(t, exportAll(t, open(t, settledDay, tenant, res)), 283)
		ForgetExitStatus()
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// TestCloseEndsAWaitForAcknowledgements, and takes those that come after it.
func TestCloseEndsAWaitForAcknowledgements(t *testing.T) {
	twoPages := with(settledDay, "end: 1999-12-31T00:10:00Z")
	waits := map[string]string{
		"for room in flight":  with(settledDay, "checkpoint_limit: 2"),
		"before the manifest": with(twoPages, "manifest: true"),
		"before the end":      twoPages,
	}
	for name, config := range waits {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				res := resources()
				in := open(t, config, newTenant(t, simulator.Config{}), res)
				got := read(t, in, 2)
				assertCloseEnds(t, in, time.Hour)
				require.NoError(t, got[1].ack(t.Context(), nil))
				require.NoError(t, got[0].ack(t.Context(), nil))
				at, found := kept(t, res)
				require.True(t, found)
				assert.Contains(t, at, "1999-12-31T00:10:00Z")
			})
		})
	}
}

func TestAPositionThatCouldNotBeWrittenIsWrittenBeforeTheInputEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down atomic.Bool
		res := resources()
		in := open(t, with(settledDay, "end: 1999-12-31T00:10:00Z"), newTenant(t, simulator.Config{}), res)
		in.acks = newFailing(in, down.Load)
		got := read(t, in, 2)
		down.Store(true)
		for _, d := range got {
			require.NoError(t, d.ack(t.Context(), nil), "it is delivered")
		}
		time.AfterFunc(10*time.Second, func() { down.Store(false) })
		began := time.Now()
		_, _, err := in.Read(t.Context())
		require.ErrorIs(t, err, service.ErrEndOfInput)
		assert.GreaterOrEqual(t, time.Since(began), 10*time.Second)
		value, _ := kept(t, res)
		assert.Contains(t, value, "1999-12-31T00:10:00Z")
		require.NoError(t, in.Close(t.Context()))
	})
}

func TestTwoInputsOfOneTenantStandBehindOneGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant, res := newTenant(t, simulator.Config{Bucket: 30, Penalty: true, Grace: time.Nanosecond, Latency: 10 * time.Millisecond}), resources()
		var wg sync.WaitGroup
		for _, dataset := range []string{"dataset: one", "dataset: two"} {
			in := open(t, strings.Replace(with(settledDay, dataset), "\ncheckpoint_cache: position", "", 1), tenant, res)
			wg.Go(func() { assert.Len(t, exportAll(t, in), 288); assert.NoError(t, in.Close(t.Context())) })
		}
		wg.Wait()
		assert.Zero(t, tenant.Report().EarlyRequests)
	})
}

// TestNoMorePagesWaitThanAreReadAheadAndInFlight: what a slow output holds up
// costs neither memory nor quota beyond that.
func TestNoMorePagesWaitThanAreReadAheadAndInFlight(t *testing.T) {
	const parallelism, limit = 3, 4
	endpoints := map[string]string{
		"query":  "endpoint: /api/v2/analytics/queues/summary",
		"body":   "endpoint: /api/v2/analytics/conversations/details/query",
		"cursor": conversationJobs,
	}
	for paging, endpoint := range endpoints {
		t.Run(paging, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tenant := newTenant(t, simulator.Config{Queues: 9, Conversations: 1000})
				in := open(t, with(settledDay, endpoint, "interval: PT1H", "page_size: 2", "parallelism: 3", "checkpoint_limit: 4"), tenant, resources())
				got := read(t, in, limit)
				waited := make(chan error)
				go func() {
					msg, _, err := in.Read(t.Context())
					got = append(got, delivered{msg: msg})
					waited <- err
				}()
				time.Sleep(time.Hour)
				served := 0
				for _, times := range tenant.Report().Pages {
					served += times
				}
				assert.LessOrEqual(t, served, 2*parallelism+limit)
				assert.Len(t, got, limit)
				require.NoError(t, got[0].ack(t.Context(), nil))
				require.NoError(t, <-waited)
			})
		})
	}
}
