// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/redpanda-data/benthos/v4/public/bloblang"
	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// shallow refuses to page deeper than so many records.
type shallow struct {
	http.RoundTripper
	depth int
}

const refusal = `{"message":"Pagination may not exceed 1200 results. \n\nTip: When extracting large chunks of data ...","code":"bad.request","status":400}`

func (s shallow) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/details/query") {
		return s.RoundTripper.RoundTrip(r)
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var body struct {
		Paging struct{ PageSize, PageNumber int }
	}
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, err
	}
	if body.Paging.PageSize*body.Paging.PageNumber > s.depth {
		return &http.Response{
			StatusCode: http.StatusBadRequest, Header: http.Header{}, Request: r,
			Body: io.NopCloser(strings.NewReader(refusal)),
		}, nil
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	return s.RoundTripper.RoundTrip(r)
}

func startedInInterval(t *testing.T) *bloblang.Executor {
	t.Helper()
	source, err := os.ReadFile("../config/mappings/conversations_started_in_interval.blobl")
	require.NoError(t, err)
	mapping, err := bloblang.Parse(string(source))
	require.NoError(t, err)
	return mapping
}

// TestADayTooDeepToPageThroughIsSplitByItself, and each of its conversations
// comes once. The contract tests do it with 250,000 of them.
func TestADayTooDeepToPageThroughIsSplitByItself(t *testing.T) {
	const day = 3_000
	endpoint := "endpoint: /api/v2/analytics/conversations/details/query"
	read := map[string]func(*testing.T, http.RoundTripper) []*service.Message{
		"input": func(t *testing.T, tenant http.RoundTripper) (got []*service.Message) {
			in := open(t, with(settledDay, endpoint, "interval: P1D", "page_size: 20"), tenant, resources())
			for _, d := range readAll(t, in) {
				got = append(got, d.msg)
			}
			require.NoError(t, in.Close(t.Context()))
			return got
		},
		"processor": func(t *testing.T, tenant http.RoundTripper) []*service.Message {
			p := openProcessor(t, with(processorBase, endpoint, `page_size: "20"`), tenant)
			got, err := p.Process(t.Context(), job(`{"interval":"1999-12-31T00:00:00Z/2000-01-01T00:00:00Z"}`))
			require.NoError(t, err)
			require.NoError(t, p.Close(t.Context()))
			return got
		},
	}
	mapping, keys := startedInInterval(t), map[string][]any{}
	for name, read := range read {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				times := map[string]int{}
				for _, msg := range read(t, shallow{newTenant(t, simulator.Config{Conversations: day}), 1200}) {
					key, _ := msg.MetaGetMut("genesys_key")
					keys[name] = append(keys[name], key)
					msg, err := msg.BloblangQuery(mapping)
					require.NoError(t, err)
					for id, n := range conversations(t, []delivered{{msg: msg}}) {
						times[id] += n
					}
				}
				assert.Len(t, times, day)
				for id, n := range times {
					require.Equal(t, 1, n, id)
				}
			})
		})
	}
	assert.Equal(t, keys["input"], keys["processor"])
	assert.Equal(t, "conversations-details-query/1999/12/31/000000Z-060000Z/p0001", keys["input"][0])
}
