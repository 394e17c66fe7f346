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
	// ErrOutdated is what a base transport returns for a request that was not sent
	// because its permit was not good any more when a connection was there. The
	// Transport then waits for a new one; its callers see this only where the
	// request's body cannot be had again.
	ErrOutdated = errors.New("the request was not sent: the tenant's quota changed while a connection was sought")
	// errReplay: the base was about to send the request once more by itself.
	errReplay = errors.New("the connection was lost before an answer came")
	// errClosed stands in for an [io.EOF], which means the end of a list to callers
	// that read one.
	errClosed = errors.New("the connection was closed without an answer")
)

// attempt is one request on its way to the wire under one permit. [net/http] sends
// some requests again by itself when a connection that it reused dies before an
// answer (a GET, and under HTTP/2 any); and it may look for a connection for
// seconds. So the attempt listens to where it is: it goes back to the gate where
// its permit is outdated as the connection is there, and it never uses a second
// connection, or the same one a second time.
type attempt struct {
	permit *Permit
	ctx    context.Context //nolint:containedctx // it is the request's own
	cancel context.CancelCauseFunc
	// detach lets the attempt live on when its caller's context ends.
	detach func() bool

	conns    atomic.Int32 // that it was given
	outdated atomic.Bool  // the permit has been ended, and nothing was sent
}

func newAttempt(caller context.Context, permit *Permit) *attempt {
	a := &attempt{permit: permit}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(caller))
	a.cancel = cancel
	a.detach = context.AfterFunc(caller, func() { cancel(context.Cause(caller)) })
	a.ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: a.gotConn})
	return a
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
	if a.ctx.Err() != nil && !multiplexed(info) {
		// HTTP/2 looks at the context before it writes; HTTP/1 does not, so its
		// connection, which is this request's alone, must not take anything any more.
		_ = info.Conn.SetWriteDeadline(time.Unix(1, 0))
	}
}

// multiplexed reports whether other requests use the connection too.
func multiplexed(info httptrace.GotConnInfo) bool {
	conn, ok := info.Conn.(interface{ ConnectionState() tls.ConnectionState })
	return ok && conn.ConnectionState().NegotiatedProtocol == "h2"
}

// failed ends the attempt, and returns why there is no answer.
func (a *attempt) failed(err error) error {
	defer a.release()
	if a.outdated.Load() {
		return ErrOutdated
	}
	a.permit.Unanswered()
	switch {
	case a.ctx.Err() != nil:
		return context.Cause(a.ctx)
	case errors.Is(err, io.EOF):
		return errClosed
	}
	return err
}

// release lets go of the context, once the body has been read.
func (a *attempt) release() {
	a.detach()
	a.cancel(context.Canceled)
}

// answerBody is the body of an answer; closing it ends the attempt.
type answerBody struct {
	io.ReadCloser
	attempt *attempt
}

func (b *answerBody) Close() error {
	defer b.attempt.release()
	return b.ReadCloser.Close()
}
