// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAnIntervalThatNeverEndsIsAnError, over sockets: of a tenant that leads on and
// on. No page of a healthy one is looked at twice for it.
func TestAnIntervalThatNeverEndsIsAnError(t *testing.T) {
	const records = `[{"id":"a"},{"id":"b"},{"id":"c"}]`
	sessions := "endpoint: /api/v2/analytics/botflows/x/sessions"
	jobs := "endpoint: /api/v2/analytics/conversations/details/jobs"
	tests := []struct {
		name, endpoint, page string // %d is new each time
		most                 int64  // requests
		says                 string
	}{
		{"a nextUri that never changes, with the same page", "", `{"entities":` + records + `,"nextUri":"/api/v2/x?pageNumber=2"}`, 5, "repeats page 1 byte for byte"},
		{"a nextUri that never changes, with another page", "", `{"entities":[{"id":%d}],"nextUri":"/api/v2/x?pageNumber=2"}`, 110, "the same nextUri as the 100 before it"},
		{"a new nextUri each time, with the same records", "", `{"entities":` + records + `,"nextUri":"/api/v2/x?pageNumber=%d"}`, 110, "the same records as the 100 before it"},
		{"a pageCount that grows", "", `{"entities":` + records + `,"pageCount":1%d}`, 110, "the same records as the 100 before it"},
		{"a new after each time, with the same records", sessions, `{"entities":` + records + `,"after":"t%d"}`, 110, "the same records as the 100 before it"},
		{"a new after in nextUri each time", sessions, `{"entities":` + records + `,"nextUri":"/api/v2/x?after=t%d"}`, 110, "the same records as the 100 before it"},
		{"an after that never changes", sessions, `{"entities":[{"id":%d}],"after":"t"}`, 8, "which was followed before"},
		{"a new after each time, and nothing on the page", sessions, `{"entities":[],"after":"t%d"}`, 1010, "1000 pages in a row have no records"},
		{"a new cursor of a job each time", jobs, `{"conversations":` + records + `,"cursor":"t%d"}`, 115, "the same records as the 100 before it"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var asked atomic.Int64
			server := httptest.NewServer(endless(test.page, &asked))
			defer server.Close()
			log := &lines{}
			res := logging(log)
			lines := []string{"api_url: " + server.URL, "login_url: " + server.URL, "fallback_pause: 1ms", "end: 1999-12-31T00:05:00Z"}
			if test.endpoint != "" {
				lines = append(lines, test.endpoint)
			}
			in := open(t, with(settledDay, lines...), http.DefaultTransport, res)
			for {
				_, ack, err := in.Read(t.Context())
				if errors.Is(err, service.ErrEndOfInput) {
					break
				}
				require.NoError(t, err)
				require.NoError(t, ack(t.Context(), nil))
			}
			assert.Contains(t, log.String(), test.says)
			assert.Contains(t, log.String(), "The export ends")
			assert.LessOrEqual(t, asked.Load(), test.most)
			assert.True(t, failed.Swap(false), "the process is to end with an error")
		})
	}
}

// endless is a tenant that has always another page.
func endless(page string, asked *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/oauth/token":
			_, _ = io.WriteString(w, `{"access_token":"t","token_type":"bearer","expires_in":3600}`)
		case strings.HasSuffix(r.URL.Path, "/availability"):
			_, _ = io.WriteString(w, `{"dataAvailabilityDate":"2030-01-01T00:00:00Z"}`)
		case strings.HasSuffix(r.URL.Path, "/jobs"):
			_, _ = io.WriteString(w, `{"jobId":"j"}`)
		case strings.HasSuffix(r.URL.Path, "/jobs/j"):
			_, _ = io.WriteString(w, `{"state":"FULFILLED"}`)
		case strings.Contains(page, "%d"):
			_, _ = fmt.Fprintf(w, page, asked.Add(1))
		default:
			asked.Add(1)
			_, _ = io.WriteString(w, page)
		}
	}
}
