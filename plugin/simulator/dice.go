// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import "net/http"

// timeout is the server error that is a 504.
const timeout = 2

// roll draws the request's fault. An expired token is forgotten here, so that the
// check that follows answers as it does for any other.
func (s *Simulator) roll(r *http.Request) fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.cfg.Faults
	if f == (Faults{}) {
		return faultNone
	}
	u := s.faults.Float64()
	for _, c := range []struct {
		p float64
		f fault
	}{
		{f.Reset, faultReset},
		{f.ServerError, faultServerError},
		{f.Truncate, faultTruncate},
		{f.ExpireToken, faultExpire},
		{f.Close, faultClose},
		{f.CloseHeader, faultCloseHeader},
		{f.EmptyBody, faultEmptyBody},
		{f.Bomb, faultBomb},
	} {
		if u < c.p {
			if token, ok := bearer(r); ok && c.f == faultExpire {
				delete(s.tokens, token)
			}
			return c.f
		}
		u -= c.p
	}
	return faultNone
}

// serverError is one of the answers of a service that is unwell. The 502 is a
// gateway's, and not JSON. A 504 does not come twice in a row by chance: that is
// how a service says that a query is too large for it.
func (s *Simulator) serverError(uri string) *exchange {
	s.mu.Lock()
	n := s.faults.IntN(3)
	if n == timeout && s.timedOut[uri] {
		n = 0
	}
	s.timedOut[uri] = n == timeout
	s.mu.Unlock()
	switch n {
	case 0:
		return failure(&apiError{
			Status: http.StatusInternalServerError, Code: "internal.server.error",
			Message: "The server encountered an unexpected condition which prevented it from fulfilling the request.",
		})
	case 1:
		return &exchange{
			status: http.StatusBadGateway, plain: true,
			body: []byte("<html><head><title>502 Bad Gateway</title></head></html>"),
		}
	}
	return failure(&apiError{Status: http.StatusGatewayTimeout, Code: "request.timeout", Message: "The request timed out."})
}
