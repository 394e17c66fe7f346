// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheSecretIsSentAsTheVendorsSDKsSendIt, where form-encoding would change it.
func TestTheSecretIsSentAsTheVendorsSDKsSendIt(t *testing.T) {
	const id, odd = "an id+with/odd", "p+q/r% =:&é~"
	sent := ""
	f := &fake{api: answer(200, `{"entities":[1],"pageCount":1}`), token: func(w http.ResponseWriter, r *http.Request) {
		sent = r.Header.Get("Authorization")
		grant(w, "t", 300)
	}}
	c := f.client(t, func(c *Config) { c.ClientID, c.ClientSecret = id, odd })
	_, err := first(t.Context(), c, known(t, summaryPath))
	require.NoError(t, err)
	assert.Equal(t, "Basic "+base64.StdEncoding.EncodeToString([]byte(id+":"+odd)), sent)
}
