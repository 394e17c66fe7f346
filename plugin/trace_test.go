// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// moody is a tenant that has each of its moods for one request, and then none; and a cache
// that has faults for its first writes.
type moody struct {
	*simulator.Simulator

	mu     sync.Mutex // guards what follows
	moods  []func(http.ResponseWriter)
	sent   []string // each request, without its query string
	faults int
	writes int
	values map[string][]byte
}

func (m *moody) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	m.sent = append(m.sent, r.Method+" "+r.URL.Path)
	var mood func(http.ResponseWriter)
	if r.URL.Path != "/oauth/token" && len(m.moods) > 0 {
		mood, m.moods = m.moods[0], m.moods[1:]
	}
	m.mu.Unlock()
	if mood != nil {
		mood(w)
		return
	}
	m.Simulator.ServeHTTP(w, r)
}

func (m *moody) Set(_ context.Context, key string, value []byte, _ *time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.writes++; m.writes <= m.faults {
		return errors.New("the disk is full")
	}
	m.values[key] = value
	return nil
}

func (m *moody) Get(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if value, ok := m.values[key]; ok {
		return value, nil
	}
	return nil, service.ErrKeyNotFound
}

func (m *moody) Add(ctx context.Context, key string, value []byte, ttl *time.Duration) error {
	return m.Set(ctx, key, value, ttl)
}

func (*moody) Delete(context.Context, string) error { return nil }
func (*moody) Close(context.Context) error          { return nil }

// traced runs a pipeline to its end and returns its spans, those of Benthos left out.
func traced(t *testing.T, m *moody, components ...string) tracetest.SpanStubs {
	t.Helper()
	sim, err := simulator.New(simulator.Config{Queues: 2})
	require.NoError(t, err)
	m.Simulator, m.values = sim, map[string][]byte{}
	server := httptest.NewServer(m)
	defer server.Close()
	spans := tracetest.NewSpanRecorder() // which, unlike the exporter in memory, keeps them when the stream ends
	env := service.GlobalEnvironment().Clone()
	require.NoError(t, env.RegisterOtelTracerProvider("in_memory", service.NewConfigSpec(), func(*service.ParsedConfig) (trace.TracerProvider, error) {
		return sdk.NewTracerProvider(sdk.WithSpanProcessor(spans)), nil
	}))
	require.NoError(t, env.RegisterCache("moody", service.NewConfigSpec(), func(*service.ParsedConfig, *service.Resources) (service.Cache, error) {
		return m, nil
	}))
	b := env.NewStreamBuilder()
	require.NoError(t, b.SetYAML("logger: { level: none }\ntracer: { in_memory: {} }\ncache_resources: [ { label: position, moody: {} } ]\noutput: { drop: {} }\n"+
		strings.NewReplacer("TENANT", fmt.Sprintf("{ api_url: %[1]q, login_url: %[1]q, client_id: demo-client, client_secret: demo-secret, fallback_pause: 20ms,", server.URL)).Replace(strings.Join(components, "\n"))))
	stream, err := b.Build()
	require.NoError(t, err)
	require.NoError(t, stream.Run(t.Context()))
	var ours tracetest.SpanStubs
	for _, span := range tracetest.SpanStubsFromReadOnlySpans(spans.Ended()) {
		if span.InstrumentationScope.Name == "genesys_analytics" {
			ours = append(ours, span)
		}
	}
	everything := fmt.Sprintf("%+v", ours)
	for _, secret := range []string{"demo-secret", "Bearer", "somebody"} {
		assert.NotContains(t, everything, secret)
	}
	return ours
}

// of returns an attribute of a span or an event as text, empty if it has none.
func of(attributes []attribute.KeyValue, name string) string {
	for _, a := range attributes {
		if string(a.Key) == name {
			return a.Value.String()
		}
	}
	return ""
}

func answering(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
	}
}

func hangUp(http.ResponseWriter) { panic(http.ErrAbortHandler) }

// TestEachRequestOnTheWireIsASpan: the token's, one that is throttled, with the hold that it
// orders, one that fails, one that is not answered and the one that succeeds, each told apart
// by how often it was sent before.
func TestEachRequestOnTheWireIsASpan(t *testing.T) {
	m := &moody{moods: []func(http.ResponseWriter){
		answering(429, `{"message":"for demo-secret: Retry the request in [0] seconds"}`), answering(503, `{}`), answering(500, `{}`), hangUp,
	}}
	spans := traced(t, m, `input:
  genesys_analytics: TENANT endpoint: /api/v2/analytics/queues/summary, query: { name: somebody },
    start: 2026-11-21T15:00:00Z, end: 2026-11-21T15:05:00Z }`)
	var got []string
	for _, span := range spans {
		parts := []string{span.Name, of(span.Attributes, "http.response.status_code"), of(span.Attributes, "http.request.resend_count")}
		for _, event := range span.Events {
			parts = append(parts, event.Name, "of", of(event.Attributes, "genesys.hold.seconds"), "s")
			assert.NotEmpty(t, of(event.Attributes, "genesys.hold.cause"))
		}
		got = append(got, strings.Join(parts, " "))
		assert.Equal(t, trace.SpanKindClient, span.SpanKind)
		assert.Equal(t, "127.0.0.1", of(span.Attributes, "server.address"))
		assert.NotEmpty(t, of(span.Attributes, "server.port"))
		assert.False(t, span.EndTime.Before(span.StartTime))
		failed := of(span.Attributes, "http.response.status_code") != "200"
		assert.Equal(t, failed, span.Status.Code == codes.Error)
		assert.Equal(t, failed, of(span.Attributes, "error.type") != "")
	}
	const page = "GET /api/v2/analytics/queues/summary"
	assert.Equal(t, []string{
		"POST /oauth/token 200 ",
		page + " 429 ",
		page + " 503 1 hold of 0.02 s",
		page + " 500 2",
		page + "  3",
		page + " 200 4",
	}, got)
	assert.Len(t, m.sent, len(spans), "one for each request on the wire")
	for i, span := range spans {
		assert.True(t, strings.HasPrefix(span.Name, m.sent[i]), "in their order")
	}
	url := of(spans[5].Attributes, "url.full")
	assert.Contains(t, url, "http://127.0.0.1:")
	assert.Contains(t, url, "/api/v2/analytics/queues/summary?interval=2026-11-21T15%3A00%3A00.000Z%2F2026-11-21T15%3A05%3A00.000Z&name=REDACTED&pageNumber=1&pageSize=100")
}

// echoing answers with what is no response, which errors quote.
func echoing(text string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = fmt.Fprintf(conn, "%s\r\n\r\n", text)
			_ = conn.Close()
		}
	}
}

// TestNoPartOfTheSecretIsInASpan, in whatever form it was sent, and wherever the text of an
// error is cut.
func TestNoPartOfTheSecretIsInASpan(t *testing.T) {
	m := &moody{moods: []func(http.ResponseWriter){echoing(base64.StdEncoding.EncodeToString([]byte("demo-client:demo-secret")))}}
	for length := 400; length < 520; length += 5 { // the text before it, in the error, has less than 100 bytes
		m.moods = append(m.moods, echoing(strings.Repeat("x", length)+"demo-secret"))
	}
	spans := traced(t, m, `input:
  genesys_analytics: TENANT endpoint: /api/v2/analytics/queues/summary, start: 2026-11-21T15:00:00Z, end: 2026-11-21T15:05:00Z }`)
	require.Len(t, spans, 1+25+1)
	for _, span := range spans[1:26] {
		assert.Contains(t, span.Status.Description, "malformed HTTP response")
		assert.NotRegexp(t, "ZGVtby|demo-", span.Status.Description)
	}
}

// TestTheSpanOfARefusalIsAnError, from the first status on that is one.
func TestTheSpanOfARefusalIsAnError(t *testing.T) {
	defer ForgetExitStatus()
	spans := traced(t, &moody{moods: []func(http.ResponseWriter){answering(400, `{}`)}}, `input:
  genesys_analytics: TENANT endpoint: /api/v2/analytics/queues/summary, start: 2026-11-21T15:00:00Z, end: 2026-11-21T15:05:00Z }`)
	require.Len(t, spans, 2)
	assert.Equal(t, codes.Error, spans[1].Status.Code)
	assert.Equal(t, "400", of(spans[1].Attributes, "error.type"))
}

// TestASpanHasNoPathThatDiffersFromMessageToMessage: of an endpoint with `${!`, or of another one.
func TestASpanHasNoPathThatDiffersFromMessageToMessage(t *testing.T) {
	for path, name := range map[string]string{"/api/v2/a": "GET /api/v2/a", "/api/v2/a/j1": "GET /api/v2/a/{jobId}", "/api/v2/b": "GET", "/oauth/token": "GET /oauth/token"} {
		req := httptest.NewRequest(http.MethodGet, path, nil)
		assert.Equal(t, name, (&tracer{endpoint: "/api/v2/a"}).nameOf(req))
		if path != "/oauth/token" {
			assert.Equal(t, "GET", (&tracer{}).nameOf(req), path)
		}
	}
}

// TestSpansOfAJobAreNamedForWhatTheyAre, and a poll is none that is sent again.
func TestSpansOfAJobAreNamedForWhatTheyAre(t *testing.T) {
	const jobs = "/api/v2/analytics/conversations/details/jobs"
	spans := traced(t, &moody{}, `input:
  genesys_analytics: TENANT endpoint: `+jobs+`, start: 2026-11-21T15:00:00Z, end: 2026-11-21T15:05:00Z }`)
	names := map[string]int{}
	for _, span := range spans {
		names[span.Name]++
		assert.Empty(t, of(span.Attributes, "http.request.resend_count"))
	}
	assert.Equal(t, map[string]int{
		"POST /oauth/token": 1, "GET " + jobs + "/availability": 1, "POST " + jobs: 1, "GET " + jobs + "/{jobId}": 3, "GET " + jobs + "/{jobId}/results": 1,
	}, names)
}

// TestEachWriteOfACheckpointIsASpan, with its error.
func TestEachWriteOfACheckpointIsASpan(t *testing.T) {
	m := &moody{faults: 1}
	var writes, failed int
	for _, span := range traced(t, m, `input:
  genesys_analytics: TENANT endpoint: /api/v2/analytics/queues/summary, checkpoint_cache: position,
    start: 2026-11-21T15:00:00Z, end: 2026-11-21T15:10:00Z }`) {
		if span.Name != "checkpoint write" {
			continue
		}
		writes++
		assert.Equal(t, "position", of(span.Attributes, "genesys.checkpoint.cache"))
		assert.Contains(t, of(span.Attributes, "genesys.checkpoint.key"), "genesys_analytics")
		if span.Status.Code == codes.Error {
			failed++
			assert.Contains(t, span.Status.Description, "the disk is full")
		}
	}
	assert.Equal(t, m.writes, writes, "one for each write")
	assert.Equal(t, 1, failed)
}

// TestAProcessorsRequestsBelongToItsMessage: their spans are in the trace of what the message
// is in.
func TestAProcessorsRequestsBelongToItsMessage(t *testing.T) {
	spans := traced(t, &moody{}, `input: { generate: { count: 1, interval: "", mapping: 'root.interval = "2026-11-21T15:00:00Z/2026-11-21T15:05:00Z"' } }
pipeline: { processors: [ { genesys_analytics: TENANT endpoint: /api/v2/analytics/queues/summary } } ] }`)
	require.Len(t, spans, 2)
	assert.True(t, spans[1].Parent.IsValid())
	assert.Equal(t, spans[1].Parent.TraceID(), spans[1].SpanContext.TraceID())
}

// TestWithoutATracerNothingIsTraced: no hook, no other retry, no other cache.
func TestWithoutATracerNothingIsTraced(t *testing.T) {
	in := open(t, settledDay, newTenant(t, simulator.Config{}), resources())
	assert.Nil(t, in.tracer)
	assert.Nil(t, in.tracer.hook())
	assert.IsType(t, cache{}, in.tracer.traced(in.cache))
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		_ = in.tracer.counted(nil)
		_ = in.tracer.within(t.Context(), nil)
	}))
}
