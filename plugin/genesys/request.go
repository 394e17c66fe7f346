// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"
)

// request is a request to the API.
type request struct {
	method, path string
	query        url.Values
	body         []byte // nil: none
	interval     string // for errors; empty where the request has none
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
}

// release gives back the memory of the body, which callers must not use afterwards.
func (r *response) release() { r.place.release(int64(cap(r.body))) }

func correlationID(h http.Header) string {
	if id := h.Get("ININ-Correlation-Id"); id != "" {
		return id
	}
	return h.Get("Genesys-Correlation-Id")
}

// readError returns the error that a response reports. Gateways in front of the API
// respond in HTML at times, so the body may be anything.
func (r *redactor) readError(res *response) *Error {
	e := &Error{Status: res.status, CorrelationID: res.correlationID}
	var body struct {
		Message string `json:"message"`
		Code    string `json:"code"`
	}
	if json.Unmarshal(res.body, &body, lenient) == nil && body.Message != "" {
		e.Code, e.Message = r.text(body.Code), r.text(body.Message)
		return e
	}
	e.Message = r.text(string(res.body))
	if e.Message == "" {
		e.Message = http.StatusText(res.status)
	}
	return e
}
