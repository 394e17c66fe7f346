// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	fiveMinutes = "2026-11-21T15:00:00.000Z/2026-11-21T15:05:00.000Z"
	oneHour     = "2026-11-21T15:00:00.000Z/2026-11-21T16:00:00.000Z"
	oneDay      = "2026-11-21T00:00:00.000Z/2026-11-22T00:00:00.000Z"

	summaryPath       = "/api/v2/analytics/queues/summary"
	conversationsPath = "/api/v2/analytics/conversations/details/query"
	aggregatesPath    = "/api/v2/analytics/conversations/aggregates/query"
)

// tenant is a simulator and a client of it, in this process.
type tenant struct {
	t     testing.TB
	sim   *simulator.Simulator
	token string
}

func newTenant(t testing.TB, cfg simulator.Config) *tenant {
	t.Helper()
	sim, err := simulator.New(cfg)
	require.NoError(t, err)
	return &tenant{t: t, sim: sim}
}

// signedIn has a token, which cost it a request.
func signedIn(t testing.TB, cfg simulator.Config) *tenant {
	t.Helper()
	n := newTenant(t, cfg)
	n.signIn()
	return n
}

func (n *tenant) signIn() {
	n.t.Helper()
	got := n.askToken("demo-client", "demo-secret")
	require.Equal(n.t, http.StatusOK, got.status, got.text)
	n.token = got.json(n.t)["access_token"].(string)
}

func (n *tenant) askToken(id, secret string) answer {
	n.t.Helper()
	r := n.request("POST", "/oauth/token", strings.NewReader("grant_type=client_credentials"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(id, secret)
	return n.do(r)
}

func (n *tenant) request(method, path string, body io.Reader) *http.Request {
	n.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, "http://tenant.test"+path, body)
	require.NoError(n.t, err)
	return r
}

type answer struct {
	status int
	header http.Header
	text   string
	err    error // of the exchange or the body
}

func (a answer) json(t testing.TB) map[string]any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(a.text))
	dec.UseNumber()
	var m map[string]any
	require.NoError(t, dec.Decode(&m), a.text)
	return m
}

func (n *tenant) do(r *http.Request) answer {
	n.t.Helper()
	resp, err := n.sim.Transport().RoundTrip(r)
	if err != nil {
		return answer{err: err}
	}
	raw, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(raw), err}
}

func (n *tenant) get(path string) answer {
	n.t.Helper()
	r := n.request("GET", path, nil)
	r.Header.Set("Authorization", "Bearer "+n.token)
	return n.do(r)
}

func (n *tenant) post(path, body string) answer {
	n.t.Helper()
	r := n.request("POST", path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+n.token)
	r.Header.Set("Content-Type", "application/json")
	return n.do(r)
}

// summary is the cheapest page there is.
func (n *tenant) summary() answer {
	n.t.Helper()
	return n.get(summaryPath + "?interval=" + url.QueryEscape(fiveMinutes))
}

// want is a page's JSON, or fails.
func (n *tenant) want(a answer) map[string]any {
	n.t.Helper()
	require.NoError(n.t, a.err)
	require.Equal(n.t, http.StatusOK, a.status, a.text)
	return a.json(n.t)
}

func list(m map[string]any, key string) []any {
	l, _ := m[key].([]any)
	return l
}
