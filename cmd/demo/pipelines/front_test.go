// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// front stands before the tenant: it keeps what is asked, and changes what is answered.
type front struct {
	// change returns what is answered to a request in place of a body, nil for as it came.
	change func(req *http.Request, body []byte) []byte

	mu    sync.Mutex
	asked []string // method, path and body
}

// putFront puts one before the tenant, for pipelines that are started from then on.
func (w *world) putFront(t *testing.T, change func(*http.Request, []byte) []byte) *front {
	t.Helper()
	tenant, err := url.Parse(w.tenant.URL)
	require.NoError(t, err)
	f := &front{change: change}
	proxy := httputil.NewSingleHostReverseProxy(tenant)
	proxy.ModifyResponse = f.modify
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		f.mu.Lock()
		f.asked = append(f.asked, r.Method+" "+r.URL.String()+" "+string(body))
		f.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	behind := *w.tenant
	behind.URL = server.URL
	w.tenant = &behind
	return f
}

func (f *front) modify(res *http.Response) error {
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if f.change != nil && res.StatusCode == http.StatusOK {
		if other := f.change(res.Request, body); other != nil {
			body = other
		}
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	res.Header.Set("Content-Length", strconv.Itoa(len(body)))
	res.ContentLength = int64(len(body))
	return nil
}

// requests are those so far.
func (f *front) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.asked...)
}
