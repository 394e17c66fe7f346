// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"strconv"
	"time"
)

// exchange is a response before it is written.
type exchange struct {
	status int
	err    *apiError
	body   []byte
	plain  bool // the body is not JSON
	packed bool // the body is gzip's, whether or not the client takes that
	fault  fault
	reply  reply
}

func failure(err *apiError) *exchange {
	return &exchange{status: err.Status, err: err}
}

// header sets what every response carries, and fills the correlation id into an
// error's body.
func (x *exchange) header(h http.Header, cfg Config, v verdict, now time.Time, seq uint64) {
	correlation := uuid(mix(cfg.Seed, 0xC0, seq))
	h.Set("ININ-Correlation-Id", correlation)
	h.Set("Date", now.UTC().Format(http.TimeFormat))
	h.Set("Cache-Control", "no-cache, no-store, must-revalidate")
	rateHeaders(h, cfg, v, now)
	if x.err != nil {
		x.err.ContextID = correlation
		x.body = encode(x.err)
		if x.err.allow != "" {
			h.Set("Allow", x.err.allow)
		}
	}
	if x.plain {
		h.Set("Content-Type", "text/html")
	} else if x.body != nil {
		h.Set("Content-Type", "application/json")
	}
	if x.packed {
		h.Set("Content-Encoding", "gzip")
	}
	if x.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(x.body)))
	}
}

func (x *exchange) write(w http.ResponseWriter) {
	switch x.fault {
	case faultReset, faultClose, faultCloseHeader:
		disconnect(w, x.fault)
	case faultTruncate:
		w.WriteHeader(x.status)
		_, _ = w.Write(x.body[:len(x.body)/2])
		// A flush, or net/http would drop the half with the connection.
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	default:
		w.WriteHeader(x.status)
		_, _ = w.Write(x.body)
	}
}
