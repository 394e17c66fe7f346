// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// tokenReply is a token response of the client credentials grant (RFC 6749
// section 4.4.3). There is no refresh token in this grant.
type tokenReply struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"`
}

// tokenError is the login host's own error shape, which is not ErrorBody.
type tokenError struct {
	Error            string `json:"error"`
	Description      string `json:"description"`
	ErrorDescription string `json:"error_description"`
}

// serveToken takes id and secret as they are, which is how the vendor's SDKs send
// them: form-encoded, as RFC 6749 section 2.3.1 has it, they are somebody else's.
func (s *Simulator) serveToken(r *http.Request, now time.Time) *exchange {
	if r.Method != http.MethodPost {
		return failure(methodNotAllowed(r.Method, http.MethodPost))
	}
	id, secret, ok := r.BasicAuth()
	switch {
	case !ok || id != s.cfg.ClientID:
		return tokenFailure(http.StatusBadRequest, "invalid_client", "client not found")
	case secret != s.cfg.ClientSecret:
		return tokenFailure(http.StatusUnauthorized, "invalid_client", "authentication failed")
	}
	r.Body = http.MaxBytesReader(nil, r.Body, maxBody)
	if grant := r.PostFormValue("grant_type"); grant != "client_credentials" {
		return tokenFailure(http.StatusBadRequest, "unsupported_grant_type", fmt.Sprintf("grant type %q is not supported", grant))
	}
	return &exchange{status: http.StatusOK, body: encode(tokenReply{
		AccessToken: s.mint(now),
		TokenType:   "bearer",
		ExpiresIn:   int(s.cfg.TokenLife / time.Second),
	})}
}

func tokenFailure(status int, code, description string) *exchange {
	return &exchange{status: status, body: encode(tokenError{code, description, description})}
}

func (s *Simulator) mint(now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for t, end := range s.tokens {
		if !now.Before(end) {
			delete(s.tokens, t)
		}
	}
	s.minted++
	token := strings.ReplaceAll(uuid(mix(s.cfg.Seed, 0x70, s.minted))+uuid(mix(s.cfg.Seed, 0x71, s.minted)), "-", "")
	s.tokens[token] = now.Add(s.cfg.TokenLife)
	return token
}

func (s *Simulator) authorise(r *http.Request, now time.Time) *apiError {
	token, ok := bearer(r)
	if !ok {
		return unauthorised("authentication.required", "No authentication bearer token specified in authorization header.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if end, known := s.tokens[token]; !known || !now.Before(end) {
		return unauthorised("bad.credentials", "Invalid login credentials.")
	}
	return nil
}

func bearer(r *http.Request) (string, bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return token, strings.EqualFold(scheme, "bearer") && token != ""
}
