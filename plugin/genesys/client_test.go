// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func first(ctx context.Context, c *Client, q *Query) (page Page, err error) {
	err = c.Source(q, someDay, nil).Read(ctx, Cursor{}, func(p Page) error { page = p; return errEnough })
	if errors.Is(err, errEnough) {
		err = nil
	}
	return page, err
}

func TestOneTokenServesEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{api: answer(200, `{"entities":[1],"pageCount":1}`)}
		c, q := f.client(t), known(t, summaryPath)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, err := first(t.Context(), c, q)
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		assert.Equal(t, 1, f.tokens)
	})
}

func TestA401IsMetWithOneNewTokenForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{api: func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Second) // so that all are refused together
			if r.Header.Get("Authorization") == "Bearer t1" {
				answer(401, `{"message":"Invalid login credentials.","code":"bad.credentials"}`)(w, r)
				return
			}
			answer(200, `{"entities":[1],"pageCount":1}`)(w, r)
		}}
		c, q := f.client(t), known(t, summaryPath)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, err := first(t.Context(), c, q)
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		assert.Equal(t, 2, f.tokens)
	})
}

// TestNobodyWaitsForAnothersTokenLongerThanForItsOwn: a request that is refused while another
// caller's request for a token is held ends with its own context.
func TestNobodyWaitsForAnothersTokenLongerThanForItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, asked := &fake{}, 0
		f.token = func(w http.ResponseWriter, _ *http.Request) {
			if asked++; asked == 2 {
				w.Header().Set("Retry-After", "3600")
				w.WriteHeader(429)
				return
			}
			grant(w, fmt.Sprintf("t%d", asked), 86400)
		}
		f.api = func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("name") == "slow" {
				time.Sleep(2 * time.Second)
			}
			if r.Header.Get("Authorization") == "Bearer t1" {
				answer(401, `{"message":"Invalid login credentials.","code":"bad.credentials"}`)(w, r)
				return
			}
			answer(200, `{"entities":[1],"pageCount":1}`)(w, r)
		}
		c, q, slow := f.client(t), known(t, summaryPath), known(t, summaryPath)
		slow.Params = map[string]any{"name": "slow"}
		began := time.Now()
		var wg sync.WaitGroup
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			_, err := first(ctx, c, slow)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, 3*time.Second, time.Since(began))
		})
		synctest.Wait() // for its request, which was sent with the first token
		wg.Go(func() {
			_, err := first(t.Context(), c, q)
			assert.NoError(t, err)
			assert.Equal(t, time.Hour, time.Since(began))
		})
		wg.Wait()
	})
}

func TestASecond401IsFatal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{api: answer(401, `{"message":"Invalid login credentials.","code":"bad.credentials"}`)}
		_, err := first(t.Context(), f.client(t), known(t, summaryPath))
		require.True(t, Fatal(err))
		require.ErrorContains(t, err, "Invalid login credentials.")
		assert.Len(t, f.requests(), 4, "a token and the request, twice")
	})
}

func TestAHoldLongerThanTheTokenEndsInARefreshNotIn401(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttled := false
		f := &fake{api: func(w http.ResponseWriter, r *http.Request) {
			if !throttled {
				throttled = true
				w.Header().Set("Retry-After", strconv.Itoa(48*3600))
				w.WriteHeader(429)
				return
			}
			assert.Equal(t, "Bearer t2", r.Header.Get("Authorization"))
			answer(200, `{"entities":[1],"pageCount":1}`)(w, r)
		}}
		began := time.Now()
		_, err := first(t.Context(), f.client(t), known(t, summaryPath))
		require.NoError(t, err)
		assert.Equal(t, 48*time.Hour, time.Since(began))
		assert.Len(t, f.requests(), 4)
	})
}

func TestARefusedClientIsFatalAndItsSecretIsNotTold(t *testing.T) {
	for _, status := range []int{400, 401} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{token: answer(status, `{"error":"invalid_client","description":"client not found","error_description":"client not found"}`)}
				_, err := first(t.Context(), f.client(t), known(t, summaryPath))
				require.True(t, Fatal(err))
				require.ErrorContains(t, err, clientID)
				require.ErrorContains(t, err, "invalid_client: client not found")
				assert.NotContains(t, err.Error(), secret)
			})
		})
	}
}

func TestTheTokenEndpointIsThrottledLikeAnyOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		f := &fake{api: answer(200, `{"entities":[1],"pageCount":1}`), token: func(w http.ResponseWriter, _ *http.Request) {
			if asked++; asked == 1 {
				w.Header().Set("Retry-After", "77")
				w.WriteHeader(429)
				return
			}
			grant(w, "t", 3600)
		}}
		began := time.Now()
		_, err := first(t.Context(), f.client(t), known(t, summaryPath))
		require.NoError(t, err)
		assert.Equal(t, 77*time.Second, time.Since(began))
	})
}

func TestWhatIsFatalAndWhatMayPass(t *testing.T) {
	tests := []struct {
		name  string
		api   http.HandlerFunc
		fatal bool
		says  string
	}{
		{"400", answer(400, `{"message":"Value [PT7X] is not valid.","code":"invalid.value","status":400}`), true, "status 400: invalid.value: Value [PT7X] is not valid."},
		{"403 names the permission", answer(403, `{"message":"You must have at least one of the following permissions assigned: [analytics:queueObservation:view]","code":"missing.any.permissions"}`), true, "analytics:queueObservation:view"},
		{"404", answer(404, `{"message":"not found","code":"not.found"}`), true, "not.found"},
		{"409", answer(409, `{}`), true, "status 409"},
		{"413", answer(413, `{"message":"The request is over the size limit."}`), true, "over the size limit"},
		{"408", answer(408, `{}`), false, "status 408"},
		{"500", answer(500, `{"message":"oops"}`), false, "oops"},
		{"502 in HTML", answer(502, "<html>\n<body>Bad Gateway</body></html>"), false, "Bad Gateway"},
		{"504", answer(504, `{"message":"The request timed out.","code":"request.timeout"}`), false, "request.timeout"},
		{"an empty body", answer(200, ``), false, "not a whole JSON document"},
		{"no JSON", answer(200, `<html>`), false, "not a whole JSON document"},
		{"a body cut short", answer(200, `{"entities":[{"id":"a"},{"id`), false, "not a whole JSON document"},
		{"two documents", answer(200, `{"entities":[]}{}`), false, "not a whole JSON document"},
		{"too large", answer(200, `{"entities":["`+strings.Repeat("x", 1<<20)+`"]}`), true, "max_response_bytes"},
		{"nextUri elsewhere", answer(200, `{"entities":[1],"nextUri":"https://evil.test/api/v2/x"}`), true, "https://evil.test"},
		{"nextUri on another port", answer(200, `{"entities":[1],"nextUri":"https://api.test:8443/api/v2/x"}`), true, "another origin"},
		{"a redirect elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://evil.test/", http.StatusTemporaryRedirect)
		}, true, "evil.test"},
		{"a redirect to plain http", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://api.test/", http.StatusTemporaryRedirect)
		}, true, "another origin"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{api: func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("ININ-Correlation-Id", "corr-1")
					test.api(w, r)
				}}
				_, err := first(t.Context(), f.client(t), known(t, summaryPath))
				require.ErrorContains(t, err, test.says)
				assert.Equal(t, test.fatal, Fatal(err), err)
				require.ErrorContains(t, err, summaryPath)
				require.ErrorContains(t, err, someDay)
				for _, r := range f.requests() {
					assert.NotContains(t, r, "evil.test")
				}
			})
		})
	}
}

func TestAnErrorCarriesTheCorrelationID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{api: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ININ-Correlation-Id", "f3ac4404")
			w.WriteHeader(403)
		}}
		_, err := first(t.Context(), f.client(t), known(t, summaryPath))
		require.ErrorContains(t, err, "ININ-Correlation-Id f3ac4404")
	})
}

func TestARedirectWithinTheOriginIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{api: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == summaryPath {
				http.Redirect(w, r, "https://api.test/moved?"+r.URL.RawQuery, http.StatusPermanentRedirect)
				return
			}
			answer(200, `{"entities":[1],"pageCount":1}`)(w, r)
		}}
		_, err := first(t.Context(), f.client(t), known(t, summaryPath))
		require.NoError(t, err)
	})
}

func TestARedirectThatWouldChangeTheVerbIsFatal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{api: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }}
		_, err := first(t.Context(), f.client(t), known(t, detailsPath))
		require.True(t, Fatal(err))
		assert.Len(t, f.requests(), 2, "the token and the query, not what it redirects to")
	})
}

func TestTheTimeLimitIsForTheExchangeNotForThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		f := &fake{api: func(w http.ResponseWriter, r *http.Request) {
			switch asked++; asked {
			case 1:
				w.Header().Set("Retry-After", "3600")
				w.WriteHeader(429)
			case 2:
				time.Sleep(59 * time.Second)
				answer(200, `{"entities":[1],"pageCount":1}`)(w, r)
			default:
				time.Sleep(61 * time.Second)
			}
		}}
		c, q := f.client(t), known(t, summaryPath)
		_, err := first(t.Context(), c, q)
		require.NoError(t, err)
		_, err = first(t.Context(), c, q)
		require.ErrorContains(t, err, "request_timeout (1m0s)")
		assert.False(t, Fatal(err))
	})
}

func TestAWaitEndsWithTheCauseOfItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{api: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(429)
		}}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(io.ErrClosedPipe) })
		began := time.Now()
		_, err := first(ctx, f.client(t), known(t, summaryPath))
		require.ErrorIs(t, err, io.ErrClosedPipe)
		assert.Equal(t, time.Second, time.Since(began))
	})
}

func TestOriginsOfAllRegions(t *testing.T) {
	assert.Len(t, regions, 18)
	for _, r := range regions {
		byName, err := RegionOrigins(r.name)
		require.NoError(t, err)
		byDomain, err := RegionOrigins(r.domain)
		require.NoError(t, err)
		assert.Equal(t, byName, byDomain)
		assert.Equal(t, "https://api."+r.domain, byName.API.String())
		assert.Equal(t, "https://login."+r.domain, byName.Login.String())
	}
	_, err := RegionOrigins("ap-nowhere-9")
	require.ErrorContains(t, err, `"ap-nowhere-9" is not known`)
	require.ErrorContains(t, err, "ap-northeast-2 (apne2.pure.cloud)")
}

func TestAnOriginIsSchemeAndHost(t *testing.T) {
	tests := []struct {
		name, in, want, says string
	}{
		{"https", "https://gateway.example", "https://gateway.example", ""},
		{"a port", "https://gateway.example:8443/", "https://gateway.example:8443", ""},
		{"http on loopback", "http://127.0.0.1:8085", "http://127.0.0.1:8085", ""},
		{"http on localhost", "http://localhost:8085", "http://localhost:8085", ""},
		{"http on IPv6 loopback", "http://[::1]:8085", "http://[::1]:8085", ""},
		{"http elsewhere", "http://gateway.example", "", "only for loopback"},
		{"a host that only looks like loopback", "http://127.0.0.1.evil.example", "", "only for loopback"},
		{"a path", "https://gateway.example/genesys", "", "want https://gateway.example"},
		{"a query", "https://gateway.example?x=1", "", "more than scheme and host"},
		{"a password, which is not told", "https://me:hunter2@gateway.example", "", "user name or password"},
		{"no scheme", "gateway.example", "", "not the URL of a host"},
		{"no URL", "https://[::1", "", "not the URL of a host"},
		{"no host", "https:///", "", "not the URL of a host"},
		{"a port of no host", "https://:8443", "", "not the URL of a host"},
		{"another scheme", "ftp://gateway.example", "", "want https"},
		{"empty", "", "", "not the URL of a host"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			u, err := ParseOrigin(test.in)
			if test.says != "" {
				require.ErrorContains(t, err, test.says)
				assert.NotContains(t, err.Error(), "hunter2")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, u.String())
		})
	}
}
