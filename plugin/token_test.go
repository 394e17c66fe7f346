// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// deadTokens is a tenant whose tokens have expired as they come.
type deadTokens struct{ asked []time.Time }

func (d *deadTokens) RoundTrip(req *http.Request) (*http.Response, error) {
	d.asked = append(d.asked, time.Now())
	body := io.NopCloser(strings.NewReader(`{"access_token":"t","token_type":"bearer","expires_in":-10}`))
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: body, Request: req}, nil
}

// TestTokensThatHaveExpiredOnArrivalAreAFaultWithAnEnd: said, waited for, and
// bounded by give_up_after.
func TestTokensThatHaveExpiredOnArrivalAreAFaultWithAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, tenant := &lines{}, &deadTokens{}
		res := logging(log)
		in := open(t, with(settledDay, "fallback_pause: 5s", "give_up_after: 58s"), tenant, res)
		began := time.Now()
		_, _, err := in.Read(t.Context())
		require.Error(t, err)
		assert.Equal(t, 58*time.Second, time.Since(began))
		assert.Len(t, tenant.asked, 12, "one each fallback_pause")
		assert.Equal(t, 12, strings.Count(log.String(), "level=WARN"), log)
		assert.Contains(t, log.String(), "the token had expired when it came (expires_in -10)")
		assert.Contains(t, log.String(), "give_up_after")
	})
}
