// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"context"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
)

// TestTenants: a tenant whose quota is used up does not hold the other, and each has its own prefix and its own
// checkpoint, with which both go on.
func TestTenants(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--bucket", "20", "--window", "1h", "--seed", "1")
	seoul := w.tenant
	frankfurt, err := w.StartTenant(t.Context(), "--seed", "2")
	require.NoError(t, err)
	args := []string{
		"streams", "--no-api", "-r", "config/tenants/resources.yaml",
		"-o", "config/tenants/service.yaml", "config/tenants/seoul.yaml", "config/tenants/frankfurt.yaml",
	}
	env := []string{"S3_PREFIX=genesys/", "EXPORT_SCHEDULE=@every 1s", "EXPORT_START=-PT4H", "SETTLE=PT0S"}
	for name, tenant := range map[string]*rig.Tenant{"SEOUL": seoul, "FRANKFURT": frankfurt} {
		env = append(env, "TENANT_"+name+"_API_URL="+tenant.URL, "TENANT_"+name+"_LOGIN_URL="+tenant.URL,
			"TENANT_"+name+"_CLIENT_ID="+rig.ClientID, "TENANT_"+name+"_CLIENT_SECRET="+rig.ClientSecret)
	}
	run := func() {
		p, err := w.Ship(seoul, args, env...)
		require.NoError(t, err)
		require.NoError(t, p.Until(t.Context(), patience, "Frankfurt's run, beside a hold of Seoul's", func(context.Context) (bool, error) {
			done := false
			for key := range w.objects(t, "genesys/frankfurt/queues-summary/_manifests/") {
				done = done || strings.HasSuffix(key, "/_SUCCESS")
			}
			return done && strings.Contains(p.Output(), "The tenant's quota holds all requests"), nil
		}))
		require.NoError(t, p.Signal(syscall.SIGTERM))
		status, err := p.Wait(t.Context(), patience)
		require.NoError(t, err)
		assert.Zero(t, status, p.Output())
	}
	run()
	// What each says is asked of a tenant that has the same data, and a quota of its own.
	for name, seed := range map[string]string{"seoul": "1", "frankfurt": "2"} {
		var want []string
		for _, queue := range list(newWorld(t, "--seed", seed).get(t, "/api/v2/routing/queues?pageSize=100")["entities"]) {
			want = append(want, text(queue, "id"))
		}
		pages := w.objects(t, "genesys/"+name+"/queues-summary/20")
		for key, page := range pages {
			var got []string
			for _, page := range lines(t, map[string][]byte{key: page}) {
				for _, queue := range list(page["entities"]) {
					got = append(got, text(queue, "id"))
				}
			}
			assert.Equal(t, want, got, key)
		}
		if name == "seoul" {
			assert.Len(t, pages, 18, "of 20 requests one was for the test's token and one for the pipeline's")
		} else {
			assert.GreaterOrEqual(t, len(pages), 47)
		}
	}
	w.measured(t, "two tenants", len(w.objects(t, "genesys/")))
	report, err := frankfurt.Report(t.Context())
	require.NoError(t, err)
	before := report.Requests
	run()
	report, err = frankfurt.Report(t.Context())
	require.NoError(t, err)
	assert.Less(t, report.Requests-before, 20, "it went on where it was")
	report, err = seoul.Report(t.Context())
	require.NoError(t, err)
	assert.Zero(t, report.EarlyRequests, "the second process was started in a hold")
}
