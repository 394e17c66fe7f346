// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"

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
	text := fmt.Sprintf("%s %s%s: status %d", e.Method, e.Path, forInterval(e.Interval), e.Status)
	text += unlessEmpty(": ", e.Code, "") + unlessEmpty(": ", e.Message, "")
	return text + unlessEmpty(" (ININ-Correlation-Id ", e.CorrelationID, ")")
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
	return text + unlessEmpty(": ", e.Message, "")
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
	switch {
	case statusOf(err) != 0:
		return !passes(statusOf(err))
	case is[*TokenError](err), is[*JobError](err), is[*tls.CertificateVerificationError](err):
		return true
	}
	return errors.Is(err, ErrForeignOrigin) || errors.Is(err, ErrTooLarge) || Doubtful(err)
}

// passes reports whether what a status says may be over later.
func passes(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests
}

// is reports whether err is, or wraps, an E.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// statusOf returns the status of an [Error], 0 of any other.
func statusOf(err error) int {
	if api, ok := errors.AsType[*Error](err); ok {
		return api.Status
	}
	return 0
}

// OutlastsDeadline reports whether a request was not sent because the server
// ordered a pause that ends after the context's deadline.
func OutlastsDeadline(err error) bool { return is[*quota.HoldError](err) }

// tokenError returns a [TokenError] for a refusal, and an error that is not fatal for
// anything else. Genesys' body is {"error", "description", "error_description"}.
func (r *Redactor) tokenError(clientID string, err error) error {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok || refused.Response == nil {
		return fmt.Errorf("getting a token for client_id %q: %w", clientID, r.Err(err))
	}
	status := refused.Response.StatusCode
	if passes(status) || status < 400 {
		return fmt.Errorf("getting a token for client_id %q: status %d", clientID, status)
	}
	code := cmp.Or(r.text(refused.ErrorCode), http.StatusText(status))
	return &TokenError{ClientID: clientID, Status: status, Code: code, Description: r.text(refused.ErrorDescription)}
}

// ended returns the cause of the context's end in place of err, if it has ended.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// forInterval names an interval in an error; empty for an empty one.
func forInterval(interval string) string { return unlessEmpty(" for ", interval, "") }

// unlessEmpty returns a text between two others; nothing if it is empty.
func unlessEmpty(before, text, after string) string {
	if text == "" {
		return ""
	}
	return before + text + after
}
