// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/redpanda-data/benthos/v4/public/components/pure"
	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	_ "connect-genesys.example/connect-genesys/plugin"
	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/quota"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// wire is a tenant behind a real connection, and what went over it that the
// description does not know.
type wire struct {
	*httptest.Server
	sim         *simulator.Simulator
	description *description // the SDK's
	newest      *description // the npm package's

	mu       sync.Mutex // guards what follows
	problems []string
	seen     map[string]bool // "POST /api/v2/… 202", of what was validated
}

func newWire(t *testing.T, config simulator.Config) *wire {
	t.Helper()
	sim, err := simulator.New(config)
	require.NoError(t, err)
	return serve(t, &wire{sim: sim, description: described(t), newest: newest(t), seen: map[string]bool{}})
}

// serve opens a wire. Without a description nothing is checked.
func serve(t *testing.T, w *wire) *wire {
	t.Helper()
	w.Server = httptest.NewServer(w)
	t.Cleanup(w.Close)
	return w
}

func (w *wire) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	asked, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(asked))
	rec := httptest.NewRecorder()
	w.sim.ServeHTTP(rec, r)
	if w.description != nil && r.URL.Path != "/oauth/token" {
		if err := w.check(r, asked, rec.Code, rec.Body.Bytes()); err != nil {
			w.mu.Lock()
			w.problems = append(w.problems, fmt.Sprintf("%s %s: %d: %v", r.Method, r.URL, rec.Code, err))
			w.mu.Unlock()
		}
	}
	maps.Copy(rw.Header(), rec.Header())
	rw.WriteHeader(rec.Code)
	_, _ = rw.Write(rec.Body.Bytes())
}

// check holds a request and its response against both descriptions. One that only the
// newest has, or that says something else by now, is held to that alone.
func (w *wire) check(r *http.Request, asked []byte, status int, answered []byte) error {
	_, had := w.description.find(r.Method, r.URL.Path)
	_, has := w.newest.find(r.Method, r.URL.Path)
	switch _, excused := nowhere[r.URL.Path]; {
	case excused:
		return nil
	case !has:
		return errors.New("the newest description has no such operation")
	case !had && !isNewer(r.Method, r.URL.Path):
		return errors.New("the SDK's description has no such operation")
	}
	if err := w.newest.check(r, asked, status, answered); err != nil {
		return fmt.Errorf("by the newest description: %w", err)
	}
	if _, ok := changed[r.URL.Path]; had && !ok {
		if err := w.description.check(r, asked, status, answered); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[fmt.Sprintf("%s %s %d", r.Method, r.URL.Path, status)] = true
	return nil
}

// check holds a request and its response against a description that has it.
func (d *description) check(r *http.Request, asked []byte, status int, answered []byte) error {
	op, _ := d.find(r.Method, r.URL.Path)
	for name := range r.URL.Query() {
		if op.params[name] != "query" {
			return fmt.Errorf("it has no parameter %q", name)
		}
	}
	if op.body != "" {
		if err := d.validate(op.body, asked); err != nil {
			return fmt.Errorf("the request is no %s: %w", op.body, err)
		}
	}
	answer := op.responses[strconv.Itoa(status)]
	if status >= 400 {
		answer = "ErrorBody"
	}
	if answer != "" {
		if err := d.validate(answer, answered); err != nil {
			return fmt.Errorf("the response is no %s: %w", answer, err)
		}
	}
	return nil
}

// changed are the paths of which the newest description says something else than the
// SDK's, beyond what it adds.
var changed = map[string]string{
	analytics + "agents/status/counts": "counts are of one group each by now",
}

// isNewer lets pass what is newer than the SDK's description.
func isNewer(verb, path string) bool {
	family, _, _ := strings.Cut(path, "/jobs/")
	if family != path {
		family += "/jobs"
	}
	_, ok := newer[family]
	return ok || verb == http.MethodDelete
}

// checked ends a test of what went over the wire.
func (w *wire) checked(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.problems[:min(3, len(w.problems))] {
		t.Error(p)
	}
}

// run reads everything that an input gives, in a pipeline of its own.
func (w *wire) run(t *testing.T, lines string, processors string, each func(*service.Message)) {
	t.Helper()
	b := service.NewStreamBuilder()
	require.NoError(t, b.SetLoggerYAML("level: none"))
	require.NoError(t, b.AddInputYAML(fmt.Sprintf("genesys_analytics:\n  api_url: %[1]s\n  login_url: %[1]s\n  client_id: demo-client\n  client_secret: demo-secret\n  fallback_pause: 10ms\n  %s",
		w.URL, strings.ReplaceAll(lines, "\n", "\n  "))))
	if processors != "" {
		require.NoError(t, b.AddProcessorYAML(processors))
	}
	require.NoError(t, b.AddConsumerFunc(func(_ context.Context, msg *service.Message) error {
		each(msg)
		return nil
	}))
	stream, err := b.Build()
	require.NoError(t, err)
	require.NoError(t, stream.Run(t.Context()))
}

const window = "\nstart: 2020-01-01T00:00:00Z\nend: 2020-01-01T01:00:00Z\ninterval: PT1H"

// queries are for the endpoints that the description does not have.
var queries = map[string]any{
	analytics + "queues/summary":               object{},
	analytics + "taskmanagement/metrics/query": object{"groupBy": []any{"queueId"}, "metrics": []any{object{"name": "oActive"}}, "filter": object{"predicates": []any{}}},
}

// query makes one of the description: what is required, in its first form, and a
// dimension to group by.
func query(d *description, e genesys.Endpoint) any {
	if q, ok := queries[e.Path]; ok {
		return q
	}
	if _, ok := newer[e.Path]; ok {
		return object{"groupBy": []any{"queueId"}, "metrics": []any{"nOffered"}}
	}
	q := object{}
	body := d.paths[e.Path][e.Method].body
	if body == "" {
		return q
	}
	definition := d.named[body].(object)
	wanted := append(list(definition["required"]), "groupBy")
	for name, property := range definition["properties"].(object) {
		if slices.Contains(wanted, any(name)) && name != "interval" {
			q[name] = d.sample(property.(object))
		}
	}
	return q
}

// sample is a value of a schema.
func (d *description) sample(schema object) any {
	if ref, ok := schema["$ref"].(string); ok {
		schema = d.named[strings.TrimPrefix(ref, "#/definitions/")].(object)
	}
	switch values := list(schema["enum"]); {
	case len(values) > 0:
		return values[0]
	case schema["type"] == "array":
		return []any{d.sample(schema["items"].(object))}
	case schema["type"] == "boolean":
		return true
	case schema["properties"] == nil:
		return "1"
	}
	o := object{}
	for name, property := range schema["properties"].(object) {
		if name != "clauses" && name != "range" { // a filter of one predicate, with one value
			o[name] = d.sample(property.(object))
		}
	}
	return o
}

// first is the id of the first thing of a list of the tenant.
func (w *wire) first(t *testing.T, path, id string) (found string) {
	t.Helper()
	w.run(t, "endpoint: "+path+window, "", func(msg *service.Message) {
		page, err := msg.AsStructured()
		if err != nil || found != "" {
			return
		}
		for _, v := range page.(object) {
			if things := list(v); len(things) > 0 {
				found, _ = things[0].(object)[id].(string)
			}
		}
	})
	require.NotEmpty(t, found)
	return found
}

// TestWhatGoesOverTheWireIsAsDescribed: every request that the input makes of
// every endpoint, and every response that the simulator gives.
func TestWhatGoesOverTheWireIsAsDescribed(t *testing.T) {
	w := newWire(t, simulator.Config{Queues: 5, Conversations: 5000})
	names := strings.NewReplacer(
		"{userId}", w.first(t, analytics+"reporting/dashboards/users", "id"),
		"{conversationId}", w.first(t, analytics+"conversations/details/query", "conversationId"),
		"{botFlowId}", "4c1e9d4e",
	)
	for _, e := range genesys.Endpoints() {
		path := names.Replace(e.Path)
		lines := "endpoint: " + path + window
		if e.MaxPage > 0 {
			lines += fmt.Sprintf("\npage_size: %d", e.MaxPage)
		}
		if e.Granular {
			lines += "\ngranularity: PT5M"
		}
		q, err := json.Marshal(query(w.description, e))
		require.NoError(t, err)
		if path == analytics+"conversations/details" {
			q = fmt.Appendf(nil, `{"id":[%q]}`, names.Replace("{conversationId}"))
		}
		pages := 0
		w.run(t, lines+"\nquery: "+string(q), "", func(*service.Message) { pages++ })
		assert.Positive(t, pages, path)
		if _, ok := nowhere[e.Path]; !ok {
			status := http.StatusOK
			if e.Paging == genesys.PagingJob {
				status = http.StatusAccepted
			}
			assert.True(t, w.seen[fmt.Sprintf("%s %s %d", e.Method, path, status)], "%s was not validated", path)
		}
	}
	w.checked(t)
}

// tooLong asks for eight days at once, as an input does not, and reports whether the refusal
// is taken for one of the size.
func (w *wire) tooLong(t *testing.T) bool {
	t.Helper()
	origin, err := genesys.ParseOrigin(w.URL)
	require.NoError(t, err)
	client := genesys.NewClient(genesys.Config{
		Origins: genesys.Origins{API: origin, Login: origin}, ClientID: "demo-client", ClientSecret: "demo-secret",
		Gate: quota.NewGate(quota.Config{}), Base: http.DefaultTransport, RequestTimeout: time.Minute, MaxResponseBytes: 1 << 20,
	})
	e, _ := genesys.KnownEndpoint(analytics + "conversations/details/query")
	q := &genesys.Query{Endpoint: e, PageSize: e.MaxPage}
	return q.Refused(client.Source(q, "2020-01-01T00:00:00.000Z/2020-01-09T00:00:00.000Z", nil).Read(t.Context(), genesys.Cursor{},
		func(genesys.Page) error { return errors.New("a page came") }))
}

// TestWhatIsRefusedIsAsDescribed: the errors that the simulator answers with.
func TestWhatIsRefusedIsAsDescribed(t *testing.T) {
	w := newWire(t, simulator.Config{Conversations: 50, Bucket: 4, Window: time.Second})
	w.run(t, "endpoint: "+analytics+"conversations/details/query\nstart: 2020-01-01\nend: 2020-01-09\ninterval: P8D\npage_size: 100", "", func(*service.Message) {})
	require.True(t, w.tooLong(t), "the interval is too long, and would be halved")
	assert.True(t, w.seen["POST "+analytics+"conversations/details/query 400"])
	assert.True(t, w.seen["POST "+analytics+"conversations/details/query 429"])
	w.checked(t)
}
