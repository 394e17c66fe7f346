// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// The bubbles' clock stands at midnight of 2000-01-01, so the day before is
// settled.
const settledDay = `client_id: demo-client
client_secret: demo-secret
endpoint: /api/v2/analytics/queues/summary
start: 1999-12-31T00:00:00Z
end: 2000-01-01T00:00:00Z
checkpoint_cache: position`

// tenantOf is a simulator, and what a test wants to see on the way to it.
type tenantOf struct {
	*simulator.Simulator
	mu     sync.Mutex
	before func(*http.Request)  // sees each request
	after  func(*http.Response) // sees each response
}

func newTenant(t *testing.T, config simulator.Config) *tenantOf {
	t.Helper()
	s, err := simulator.New(config)
	require.NoError(t, err)
	return &tenantOf{Simulator: s}
}

func (s *tenantOf) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	before := s.before
	s.mu.Unlock()
	if before != nil {
		before(req)
	}
	res, err := s.Transport().RoundTrip(req)
	if err == nil && s.after != nil {
		s.after(res)
	}
	return res, err
}

// unconnected is an input of a config on a tenant and resources, without Benthos'
// own wrapper around it.
func unconnected(t *testing.T, config string, tenant http.RoundTripper, res *service.Resources) *input {
	t.Helper()
	conf, err := inputSpec().ParseYAML(config, nil)
	require.NoError(t, err)
	s, err := inputSettings(conf)
	require.NoError(t, err)
	s.Client.Base = tenant
	in, err := newInput(s, res)
	require.NoError(t, err)
	return in
}

// open is an unconnected one that is connected, and closed when the test ends.
func open(t *testing.T, config string, tenant http.RoundTripper, res *service.Resources) *input {
	t.Helper()
	in := unconnected(t, config, tenant, res)
	require.NoError(t, in.Connect(t.Context()))
	t.Cleanup(func() {
		_ = in.Close(context.Background())
		unfinished.Delete(in)
	})
	return in
}

func resources() *service.Resources {
	return service.MockResources(service.MockResourcesOptAddCache("position"))
}

// logging returns resources whose log goes to w.
func logging(w io.Writer) *service.Resources {
	return service.MockResources(service.MockResourcesOptAddCache("position"),
		service.MockResourcesOptUseLogger(service.NewLoggerFromSlog(slog.New(slog.NewTextHandler(w, nil)))))
}

type delivered struct {
	msg *service.Message
	ack service.AckFunc
}

func (d delivered) key(t *testing.T) string {
	t.Helper()
	key, ok := d.msg.MetaGetMut("genesys_key")
	require.True(t, ok)
	return key.(string)
}

// read takes n pages, or all where n is negative; it does not acknowledge them.
func read(t *testing.T, in *input, n int) (got []delivered) {
	t.Helper()
	for len(got) != n {
		msg, ack, err := in.Read(t.Context())
		if n < 0 && errors.Is(err, service.ErrEndOfInput) {
			return got
		}
		require.NoError(t, err)
		got = append(got, delivered{msg, ack})
	}
	return got
}

// export takes and acknowledges all pages, and gives their keys in order.
func exportAll(t *testing.T, in *input) (keys []string) {
	t.Helper()
	for {
		msg, ack, err := in.Read(t.Context())
		if errors.Is(err, service.ErrEndOfInput) {
			return keys
		}
		require.NoError(t, err)
		keys = append(keys, delivered{msg: msg}.key(t))
		require.NoError(t, ack(t.Context(), nil))
	}
}

// newFailing is the input's ledger over a cache that is down at times.
func newFailing(in *input, down func() bool) *export.AckTracker {
	config := in.ackTrackerConfig()
	config.Store = export.NewStore(failing{in.cache, down}, in.settings.Checkpoint.Key, planOf(in.settings))
	return export.NewAckTracker(config)
}

type failing struct {
	export.Cache
	down func() bool
}

func (f failing) Set(ctx context.Context, key string, value []byte) error {
	if f.down() {
		return errors.New("connection refused")
	}
	return f.Cache.Set(ctx, key, value)
}
