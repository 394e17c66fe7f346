// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/oauth2"

	"connect-genesys.example/connect-genesys/plugin/quota"
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

// TokenError is an answer of the token endpoint that retrying cannot fix
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
	// errErrorBody: a status that says yes with a body that says no.
	errErrorBody = errors.New("the response has a good status and an error in its body")
	// errNoContinuation: there is no telling how to go on, and to stop would lose
	// data.
	errNoContinuation = errors.New("the response does not say how to go on")
	// errContradiction: a response says two things that cannot both be true.
	errContradiction = errors.New("the response contradicts itself or those before it")
)

func contradiction(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), errContradiction)
}

// OversizedError says that a query is too large for the service, and that its
// interval is to be split. A [Retry] returns it.
type OversizedError struct{ Cause error }

func (e *OversizedError) Error() string { return "too much at once: " + e.Cause.Error() }

func (e *OversizedError) Unwrap() error { return e.Cause }

// Doubtful reports whether an answer is worth asking for once more, and once
// only: it makes no sense, and another such one is an error that [Fatal] reports.
func Doubtful(err error) bool {
	return errors.Is(err, errContradiction) || errors.Is(err, errNoContinuation)
}

// Lost reports whether a reading starts over by itself: retrying the step that
// failed is of no use.
func Lost(err error) bool { return errors.Is(err, errJobLost) || errors.Is(err, errMoved) }

// Fatal reports whether retrying cannot fix an error. Time can fix timeouts,
// network faults, 408 and 5xx, and bodies that are cut short, empty or no JSON.
func Fatal(err error) bool {
	var api *Error
	var token *TokenError
	var job *JobError
	switch {
	case errors.As(err, &api):
		return api.Status < 500 && api.Status != http.StatusRequestTimeout && api.Status != http.StatusTooManyRequests
	case errors.As(err, &token), errors.As(err, &job), unverified(err):
		return true
	}
	return errors.Is(err, ErrForeignOrigin) || errors.Is(err, ErrTooLarge) || Doubtful(err)
}

// unverified reports whether the server's certificate cannot be verified, which
// no waiting mends.
func unverified(err error) bool {
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &certificate)
}

// OutlastsDeadline reports whether a request was not sent because the server
// ordered a pause that ends after the context's deadline.
func OutlastsDeadline(err error) bool {
	var hold *quota.HoldError
	return errors.As(err, &hold)
}

// tokenError tells a refused client from an endpoint in trouble. Genesys' body
// is {"error", "description", "error_description"}.
func (w *words) tokenError(clientID string, err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil {
		return fmt.Errorf("getting a token for client_id %q: %w", clientID, w.err(err))
	}
	status := refused.Response.StatusCode
	if status >= 500 || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status < 400 {
		return fmt.Errorf("getting a token for client_id %q: status %d", clientID, status)
	}
	e := &TokenError{ClientID: clientID, Status: status, Code: w.text(refused.ErrorCode), Description: w.text(refused.ErrorDescription)}
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

// errJobLost says that a job's results are not to be had, and that its interval
// starts over with another one: its results come in another order.
var errJobLost = errors.New("the job has no results any more")

// JobError says that a job came to nothing.
type JobError struct {
	Path, Interval string
	Job, State     string
	Message        string // the service's own
}

func (e *JobError) Error() string {
	text := fmt.Sprintf("POST %s%s: the job %s is %s", e.Path, forInterval(e.Interval), e.Job, e.State)
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// errMoved says that there is nothing any more where a reading was to be taken
// up. Its interval starts over.
var errMoved = errors.New("there is no page where the interval was left")

// lenient takes what a server may send and a strict reader would refuse: the
// page leaves as it came, so nothing in it is ours to judge.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

func forInterval(interval string) string {
	if interval == "" {
		return ""
	}
	return " for " + interval
}
