// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// longest is more than any error of a request has: two texts of the server's, and
// ours around them.
const longest = 2*maxText + 512

// assertTold looks for what no error may have.
func assertTold(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	text := err.Error()
	assert.Less(t, len(text), longest)
	assert.NotContains(t, text, secret)
	assert.NotContains(t, text, base64.RawStdEncoding.EncodeToString([]byte(clientID+":"+secret)))
	for _, r := range text {
		assert.True(t, strconv.IsPrint(r), "%q in %q", r, text)
	}
}

// TestNoTextOfTheServersIsToldAsItIs, wherever it comes from: it is cut, escaped,
// and without the secret.
func TestNoTextOfTheServersIsToldAsItIs(t *testing.T) {
	basicForm := base64.StdEncoding.EncodeToString([]byte(clientID + ":" + secret))
	evil := secret + "\x1b[2J\u202e\r\nlevel=error " + basicForm + strings.Repeat(" "+secret, 100_000)
	quoted, err := json.Marshal(evil)
	require.NoError(t, err)
	text := string(quoted)
	padded := strings.Repeat("a", maxText-len(secret)/2) + secret
	const jobs = "/api/v2/analytics/conversations/details/jobs"
	tests := []struct {
		name, path string
		serve      http.HandlerFunc
	}{
		{"the message of an error", summaryPath, answer(400, `{"code":`+text+`,"message":`+text+`}`)},
		{"a page of a gateway", summaryPath, answer(502, "<html>"+evil)},
		{"a secret at the cut", summaryPath, answer(502, padded)},
		{"a message that ends in a secret at the cut", summaryPath, answer(400, `{"message":"`+padded+`"}`)},
		{"the correlation id", summaryPath, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ININ-Correlation-Id", strings.Repeat(secret, 1000))
			w.WriteHeader(400)
		}},
		{"an error with a good status", summaryPath, answer(200, `{"code":"x","message":`+text+`}`)},
		{"no JSON", summaryPath, answer(200, evil)},
		{"no object", summaryPath, answer(200, text)},
		{"a name of half a document", summaryPath, answer(200, `{`+text+`:{"a":[x`)},
		{"nextUri elsewhere", summaryPath, answer(200, `{"entities":[1],"nextUri":"https://`+secret+strings.Repeat("x", 100_000)+`/"}`)},
		{"nextUri that is none", summaryPath, answer(200, `{"entities":[1],"nextUri":`+text+`}`)},
		{"nextUri that is a list", summaryPath, answer(200, `{"entities":[1],"nextUri":[`+text+`]}`)},
		{"nextUri of what does not page", "/api/v2/analytics/conversations/aggregates/query", answer(200, `{"results":[1],"nextUri":"/`+strings.Repeat(secret, 1000)+`"}`)},
		{"nextUri without after", sessionsPath, answer(200, `{"entities":[1],"nextUri":"/`+strings.Repeat(secret, 1000)+`"}`)},
		{"a cursor that leads back", sessionsPath, answer(200, `{"entities":[1],"after":"`+secret+`"}`)},
		{"a cursor of any length", sessionsPath, answer(200, `{"entities":[1],"after":`+text+`}`)},
		{"a redirect", summaryPath, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://"+secret+strings.Repeat("x", 10_000)+"/?"+secret)
			w.WriteHeader(307)
		}},
		{"a redirect that is no URL", summaryPath, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://%zz"+strings.Repeat(secret, 1000))
			w.WriteHeader(307)
		}},
		{"the id of a job", jobs, answer(202, `{"jobId":`+text+`}`)},
		{"the message of a job", jobs, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				_, _ = io.WriteString(w, `{"jobId":"j"}`)
				return
			}
			_, _ = io.WriteString(w, `{"state":"FAILED","errorMessage":`+text+`}`)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{api: func(w http.ResponseWriter, r *http.Request) {
					if strings.HasSuffix(r.URL.Path, "/availability") {
						answer(200, `{"dataAvailabilityDate":`+text+`}`)(w, r)
						return
					}
					test.serve(w, r)
				}}
				c, q := f.client(t), known(t, test.path)
				var err error
				for range 2 { // a job fails twice, a cursor leads back the second time
					err = c.Source(q, someDay, nil).Read(t.Context(), Cursor{}, func(Page) error { return nil })
					if err != nil && !Lost(err) {
						break
					}
				}
				assertTold(t, err)
				if q.Endpoint.HasWatermark {
					_, err := c.Available(t.Context(), q)
					assertTold(t, err)
				}
			})
		})
	}
}

// TestNoTextOfTheLoginHostsIsToldAsItIs.
func TestNoTextOfTheLoginHostsIsToldAsItIs(t *testing.T) {
	long := strings.Repeat(secret+" ", 1000) + `\u001b[2J`
	for name, serve := range map[string]http.HandlerFunc{
		"its error":     answer(401, `{"error":"`+long+`","error_description":"`+long+`"}`),
		"another error": answer(418, long),
		"no token":      answer(200, `{"token_type":"`+long+`"}`),
		"no JSON":       answer(200, long),
		"elsewhere": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://"+strings.Repeat(secret, 1000)+"/")
			w.WriteHeader(307)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{api: answer(200, `{"entities":[1],"pageCount":1}`), token: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				serve(w, r)
			}}
			_, err := first(t.Context(), f.client(t), known(t, summaryPath))
			assertTold(t, err)
		})
	}
}

// TestOfAnErrorsBodyNoMoreIsReadThanIsWorthReading: of the API's and of the login
// host's.
func TestOfAnErrorsBodyNoMoreIsReadThanIsWorthReading(t *testing.T) {
	const whole = 200 << 20
	var sent atomic.Int64
	endless := func(w http.ResponseWriter, status int) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"message":"`)
		chunk := bytes.Repeat([]byte("x"), 64<<10)
		for sent.Load() < whole {
			n, err := w.Write(chunk)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	}
	for _, at := range []string{"api", "login"} {
		t.Run(at, func(t *testing.T) {
			sent.Store(0)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/oauth/token" && at == "api" {
					grant(w, "t", 300)
					return
				}
				endless(w, 400)
			}))
			defer server.Close()
			c := overSockets(t, server)
			_, err := first(t.Context(), c, known(t, summaryPath))
			assertTold(t, err)
			server.Close() // what is being written is counted
			assert.Less(t, sent.Load(), int64(32<<20), "what the buffers of two sockets take")
		})
	}
}

// overSockets is a client of a server that listens.
func overSockets(t *testing.T, server *httptest.Server, change ...func(*Config)) *Client {
	t.Helper()
	f := &fake{}
	return f.client(t, append([]func(*Config){func(c *Config) {
		c.Origins = Origins{API: mustURL(t, server.URL), Login: mustURL(t, server.URL)}
		c.Base = server.Client().Transport
		c.RequestTimeout = 20 * time.Second
	}}, change...)...)
}

// TestANetworkErrorDoesNotTellTheQuery, which can name people.
func TestANetworkErrorDoesNotTellTheQuery(t *testing.T) {
	for name, base := range map[string]http.RoundTripper{
		"refused": failing{&url.Error{Op: "dial", URL: "https://x/?q=jane.doe", Err: errors.New("connection refused")}},
		"broken":  failing{errors.New("connection reset")},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{}
			c := f.client(t, func(config *Config) { config.Base = pathed{"/oauth/token", tokensOnly{f}, base} })
			q := known(t, "/api/v2/routing/queues")
			q.Params = map[string]any{"name": "jane.doe"}
			_, err := first(t.Context(), c, q)
			require.ErrorContains(t, err, "connection re")
			assert.NotContains(t, err.Error(), "jane.doe")
			assert.NotContains(t, err.Error(), "?")
		})
	}
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

type tokensOnly struct{ f *fake }

func (o tokensOnly) RoundTrip(req *http.Request) (*http.Response, error) { return o.f.RoundTrip(req) }

// pathed sends one path here and all others there.
type pathed struct {
	path        string
	here, there http.RoundTripper
}

func (p pathed) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Path == p.path {
		return p.here.RoundTrip(req)
	}
	return p.there.RoundTrip(req)
}

// TestNoPartOfASecretIsLeftWhereATextIsCut: by redact, or by whoever read no more than that.
func TestNoPartOfASecretIsLeftWhereATextIsCut(t *testing.T) {
	redactor, none := NewRedactor(clientID, secret), NewRedactor(clientID, "")
	basic := base64.RawStdEncoding.EncodeToString([]byte(clientID + ":" + secret))
	for _, form := range []string{basic, secret} {
		for before := maxRead - 2*len(basic); before < maxRead; before++ {
			text := strings.Repeat(" ", before) + form + "and more"
			for _, text := range []string{text, text[:min(len(text), maxRead)]} {
				if got := strings.TrimSpace(redactor.Redact(text)); strings.Contains(got, form[:2]) {
					t.Fatalf("%q, %d from the end", got, maxRead-before)
				}
			}
		}
	}
	short := strings.Repeat("x", maxRead-1)
	assert.Equal(t, short, redactor.Redact(short))
	assert.Equal(t, short+"x", none.Redact(short+"xx"))
}

func TestWhatIsToldIsShortAndPrintable(t *testing.T) {
	alphabet := []string{"a", " ", "\n", "\x1b", "\u202e", "\xff", "é", "\"", "<b>", strings.Repeat("x", 500), secret}
	redactor, none := NewRedactor(clientID, secret), NewRedactor(clientID, "")
	for range 20_000 {
		text := ""
		for range rand.IntN(12) {
			text += alphabet[rand.IntN(len(alphabet))]
		}
		for _, got := range []string{redactor.text(text), redactor.excerpt(text), Printable(text)} {
			if len(got) > maxText || strings.ContainsFunc(got, func(r rune) bool { return !strconv.IsPrint(r) }) {
				t.Fatalf("%q of %q", got, text)
			}
		}
		if got := redactor.text(text); strings.Contains(got, secret) {
			t.Fatalf("%q of %q", got, text)
		}
	}
	assert.Equal(t, `a\x1b\xff\u202e`+"é", Printable("a\x1b\xff\u202eé"))
	assert.Equal(t, strings.Repeat("a", maxText-3)+"...", Printable(strings.Repeat("a", maxText+1)))
	assert.Equal(t, strings.Repeat("a", maxText), Printable(strings.Repeat("a", maxText)))
	assert.Equal(t, fmt.Sprintf("%d", 1), none.text("1"))
}
