// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// TestASlowClientIsNotWaitedForEndlessly: one that sends its body never.
func TestASlowClientIsNotWaitedForEndlessly(t *testing.T) {
	sim, err := simulator.New(simulator.Config{ClientID: "a", ClientSecret: "b"})
	require.NoError(t, err)
	server := newServer(sim, 50*time.Millisecond)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.Serve(listener) }()
	defer server.Close()

	for _, begun := range []string{"POST /oauth/tok", "POST /oauth/token HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\ngrant"} {
		conn, err := net.Dial("tcp", listener.Addr().String())
		require.NoError(t, err)
		require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
		_, err = io.WriteString(conn, begun)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, conn)
		assert.NoError(t, err, "the server ends it first")
		require.NoError(t, conn.Close())
	}
}
