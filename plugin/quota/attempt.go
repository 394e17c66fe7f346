// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

var (
	// ErrOutdated is what a base transport returns for a request that was not sent,
	// because its permit was no longer good when it had a connection. The Transport
	// then waits for a new permit. Callers see this only where the request's body
	// cannot be obtained again.
	ErrOutdated = errors.New("the request was not sent: the tenant's quota changed while a connection was sought")
	// errReplay says that the base was about to send the request again by itself.
	errReplay = errors.New("the connection was lost before an answer came")
	// errClosed replaces an [io.EOF], which callers that read a list take for its end.
	errClosed = errors.New("the connection was closed without an answer")
)

// attempt sends a request once, under one permit. [net/http] may take seconds to get a
// connection, and by itself sends some requests again when a connection that it reused
// dies before an answer (a GET, and over HTTP/2 any). So the attempt traces its
// connections: it is broken off where the permit is no longer good once there is a
// connection, and before it would be written a second time. It is the context of the
// request that is sent.
type attempt struct {
	context.Context //nolint:containedctx // it is one

	permit *Permit
	trace  httptrace.ClientTrace
	cancel context.CancelCauseFunc
	// detach makes the attempt go on when its caller's context ends.
	detach func() bool

	conns    atomic.Int32 // that it was given
	outdated atomic.Bool  // the permit has been ended, and nothing was sent
}

func newAttempt(caller context.Context, permit *Permit) *attempt {
	a := &attempt{permit: permit}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(caller))
	a.cancel = cancel
	a.detach = context.AfterFunc(caller, func() { cancel(context.Cause(caller)) })
	a.trace.GotConn = a.gotConn
	a.Context = httptrace.WithClientTrace(ctx, &a.trace)
	return a
}

type attemptKey struct{}

// Value implements [context.Context].
func (a *attempt) Value(key any) any {
	if key == (attemptKey{}) {
		return a
	}
	return a.Context.Value(key)
}

// Abort ends the exchange of a request that a base transport was given, and whose context
// that is, with a cause. It does nothing once the body of the answer is closed.
func Abort(request context.Context, cause error) {
	if a, ok := request.Value(attemptKey{}).(*attempt); ok {
		a.cancel(cause)
	}
}

// gotConn is called just before the request is written.
func (a *attempt) gotConn(info httptrace.GotConnInfo) {
	switch {
	case a.conns.Add(1) > 1:
		a.cancel(errReplay)
	case !a.permit.Confirm():
		a.outdated.Store(true)
		a.cancel(ErrOutdated)
	}
	if a.Err() != nil && !multiplexed(info) {
		// HTTP/2 checks the context before it writes. HTTP/1 does not, so nothing may be
		// written any more to its connection, which is this request's alone.
		_ = info.Conn.SetWriteDeadline(time.Unix(1, 0))
	}
}

// multiplexed reports whether the connection may be shared with other requests.
func multiplexed(info httptrace.GotConnInfo) bool {
	conn, ok := info.Conn.(interface{ ConnectionState() tls.ConnectionState })
	return ok && conn.ConnectionState().NegotiatedProtocol == "h2"
}

// failed ends an attempt without an answer, and returns why there is none.
func (a *attempt) failed(err error) error {
	defer a.release()
	if a.outdated.Load() {
		return ErrOutdated
	}
	a.permit.Unanswered()
	switch {
	case a.Err() != nil:
		return context.Cause(a)
	case errors.Is(err, io.EOF):
		return errClosed
	}
	return err
}

// release ends the attempt's context, once the body has been read.
func (a *attempt) release() {
	a.detach()
	a.cancel(context.Canceled)
}

// answerBody is the body of an answer. Close ends the attempt.
type answerBody struct {
	io.ReadCloser
	attempt *attempt
}

func (b *answerBody) Close() error {
	defer b.attempt.release()
	return b.ReadCloser.Close()
}
