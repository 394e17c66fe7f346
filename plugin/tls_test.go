// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestACertificateThatCannotBeVerifiedEndsTheRun, over a listener that has one: no
// waiting mends it, nothing is sent there, and nobody is told to wait for ever.
func TestACertificateThatCannotBeVerifiedEndsTheRun(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	for name, url := range map[string]string{
		"of an authority that nobody knows": server.URL,
		"of another host":                   strings.Replace(server.URL, "127.0.0.1", "localhost", 1),
	} {
		t.Run(name, func(t *testing.T) {
			ended, out := runToItsEnd(t, "api_url: "+url, "login_url: "+url, "fallback_pause: 1ms")
			assert.True(t, ended)
			assert.Contains(t, out, "The export ends: ")
			assert.Contains(t, out, "x509: ")
			assert.NotContains(t, out, "Asking again")
			assert.NotContains(t, out, "?")
			assert.True(t, failed.Swap(false))
			assert.Zero(t, asked.Load())
		})
	}
}

// runToItsEnd runs a stream of an input, of the config as a user writes it, and
// reports whether it ended by itself.
func runToItsEnd(t *testing.T, config ...string) (ended bool, out string) {
	t.Helper()
	told := &lines{}
	text := strings.ReplaceAll(with(settledDay, append(config, "checkpoint_cache: position")...), "\n", "\n    ")
	b := service.NewStreamBuilder()
	b.SetLogger(told.logger())
	require.NoError(t, b.SetYAML("input:\n  genesys_analytics:\n    "+text+
		"\noutput: { drop: {} }\ncache_resources:\n  - label: position\n    memory: {}\nmetrics: { none: {} }\nhttp: { enabled: false }\n"))
	stream, err := b.Build()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err = stream.Run(ctx)
	return err == nil && !errors.Is(ctx.Err(), context.DeadlineExceeded), told.String()
}
