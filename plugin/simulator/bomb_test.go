// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestABombIsSmallUntilItIsUnpacked(t *testing.T) {
	s, err := New(Config{Faults: Faults{Bomb: 1}, ClientID: "a", ClientSecret: "b"})
	require.NoError(t, err)
	server := httptest.NewServer(s)
	defer server.Close()
	token, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+tokenPath, http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(token)
	require.NoError(t, err)
	assert.Positive(t, response.ContentLength, "the token is none")
	require.NoError(t, response.Body.Close())

	x := &exchange{status: http.StatusOK, body: bomb(), packed: true, fault: faultBomb}
	answering := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		x.header(w.Header(), s.cfg, verdict{}, time.Now(), 1)
		x.write(w)
	}))
	defer answering.Close()
	response, err = http.Get(answering.URL)
	require.NoError(t, err)
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	require.NoError(t, err)
	assert.EqualValues(t, BombBytes, n)
	assert.Less(t, len(bomb()), 128<<10)
}
