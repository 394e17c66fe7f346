// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

func TestWindowOpensWithItsFirstRequestAndServesItsBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := signedIn(t, simulator.Config{Bucket: 3, Window: 10 * time.Second})
		time.Sleep(4500 * time.Millisecond)
		require.Equal(t, 200, n.summary().status)
		require.Equal(t, 200, n.summary().status)

		got := n.summary()
		require.Equal(t, 429, got.status)
		assert.Equal(t, "6", got.header.Get("Retry-After"), "5.5 s are left, rounded up")

		time.Sleep(6 * time.Second)
		for range 3 {
			require.Equal(t, 200, n.summary().status)
		}
		require.Equal(t, 429, n.summary().status)
		r := n.sim.Report()
		assert.Equal(t, 2, r.Windows)
		assert.Equal(t, 2, r.Throttled)
		assert.Zero(t, r.EarlyRequests)
	})
}

func TestTokenRequestsCountAgainstTheBucketAndAreHeldToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := signedIn(t, simulator.Config{Bucket: 1, Window: time.Minute})
		require.Equal(t, 429, n.summary().status)
		time.Sleep(59 * time.Second)
		got := n.askToken("demo-client", "demo-secret")
		assert.Equal(t, 429, got.status)
		assert.Equal(t, "too.many.requests.retry.after", got.json(t)["code"])
		assert.Equal(t, 1, n.sim.Report().EarlyRequests)
	})
}

func TestEarlyIsJudgedToTheNanosecond(t *testing.T) {
	for name, tc := range map[string]struct {
		wait  time.Duration
		early int
	}{
		"at once":                        {0, 1},
		"a nanosecond before the end":    {10*time.Second - 1, 1},
		"at the end":                     {10 * time.Second, 0},
		"a nanosecond after the end":     {10*time.Second + 1, 0},
		"where the window ends, rounded": {9500 * time.Millisecond, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := signedIn(t, simulator.Config{Bucket: 1, Window: 10 * time.Second})
				time.Sleep(500 * time.Millisecond)
				require.Equal(t, "10", n.summary().header.Get("Retry-After"))
				time.Sleep(tc.wait)
				got := n.summary()
				assert.Equal(t, tc.early, n.sim.Report().EarlyRequests)
				assert.Equal(t, tc.early == 1, got.status == 429, got.status)
			})
		})
	}
}

func TestEarlyRequestIsToldTheTimeThatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := signedIn(t, simulator.Config{Bucket: 1, Window: 30 * time.Second})
		require.Equal(t, "30", n.summary().header.Get("Retry-After"))
		time.Sleep(12 * time.Second)
		got := n.summary()
		assert.Equal(t, 429, got.status)
		assert.Equal(t, "18", got.header.Get("Retry-After"))
	})
}

func TestRequestsInFlightWhenTheHoldIsOrderedAreNotEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := signedIn(t, simulator.Config{Bucket: 2, Window: 10 * time.Second, Latency: 300 * time.Millisecond})
		var all sync.WaitGroup
		for i := range 5 {
			all.Go(func() {
				time.Sleep(time.Duration(i) * 10 * time.Millisecond)
				n.summary()
			})
		}
		all.Wait()
		r := n.sim.Report()
		assert.Equal(t, 4, r.Throttled)
		assert.Zero(t, r.EarlyRequests)

		n.summary()
		assert.Equal(t, 1, n.sim.Report().EarlyRequests)
	})
}

// meanwhile does something while its response is being written.
type meanwhile struct {
	http.ResponseWriter
	do func()
}

func (w meanwhile) WriteHeader(status int) {
	w.do()
	w.ResponseWriter.WriteHeader(status)
}

func TestAHoldBeginsWhenItsResponseIsWrittenEvenWithinOneInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := signedIn(t, simulator.Config{Bucket: 1, Window: 10 * time.Second})
		w := meanwhile{httptest.NewRecorder(), func() { require.Equal(t, 429, n.summary().status) }}
		n.sim.ServeHTTP(w, n.request("GET", summaryPath, nil))
		assert.Zero(t, n.sim.Report().EarlyRequests, "the second came before the first was answered")
	})
}

func TestEarlyIsJudgedOnArrivalWhateverTheLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := signedIn(t, simulator.Config{Bucket: 1, Window: 10 * time.Second, Latency: 2 * time.Second})
		require.Equal(t, "8", n.summary().header.Get("Retry-After"))
		time.Sleep(7 * time.Second)
		began := time.Now()
		assert.Equal(t, 429, n.summary().status, "its turn would come after the hold")
		assert.Zero(t, time.Since(began))
		assert.Equal(t, 1, n.sim.Report().EarlyRequests)
	})
}

func TestGraceForgivesWhatMayHaveBeenOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := signedIn(t, simulator.Config{Bucket: 1, Window: 10 * time.Second, Grace: 50 * time.Millisecond})
		require.Equal(t, 429, n.summary().status)
		time.Sleep(49 * time.Millisecond)
		require.Equal(t, 429, n.summary().status)
		assert.Zero(t, n.sim.Report().EarlyRequests)
		time.Sleep(time.Millisecond)
		require.Equal(t, 429, n.summary().status)
		assert.Equal(t, 1, n.sim.Report().EarlyRequests)
	})
}

func TestNothingRemainingOnAnOrdinaryResponseIsAnOrder(t *testing.T) {
	for _, form := range []string{"x", "inin", "ratelimit"} {
		t.Run(form, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := signedIn(t, simulator.Config{Bucket: 2, Window: 10 * time.Second, RateHeaders: form})
				require.Equal(t, 200, n.summary().status)
				time.Sleep(9 * time.Second)
				got := n.summary()
				assert.Equal(t, 429, got.status)
				assert.Equal(t, "1", got.header.Get("Retry-After"))
				assert.Equal(t, 1, n.sim.Report().EarlyRequests)
				time.Sleep(time.Second)
				assert.Equal(t, 200, n.summary().status)
				assert.Equal(t, 1, n.sim.Report().EarlyRequests)
			})
		})
	}
}

func TestWithoutAnyOrderNothingIsEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := signedIn(t, simulator.Config{Bucket: 1, Window: 10 * time.Second, RetryAfter: "none", Penalty: true})
		for range 3 {
			got := n.summary()
			require.Equal(t, 429, got.status)
			assert.Empty(t, got.header.Get("Retry-After"))
			assert.NotRegexp(t, `\[\d+\]`, got.json(t)["message"])
		}
		assert.Zero(t, n.sim.Report().EarlyRequests)
		assert.Equal(t, 3, n.sim.Report().Throttled)
	})
}

func TestPenaltyDoublesWhatIsLeftOfTheHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := signedIn(t, simulator.Config{Bucket: 1, Window: 10 * time.Second, Penalty: true})
		require.Equal(t, "10", n.summary().header.Get("Retry-After"))
		time.Sleep(2 * time.Second)
		got := n.summary()
		require.Equal(t, 503, got.status)
		assert.Equal(t, "16", got.header.Get("Retry-After"))
		time.Sleep(16*time.Second - 1)
		got = n.summary()
		require.Equal(t, 503, got.status)
		assert.Equal(t, "1", got.header.Get("Retry-After"), "at least a whole second")
		time.Sleep(time.Second)
		assert.Equal(t, 200, n.summary().status)
		assert.Equal(t, 2, n.sim.Report().EarlyRequests)
	})
}

func TestBanAnswersEverythingWith403ForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := signedIn(t, simulator.Config{Bucket: 1, Window: 10 * time.Second, BanAfter: 2, BanFor: time.Hour})
		require.Equal(t, 429, n.summary().status)
		require.Equal(t, 429, n.summary().status)
		require.Equal(t, 403, n.summary().status)
		time.Sleep(time.Hour - 1)
		assert.Equal(t, 403, n.summary().status)
		assert.Equal(t, 403, n.askToken("demo-client", "demo-secret").status)
		time.Sleep(time.Nanosecond)
		assert.Equal(t, 200, n.summary().status)
	})
}

func TestBanLastsTenWindowsUnlessTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := signedIn(t, simulator.Config{Bucket: 1, Window: 10 * time.Second, BanAfter: 1})
		n.summary()
		require.Equal(t, 403, n.summary().status)
		time.Sleep(100*time.Second - 1)
		require.Equal(t, 403, n.summary().status)
		time.Sleep(time.Nanosecond)
		require.Equal(t, 200, n.summary().status)
	})
}

func TestRetryAfterForms(t *testing.T) {
	const message = "Rate limit exceeded the maximum. Retry the request in [10] seconds"
	for form, want := range map[string]struct{ header, message string }{
		"seconds": {"10", message},
		"body":    {"", message},
		"date":    {"Sat, 01 Jan 2000 00:00:10 GMT", message},
		"none":    {"", "Rate limit exceeded the maximum."},
	} {
		t.Run(form, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := signedIn(t, simulator.Config{Bucket: 1, Window: 10 * time.Second, RetryAfter: form})
				time.Sleep(300 * time.Millisecond)
				got := n.summary()
				require.Equal(t, 429, got.status)
				assert.Equal(t, want.header, got.header.Get("Retry-After"))
				assert.Equal(t, want.message, got.json(t)["message"])
				assert.Equal(t, "Sat, 01 Jan 2000 00:00:00 GMT", got.header.Get("Date"))
				body := got.json(t)
				assert.Equal(t, got.header.Get("ININ-Correlation-Id"), body["contextId"])
				assert.Equal(t, "429", body["status"].(interface{ String() string }).String())
				assert.Equal(t, []any{}, body["details"])
			})
		})
	}
}

func TestDateIsRoundedUpToAWholeSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(700 * time.Millisecond)
		n := signedIn(t, simulator.Config{Bucket: 1, Window: 10 * time.Second, RetryAfter: "date"})
		assert.Equal(t, "Sat, 01 Jan 2000 00:00:11 GMT", n.summary().header.Get("Retry-After"))
		time.Sleep(10300*time.Millisecond - 1)
		require.Equal(t, 429, n.summary().status)
		time.Sleep(time.Nanosecond)
		require.Equal(t, 200, n.summary().status)
		assert.Equal(t, 1, n.sim.Report().EarlyRequests)
	})
}

func TestRateHeadersShowTheBudget(t *testing.T) {
	for form, want := range map[string]map[string]string{
		"x":         {"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "9"},
		"inin":      {"inin-ratelimit-allowed": "5", "inin-ratelimit-count": "2", "inin-ratelimit-reset": "9"},
		"ratelimit": {"RateLimit": `"default";r=3;t=9`, "RateLimit-Policy": `"default";q=5;w=10`},
		"none":      {"X-RateLimit-Limit": "", "inin-ratelimit-allowed": "", "RateLimit": ""},
	} {
		t.Run(form, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := signedIn(t, simulator.Config{Bucket: 5, Window: 10 * time.Second, RateHeaders: form})
				time.Sleep(1500 * time.Millisecond)
				got := n.summary()
				require.Equal(t, 200, got.status)
				for name, value := range want {
					assert.Equal(t, value, got.header.Get(name), name)
				}
			})
		})
	}
}

func TestWithoutABucketThereIsNoLimitAndNoBudgetToShow(t *testing.T) {
	n := signedIn(t, simulator.Config{RateHeaders: "x"})
	for range 500 {
		got := n.summary()
		require.Equal(t, 200, got.status)
		require.Empty(t, got.header.Get("X-RateLimit-Limit"))
	}
}

func TestAnObedientClientIsNeverEarly(t *testing.T) {
	for _, form := range []string{"seconds", "date", "body"} {
		t.Run(form, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := signedIn(t, simulator.Config{Bucket: 7, Window: 1234 * time.Millisecond, RetryAfter: form, Penalty: true, BanAfter: 1})
				for range 300 {
					time.Sleep(37 * time.Millisecond)
					if got := n.summary(); got.status != 200 {
						time.Sleep(ordered(t, got))
					}
				}
				r := n.sim.Report()
				assert.Zero(t, r.EarlyRequests)
				assert.NotZero(t, r.Throttled)
				assert.Zero(t, r.RequestsByStatus["503"])
			})
		})
	}
}

// ordered is what an obedient client waits, by whichever form it was told.
func ordered(t *testing.T, a answer) time.Duration {
	t.Helper()
	v := a.header.Get("Retry-After")
	if v == "" {
		m := a.json(t)["message"].(string)
		v = m[len("Rate limit exceeded the maximum. Retry the request in [") : len(m)-len("] seconds")]
	}
	if s, err := strconv.Atoi(v); err == nil {
		return time.Duration(s) * time.Second
	}
	at, err := http.ParseTime(v)
	require.NoError(t, err)
	return time.Until(at)
}
