// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// tokens keeps the client's one access token (RFC 6749, section 4.4). Whoever
// finds it spent gets a new one; the others wait for that instead of asking too.
type tokens struct {
	config *clientcredentials.Config
	client *http.Client
	turn   chan struct{} // holds one value: whoever has it may use current
	// current is the token of the last answer; nil before and after a refusal.
	current *oauth2.Token
}

func newTokens(config *clientcredentials.Config, client *http.Client) *tokens {
	t := &tokens{config: config, client: client, turn: make(chan struct{}, 1)}
	t.turn <- struct{}{}
	return t
}

// get gives a token that is good now, asking for one where there is none.
func (t *tokens) get(ctx context.Context) (*oauth2.Token, error) {
	select {
	case <-t.turn:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { t.turn <- struct{}{} }()
	if t.current != nil && time.Now().Before(usableUntil(t.current)) {
		return t.current, nil
	}
	token, err := t.config.Token(context.WithValue(ctx, oauth2.HTTPClient, t.client))
	if err != nil {
		return nil, ended(ctx, tokenError(t.config.ClientID, err))
	}
	t.current = token
	return token, nil
}

// refused forgets a token that the API did not take, unless somebody who was
// refused as well has replaced it already.
func (t *tokens) refused(token *oauth2.Token) {
	<-t.turn
	if t.current == token {
		t.current = nil
	}
	t.turn <- struct{}{}
}

// usableUntil leaves a request time to arrive before its token expires. Tokens
// live between five minutes and 48 hours (public API description,
// accessTokenValiditySeconds).
func usableUntil(token *oauth2.Token) time.Time {
	if token.Expiry.IsZero() { // not told: until it is refused
		return time.Now().Add(24 * time.Hour)
	}
	margin := time.Duration(token.ExpiresIn) * time.Second / 10
	return token.Expiry.Add(-min(margin, 10*time.Second))
}
