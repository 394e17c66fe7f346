// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// byByte is a document of which one byte more arrives each time.
func byByte(text []byte) *document {
	n := 0
	return &document{grow: func(int) []byte {
		n = min(n+1, len(text))
		return text[:n]
	}}
}

// TestADocumentThatArrivesIsReadAsOneThatIsThere, wherever the end of what is there cuts it.
func TestADocumentThatArrivesIsReadAsOneThatIsThere(t *testing.T) {
	texts := append(append([]string{
		`{"totalHits": 12 ,"entities":[1,-2.5e3, true,"a\u00e9",{"b":[]}],"cursor":"eyJ=","pageCount":7.0}`,
		`{"entities":[1,2],"total":12`, `{"entities":[1,2}`, `{"total":1}{}`, `{"total":1`, `{"tot`, `[1,2`,
	}, wellFormed[:len(wellFormed)-1]...), malformed[:len(malformed)-1]...)
	for _, text := range texts {
		want, wantErr := scanSummary([]byte(text), "entities")
		got, err := byByte([]byte(text)).summary("entities")
		assert.Equal(t, want, got, text)
		assert.Equal(t, fmt.Sprint(wantErr), fmt.Sprint(err), text)
	}
}

// TestALargeBodyIsReadWhole over a connection, in which it comes piece by piece. What is
// wrong with it is an error wherever it is.
func TestALargeBodyIsReadWhole(t *testing.T) {
	page := fmt.Appendf(nil, `{"conversations":[%s{}],"totalHits":4001}`, strings.Repeat(`{"a":"0123456789abcdef","b":[1,2]},`, 20_000))
	require.Greater(t, len(page), 8*growStep)
	at := func(i int, with string) []byte {
		return append(append(append([]byte{}, page[:i]...), with...), page[i+len(with):]...)
	}
	tests := map[string]struct {
		body   []byte
		length int
		says   string // empty: nothing is wrong
	}{
		"as it should be":           {page, len(page), ""},
		"shorter than it says":      {page[:len(page)-5000], len(page), "unexpected EOF"},
		"a page that ends early":    {page[:len(page)-1], len(page) - 1, "not a whole JSON document"},
		"a wrong byte at the start": {at(30, "\x00"), len(page), "not a whole JSON document"},
		"one in the middle":         {at(len(page)/2, "\x00"), len(page), "not a whole JSON document"},
		"one at the end":            {at(len(page)-1, "]"), len(page), "not a whole JSON document"},
		"two documents":             {append(bytes.Clone(page), "{}"...), len(page) + 2, "more follows"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/oauth/token" {
					grant(w, "t", 3600)
					return
				}
				w.Header().Set("Content-Length", strconv.Itoa(test.length))
				for rest := test.body; len(rest) > 0; rest = rest[min(len(rest), 50_001):] {
					_, _ = w.Write(rest[:min(len(rest), 50_001)])
					_ = http.NewResponseController(w).Flush()
				}
			}))
			defer server.Close()
			base := http.DefaultTransport.(*http.Transport).Clone()
			defer base.CloseIdleConnections()
			u, err := url.Parse(server.URL)
			require.NoError(t, err)
			client := (&fake{}).client(t, func(c *Config) {
				c.Base, c.Origins, c.MaxResponseBytes, c.RequestTimeout = base, Origins{API: u, Login: u}, 1<<30, time.Minute
			})
			query := known(t, "/api/v2/analytics/conversations/aggregates/query")
			query.Endpoint.List = "conversations"
			got, err := first(t.Context(), client, query)
			if test.says != "" {
				require.ErrorContains(t, err, test.says)
				return
			}
			require.NoError(t, err)
			assert.True(t, bytes.Equal(page, got.Body))
			assert.Equal(t, 20_001, got.Records)
			assert.EqualValues(t, 4001, *got.Total)
		})
	}
}
