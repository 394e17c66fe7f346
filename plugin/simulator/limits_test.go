// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

const userAggregatesPath = "/api/v2/analytics/users/aggregates/query"

// aboutUsers is a query of the users' aggregates that names users in a filter.
func aboutUsers(filter string, ids ...string) string {
	predicates := make([]string, len(ids))
	for i, id := range ids {
		predicates[i] = fmt.Sprintf(`{"type":"dimension","dimension":"userId","operator":"matches","value":%q}`, id)
	}
	return fmt.Sprintf(`{"interval":%q,"groupBy":["userId"],"metrics":["tSystemPresence"],"filter":`+filter+`}`, oneDay, strings.Join(predicates, ","))
}

// usersOf are the users of an answer's groups.
func usersOf(n *tenant, a answer) (ids []string) {
	for _, group := range list(n.want(a), "results") {
		ids = append(ids, group.(map[string]any)["group"].(map[string]any)["userId"].(string))
	}
	return ids
}

// TestUserAggregatesAreOfTheUsersThatAreNamed: each group is as it is in the answer for all.
func TestUserAggregatesAreOfTheUsersThatAreNamed(t *testing.T) {
	n := signedIn(t, simulator.Config{Queues: 40})
	const or, nested = `{"type":"or","predicates":[%s]}`, `{"type":"and","clauses":[{"type":"or","predicates":[%s]}]}`
	all := n.want(n.post(userAggregatesPath, fmt.Sprintf(`{"interval":%q,"groupBy":["userId"],"metrics":["tSystemPresence"]}`, oneDay)))
	ids := usersOf(n, n.post(userAggregatesPath, fmt.Sprintf(`{"interval":%q,"groupBy":["userId"],"metrics":["tSystemPresence"]}`, oneDay)))
	require.Greater(t, len(ids), 100)

	some := ids[:100]
	for _, filter := range []string{or, nested} {
		got := n.post(userAggregatesPath, aboutUsers(filter, some...))
		assert.Equal(t, some, usersOf(n, got))
		assert.Equal(t, list(all, "results")[:100], list(got.json(t), "results"))
		refused := n.post(userAggregatesPath, aboutUsers(filter, ids[:101]...))
		assert.Equal(t, 400, refused.status)
		assert.Contains(t, refused.json(t)["message"], "101 predicates on userId, at most 100")
	}
	assert.Empty(t, usersOf(n, n.post(userAggregatesPath, aboutUsers(or, "nobody"))))
	assert.Equal(t, []string{ids[7]}, usersOf(n, n.post(userAggregatesPath, aboutUsers(or, ids[7]))))

	other := n.post(userAggregatesPath, strings.Replace(aboutUsers(or, "a"), `["userId"]`, `["queueId"]`, 1))
	assert.Equal(t, 400, other.status, "the users' aggregates group by nothing else")
}

func TestAQueryHasTenViewsAtMost(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	body := `{"interval":%q,"metrics":["tHandle"],"views":[%s]}`
	view := `{"target":"tHandle","name":"short","function":"rangeBound","range":{"lt":1000}}`
	ten := strings.Repeat(view+",", 9) + view
	n.want(n.post(aggregatesPath, fmt.Sprintf(body, oneHour, ten)))
	for _, path := range []string{aggregatesPath, "/api/v2/analytics/conversations/aggregates/jobs"} {
		got := n.post(path, fmt.Sprintf(body, oneHour, ten+","+view))
		assert.Equal(t, 400, got.status)
		assert.Contains(t, got.json(t)["message"], "11 views, at most 10")
	}
}
