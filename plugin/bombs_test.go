// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// TestAMessageThatIsABombIsRefusedWithoutARequest: its error goes into the header
// of a dead letter.
func TestAMessageThatIsABombIsRefusedWithoutARequest(t *testing.T) {
	long := strings.Repeat("x", 2<<20)
	for name, message := range map[string]map[string]string{
		"a long endpoint":           {"endpoint": "/api/v2/" + long},
		"an endpoint of many parts": {"endpoint": "/api/v2/" + strings.Repeat("x/", 750) + "y"},
		"an endpoint that climbs":   {"endpoint": "/api/v2/analytics/%2e%2e%2fusers"},
		"one that climbs in clear":  {"endpoint": "/api/v2/analytics/../users"},
		"an escape in an endpoint":  {"endpoint": "/api/v2/\x1b[2J"},
		"a line in an endpoint":     {"endpoint": "/api/v2/x\r\nHost: y"},
		"a long interval":           {"interval": long},
		"an escape in an interval":  {"interval": "\x1b[2J\nlevel=error"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tenant := newTenant(t, simulator.Config{})
				tenant.before = func(r *http.Request) { t.Errorf("asked for %.100s", r.URL) }
				p := openProcessor(t, with(processorBase, "endpoint: ${! this.endpoint }", "method: GET", "paging: query"), tenant)
				full := map[string]string{"endpoint": "/api/v2/analytics/queues/summary", "interval": "1999-12-31T00:00:00Z/1999-12-31T00:05:00Z"}
				maps.Copy(full, message)
				body, err := json.Marshal(full)
				require.NoError(t, err)
				_, err = p.Process(t.Context(), job(string(body)))
				require.Error(t, err)
				assert.Less(t, len(err.Error()), 1024)
				assert.NotContains(t, err.Error(), "\x1b")
				assert.NotContains(t, err.Error(), "\n")
			})
		})
	}
}

// bomber is a tenant whose pages are small on the wire and large in memory: two for
// each interval.
func bomber(t *testing.T, size int) *httptest.Server {
	t.Helper()
	pages := map[string][]byte{}
	for _, number := range []string{"1", "2"} {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, err := fmt.Fprintf(w, `{"entities":[{"page":%s,"x":"%s"}],"pageCount":2}`, number, strings.Repeat("x", size))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		pages[number] = packed.Bytes()
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth/token" {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"access_token":"t","token_type":"bearer","expires_in":3600}`)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(pages[r.URL.Query().Get("pageNumber")])
	}))
	t.Cleanup(server.Close)
	return server
}

// peak samples what the heap has of live objects, and what is in flight, until
// stopped. It collects garbage all the time.
func peak(in *input) (stop func() (heap uint64, inFlight int64)) {
	done, over := make(chan struct{}), make(chan struct{})
	var heap uint64
	var inFlight int64
	go func() {
		defer close(over)
		for {
			runtime.GC()
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			heap, inFlight = max(heap, stats.HeapAlloc), max(inFlight, in.client.InFlight())
			select {
			case <-done:
				return
			default:
			}
		}
	}()
	return func() (uint64, int64) { close(done); <-over; return heap, inFlight }
}

// TestBombsTakeNoMoreThanTheRoomThereIs, however many are fetched at once, and all
// pages leave in their order.
func TestBombsTakeNoMoreThanTheRoomThereIs(t *testing.T) {
	const size, limit = 3 << 20, 24 << 20
	server := bomber(t, size)
	in := open(t, with(settledDay, "parallelism: 16", fmt.Sprint("max_in_flight_bytes: ", limit), "api_url: "+server.URL, "login_url: "+server.URL, "interval: PT1H"),
		http.DefaultTransport, resources())
	stop := peak(in)
	for page := range 48 {
		msg, ack, err := in.Read(t.Context())
		require.NoError(t, err)
		key := delivered{msg: msg}.key(t)
		assert.Contains(t, key, fmt.Sprintf("/%02d0000Z-", page/2))
		assert.Contains(t, key, fmt.Sprintf("/p000%d", page%2+1))
		require.NoError(t, ack(t.Context(), nil))
		time.Sleep(5 * time.Millisecond) // the others come as far as they may
	}
	heap, inFlight := stop()
	t.Logf("%d MiB of heap, %d MiB in flight", heap>>20, inFlight>>20)
	assert.LessOrEqual(t, inFlight, int64(limit))
	assert.Less(t, heap, uint64(3*limit), "with what a test has besides")
	assert.Zero(t, in.client.InFlight())
}

// TestManyMessagesAtOnceTakeNoMoreThanTheRoomThereIs: each keeps all its pages, and
// none waits for ever for the others.
func TestManyMessagesAtOnceTakeNoMoreThanTheRoomThereIs(t *testing.T) {
	const size, limit = 4 << 20, 8 << 20
	server := bomber(t, size)
	p := openProcessor(t, with(processorBase, fmt.Sprint("max_in_flight_bytes: ", limit), "api_url: "+server.URL, "login_url: "+server.URL), http.DefaultTransport)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			batch, err := p.Process(t.Context(), job(someInterval))
			assert.NoError(t, err)
			assert.Len(t, batch, 2)
		})
	}
	wg.Wait()
	assert.Zero(t, p.client.InFlight())
}
