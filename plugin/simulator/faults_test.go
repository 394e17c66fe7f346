// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

func TestFaultsComeByTheirProbabilities(t *testing.T) {
	n := newTenant(t, simulator.Config{Seed: 3, Faults: simulator.Faults{Reset: 0.1, ServerError: 0.2, Truncate: 0.1, ExpireToken: 0.1}})
	reset, truncated, served := 0, 0, 0
	for range 2000 {
		got := n.askTokenIfNeeded()
		switch {
		case errors.Is(got.err, syscall.ECONNRESET):
			reset++
		case errors.Is(got.err, io.ErrUnexpectedEOF):
			truncated++
		case got.status == 200:
			served++
		}
	}
	r := n.sim.Report()
	of := float64(r.Requests)
	assert.InDelta(t, 0.1, float64(reset)/of, 0.03)
	assert.InDelta(t, 0.1, float64(truncated)/of, 0.03)
	failed := r.RequestsByStatus["500"] + r.RequestsByStatus["502"] + r.RequestsByStatus["504"]
	assert.InDelta(t, 0.2, float64(failed)/of, 0.04)
	assert.NotZero(t, r.RequestsByStatus["502"])
	assert.NotZero(t, r.RequestsByStatus["401"])
	assert.Equal(t, reset, r.RequestsByStatus["reset"])
	assert.NotZero(t, served)
}

// askTokenIfNeeded asks for a page, or for a token where the last was refused.
func (n *tenant) askTokenIfNeeded() answer {
	n.t.Helper()
	if n.token != "" {
		got := n.summary()
		if got.status == 401 {
			n.token = ""
		}
		return got
	}
	got := n.askToken("demo-client", "demo-secret")
	if got.status == 200 && got.err == nil {
		n.token = got.json(n.t)["access_token"].(string)
	}
	return got
}

func TestFaultsDoNotChangeTheData(t *testing.T) {
	n := newTenant(t, simulator.Config{Faults: simulator.Faults{ServerError: 0.3, Truncate: 0.3}})
	texts, whole := map[string]bool{}, 0
	for range 200 {
		if got := n.askTokenIfNeeded(); got.status == 200 && got.err == nil && strings.Contains(got.text, "entities") {
			texts[got.text] = true
			whole++
		}
	}
	assert.Len(t, texts, 1)
	r := n.sim.Report()
	assert.Len(t, r.Pages, 1)
	for _, served := range r.Pages {
		assert.Equal(t, whole, served, "a cut page was not served")
	}
	assert.Equal(t, 3, r.Records)
}

func TestAnExpiredTokenIsForgotten(t *testing.T) {
	n := newTenant(t, simulator.Config{Faults: simulator.Faults{ExpireToken: 1}})
	n.signIn()
	for range 2 {
		got := n.summary()
		assert.Equal(t, 401, got.status)
		assert.Equal(t, "bad.credentials", got.json(t)["code"])
	}
}

func TestFaultsOnARealConnection(t *testing.T) {
	for name, tc := range map[string]struct {
		faults simulator.Faults
		want   error
	}{
		"a reset":                {simulator.Faults{Reset: 1}, syscall.ECONNRESET},
		"a cut body":             {simulator.Faults{Truncate: 1}, io.ErrUnexpectedEOF},
		"closed before a byte":   {simulator.Faults{Close: 1}, io.EOF},
		"closed in the header":   {simulator.Faults{CloseHeader: 1}, io.ErrUnexpectedEOF},
		"an answer without body": {simulator.Faults{EmptyBody: 1}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			sim, err := simulator.New(simulator.Config{Faults: tc.faults})
			require.NoError(t, err)
			server := httptest.NewServer(sim)
			defer server.Close()
			r, err := http.NewRequest("POST", server.URL+"/oauth/token", strings.NewReader("grant_type=client_credentials"))
			require.NoError(t, err)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.SetBasicAuth("demo-client", "demo-secret")
			resp, err := server.Client().Do(r)
			if err == nil {
				var body []byte
				body, err = io.ReadAll(resp.Body)
				resp.Body.Close()
				assert.Equal(t, tc.want == nil, len(body) == 0, "%s", body)
			}
			assert.ErrorIs(t, err, tc.want)
		})
	}
}

func TestLatencyEndsWithTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := signedIn(t, simulator.Config{Latency: 10 * time.Second})
		began := time.Now()
		n.summary()
		assert.Equal(t, 10*time.Second, time.Since(began))

		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		began = time.Now()
		got := n.do(n.request("GET", summaryPath, nil).WithContext(ctx))
		assert.ErrorIs(t, got.err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(began))
		assert.Equal(t, 1, n.sim.Report().RequestsByStatus["aborted"])
	})
}
