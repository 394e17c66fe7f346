// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import "net/http"

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
