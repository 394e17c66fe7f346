// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package contract

import (
	"path/filepath"
	"testing"

	vendor "github.com/mypurecloud/platform-client-sdk-go/v150/platformclientv2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// sdkOf is the vendor's client of a tenant, with a token.
func sdkOf(t *testing.T, w *wire) *vendor.AnalyticsApi {
	t.Helper()
	config := vendor.NewConfigurationWithConfigFile(filepath.Join(t.TempDir(), "none"), false)
	config.BasePath = w.URL
	require.NoError(t, config.AuthorizeClientCredentials("demo-client", "demo-secret"))
	assert.Equal(t, 86400, config.AccessTokenExpiresIn)
	return vendor.NewAnalyticsApiWithConfig(config)
}

const hour = "2020-01-01T00:00:00.000Z/2020-01-01T01:00:00.000Z"

// TestTheVendorsOwnClientFindsWhatItExpects in the simulator.
func TestTheVendorsOwnClientFindsWhatItExpects(t *testing.T) {
	w := newWire(t, simulator.Config{Queues: 5, Conversations: 5000})
	sdk := sdkOf(t, w)

	t.Run("a wrong secret", func(t *testing.T) {
		config := vendor.NewConfigurationWithConfigFile(filepath.Join(t.TempDir(), "none"), false)
		config.BasePath = w.URL
		require.ErrorContains(t, config.AuthorizeClientCredentials("demo-client", "wrong"), "invalid_client")
	})

	t.Run("aggregates", func(t *testing.T) {
		got, response, err := sdk.PostAnalyticsConversationsAggregatesQuery(vendor.Conversationaggregationquery{
			Interval: new(hour), Granularity: new("PT30M"), TimeZone: new("UTC"), GroupBy: &[]string{"queueId"}, Metrics: &[]string{"nOffered", "tHandle"},
		})
		require.NoError(t, err)
		assert.Equal(t, 200, response.StatusCode)
		require.Len(t, *got.Results, 5)
		for _, group := range *got.Results {
			assert.Contains(t, *group.Group, "queueId")
			for _, bucket := range *group.Data {
				assert.NotEmpty(t, *bucket.Metrics)
			}
		}
	})

	t.Run("aggregates of users", func(t *testing.T) {
		got, _, err := sdk.PostAnalyticsUsersAggregatesQuery(vendor.Useraggregationquery{
			Interval: new(hour), GroupBy: &[]string{"userId"}, Metrics: &[]string{"tAgentRoutingStatus"},
		})
		require.NoError(t, err)
		assert.NotEmpty(t, *got.Results)
		assert.Contains(t, *got.SystemToOrganizationMappings, "ON_QUEUE")
	})

	t.Run("details, page by page", func(t *testing.T) {
		ids := map[string]bool{}
		var total int
		for number := 1; ; number++ {
			got, _, err := sdk.PostAnalyticsConversationsDetailsQuery(vendor.Conversationquery{
				Interval: new(hour), Paging: &vendor.Pagingspec{PageSize: new(100), PageNumber: new(number)},
			})
			require.NoError(t, err)
			total = *got.TotalHits
			if got.Conversations == nil { // as the vendor's own loop has it
				break
			}
			for _, c := range *got.Conversations {
				ids[*c.ConversationId] = true
				assert.False(t, c.ConversationStart.IsZero())
			}
		}
		assert.Len(t, ids, total)
	})

	t.Run("a details job", func(t *testing.T) { readJob(t, sdk) })

	t.Run("details of users", func(t *testing.T) {
		got, _, err := sdk.PostAnalyticsUsersDetailsQuery(vendor.Userdetailsquery{Interval: new(hour), Paging: &vendor.Pagingspec{PageSize: new(50), PageNumber: new(1)}})
		require.NoError(t, err)
		assert.Len(t, *got.UserDetails, 20)
		assert.NotEmpty(t, *(*got.UserDetails)[0].PrimaryPresence)
	})

	t.Run("observations", func(t *testing.T) {
		filter := vendor.Queueobservationqueryfilter{VarType: new("or"), Predicates: &[]vendor.Queueobservationquerypredicate{
			{VarType: new("dimension"), Dimension: new("mediaType"), Operator: new("matches"), Value: new("voice")},
		}}
		queues, _, err := sdk.PostAnalyticsQueuesObservationsQuery(vendor.Queueobservationquery{Filter: &filter, Metrics: &[]string{"oWaiting", "oInteracting"}})
		require.NoError(t, err)
		assert.NotEmpty(t, *queues.Results)
		users, _, err := sdk.PostAnalyticsUsersObservationsQuery(vendor.Userobservationquery{
			Filter: &vendor.Userobservationqueryfilter{VarType: new("or"), Predicates: &[]vendor.Userobservationquerypredicate{
				{VarType: new("dimension"), Dimension: new("userId"), Operator: new("matches"), Value: new("x")},
			}},
			Metrics: &[]string{"oActiveQueues"},
		})
		require.NoError(t, err)
		assert.NotNil(t, users.Results)
	})

	t.Run("a mistake", func(t *testing.T) {
		_, response, err := sdk.PostAnalyticsConversationsDetailsQuery(vendor.Conversationquery{Interval: new("yesterday")})
		require.Error(t, err)
		assert.Equal(t, 400, response.StatusCode)
		assert.Equal(t, "invalid.value", response.Error.Code)
		assert.NotEmpty(t, response.CorrelationID)
	})
	w.checked(t)
}

func readJob(t *testing.T, sdk *vendor.AnalyticsApi) {
	t.Helper()
	watermark, _, err := sdk.GetAnalyticsConversationsDetailsJobsAvailability()
	require.NoError(t, err)
	assert.False(t, watermark.DataAvailabilityDate.IsZero())
	submitted, response, err := sdk.PostAnalyticsConversationsDetailsJobs(vendor.Asyncconversationquery{Interval: new(hour)})
	require.NoError(t, err)
	assert.Equal(t, 202, response.StatusCode)
	state := ""
	for range 5 {
		status, _, err := sdk.GetAnalyticsConversationsDetailsJob(*submitted.JobId)
		require.NoError(t, err)
		if state = *status.State; state == "FULFILLED" {
			break
		}
	}
	require.Equal(t, "FULFILLED", state)
	ids, pages := map[string]bool{}, 0
	for cursor := ""; ; {
		got, _, err := sdk.GetAnalyticsConversationsDetailsJobResults(*submitted.JobId, cursor, 100)
		require.NoError(t, err)
		pages++
		for _, c := range *got.Conversations {
			ids[*c.ConversationId] = true
			assert.NotEmpty(t, *(*c.Participants)[0].Attributes)
		}
		if got.Cursor == nil {
			break
		}
		cursor = *got.Cursor
	}
	assert.Greater(t, pages, 2)
	assert.Greater(t, len(ids), 200)
	_, err = sdk.DeleteAnalyticsConversationsDetailsJob(*submitted.JobId)
	require.NoError(t, err)
}
