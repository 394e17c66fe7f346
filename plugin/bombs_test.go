// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// TestAMessageThatIsABombIsRefusedWithoutARequest: its error goes into the header
// of a dead letter.
func TestAMessageThatIsABombIsRefusedWithoutARequest(t *testing.T) {
	long := strings.Repeat("x", 2<<20)
	for name, message := range map[string]map[string]string{
		"a long endpoint":           {"endpoint": "/api/v2/" + long},
		"an endpoint of many parts": {"endpoint": "/api/v2/" + strings.Repeat("x/", 750) + "y"},
		"an endpoint that climbs":   {"endpoint": "/api/v2/analytics/%2e%2e%2fusers"},
		"one that climbs in clear":  {"endpoint": "/api/v2/analytics/../users"},
		"an escape in an endpoint":  {"endpoint": "/api/v2/\x1b[2J"},
		"a line in an endpoint":     {"endpoint": "/api/v2/x\r\nHost: y"},
		"a long interval":           {"interval": long},
		"an escape in an interval":  {"interval": "\x1b[2J\nlevel=error"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tenant := newTenant(t, simulator.Config{})
				tenant.before = func(r *http.Request) { t.Errorf("asked for %.100s", r.URL) }
				p := openProcessor(t, with(processorBase, "endpoint: ${! this.endpoint }", "method: GET", "paging: query"), tenant)
				full := map[string]string{"endpoint": "/api/v2/analytics/queues/summary", "interval": "1999-12-31T00:00:00Z/1999-12-31T00:05:00Z"}
				for field, value := range message {
					full[field] = value
				}
				body, err := json.Marshal(full)
				require.NoError(t, err)
				_, err = p.Process(t.Context(), job(string(body)))
				require.Error(t, err)
				assert.Less(t, len(err.Error()), 1024)
				assert.NotContains(t, err.Error(), "\x1b")
				assert.NotContains(t, err.Error(), "\n")
			})
		})
	}
}
