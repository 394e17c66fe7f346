// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package proc

import (
	"fmt"
	"net"
)

// FreeAddress is a loopback address that nobody listened on a moment ago: for servers that
// cannot tell which port the system gave them. Another process may take it first, so a start
// that uses it is to be tried again.
func FreeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}
