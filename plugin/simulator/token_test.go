// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

func TestTokenIsForTheClientWithItsSecret(t *testing.T) {
	n := newTenant(t, simulator.Config{TokenLife: time.Hour})
	got := n.want(n.askToken("demo-client", "demo-secret"))
	assert.Equal(t, "bearer", got["token_type"])
	assert.Equal(t, "3600", got["expires_in"].(interface{ String() string }).String())
	assert.NotContains(t, got, "refresh_token")
}

// TestTheBasicHeaderIsTakenAsTheVendorsSDKsSendIt: not form-encoded.
func TestTheBasicHeaderIsTakenAsTheVendorsSDKsSendIt(t *testing.T) {
	n := newTenant(t, simulator.Config{ClientID: "a b", ClientSecret: "p+q/r%=:&é"})
	assert.Equal(t, 200, n.askToken("a b", "p+q/r%=:&é").status)
	assert.Equal(t, 400, n.askToken("a+b", "p+q/r%=:&é").status)
	assert.Equal(t, 401, n.askToken("a b", "p%2Bq%2Fr%25%3D%3A%26%C3%A9").status)
}

func TestTokenErrorsHaveTheLoginHostsShape(t *testing.T) {
	n := newTenant(t, simulator.Config{})
	for name, tc := range map[string]struct {
		id, secret, description string
		status                  int
	}{
		"an unknown client": {"nobody", "demo-secret", "client not found", 400},
		"a wrong secret":    {"demo-client", "guess", "authentication failed", 401},
		"no client at all":  {"", "", "client not found", 400},
		"an escaped client": {"demo%2Dclient", "demo-secret", "client not found", 400},
	} {
		t.Run(name, func(t *testing.T) {
			got := n.askToken(tc.id, tc.secret)
			assert.Equal(t, tc.status, got.status)
			assert.Equal(t, map[string]any{"error": "invalid_client", "description": tc.description, "error_description": tc.description}, got.json(t))
		})
	}
	assert.Equal(t, 4, n.sim.Report().TokenRequests)
}

func TestTokenEndpointWantsTheClientCredentialsGrantByPost(t *testing.T) {
	n := newTenant(t, simulator.Config{})
	r := n.request("POST", "/oauth/token", strings.NewReader("grant_type=password"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("demo-client", "demo-secret")
	got := n.do(r)
	assert.Equal(t, 400, got.status)
	assert.Equal(t, "unsupported_grant_type", got.json(t)["error"])

	got = n.get("/oauth/token")
	assert.Equal(t, 405, got.status)
	assert.Equal(t, "POST", got.header.Get("Allow"))
}

func TestTokenEndsWithItsLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := signedIn(t, simulator.Config{TokenLife: 300 * time.Second})
		time.Sleep(300*time.Second - 1)
		require.Equal(t, 200, n.summary().status)
		time.Sleep(time.Nanosecond)
		got := n.summary()
		require.Equal(t, 401, got.status)
		assert.Equal(t, "bad.credentials", got.json(t)["code"])
		n.signIn()
		require.Equal(t, 200, n.summary().status)
	})
}

func TestEveryRequestNeedsABearerToken(t *testing.T) {
	n := newTenant(t, simulator.Config{})
	for header, code := range map[string]string{
		"":                "authentication.required",
		"Basic ZGVtbzp4":  "authentication.required",
		"Bearer ":         "authentication.required",
		"Bearer made-up":  "bad.credentials",
		"bearer made-up2": "bad.credentials",
	} {
		r := n.request("GET", summaryPath, nil)
		r.Header.Set("Authorization", header)
		got := n.do(r)
		assert.Equal(t, 401, got.status, header)
		assert.Equal(t, code, got.json(t)["code"], header)
	}
}
