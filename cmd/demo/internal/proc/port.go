// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package proc

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Systems give connections ports from 32768 on, or from 49152. A server that is down for a
// while would lose one of those to any connection, so servers get lower ones.
const (
	firstPort = 20_000
	lastPort  = 32_000
	portTries = 100
)

// FreeAddress is a loopback address that nobody listened on a moment ago: for servers that
// cannot tell which port the system gave them, or that come back at the same one. Another
// server may take it first, so a start that uses it is to be tried again.
func FreeAddress() (address string, err error) {
	for range portTries {
		port := firstPort + rand.IntN(lastPort-firstPort) //nolint:gosec // nothing to guess
		address = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		l, taken := net.Listen("tcp", address)
		if taken == nil {
			return address, l.Close()
		}
		err = fmt.Errorf("finding a free port: %w", taken)
	}
	return "", err
}
