// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
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

func newGate(t *testing.T, config string, res *service.Resources) (*rateLimit, error) {
	t.Helper()
	conf, err := rateLimitSpec().ParseYAML(config, nil)
	require.NoError(t, err)
	made, err := newRateLimitFromParsed(conf, res)
	if err != nil {
		return nil, err
	}
	return made.(*rateLimit), nil
}

func TestARateLimitsMistakesAreFoundByLintAndByTheConstructor(t *testing.T) {
	for config, says := range map[string]string{
		"min_remaining: -1":  "`min_remaining`: -1 is too small",
		"count: -5":          "`count`: -5 is too small",
		"interval: 0s":       "`interval`: \"0s\" is not positive",
		"interval: often":    "`interval`: parsing duration \"often\"",
		"fallback_pause: 0s": "`fallback_pause`: \"0s\" is not positive",
		`cache_key: ""`:      "`cache_key`: it is empty",
	} {
		t.Run(config, func(t *testing.T) {
			assert.Contains(t, lintAs(t, service.GlobalEnvironment().NewComponentConfigLinter().LintRateLimitYAML, config), says)
			_, err := newGate(t, config, service.MockResources())
			require.ErrorContains(t, err, says)
		})
	}
	_, err := newGate(t, "cache: gone", service.MockResources())
	require.ErrorContains(t, err, `no cache resource with the label "gone"`)
}

func TestCountAndIntervalPaceEvenly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit, err := newGate(t, "count: 7\ninterval: 1s", service.MockResources())
		require.NoError(t, err)
		var starts []time.Time
		for len(starts) < 50 {
			wait, err := limit.Access(t.Context())
			require.NoError(t, err)
			if wait > 0 {
				time.Sleep(wait)
				continue
			}
			starts = append(starts, time.Now())
		}
		for i := range starts[7:] {
			assert.GreaterOrEqual(t, starts[i+7].Sub(starts[i]), time.Second, "no eight starts within any second")
		}
		assert.InDelta(t, 7, starts[49].Sub(starts[0]).Seconds(), 0.001, "and no slower than that")
	})
}

func TestAHoldOutlivesTheProcessInItsCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		res := service.MockResources(service.MockResourcesOptAddCache("holds"))
		tenant := newTenant(t, simulator.Config{Bucket: 5, Window: time.Hour, Penalty: true})
		for range 3 { // three processes, one after the other, each killed in its hold
			limit, err := newGate(t, "cache: holds", res)
			require.NoError(t, err)
			transport := quota.NewTransport(limit.gate, tenant, quota.Hooks{})
			ctx, kill := context.WithCancel(t.Context())
			time.AfterFunc(10*time.Minute, kill)
			for ctx.Err() == nil {
				if res, err := transport.RoundTrip(summaryRequest(ctx, t, "none", 0)); err == nil {
					_ = res.Body.Close()
				}
			}
		}
		report := tenant.Report()
		assert.Zero(t, report.EarlyRequests)
		assert.Equal(t, 6, report.Requests, "five, and the one that was throttled")
	})
}

func summaryRequest(ctx context.Context, t testing.TB, token string, n int) *http.Request {
	t.Helper()
	start := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * 5 * time.Minute)
	uri := fmt.Sprintf("https://api.test/api/v2/analytics/queues/summary?interval=%s/%s",
		start.Format(time.RFC3339), start.Add(5*time.Minute).Format(time.RFC3339))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	return req
}

// send asks for the n-th summary, as many times as it takes.
func send(t testing.TB, rt http.RoundTripper, token string, n int) {
	t.Helper()
	res, err := rt.RoundTrip(summaryRequest(t.Context(), t, token, n))
	if assert.NoError(t, err) {
		assert.Equal(t, http.StatusOK, res.StatusCode)
		assert.NoError(t, res.Body.Close())
	}
}

// spread has each of n jobs done by a worker that is free.
func spread(n int, workers []func(int)) {
	jobs := make(chan int)
	var wg sync.WaitGroup
	for _, work := range workers {
		wg.Go(func() {
			for job := range jobs {
				work(job)
			}
		})
	}
	for job := range n {
		jobs <- job
	}
	close(jobs)
	wg.Wait()
}

func tokenOf(t testing.TB, rt http.RoundTripper) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://login.test/oauth/token", strings.NewReader("grant_type=client_credentials"))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth("demo-client", "demo-secret")
	res, err := rt.RoundTrip(req)
	require.NoError(t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	_, rest, ok := strings.Cut(string(body), `"access_token":"`)
	require.True(t, ok, string(body))
	token, _, _ := strings.Cut(rest, `"`)
	return token
}

// TestTenThousandRequestsAndNotOneEarly sends from 64 goroutines against the
// strict simulator through one gate's transport. Where a budget is shown, half of them
// are stock components, whose answers the gate does not see. The last of the budget is
// left alone then: the answer that says so might be one of theirs.
func TestTenThousandRequestsAndNotOneEarly(t *testing.T) {
	const workers, requests = 64, 10_000
	for _, headers := range []string{"none", "x", "ratelimit"} {
		t.Run(headers, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tenant := newTenant(t, simulator.Config{
					Bucket: 300, RateHeaders: headers, Penalty: true, Latency: 30 * time.Millisecond, Grace: time.Nanosecond,
				})
				gate := quota.NewGate(quota.Config{FallbackPause: 5 * time.Second, MinRemaining: 1})
				transport := quota.NewTransport(gate, tenant, quota.Hooks{})
				token := tokenOf(t, transport)
				ours := func(n int) { send(t, transport, token, n) }
				stock := func(n int) {
					for wait := gate.TryAcquireUnseen(t.Context()); wait > 0; wait = gate.TryAcquireUnseen(t.Context()) {
						time.Sleep(wait)
					}
					send(t, tenant, token, n)
				}
				if headers == "none" {
					stock = ours
				}
				spread(requests, slices.Repeat([]func(int){ours, stock}, workers/2))
				report := tenant.Report()
				assert.Zero(t, report.EarlyRequests)
				windows := requests/300 + 1
				if headers == "none" {
					assert.LessOrEqual(t, report.Throttled, windows*workers, "one wave a window")
				} else {
					assert.Zero(t, report.Throttled)
				}
			})
		})
	}
}

// TestAllKindsOfComponentsStandBehindOneResource runs two inputs, a stock http
// processor and our processor in one stream over real connections.
func TestAllKindsOfComponentsStandBehindOneResource(t *testing.T) {
	sim, err := simulator.New(simulator.Config{Bucket: 40, Window: time.Second, RateHeaders: "x", Penalty: true, Grace: 50 * time.Millisecond})
	require.NoError(t, err)
	server := httptest.NewServer(sim)
	defer server.Close()
	token := tokenOf(t, toServer{server})

	input := func(dataset string) string {
		return fmt.Sprintf(`      - genesys_analytics:
          api_url: %[1]s
          login_url: %[1]s
          client_id: demo-client
          client_secret: demo-secret
          endpoint: /api/v2/analytics/queues/summary
          dataset: %[2]s
          start: 2026-11-01T00:00:00Z
          end: 2026-11-01T02:30:00Z
          parallelism: 4
          rate_limit: tenant
`, server.URL, dataset)
	}
	builder := service.NewStreamBuilder()
	require.NoError(t, builder.SetLoggerYAML("level: NONE"))
	require.NoError(t, builder.SetYAML(fmt.Sprintf(`
input:
  broker:
    inputs:
%[3]spipeline:
  threads: 4
  processors:
    - mapping: |
        root.interval = @genesys_interval
        meta dataset = @genesys_dataset
    - switch:
        - check: '@dataset == "one"'
          processors:
            - genesys_analytics:
                api_url: %[1]s
                login_url: %[1]s
                client_id: demo-client
                client_secret: demo-secret
                endpoint: /api/v2/analytics/queues/summary
                rate_limit: tenant
        - processors:
            - http:
                url: '%[1]s/api/v2/analytics/queues/summary?interval=${! this.interval.escape_url_query() }'
                verb: GET
                headers: { Authorization: 'Bearer %[2]s' }
                rate_limit: tenant
output:
  drop: {}
rate_limit_resources:
  - label: tenant
    genesys_analytics: { min_remaining: 2 }
`, server.URL, token, input("one")+input("two"))))
	stream, err := builder.Build()
	require.NoError(t, err)
	require.NoError(t, stream.Run(t.Context()))
	report := sim.Report()
	assert.Zero(t, report.EarlyRequests)
	assert.GreaterOrEqual(t, report.Requests, 4*30, "each interval by two inputs, and once more by each processor")
}

// toServer sends whatever host a request names to a server.
type toServer struct{ server *httptest.Server }

func (s toServer) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host = "http", strings.TrimPrefix(s.server.URL, "http://")
	return s.server.Client().Transport.RoundTrip(req)
}

func TestAnyOtherRateLimitIsAskedBeforeEachRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		res := service.MockResources(service.MockResourcesOptAddCache("position"),
			service.MockResourcesOptAddRateLimit("local", func(context.Context) (time.Duration, error) {
				if asked++; asked%2 == 1 {
					return time.Second, nil
				}
				return 0, nil
			}))
		tenant := newTenant(t, simulator.Config{Bucket: 5})
		in := open(t, with(settledDay, "rate_limit: local", "end: 1999-12-31T01:00:00Z"), tenant, res)
		began := time.Now()
		assert.Len(t, exportAll(t, in), 12)
		require.NoError(t, in.Close(t.Context()))
		report := tenant.Report()
		assert.Zero(t, report.EarlyRequests)
		assert.Equal(t, 2*report.Requests, asked, "and before each that was sent again")
		assert.GreaterOrEqual(t, time.Since(began), time.Duration(report.Requests)*time.Second)
	})
}

// TestARateLimitThatFailsLetsNothingThrough: it is a fault that may pass, and says
// whose it is. A server that closes the connection is not the end of the pages.
func TestARateLimitThatFailsLetsNothingThrough(t *testing.T) {
	for _, fault := range []error{errors.New("connection refused"), io.EOF} {
		t.Run(fault.Error(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				log := &lines{}
				res := service.MockResources(service.MockResourcesOptAddCache("position"),
					service.MockResourcesOptUseLogger(service.NewLoggerFromSlog(log.logger())),
					service.MockResourcesOptAddRateLimit("local", func(context.Context) (time.Duration, error) {
						if asked++; asked <= 3 {
							return 0, fault
						}
						return 0, nil
					}))
				tenant := newTenant(t, simulator.Config{})
				in := open(t, with(settledDay, "rate_limit: local", "end: 1999-12-31T01:00:00Z"), tenant, res)
				began := time.Now()
				assert.Len(t, exportAll(t, in), 12)
				assert.Equal(t, 15*time.Second, time.Since(began), "fallback_pause after each")
				assert.Equal(t, 3, strings.Count(log.String(), `asking the rate limit \"local\"`), log)
				assert.Equal(t, tenant.Report().Requests, asked-3)
				require.NoError(t, in.Close(t.Context()))
			})
		})
	}
}

func TestARateLimitThatIsNotThereIsAMistake(t *testing.T) {
	require.ErrorContains(t, construct(t, with(base, "rate_limit: gone")), `no rate limit resource with the label "gone"`)
}
