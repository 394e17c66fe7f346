// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/sync/semaphore"
)

// tokens has the client's one access token (RFC 6749, section 4.4). The first caller that
// finds it expired requests a new one; the others wait for that one.
type tokens struct {
	config   *clientcredentials.Config
	client   *http.Client
	redactor *Redactor
	turn     *semaphore.Weighted         // of 1: to request one
	current  atomic.Pointer[accessToken] // nil before the first and after one was refused
}

// accessToken is a token as requests have it in their header, and the time until which they
// may be sent.
type accessToken struct {
	authorization []string
	usableUntil   time.Time
}

var (
	// errExpiredOnArrival: the clock of the token endpoint may be wrong. Another token
	// at once would be no better, one after a while may be.
	errExpiredOnArrival = errors.New("the token had expired when it came")
	// errOutlived: the tenant's holds last longer than its tokens.
	errOutlived = errors.New("each token expired before the tenant's quota let the request through")
)

// get returns a token that is valid now, requesting one if necessary.
func (t *tokens) get(ctx context.Context) (*accessToken, error) {
	if t.turn.Acquire(ctx, 1) != nil {
		return nil, context.Cause(ctx)
	}
	defer t.turn.Release(1)
	if current := t.current.Load(); current != nil && time.Now().Before(current.usableUntil) {
		return current, nil
	}
	token, err := t.config.Token(context.WithValue(ctx, oauth2.HTTPClient, t.client))
	if err != nil {
		return nil, ended(ctx, t.redactor.tokenError(t.config.ClientID, err))
	}
	until, err := usableUntil(token, time.Now())
	if err != nil {
		return nil, fmt.Errorf("getting a token for client_id %q: %w", t.config.ClientID, err)
	}
	current := &accessToken{[]string{token.Type() + " " + token.AccessToken}, until}
	t.current.Store(current)
	return current, nil
}

// refused drops a token that the API refused, unless another caller has replaced it
// already.
func (t *tokens) refused(token *accessToken) { t.current.CompareAndSwap(token, nil) }

// livesNotAtAll reports whether an answer says that its token lives for 0 seconds, which
// oauth2 takes for an answer that does not say.
func livesNotAtAll(t *oauth2.Token) bool {
	switch life := t.Extra("expires_in").(type) {
	case float64:
		return life == 0
	case string:
		return life == "0"
	}
	return false
}

// usableUntil returns the time until which requests may be sent with a token: a tenth of
// its life, at most 10 s, before it expires, so that they arrive in time. Tokens live
// between five minutes and 48 hours (public API description, accessTokenValiditySeconds).
// The life is computed as of arrived, since clientcredentials does not keep expires_in.
func usableUntil(t *oauth2.Token, arrived time.Time) (time.Time, error) {
	life := t.Expiry.Sub(arrived)
	switch {
	case t.Expiry.IsZero() && livesNotAtAll(t):
		life = 0
	case t.Expiry.IsZero(): // unknown: until it is refused
		return arrived.Add(24 * time.Hour), nil
	}
	if life <= 0 {
		return time.Time{}, fmt.Errorf("%w (expires_in %.0f)", errExpiredOnArrival, life.Seconds())
	}
	return t.Expiry.Add(-min(life/10, 10*time.Second)), nil
}

// basic authenticates requests for a token as all of the vendor's SDKs do: with the
// base64 of id:secret, neither of them encoded before. RFC 6749, section 2.3.1, wants both
// form-encoded first, as golang.org/x/oauth2 does. The two differ for characters other
// than [A-Za-z0-9._~-], and the vendor's login host accepts what its own SDKs send.
type basic struct {
	id, secret string
	base       http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (b *basic) RoundTrip(req *http.Request) (*http.Response, error) {
	own := req.Clone(req.Context())
	own.SetBasicAuth(b.id, b.secret)
	return b.base.RoundTrip(own)
}
