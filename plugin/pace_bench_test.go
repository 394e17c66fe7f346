// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/redpanda-data/benthos/v4/public/components/io"
	_ "github.com/redpanda-data/benthos/v4/public/components/pure"
	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/require"
)

// BenchmarkPace reads pages with this input and with the stock http_client, from one
// server and in one process, in turns of some messages each. The metric x-theirs is
// the median over the turns of this input's pace as a multiple of http_client's that
// sends no token, as no client of the API can; x-theirs-oauth2 is that of one that does.
// Below 1 it is behind.
//
//	go test -run='^$' -bench=Pace -benchtime=40x ./plugin
//
// A message takes one request of http_client, and one of this input's where the
// endpoint does not page. Where it does, each interval of five pages takes six: the
// metric requests/message says so.
func BenchmarkPace(b *testing.B) {
	for _, size := range []int{8_000, 182_000, 2_000_000} {
		for _, kind := range []string{"none", "chunked", "gzip", "paged"} {
			b.Run(fmt.Sprintf("%dkB/%s", size/1000, kind), func(b *testing.B) { pace(b, size, kind) })
		}
	}
}

// A turn is about so many bytes, and at least so many messages. Those that may have
// waited for it are not counted.
const (
	paceTurn    = 40_000_000
	paceAtLeast = 20
	paceWaiting = 4
)

func pace(b *testing.B, size int, kind string) {
	tenant := newPaceTenant(b, size, kind)
	server := httptest.NewServer(tenant)
	b.Cleanup(server.Close)
	theirs, withToken := paceOf(b, tenant.theirs(server.URL, false)), paceOf(b, tenant.theirs(server.URL, true))
	ours := paceOf(b, tenant.ours(server.URL))
	messages := max(paceAtLeast, paceTurn/size)
	var ratios, tokenRatios, requests, seconds []float64
	for b.Loop() {
		of, ofToken := theirs.turn(messages), withToken.turn(messages)
		before := tenant.requests.Load()
		took := ours.turn(messages)
		requests = append(requests, float64(tenant.requests.Load()-before)/float64(messages+paceWaiting))
		ratios, tokenRatios = append(ratios, of.Seconds()/took.Seconds()), append(tokenRatios, ofToken.Seconds()/took.Seconds())
		seconds = append(seconds, took.Seconds())
	}
	b.ReportMetric(slices.Min(ratios), "x-theirs-min")
	b.ReportMetric(paceMedian(ratios), "x-theirs")
	b.ReportMetric(paceMedian(tokenRatios), "x-theirs-oauth2")
	b.ReportMetric(float64(messages)/paceMedian(seconds), "messages/s")
	b.ReportMetric(paceMedian(requests), "requests/message")
	b.ReportMetric(0, "ns/op")
}

func paceMedian(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// paced is a stream that goes on only in its turn.
type paced chan struct{}

// paceOf runs an input into nothing, message by message.
func paceOf(b *testing.B, input string) paced {
	b.Helper()
	p := make(paced)
	builder := service.NewStreamBuilder()
	require.NoError(b, builder.SetLoggerYAML("level: off"))
	require.NoError(b, builder.AddInputYAML(input))
	require.NoError(b, builder.AddConsumerFunc(func(context.Context, *service.Message) error {
		p <- struct{}{}
		return nil
	}))
	stream, err := builder.Build()
	require.NoError(b, err)
	done := make(chan error)
	go func() { done <- stream.Run(context.Background()) }()
	b.Cleanup(func() {
		go func() { done <- stream.StopWithin(time.Second) }()
		for ended := 0; ended < 2; {
			select {
			case <-p:
			case <-done:
				ended++
			}
		}
	})
	return p
}

// turn takes messages, and returns how long that took.
func (p paced) turn(messages int) time.Duration {
	for range paceWaiting {
		<-p
	}
	began := time.Now()
	for range messages {
		<-p
	}
	return time.Since(began)
}

const (
	paceEndpoint = "/api/v2/analytics/conversations/details/query"
	pacePages    = 5
)

// paceTenant has an interval of some pages, and no other.
type paceTenant struct {
	kind     string
	records  int // of a page
	bodies   [][]byte
	requests atomic.Int64
}

func newPaceTenant(b *testing.B, size int, kind string) *paceTenant {
	b.Helper()
	t := &paceTenant{kind: kind}
	for n := range pacePages {
		page, records := pacePage(size, n)
		if kind == "gzip" {
			var zipped bytes.Buffer
			w := gzip.NewWriter(&zipped)
			_, err := w.Write(page)
			require.NoError(b, err)
			require.NoError(b, w.Close())
			page = zipped.Bytes()
		}
		t.records, t.bodies = records, append(t.bodies, page)
	}
	return t
}

func (*paceTenant) theirs(url string, token bool) string {
	return fmt.Sprintf(`
http_client:
  url: %[1]s%[2]s
  verb: POST
  payload: '{"interval":"2026-01-01T00:00:00Z/2026-01-01T00:01:00Z"}'
  headers: {Content-Type: application/json, Accept: application/json}
  retries: 0
  oauth2: {enabled: %[3]t, client_key: demo-client, client_secret: demo-secret, token_url: %[1]s/oauth/token}
`, url, paceEndpoint, token)
}

func (t *paceTenant) ours(url string) string {
	paging := "none"
	if t.kind == "paged" {
		paging = fmt.Sprintf("body\n  page_size: %d", min(t.records, 100))
	}
	return fmt.Sprintf(`
genesys_analytics:
  api_url: %[1]s
  login_url: %[1]s
  client_id: demo-client
  client_secret: demo-secret
  endpoint: %s
  start: 2000-01-01T00:00:00Z
  end: 2026-01-01T00:00:00Z
  interval: PT1M
  paging: %s
`, url, paceEndpoint, paging)
}

func (t *paceTenant) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if req.URL.Path == "/oauth/token" {
		_, _ = w.Write([]byte(`{"access_token":"x","token_type":"bearer","expires_in":86400}`))
		return
	}
	t.requests.Add(1)
	var query struct{ Paging struct{ PageNumber int } }
	_ = json.NewDecoder(req.Body).Decode(&query)
	n := max(0, query.Paging.PageNumber-1)
	if n >= len(t.bodies) {
		_, _ = fmt.Fprintf(w, `{"totalHits":%d}`, t.records*len(t.bodies))
		return
	}
	switch t.kind {
	case "chunked":
		_ = http.NewResponseController(w).Flush()
	case "gzip": // both ask for it
		w.Header().Set("Content-Encoding", "gzip")
		fallthrough
	default:
		w.Header().Set("Content-Length", strconv.Itoa(len(t.bodies[n])))
	}
	_, _ = w.Write(t.bodies[n])
}

// pacePage is page n of conversations, of about a size.
func pacePage(size, n int) (page []byte, records int) {
	conversations := []string{}
	for length := 0; length < size; length += len(conversations[records-1]) + 1 {
		conversations = append(conversations, fmt.Sprintf(paceConversation, n, records))
		records++
	}
	return fmt.Appendf(nil, `{"conversations":[%s],"totalHits":%d}`, strings.Join(conversations, ","), pacePages*records), records
}

const paceConversation = `{"conversationId":"e2f2a4b0-1b1c-4a3e-%04x-0c2f%08x","conversationStart":"2026-08-01T00:04:11.120Z","conversationEnd":"2026-08-01T00:12:40.402Z",` +
	`"originatingDirection":"inbound","conversationInitiator":"customer","divisionIds":["f2c9a3c8-0000-4000-8000-000000000000"],"mediaStatsMinConversationMos":4.882359981536865,` +
	`"participants":[{"participantId":"0b3b6b1e-6d1f-4f6f-8a53-1f6f3a1f0f4e","participantName":"A. Caller","purpose":"customer","sessions":[` +
	`{"sessionId":"c3f6c1f6-8a3d-4a63-9d36-6a1cb9d6a6f1","mediaType":"voice","direction":"inbound","ani":"tel:+15551234567","dnis":"tel:+15557654321","edgeId":"91d9a1e0-1f6e-4b6f-9e6f-2d7e6f3c1b2a",` +
	`"metrics":[{"name":"nConnected","value":1,"emitDate":"2026-08-01T00:04:11.130Z"},{"name":"tConnected","value":12840,"emitDate":"2026-08-01T00:04:23.970Z"}],` +
	`"segments":[{"segmentStart":"2026-08-01T00:04:11.120Z","segmentEnd":"2026-08-01T00:12:40.402Z","segmentType":"interact","disconnectType":"peer","queueId":"c6fc6f57-4c1e-4812-980a-5154f500b5c6","conference":false}]}]},` +
	`{"participantId":"5a2e8f06-52a4-4c9a-a0df-6b8a1a6fd7b0","userId":"7d3a2b11-64b9-4bbf-9c7b-8f7d5a3f0c11","purpose":"agent","sessions":[` +
	`{"sessionId":"f7b7f3d2-3f0e-4c8e-8f35-6d3e2a1f9c44","mediaType":"voice","direction":"inbound","ani":"tel:+15551234567","metrics":[{"name":"tTalk","value":480123,"emitDate":"2026-08-01T00:12:40.402Z"}],` +
	`"segments":[{"segmentStart":"2026-08-01T00:04:23.970Z","segmentEnd":"2026-08-01T00:12:40.402Z","segmentType":"interact","disconnectType":"client","wrapUpCode":"b7f1a0d9-5c7b-4d5c-9a3d-02f1f6b0a111","wrapUpNote":"said \"thanks\"","conference":false}]}]}]}`
