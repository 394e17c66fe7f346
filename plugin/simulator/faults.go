// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"io"
	"net/http"
	"syscall"
)

// faultStream keeps the dice of the faults apart from the data's.
const faultStream = 0xFA17

type fault int

const (
	faultNone fault = iota
	faultReset
	faultServerError
	faultTruncate
	faultExpire
	faultClose
	faultCloseHeader
	faultEmptyBody
	faultBomb
)

// unanswered reports whether the client is given no answer at all, and under
// which name the report counts that.
func (f fault) unanswered() (name string, ok bool) {
	switch f {
	case faultReset:
		return "reset", true
	case faultClose, faultCloseHeader:
		return "closed", true
	}
	return "", false
}

// disconnect ends the connection under the client, without an answer.
func disconnect(w http.ResponseWriter, f fault) {
	if w, ok := w.(*recorder); ok {
		w.lost = lost(f)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2, or no connection at all
	}
	switch f {
	case faultReset:
		// SetLinger(0) makes it an RST, the fault that clients see when a gateway
		// dies, and not an orderly end.
		if tcp, ok := conn.(interface{ SetLinger(int) error }); ok {
			_ = tcp.SetLinger(0)
		}
	case faultCloseHeader:
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: applica")
	}
	_ = conn.Close()
}

// lost is what net/http reports of such a connection.
func lost(f fault) error {
	switch f {
	case faultClose:
		return io.EOF
	case faultCloseHeader:
		return io.ErrUnexpectedEOF
	}
	return syscall.ECONNRESET
}
