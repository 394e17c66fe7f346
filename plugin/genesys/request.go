// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"net/http"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"
)

// request is one question to the API.
type request struct {
	method, path string
	query        url.Values
	body         []byte // nil: none
	interval     string // for errors
}

// response is an answer that was read whole.
type response struct {
	status        int
	correlationID string
	arrived       time.Time
	body          []byte
	place         *place // has room for the body until gone
}

// gone says that nobody has the body any more.
func (r *response) gone() { r.place.gone(int64(cap(r.body))) }

func correlationID(h http.Header) string {
	if id := h.Get("ININ-Correlation-Id"); id != "" {
		return id
	}
	return h.Get("Genesys-Correlation-Id")
}

// readError makes an Error of an answer. Gateways in front of the API answer in
// HTML at times, so the body may be anything.
func (w *words) readError(res *response) *Error {
	e := &Error{Status: res.status, CorrelationID: res.correlationID}
	var body struct {
		Message string `json:"message"`
		Code    string `json:"code"`
	}
	if json.Unmarshal(res.body, &body, lenient) == nil && body.Message != "" {
		e.Code, e.Message = w.text(body.Code), w.text(body.Message)
		return e
	}
	e.Message = w.text(string(res.body))
	if e.Message == "" {
		e.Message = http.StatusText(res.status)
	}
	return e
}
