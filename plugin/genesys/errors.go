// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"golang.org/x/oauth2"
)

// Error is an answer of the API that is not a page: its ErrorBody (public API
// description) and what it was the answer to.
type Error struct {
	Status        int
	Code, Message string
	CorrelationID string // ININ-Correlation-Id, which the vendor's support asks for
	Method, Path  string
	Interval      string // empty where the request has none

	asked string // tells two requests of one interval apart
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", e.Method, e.Path)
	if e.Interval != "" {
		b.WriteString(" for " + e.Interval)
	}
	fmt.Fprintf(&b, ": status %d", e.Status)
	for _, part := range []string{e.Code, e.Message} {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	if e.CorrelationID != "" {
		b.WriteString(" (ININ-Correlation-Id " + e.CorrelationID + ")")
	}
	return b.String()
}

// TokenError is an answer of the token endpoint that no repetition will better
// (RFC 6749, section 5.2). It names the client id, never the secret.
type TokenError struct {
	ClientID          string
	Status            int
	Code, Description string
}

func (e *TokenError) Error() string {
	return fmt.Sprintf("getting a token for client_id %q: status %d: %s: %s: check client_id, client_secret and region",
		e.ClientID, e.Status, e.Code, e.Description)
}

var (
	// ErrForeignOrigin says that the service pointed to another scheme, host or
	// port. Nothing is sent there: it would hand over the token.
	ErrForeignOrigin = errors.New("the service points to another origin, where nothing is sent")
	// ErrTooLarge says that a response exceeds the limit.
	ErrTooLarge = errors.New("the response is larger than max_response_bytes")
	// errNoJSON: a response that is cut short, empty or something else.
	errNoJSON = errors.New("the response is not a whole JSON document")
	// errUnclear: there is no telling how to go on, and to stop would lose data.
	errUnclear = errors.New("the response does not say how to go on")
)

// Fatal tells the errors that asking again cannot better from those that time
// can: timeouts, network faults, 408 and 5xx, bodies cut short.
func Fatal(err error) bool {
	var api *Error
	var token *TokenError
	var job *JobError
	switch {
	case errors.As(err, &api):
		return api.Status < 500 && api.Status != http.StatusRequestTimeout && api.Status != http.StatusTooManyRequests
	case errors.As(err, &token), errors.As(err, &job):
		return true
	}
	return errors.Is(err, ErrForeignOrigin) || errors.Is(err, ErrTooLarge) || errors.Is(err, errUnclear)
}

// Oversized tells the errors that mean the service will not do so much at once,
// and that half of the interval may do: paging that goes too deep, an interval
// that is too long, and a second 504 in a row, before being the first. A job runs
// for as long as it takes, so a 504 says nothing about its size.
func (q *Query) Oversized(err, before error) bool {
	var now, first *Error
	if q.Endpoint.Interval == Nowhere || !errors.As(err, &now) {
		return false
	}
	switch now.Status {
	case http.StatusBadRequest:
		text := strings.ToLower(now.Message)
		return strings.Contains(text, "pagination may not exceed") ||
			strings.Contains(text, "search interval") && strings.Contains(text, "does not exceed")
	case http.StatusGatewayTimeout:
		return q.Endpoint.Paging != PagingJob && errors.As(before, &first) &&
			first.Status == http.StatusGatewayTimeout && first.asked == now.asked
	}
	return false
}

// maxErrorText is how much of an error body without a message is shown.
const maxErrorText = 512

// readError makes an Error of an answer. Gateways in front of the API answer in
// HTML at times, so the body may be anything.
func readError(res *response) *Error {
	e := &Error{Status: res.status, CorrelationID: res.correlationID}
	var body struct {
		Message string `json:"message"`
		Code    string `json:"code"`
	}
	if json.Unmarshal(res.body, &body, lenient) == nil && body.Message != "" {
		e.Code, e.Message = body.Code, strings.Join(strings.Fields(body.Message), " ")
		return e
	}
	e.Message = strings.Join(strings.Fields(string(res.body[:min(len(res.body), maxErrorText)])), " ")
	if e.Message == "" {
		e.Message = http.StatusText(res.status)
	}
	return e
}

// tokenError tells a refused client from an endpoint in trouble. Genesys' body
// is {"error", "description", "error_description"}.
func tokenError(clientID string, err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil {
		return fmt.Errorf("getting a token for client_id %q: %w", clientID, err)
	}
	status := refused.Response.StatusCode
	if status >= 500 || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status < 400 {
		return fmt.Errorf("getting a token for client_id %q: status %d", clientID, status)
	}
	e := &TokenError{ClientID: clientID, Status: status, Code: refused.ErrorCode, Description: refused.ErrorDescription}
	if e.Code == "" {
		e.Code = http.StatusText(status)
	}
	return e
}

// ended reports the context's own end in place of whatever it made fail.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
