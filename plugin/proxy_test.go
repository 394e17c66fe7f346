// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAProxyReadsNoSecretOfAPlainLogin: a login on this machine is asked without TLS, and its
// Basic header would reach the proxy as it is.
func TestAProxyReadsNoSecretOfAPlainLogin(t *testing.T) {
	var told []string
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		told = append(told, r.Header.Get("Authorization"))
	}))
	defer proxy.Close()
	asked := 0
	login := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer login.Close()

	conf, err := inputSpec().ParseYAML(with(base, "proxy_url: "+proxy.URL), nil)
	require.NoError(t, err)
	s, err := inputSettings(conf)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, login.URL+"/oauth/token", http.NoBody)
	require.NoError(t, err)
	request.SetBasicAuth("id", "hunter2")
	response, err := s.Client.Base.RoundTrip(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Empty(t, told)
	assert.Equal(t, 1, asked)
}
