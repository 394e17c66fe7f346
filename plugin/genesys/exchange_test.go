// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stalling answers with a header, and its body never comes.
type stalling struct{}

func (stalling) RoundTrip(req *http.Request) (*http.Response, error) {
	body, never := io.Pipe()
	context.AfterFunc(req.Context(), func() { _ = never.CloseWithError(req.Context().Err()) })
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: body, Request: req}, nil
}

func TestABodyThatStallsIsNamedAsTheTimeLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		c := f.client(t, func(c *Config) { c.Base = tokensOf{f, stalling{}} })
		began := time.Now()
		_, err := first(t.Context(), c, known(t, summaryPath))
		require.ErrorContains(t, err, "no whole response within request_timeout (1m0s)")
		assert.False(t, Fatal(err))
		assert.Equal(t, time.Minute, time.Since(began))
	})
}

func TestABodyThatIsReadByAnInputThatClosesEndsWithItsCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		c := f.client(t, func(c *Config) { c.Base = tokensOf{f, stalling{}} })
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(io.ErrClosedPipe) })
		_, err := first(ctx, c, known(t, summaryPath))
		require.ErrorIs(t, err, io.ErrClosedPipe)
	})
}

// tokensOf has tokens from one tenant, and all else from another.
type tokensOf struct{ tokens, api http.RoundTripper }

func (o tokensOf) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host == "login.test" {
		return o.tokens.RoundTrip(req)
	}
	return o.api.RoundTrip(req)
}

func TestOriginsAreComparedWithTheirPorts(t *testing.T) {
	tests := []struct {
		a, b string
		same bool
	}{
		{"https://api.test", "https://api.test", true},
		{"https://api.test", "https://api.test:443/x", true},
		{"HTTPS://API.test:443", "https://api.test", true},
		{"http://127.0.0.1:80", "http://127.0.0.1", true},
		{"http://127.0.0.1:8085", "http://127.0.0.1:8085", true},
		{"https://api.test", "https://api.test:8443", false},
		{"https://api.test:80", "https://api.test", false},
		{"http://api.test:443", "https://api.test", false},
		{"https://api.test", "http://api.test", false},
		{"http://api.test", "http://api.test:443", false},
		{"https://api.test", "https://api.test.evil.test", false},
	}
	for _, test := range tests {
		assert.Equal(t, test.same, sameOrigin(mustURL(t, test.a), mustURL(t, test.b)), "%s and %s", test.a, test.b)
		assert.Equal(t, test.same, sameOrigin(mustURL(t, test.b), mustURL(t, test.a)), "%s and %s", test.b, test.a)
	}
}
