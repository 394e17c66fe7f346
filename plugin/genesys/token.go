// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// tokens keeps the client's one access token (RFC 6749, section 4.4). Whoever
// finds it spent gets a new one; the others wait for that instead of asking too.
type tokens struct {
	config   *clientcredentials.Config
	client   *http.Client
	redactor *redactor
	turn     chan struct{} // holds one value: whoever has it may use current
	// current is the token of the last answer; nil before and after a refusal.
	current *accessToken
}

// accessToken is one and the time until which a request may be sent with it.
type accessToken struct {
	*oauth2.Token
	usableUntil time.Time
}

var (
	// errDeadOnArrival: the token endpoint works, and what it gives does not. Its
	// clock may be wrong, so waiting can help, and asking at once cannot.
	errDeadOnArrival = errors.New("the token had expired when it came")
	// errOutlived: the holds of the tenant are longer than its tokens live.
	errOutlived = errors.New("each token expired before the tenant's quota let the request through")
)

func newTokens(config *clientcredentials.Config, client *http.Client, redactor *redactor) *tokens {
	t := &tokens{config: config, client: client, redactor: redactor, turn: make(chan struct{}, 1)}
	t.turn <- struct{}{}
	return t
}

// get returns a token that is good now, asking for one where there is none.
func (t *tokens) get(ctx context.Context) (*accessToken, error) {
	select {
	case <-t.turn:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { t.turn <- struct{}{} }()
	if t.current != nil && time.Now().Before(t.current.usableUntil) {
		return t.current, nil
	}
	answer, err := t.config.Token(context.WithValue(ctx, oauth2.HTTPClient, t.client))
	if err != nil {
		return nil, ended(ctx, t.redactor.tokenError(t.config.ClientID, err))
	}
	until, err := usableUntil(answer, time.Now())
	if err != nil {
		return nil, fmt.Errorf("getting a token for client_id %q: %w", t.config.ClientID, err)
	}
	t.current = &accessToken{answer, until}
	return t.current, nil
}

// refused forgets a token that the API did not take, unless another request that
// was refused as well has replaced it already.
func (t *tokens) refused(token *accessToken) {
	<-t.turn
	if t.current == token {
		t.current = nil
	}
	t.turn <- struct{}{}
}

// usableUntil leaves a request time to arrive before its token expires. Tokens
// live between five minutes and 48 hours (public API description,
// accessTokenValiditySeconds). The life is what is left as the token arrives:
// clientcredentials keeps no expires_in, and makes a time of it.
func usableUntil(t *oauth2.Token, arrived time.Time) (time.Time, error) {
	if t.Expiry.IsZero() { // not told: until it is refused
		return arrived.Add(24 * time.Hour), nil
	}
	life := t.Expiry.Sub(arrived)
	if life <= 0 {
		return time.Time{}, fmt.Errorf("%w (expires_in %.0f)", errDeadOnArrival, life.Seconds())
	}
	return t.Expiry.Add(-min(life/10, 10*time.Second)), nil
}
