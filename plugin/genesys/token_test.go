// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/quota"
)

// TestATokenIsReplacedBeforeItsLastSeconds: a request takes time to arrive.
func TestATokenIsReplacedBeforeItsLastSeconds(t *testing.T) {
	tests := []struct {
		life     int
		lastUse  time.Duration
		firstNew time.Duration
	}{
		{300, 289 * time.Second, 290 * time.Second},
		{86400, 86389 * time.Second, 86390 * time.Second},
		{20, 17 * time.Second, 18 * time.Second},
	}
	for _, test := range tests {
		t.Run(strconv.Itoa(test.life), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tokens := 0
				f := &fake{api: answer(200, `{"entities":[1],"pageCount":1}`), token: func(w http.ResponseWriter, _ *http.Request) {
					tokens++
					grant(w, "t", test.life)
				}}
				c, q := f.client(t), known(t, summaryPath)
				began := time.Now()
				for _, at := range []time.Duration{0, test.lastUse, test.firstNew} {
					time.Sleep(at - time.Since(began))
					assert.Equal(t, min(tokens, 1), tokens)
					_, err := first(t.Context(), c, q)
					require.NoError(t, err)
				}
				assert.Equal(t, 2, tokens)
			})
		})
	}
}

// TestATokenThatExpiredOnArrivalIsAFaultThatMayPass, and no hot loop.
func TestATokenThatExpiredOnArrivalIsAFaultThatMayPass(t *testing.T) {
	for _, life := range []string{"0", `"0"`, "-1", "-10", "-86400"} {
		t.Run(life, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				f := &fake{api: answer(200, `{"entities":[1],"pageCount":1}`), token: func(w http.ResponseWriter, _ *http.Request) {
					if asked++; asked < 3 {
						w.Header().Set("Content-Type", "application/json")
						_, _ = fmt.Fprintf(w, `{"access_token":"dead","token_type":"bearer","expires_in":%s}`, life)
						return
					}
					grant(w, "t", 3600)
				}}
				c, q := f.client(t), known(t, summaryPath)
				for want := 1; want <= 2; want++ {
					_, err := first(t.Context(), c, q)
					require.ErrorIs(t, err, errExpiredOnArrival)
					require.ErrorContains(t, err, "expires_in "+strings.Trim(life, `"`))
					require.ErrorContains(t, err, clientID)
					require.False(t, Fatal(err))
					require.Equal(t, want, asked, "one request each time it is asked for")
				}
				_, err := first(t.Context(), c, q)
				require.NoError(t, err)
			})
		})
	}
}

// TestHoldsThatOutliveEachTokenAreReported: the token endpoint's own answers say
// that nothing is left, so the request is never sent.
func TestHoldsThatOutliveEachTokenAreReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		f := &fake{api: answer(200, `{"entities":[1],"pageCount":1}`), token: func(w http.ResponseWriter, _ *http.Request) {
			asked++
			w.Header().Set("Retry-After", "3600")
			grant(w, "t", 600)
		}}
		began := time.Now()
		_, err := first(t.Context(), f.client(t), known(t, summaryPath))
		require.ErrorIs(t, err, errOutlived)
		require.False(t, Fatal(err))
		assert.Equal(t, maxUnsent, asked)
		assert.Equal(t, maxUnsent*time.Hour, time.Since(began))
	})
}

// TestThereIsNoLimitToHoldsThatOutliveTheTokens where the request is sent each time.
func TestThereIsNoLimitToHoldsThatOutliveTheTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const holds = 3 * maxUnsent
		asked := 0
		f := &fake{api: func(w http.ResponseWriter, r *http.Request) {
			if asked++; asked <= holds {
				w.Header().Set("Retry-After", "7200")
				w.WriteHeader(429)
				return
			}
			answer(200, `{"entities":[1],"pageCount":1}`)(w, r)
		}}
		began := time.Now()
		_, err := first(t.Context(), f.client(t), known(t, summaryPath))
		require.NoError(t, err)
		assert.Equal(t, holds*2*time.Hour, time.Since(began))
	})
}

// around is a base that does something else with a request where it wants to.
type around struct {
	base  http.RoundTripper
	fault func(*http.Request) error
}

func (a around) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := a.fault(req); err != nil {
		return nil, err
	}
	return a.base.RoundTrip(req)
}

// TestFaultsOfTheTokenEndpointMayPass: none is fatal, and none reads as the end of
// the pages.
func TestFaultsOfTheTokenEndpointMayPass(t *testing.T) {
	closed := func(req *http.Request) error {
		if req.URL.Host == "login.test" {
			return io.EOF // so net/http reports a connection that was closed
		}
		return nil
	}
	none := func(*http.Request) error { return nil }
	tests := []struct {
		name  string
		token http.HandlerFunc
		fault func(*http.Request) error
	}{
		{"closed without an answer", nil, closed},
		{"an empty body", answer(200, ``), none},
		{"white space", answer(200, ` `), none},
		{"null", answer(200, `null`), none},
		{"no token in it", answer(200, `{}`), none},
		{"cut short", answer(200, `{"access_token":"t`), none},
		{"HTML", answer(200, `<html>`), none},
		{"204", answer(204, ``), none},
		{"304", answer(304, ``), none},
		{"408", answer(408, ``), none},
		{"500", answer(500, ``), none},
		{"502", answer(502, `<html>`), none},
		{"504", answer(504, `{"error":"timeout"}`), none},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{api: answer(200, `{"entities":[1],"pageCount":1}`), token: test.token}
				c := f.client(t, func(c *Config) { c.Base = around{f, test.fault} })
				_, err := first(t.Context(), c, known(t, summaryPath))
				require.Error(t, err)
				require.False(t, Fatal(err), err)
				require.NotErrorIs(t, err, io.EOF)
				require.ErrorContains(t, err, clientID)
				assert.NotContains(t, err.Error(), secret)
			})
		})
	}
}

// TestAConnectionThatIsClosedIsNotTheEndOfThePages of the API's either.
func TestAConnectionThatIsClosedIsNotTheEndOfThePages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		c := f.client(t, func(c *Config) {
			c.Base = around{f, func(req *http.Request) error {
				if req.URL.Host == "api.test" {
					return io.EOF
				}
				return nil
			}}
		})
		_, err := first(t.Context(), c, known(t, summaryPath))
		require.ErrorContains(t, err, "closed without an answer")
		require.NotErrorIs(t, err, io.EOF)
		assert.False(t, Fatal(err))
	})
}

func TestOnlyWhatWasSentIsCounted(t *testing.T) {
	reset := errors.New("connection reset by peer")
	for _, err := range []error{quota.ErrOutdated, reset} {
		var counted []int
		e := &exchange{
			base: around{fault: func(*http.Request) error { return err }}, timeout: time.Minute,
			exchanged: func(status int, _ time.Duration) { counted = append(counted, status) },
		}
		req, bad := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.test", http.NoBody)
		require.NoError(t, bad)
		_, got := e.RoundTrip(req)
		require.ErrorIs(t, got, err)
		if errors.Is(err, reset) {
			assert.Equal(t, []int{0}, counted)
		} else {
			assert.Empty(t, counted)
		}
	}
}
