// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/oauth2"

	"connect-genesys.example/connect-genesys/plugin/quota"
)

// Error is a response of the API whose status is not 2xx: its ErrorBody (public API
// description), and the request.
type Error struct {
	Status        int
	Code, Message string
	CorrelationID string // ININ-Correlation-Id, which the vendor's support asks for
	Method, Path  string
	Interval      string // ISO 8601, start/end; empty where the request has none

	asked string // the request's query string and body
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s%s: status %d", e.Method, e.Path, forInterval(e.Interval), e.Status)
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

// TokenError is a response of the token endpoint that retrying cannot fix (RFC 6749,
// section 5.2). It has the client id, never the secret.
type TokenError struct {
	ClientID          string
	Status            int
	Code, Description string
}

func (e *TokenError) Error() string {
	return fmt.Sprintf("getting a token for client_id %q: status %d: %s: %s: check client_id, client_secret and region",
		e.ClientID, e.Status, e.Code, e.Description)
}

// JobError says that jobs for an interval failed, or were lost, again and again.
type JobError struct {
	Path, Interval string
	Job, State     string // of the last one
	Message        string // of the service, empty where it gave none
}

func (e *JobError) Error() string {
	text := fmt.Sprintf("POST %s%s: the job %s is %s", e.Path, forInterval(e.Interval), e.Job, e.State)
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

var (
	// ErrForeignOrigin says that a redirect or a nextUri leads to another scheme, host
	// or port. Nothing is sent there: the request would carry the token.
	ErrForeignOrigin = errors.New("the service points to another origin, where nothing is sent")
	// ErrTooLarge says that a response's body exceeds [Config].MaxResponseBytes.
	ErrTooLarge = errors.New("the response is larger than max_response_bytes")
	// errNoJSON: the body is cut short, empty or no JSON.
	errNoJSON = errors.New("the response is not a whole JSON document")
	// errErrorBody: the status is 2xx and the body is an ErrorBody.
	errErrorBody = errors.New("the response has a good status and an error in its body")
	// errNoContinuation: the next page cannot be found, and to stop would lose data.
	errNoContinuation = errors.New("the response does not say how to go on")
	// errContradiction: two statements of the responses cannot both be true.
	errContradiction = errors.New("the response contradicts itself or those before it")
	// errJobLost: a job has no results any more. Another job has them in another order,
	// so the interval starts over.
	errJobLost = errors.New("the job has no results any more")
	// errMoved: the page at which an interval was to be continued is gone. The interval
	// starts over.
	errMoved = errors.New("there is no page where the interval was left")
)

// contradiction returns an errContradiction that says which.
func contradiction(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), errContradiction)
}

// OversizedError says that an interval is too large for the service in one query, and
// has to be split. A [Retry] returns it; a [Source] passes it on.
type OversizedError struct{ Cause error }

func (e *OversizedError) Error() string { return "too much at once: " + e.Cause.Error() }

func (e *OversizedError) Unwrap() error { return e.Cause }

// Doubtful reports whether a response makes no sense, so that its request is worth
// sending once more, and once only. [Fatal] reports such an error too.
func Doubtful(err error) bool {
	return errors.Is(err, errContradiction) || errors.Is(err, errNoContinuation)
}

// Lost reports whether a [Source] starts the interval over after an error: its job, or
// the page where it was left, is gone. Retrying the step cannot fix that.
func Lost(err error) bool { return errors.Is(err, errJobLost) || errors.Is(err, errMoved) }

// Fatal reports whether retrying cannot fix an error. It can fix timeouts, network
// faults, the statuses 408, 429 and 5xx, and bodies that are cut short, empty or no JSON.
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

// unverified reports whether the server's certificate cannot be verified.
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

// tokenError returns a [TokenError] for a refusal, and an error that is not fatal for
// anything else. Genesys' body is {"error", "description", "error_description"}.
func (r *redactor) tokenError(clientID string, err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil {
		return fmt.Errorf("getting a token for client_id %q: %w", clientID, r.err(err))
	}
	status := refused.Response.StatusCode
	if status >= 500 || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status < 400 {
		return fmt.Errorf("getting a token for client_id %q: status %d", clientID, status)
	}
	e := &TokenError{ClientID: clientID, Status: status, Code: r.text(refused.ErrorCode), Description: r.text(refused.ErrorDescription)}
	if e.Code == "" {
		e.Code = http.StatusText(status)
	}
	return e
}

// ended returns the cause of the context's end in place of err, if it has ended.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// forInterval names an interval in an error; empty for an empty one.
func forInterval(interval string) string {
	if interval == "" {
		return ""
	}
	return " for " + interval
}
