// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// usersQuery is a query of the users' aggregates with a filter about so many users, as YAML
// takes it.
func usersQuery(users int, filter string) string {
	predicates := make([]string, users)
	for i := range predicates {
		predicates[i] = fmt.Sprintf("{ dimension: userId, value: user-%d }", i)
	}
	return fmt.Sprintf("query: { metrics: [ tSystemPresence ], filter: "+filter+" }", strings.Join(predicates, ", "))
}

func viewsQuery(views int) string {
	return "query: { metrics: [ tHandle ], views: [ " + strings.Repeat("{ target: tHandle, name: short, function: rangeBound }, ", views) + "] }"
}

const (
	oneOf   = "{ type: or, predicates: [ %s ] }"
	clauses = "{ type: and, clauses: [ " + oneOf + " ] }"

	userAggregates = "endpoint: /api/v2/analytics/users/aggregates/query"
	aggregates     = "endpoint: /api/v2/analytics/conversations/aggregates/query"
)

// TestDocumentedLimitsAreFoundBeforeARequest: by lint, by the constructors and for each
// message, and the last that is right passes all of them.
func TestDocumentedLimitsAreFoundBeforeARequest(t *testing.T) {
	for _, test := range []struct {
		name     string
		endpoint string
		query    string
		says     string
	}{
		{"a hundred users", userAggregates, usersQuery(100, oneOf), ""},
		{"a hundred and one", userAggregates, usersQuery(101, oneOf), "query names 101 user ids: /api/v2/analytics/users/aggregates/query takes at most 100"},
		{"more in clauses", userAggregates, usersQuery(101, clauses), "query names 101 user ids"},
		{"more users of an endpoint without such a limit", aggregates, usersQuery(101, oneOf), ""},
		{"another dimension", userAggregates, "query: { groupBy: [ userId, queueId ], metrics: [ tSystemPresence ] }", `groups by "queueId": /api/v2/analytics/users/aggregates/query takes userId only`},
		{"the job's dimension", "endpoint: /api/v2/analytics/users/aggregates/jobs", "query: { groupBy: [ queueId ], metrics: [ tSystemPresence ] }", "takes userId only"},
		{"ten views", aggregates, viewsQuery(10), ""},
		{"eleven views", aggregates, viewsQuery(11), "query has 11 views: /api/v2/analytics/conversations/aggregates/query takes at most 10"},
	} {
		t.Run(test.name, func(t *testing.T) {
			ofInput := lint(t, with(base, test.endpoint, test.query))
			ofProcessor := lintAs(t, service.GlobalEnvironment().NewComponentConfigLinter().LintProcessorYAML, with(processorBase, test.endpoint, test.query))
			if test.says == "" {
				assert.Empty(t, ofInput+ofProcessor)
				require.NoError(t, construct(t, with(base, test.endpoint, test.query)))
				return
			}
			assert.Contains(t, ofInput, test.says)
			assert.Contains(t, ofProcessor, test.says)
			require.ErrorContains(t, construct(t, with(base, test.endpoint, test.query)), test.says)
		})
	}
}

// TestAMessageThatAsksForTooMuchCostsNoRequest.
func TestAMessageThatAsksForTooMuchCostsNoRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant := newTenant(t, simulator.Config{})
		p := openProcessor(t, with(processorBase, userAggregates,
			`query: 'root = {"groupBy":["userId"],"metrics":["tSystemPresence"],"filter":{"type":"or","predicates":range(0, this.users).map_each(n -> {"dimension":"userId","value":n.string()})}}'`), tenant)
		const iv = `"interval":"1999-12-31T00:00:00Z/1999-12-31T00:30:00Z"`
		_, err := p.Process(t.Context(), job(`{"users":101,`+iv+`}`))
		require.ErrorContains(t, err, "query names 101 user ids")
		assert.Zero(t, tenant.Report().Requests)
		_, err = p.Process(t.Context(), job(`{"users":100,`+iv+`}`))
		require.NoError(t, err)
	})
}

// TestALongIntervalIsPlannedByItsLimit: not one request of it is refused, its parts tile it,
// and a run that goes on inside it asks for the parts that are left.
func TestALongIntervalIsPlannedByItsLimit(t *testing.T) {
	const (
		month   = "start: 1999-11-01T00:00:00Z"
		details = "endpoint: /api/v2/analytics/conversations/details/query"
		filter  = "query: { segmentFilters: [ { type: or, predicates: [ { dimension: mediaType, value: voice } ] } ] }"
	)
	for _, test := range []struct {
		name  string
		lines []string
		want  []string // their keys without the dataset, one a part
	}{
		{"a week", []string{"end: 1999-11-08T00:00:00Z", "interval: P1W"}, []string{"1999/11/01/000000Z-19991108T000000Z"}},
		{"a month", []string{"end: 1999-12-01T00:00:00Z", "interval: P1M"}, []string{
			"1999/11/01/000000Z-19991108T000000Z", "1999/11/08/000000Z-19991115T000000Z", "1999/11/15/000000Z-19991122T000000Z",
			"1999/11/22/000000Z-19991129T000000Z", "1999/11/29/000000Z-19991201T000000Z",
		}},
		{"a month with a filter", []string{"end: 1999-12-01T00:00:00Z", "interval: P1M", filter}, []string{"1999/11/01/000000Z-19991201T000000Z"}},
		{"an empty list is no filter", []string{"end: 1999-11-09T00:00:00Z", "interval: P8D", "query: { segmentFilters: [] }"}, []string{
			"1999/11/01/000000Z-19991108T000000Z", "1999/11/08/000000Z-19991109T000000Z",
		}},
		{"32 days with a filter", []string{"end: 1999-12-03T00:00:00Z", "interval: P32D", filter}, []string{
			"1999/11/01/000000Z-19991202T000000Z", "1999/12/02/000000Z-19991203T000000Z",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				config := with(settledDay, append([]string{month, details}, test.lines...)...)
				var want []string
				for _, key := range test.want {
					want = append(want, "conversations-details-query/"+key+"/p0001")
				}
				tenant := newTenant(t, simulator.Config{Conversations: 3})
				refusals := refusedBy(tenant)
				assert.Equal(t, want, exportAll(t, open(t, config, tenant, resources())))
				assert.Zero(t, *refusals, "no 400 was earned")
				for done := range want { // and stopped after each page
					res := resources()
					in := open(t, config, tenant, res)
					for _, page := range read(t, in, done+1) {
						require.NoError(t, page.ack(t.Context(), nil))
					}
					require.NoError(t, in.Close(t.Context()))
					assert.Equal(t, want[done+1:], append([]string{}, exportAll(t, open(t, config, tenant, res))...))
				}
				assert.Zero(t, *refusals)
			})
		})
	}
}

// refusedBy counts the 400s of a tenant.
func refusedBy(tenant *tenantOf) *int {
	n := new(int)
	tenant.after = func(res *http.Response) {
		if res.StatusCode == http.StatusBadRequest {
			*n++
		}
	}
	return n
}

// TestAMessagesLongIntervalIsReadInParts, as the input's is.
func TestAMessagesLongIntervalIsReadInParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant := newTenant(t, simulator.Config{Queues: 1})
		refusals := refusedBy(tenant)
		p := openProcessor(t, with(processorBase, "endpoint: /api/v2/analytics/users/details/query"), tenant)
		batch, err := p.Process(t.Context(), job(`{"interval":"1999-11-01T00:00:00Z/1999-11-09T00:00:00Z"}`))
		require.NoError(t, err)
		require.Len(t, batch, 2)
		key, _ := batch[1].MetaGetMut("genesys_key")
		assert.Equal(t, "users-details-query/1999/11/08/000000Z-19991109T000000Z/p0001", key)
		assert.Zero(t, *refusals)
		assert.Equal(t, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Now().UTC(), "nothing was waited for")
	})
}
