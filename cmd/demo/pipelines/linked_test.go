// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/jaegertracing/jaeger-idl/thrift-gen/jaeger"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// oneHour is a window of twelve intervals.
var (
	oneHour = []string{"EXPORT_START=2026-11-21T12:00:00+09:00", "EXPORT_END=2026-11-21T13:00:00+09:00"}
	hour    = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
)

// instead is a shipped pipeline with another output: the one that its head shows behind "#   output:".
func instead(t *testing.T, w *world, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.Root(), file))
	require.NoError(t, err)
	_, shown, found := strings.Cut(string(text), "\n#   output:")
	require.True(t, found)
	var output strings.Builder
	for line := range strings.Lines("#   output:" + shown) {
		line, inside := strings.CutPrefix(line, "#   ")
		if !inside {
			break
		}
		output.WriteString(line)
	}
	upTo, _, found := strings.Cut(string(text), "\noutput:")
	require.True(t, found)
	other := filepath.Join(t.TempDir(), filepath.Base(file))
	require.NoError(t, os.WriteFile(other, []byte(upTo+"\n"+output.String()), 0o600))
	return other
}

// TestLocalFilesOverSFTP: a run that is killed in the middle, the one after it, and another of the same hour leave
// each row once on the server.
func TestLocalFilesOverSFTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--latency", "150ms")
	folder := t.TempDir()
	server, err := w.StartSFTP(folder)
	require.NoError(t, err)
	env := append([]string{
		"OUTPUT_DIR=rows", "SFTP_ADDRESS=" + server.Address, "SFTP_USER=" + server.User,
		"SFTP_PASSWORD=" + server.Password, "SFTP_HOST_KEY=" + server.HostKey,
	}, oneHour...)
	file := instead(t, w, toFiles)
	p := w.start(t, file, env...)
	require.NoError(t, p.Until(t.Context(), patience, "some files", func(context.Context) (bool, error) {
		return len(filesBelow(t, folder)) > 3, nil
	}))
	p.Kill()
	require.Less(t, len(filesBelow(t, folder)), 12)
	for _, key := range []string{"queue-summary-files", "again"} {
		status, log := w.toEnd(t, file, append(env, "CHECKPOINT_KEY="+key)...)
		require.Zero(t, status, log)
	}
	files := filesBelow(t, filepath.Join(folder, "rows", "queues-summary"))
	assert.Len(t, files, 12)
	want := w.summary(t, hour)
	assert.Equal(t, want, sumsOf(t, lines(t, files)))
	w.measured(t, "files over SFTP", len(want))
}

// TestSFTPWithAnotherHostKey: nothing is sent to a server that is not the one that was meant.
func TestSFTPWithAnotherHostKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := t.TempDir()
	server, err := w.StartSFTP(folder)
	require.NoError(t, err)
	other, err := w.StartSFTP(t.TempDir())
	require.NoError(t, err)
	p := w.start(t, instead(t, w, toFiles), append([]string{
		"OUTPUT_DIR=rows", "SFTP_ADDRESS=" + server.Address, "SFTP_USER=" + server.User,
		"SFTP_PASSWORD=" + server.Password, "SFTP_HOST_KEY=" + other.HostKey,
	}, oneHour...)...)
	require.NoError(t, p.Until(t.Context(), patience, "a refusal", func(context.Context) (bool, error) {
		return strings.Contains(p.Output(), "host key mismatch"), nil
	}))
	assert.Empty(t, filesBelow(t, folder))
	assert.NotContains(t, p.Output(), server.Password)
}

// collector is what Jaeger's does with what it is sent: it decodes it.
type collector struct {
	mu    sync.Mutex
	spans map[string]int // by service and operation
	tags  map[string]bool
	err   error
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.err = err
		return
	}
	batch := jaeger.NewBatch()
	if err := thrift.NewTDeserializer().Read(r.Context(), batch, body); err != nil {
		c.err = err
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, span := range batch.Spans {
		c.spans[batch.Process.ServiceName+" "+span.OperationName]++
		for _, tag := range span.Tags {
			c.tags[tag.Key] = true
		}
	}
	w.WriteHeader(http.StatusAccepted)
}

// TestTracesInJaeger: each request to the tenant is a span there, and each write of the checkpoint, the last
// ones too.
func TestTracesInJaeger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := &collector{spans: map[string]int{}, tags: map[string]bool{}}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	p, err := w.Ship(w.tenant, []string{"run", "--set", "tracer.jaeger.collector_url=" + server.URL + "/api/traces", toFiles},
		append([]string{"OUTPUT_DIR=" + t.TempDir()}, oneHour...)...)
	require.NoError(t, err)
	ended(t, p)
	report, err := w.tenant.Report(t.Context())
	require.NoError(t, err)
	c.mu.Lock()
	defer c.mu.Unlock()
	require.NoError(t, c.err)
	assert.Equal(t, 12, c.spans["benthos GET /api/v2/analytics/queues/summary"], "%v", c.spans)
	assert.Equal(t, report.Requests-1, c.spans["benthos GET /api/v2/analytics/queues/summary"]+c.spans["benthos POST /oauth/token"], "and the test's own login: %v", c.spans)
	assert.Positive(t, c.spans["benthos checkpoint write"], "%v", c.spans)
	assert.Subset(t, c.tags, map[string]bool{"http.request.method": true, "http.response.status_code": true, "genesys.checkpoint.key": true})
	t.Logf("%d requests of the tenant's, spans: %v", report.Requests, c.spans)
}
