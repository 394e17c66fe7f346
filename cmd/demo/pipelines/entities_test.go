// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const entities = "config/names/names_to_s3.yaml"

// TestEntities: each thing of each listing has its row, those on later pages too, and a second run
// writes the same objects.
func TestEntities(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--queues=120")
	for range 2 {
		status, log := w.toEnd(t, entities)
		require.Zero(t, status, log)
	}
	for kind, path := range map[string]string{
		"users": "/api/v2/users?state=any&", "routing-queues": "/api/v2/routing/queues?", "routing-wrapupcodes": "/api/v2/routing/wrapupcodes?",
		"routing-skills": "/api/v2/routing/skills?", "routing-languages": "/api/v2/routing/languages?", "presence-definitions": "/api/v2/presence/definitions?",
		"authorization-divisions": "/api/v2/authorization/divisions?", "groups": "/api/v2/groups?",
	} {
		want := map[string]string{}
		for page := 1; page <= 5; page++ {
			for _, of := range list(w.get(t, fmt.Sprintf("%spageSize=100&pageNumber=%d", path, page))["entities"]) {
				want[of["id"].(string)], _ = of["name"].(string)
			}
		}
		got := map[string]string{}
		for id, row := range keyed(t, parquetRows(t, w.objects(t, "entities/kind="+kind+"/year=")), "id") {
			got[id] = row["name"]
		}
		assert.NotEmpty(t, got, kind)
		assert.Equal(t, want, got, kind)
	}
	assert.Len(t, parquetRows(t, w.objects(t, "entities/kind=teams/year=")), 120)
}

// TestEntitiesEndWithoutAPermission, whose listing would be missing in silence.
func TestEntitiesEndWithoutAPermission(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--deny-permission=groups:team:view")
	status, log := w.toEnd(t, entities)
	assert.Equal(t, 1, status)
	assert.Contains(t, log, "groups:team:view")
}
