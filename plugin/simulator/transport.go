// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"syscall"
)

// Transport serves requests in this process, without a network: what a test
// inside a testing/synctest bubble can give its HTTP client. A reset is a
// [syscall.ECONNRESET], a connection that is closed without an answer an
// [io.EOF], as net/http has it; what is cut ends in [io.ErrUnexpectedEOF].
func (s *Simulator) Transport() http.RoundTripper {
	return transport{s}
}

type transport struct{ s *Simulator }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer in.Body.Close()
	if r.URL.Host != "" && in.Host == "" {
		in.Host = r.URL.Host
	}
	w := &recorder{header: http.Header{}}
	aborted := serve(t.s, w, in)
	switch {
	case r.Context().Err() != nil:
		return nil, r.Context().Err()
	case w.lost != nil:
		return nil, fmt.Errorf("reading response of %s: %w", r.URL.Path, w.lost)
	case w.status == 0 && aborted:
		return nil, fmt.Errorf("reading response of %s: %w", r.URL.Path, syscall.ECONNRESET)
	case w.status == 0:
		return nil, errors.New("reading response: none was written")
	}
	return w.response(r, aborted), nil
}

// serve reports whether the handler aborted the connection.
func serve(h http.Handler, w http.ResponseWriter, r *http.Request) (aborted bool) {
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			aborted = true
		} else if p != nil {
			panic(p)
		}
	}()
	h.ServeHTTP(w, r)
	return false
}
