// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/quota"
)

const (
	clientID = "4c1e9d4e-client"
	secret   = "s3cr3t-hunter2"
	fallback = 5 * time.Second
)

// fake is a tenant without a network: a token endpoint, and one handler for all
// else. It notes every request.
type fake struct {
	t     *testing.T
	api   http.HandlerFunc
	token http.HandlerFunc // nil: tokens t1, t2, … for an hour

	mu     sync.Mutex
	tokens int
	seen   []string // "GET api.test /path?query"
	bodies []string
}

func (f *fake) RoundTrip(req *http.Request) (*http.Response, error) {
	body := ""
	if kind := req.Header.Get("Content-Type"); (kind != "") != (req.Method == http.MethodPost) {
		return nil, fmt.Errorf("a %s with the Content-Type %q", req.Method, kind)
	}
	if req.Body != nil {
		data, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		body = string(data)
	}
	f.mu.Lock()
	f.seen = append(f.seen, req.Method+" "+req.URL.Host+" "+req.URL.RequestURI())
	f.bodies = append(f.bodies, body)
	f.mu.Unlock()
	rec := httptest.NewRecorder()
	if req.URL.Host == "login.test" {
		f.serveToken(rec, req)
	} else {
		f.api(rec, req)
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	res := rec.Result()
	res.Request = req
	return res, nil
}

func (f *fake) serveToken(w http.ResponseWriter, req *http.Request) {
	if f.token != nil {
		f.token(w, req)
		return
	}
	id, password, _ := req.BasicAuth()
	if id != clientID || password != secret {
		f.t.Errorf("wrong credentials %q", id)
	}
	f.mu.Lock()
	f.tokens++
	n := f.tokens
	f.mu.Unlock()
	grant(w, fmt.Sprintf("t%d", n), 3600)
}

func grant(w http.ResponseWriter, token string, seconds int) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"token_type":"bearer","expires_in":%d}`, token, seconds)
}

func (f *fake) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.seen...)
}

func (f *fake) client(t *testing.T, change ...func(*Config)) *Client {
	t.Helper()
	f.t = t
	config := Config{
		Origins:  Origins{API: mustURL(t, "https://api.test"), Login: mustURL(t, "https://login.test")},
		ClientID: clientID, ClientSecret: secret,
		Gate: quota.NewGate(quota.Config{FallbackPause: fallback}),
		Base: f, RequestTimeout: time.Minute, MaxResponseBytes: 1 << 20,
	}
	for _, c := range change {
		c(&config)
	}
	return NewClient(config)
}

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	require.NoError(t, err)
	return u
}

func known(t *testing.T, path string) *Query {
	t.Helper()
	e, ok := KnownEndpoint(path)
	require.True(t, ok)
	return &Query{Endpoint: e, TimeZone: "UTC", PageSize: e.MaxPage}
}

const (
	summaryPath = "/api/v2/analytics/queues/summary"
	detailsPath = "/api/v2/analytics/conversations/details/query"
	someDay     = "2026-11-21T15:00:00.000Z/2026-11-21T15:05:00.000Z"
)

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}
