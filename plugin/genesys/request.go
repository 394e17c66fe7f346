// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// request is a request to the API.
type request struct {
	method, path string
	query        url.Values
	body         []byte // nil: none
	interval     string // for errors; empty where the request has none
	list         string // that the response is scanned for
}

// failed returns err with the name of the request.
func (r request) failed(err error) error {
	return fmt.Errorf("%s %s%s: %w", r.method, r.path, forInterval(r.interval), err)
}

// response is a response whose body has been read whole.
type response struct {
	status        int
	correlationID string
	arrived       time.Time // its header
	body          []byte
	place         *place // whose memory the body takes, until release
	scanned       *scan  // nil: it was not scanned as it came
}

// scan returns what the body says of itself.
func (r *response) scan(list string) (*summary, error) {
	if r.scanned != nil {
		return r.scanned.summary, r.scanned.err
	}
	return scanSummary(r.body, list)
}

// release gives back the memory of the body, which callers must not use afterwards.
func (r *response) release() { r.place.Give(int64(cap(r.body))) }

func correlationID(h http.Header) string {
	return cmp.Or(h.Get("Inin-Correlation-Id"), h.Get("Genesys-Correlation-Id"))
}
