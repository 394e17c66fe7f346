// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// ids reads a listing by page numbers.
func (n *tenant) ids(path string) map[string]bool {
	found := map[string]bool{}
	for page := 1; ; page++ {
		got := n.want(n.get(fmt.Sprintf("%spageSize=10&pageNumber=%d", path, page)))
		for _, e := range list(got, "entities") {
			found[e.(map[string]any)["id"].(string)] = true
		}
		if _, more := got["nextUri"]; !more {
			require.Equal(n.t, fmt.Sprint(got["total"]), fmt.Sprint(len(found)), path)
			return found
		}
	}
}

func TestUsersAreThoseOfAStateAndTheActiveOnesUnlessTold(t *testing.T) {
	n := signedIn(t, simulator.Config{Queues: 10})
	active, everybody := n.ids("/api/v2/users?"), n.ids("/api/v2/users?state=any&")
	assert.Len(t, everybody, 40)
	assert.Equal(t, active, n.ids("/api/v2/users?state=active&"))
	left, off := n.ids("/api/v2/users?state=deleted&"), n.ids("/api/v2/users?state=inactive&")
	assert.NotEmpty(t, left)
	assert.NotEmpty(t, off)
	assert.Len(t, everybody, len(active)+len(left)+len(off))
	assert.Equal(t, 400, n.get("/api/v2/users?state=ANY").status)

	details := n.want(n.post("/api/v2/analytics/users/details/query", `{"interval":"`+oneHour+`","paging":{"pageSize":100,"pageNumber":1}}`))
	for _, d := range list(details, "userDetails") {
		assert.True(t, everybody[d.(map[string]any)["userId"].(string)], "history has users that are listed")
	}
}

func TestEachListingHasDistinctThings(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	seen := map[string]string{}
	for _, path := range []string{"routing/queues", "routing/wrapupcodes", "routing/skills", "routing/languages", "authorization/divisions", "groups", "users"} {
		found := n.ids("/api/v2/" + path + "?")
		assert.GreaterOrEqual(t, len(found), 3)
		for id := range found {
			assert.Empty(t, seen[id], "%s is in %s too", id, path)
			seen[id] = path
		}
	}
}

func TestTeamsPageByACursor(t *testing.T) {
	n := signedIn(t, simulator.Config{Queues: 7})
	found, path := map[string]bool{}, "/api/v2/teams?pageSize=3"
	for path != "" {
		got := n.want(n.get(path))
		for _, e := range list(got, "entities") {
			found[e.(map[string]any)["id"].(string)] = true
		}
		path, _ = got["nextUri"].(string)
	}
	assert.Len(t, found, 7)
}

// TestPresencesAreThoseThatAnalyticsName by their ids.
func TestPresencesAreThoseThatAnalyticsName(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	defined := map[string]bool{}
	got := n.want(n.get("/api/v2/presence/definitions"))
	for _, e := range list(got, "entities") {
		defined[e.(map[string]any)["id"].(string)] = true
	}
	mapped := n.want(n.post("/api/v2/analytics/users/aggregates/query", `{"interval":"`+oneHour+`","metrics":["tSystemPresence"]}`))["systemToOrganizationMappings"]
	assert.Len(t, mapped, len(defined))
	for _, ids := range mapped.(map[string]any) {
		for _, id := range ids.([]any) {
			assert.True(t, defined[id.(string)])
		}
	}
}
