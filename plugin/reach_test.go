// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// tunnel is an HTTP proxy that knows CONNECT, and whom it was asked for.
type tunnel struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newTunnel(t *testing.T) *tunnel {
	t.Helper()
	p := &tunnel{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r.Method+" "+r.Host)
		p.mu.Unlock()
		far, err := net.Dial("tcp", r.Host)
		if !assert.NoError(t, err) {
			return
		}
		defer func() { _ = far.Close() }()
		near, _, err := http.NewResponseController(w).Hijack()
		if !assert.NoError(t, err) {
			return
		}
		defer func() { _ = near.Close() }()
		_, _ = io.WriteString(near, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() { _, _ = io.Copy(far, near) }()
		_, _ = io.Copy(near, far)
	}))
	t.Cleanup(p.Close)
	return p
}

// TestTLSAndProxyReachTheWire of an input and of a processor: with the authority
// that the config names, through the proxy that it names, to the login as well.
func TestTLSAndProxyReachTheWire(t *testing.T) {
	sim, err := simulator.New(simulator.Config{})
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(sim)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	authority := filepath.Join(t.TempDir(), "authority.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	require.NoError(t, os.WriteFile(authority, text, 0o600))

	for name, fields := range map[string][]string{
		"directly":        nil,
		"through a proxy": {"proxy_url: PROXY"},
	} {
		t.Run(name, func(t *testing.T) {
			proxy := newTunnel(t)
			fields := append([]string{
				"api_url: " + server.URL, "login_url: " + server.URL,
				fmt.Sprintf("tls: { enabled: true, root_cas_file: %q }", authority),
			}, fields...)
			config := strings.ReplaceAll(with(settledDay, fields...), "PROXY", proxy.URL)
			config = with(config, "end: 1999-12-31T00:05:00Z")

			conf, err := inputSpec().ParseYAML(config, nil)
			require.NoError(t, err)
			made, err := newInputFromParsed(conf, resources())
			require.NoError(t, err)
			require.NoError(t, made.Connect(t.Context()))
			_, ack, err := made.Read(t.Context())
			require.NoError(t, err)
			require.NoError(t, ack(t.Context(), nil))
			require.NoError(t, made.Close(t.Context()))

			conf, err = processorSpec().ParseYAML(strings.ReplaceAll(with(processorBase, fields...), "PROXY", proxy.URL), nil)
			require.NoError(t, err)
			p, err := newProcessorFromParsed(conf, service.MockResources())
			require.NoError(t, err)
			batch, err := p.Process(t.Context(), job(someInterval))
			require.NoError(t, err)
			assert.Len(t, batch, 1)
			require.NoError(t, p.Close(context.Background()))

			host := strings.TrimPrefix(server.URL, "https://")
			if len(fields) == 3 {
				assert.Empty(t, proxy.asked)
				return
			}
			assert.Equal(t, []string{"CONNECT " + host, "CONNECT " + host}, proxy.asked, "one connection each, and none beside the proxy")
		})
	}
	config := with(base, "api_url: "+server.URL, "login_url: "+server.URL, "tls: { enabled: true, root_cas_file: /no/such/file }")
	require.Error(t, construct(t, config))
}
