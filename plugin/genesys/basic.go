// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import "net/http"

// basic sends requests for a token with the client's id and secret as all of the
// vendor's SDKs do: base64 of id:secret, neither of them encoded before. RFC 6749,
// section 2.3.1, would have both form-encoded, and golang.org/x/oauth2 does so; the
// two forms differ outside of [A-Za-z0-9._~-], and the vendor's login host is known
// to take what its own SDKs send.
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
