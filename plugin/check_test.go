// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

func TestAConnectionTestNamesWhatIsMissing(t *testing.T) {
	tests := []struct {
		name   string
		config []string
		tenant simulator.Config
		says   string
	}{
		{"all is well", nil, simulator.Config{}, ""},
		{"aggregates", []string{"endpoint: /api/v2/analytics/conversations/aggregates/query", "query: { metrics: [ nOffered ] }"}, simulator.Config{}, ""},
		{"a wrong secret", []string{"client_secret: hunter2"}, simulator.Config{}, "client_secret"},
		{"a missing permission", nil, simulator.Config{DenyPermission: "analytics:queueObservation:view"}, "a role with the permission analytics:queueObservation:view"},
		{"a query that the API refuses", []string{"endpoint: /api/v2/analytics/conversations/aggregates/query", "query: { metric: [ nOffered ] }"}, simulator.Config{}, "status 400"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tenant := newTenant(t, test.tenant)
				in := open(t, with(settledDay, test.config...), tenant, resources())
				results := in.ConnectionTest(t.Context())
				require.Len(t, results, 1)
				if test.says == "" {
					require.NoError(t, results[0].Err)
					assert.LessOrEqual(t, tenant.Report().Requests, 2, "a token, and one call")
				} else {
					require.ErrorContains(t, results[0].Err, test.says)
					assert.NotContains(t, results[0].Err.Error(), "hunter2")
				}
				require.NoError(t, in.Close(t.Context()))
			})
		})
	}
}
