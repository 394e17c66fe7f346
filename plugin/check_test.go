// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/quota"
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

// TestAConnectionTestAsksForAMinuteThatEveryEndpointHas, in the day before yesterday.
func TestAConnectionTestAsksForAMinuteThatEveryEndpointHas(t *testing.T) {
	now := time.Date(2026, 11, 24, 2, 0, 30, 5, time.FixedZone("", 9*60*60))
	assert.Equal(t, "2026-11-21T17:00:00.000Z/2026-11-21T17:01:00.000Z", triedInterval(now).String())
}

// noBoard is a cache that may not be read, as DynamoDB without DescribeTable.
type noBoard struct{}

func (noBoard) Read(context.Context) ([]byte, error) {
	return nil, errors.New("AccessDeniedException: dynamodb:DescribeTable")
}

func (noBoard) Write(context.Context, []byte, time.Duration) error { return nil }

func TestAConnectionTestReadsTheSharedHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant := newTenant(t, simulator.Config{})
		res := service.MockResources(service.MockResourcesOptAddCache("position"),
			service.MockResourcesOptAddRateLimit("tenant", func(context.Context) (time.Duration, error) { return 0, nil }))
		res.SetGeneric(gateOf{"tenant"}, quota.NewGate(quota.Config{Store: noBoard{}}))
		in := open(t, with(settledDay, "rate_limit: tenant"), tenant, res)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		began := time.Now()
		results := in.ConnectionTest(ctx)
		assert.Zero(t, time.Since(began))
		require.Len(t, results, 1)
		require.ErrorContains(t, results[0].Err, `rate limit "tenant"`)
		require.ErrorContains(t, results[0].Err, "dynamodb:DescribeTable")
		assert.Zero(t, tenant.Report().Requests)
		require.NoError(t, in.Close(t.Context()))
	})
}
