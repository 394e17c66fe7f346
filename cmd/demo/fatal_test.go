// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// soon is how quickly a job that cannot succeed has to say so.
const soon = 10 * time.Second

func TestWrongSecret(t *testing.T) {
	t.Parallel()
	const secret = "a-secret-nobody-may-see"
	r := newRig(t)
	wrong := job(tenant(t, r))
	wrong.Secret = secret
	p := run(t, r, wrong)
	assert.Equal(t, 1, exit(t, p, soon))
	assert.Contains(t, p.Output(), "invalid_client")
	assert.Contains(t, p.Output(), "authentication failed", "the tenant's own words")
	assert.Contains(t, p.Output(), "demo-client")
	assert.NotContains(t, p.Output(), secret)
	assert.Empty(t, keys(t, r))
}

func TestMissingPermission(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	from := tenant(t, r, "--deny-permission", "analytics:queueObservation:view")
	p := run(t, r, job(from))
	assert.Equal(t, 1, exit(t, p, soon))
	assert.Contains(t, p.Output(), "missing.any.permissions")
	assert.Contains(t, p.Output(), "[analytics:queueObservation:view]", "the tenant's own words")
	assert.Contains(t, p.Output(), "/api/v2/analytics/queues/summary")
	assert.Contains(t, p.Output(), "2026-11-21T15:00:00.000Z/2026-11-21T15:05:00.000Z")
	assert.NotContains(t, p.Output(), "demo-secret")
	assert.LessOrEqual(t, report(t, from).Requests, 2, "asking again mends nothing")
}

func TestCheckpointOfAnotherPlan(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	from := tenant(t, r)
	hour := job(from)
	hour.End = kstDay.Start.Add(time.Hour).Format(time.RFC3339)
	assert.Zero(t, exit(t, run(t, r, hour), waitLimit))
	before := report(t, from).Requests

	for _, test := range []struct {
		name string
		set  string
		says []string
	}{
		{"another interval", "interval=PT10M", []string{"interval", "PT5M", "PT10M"}},
		{"another time zone", "timezone=UTC", []string{"timezone", "Asia/Seoul", "UTC"}},
		{"another query", "query.mediaType=voice", []string{"query"}},
		{"another granularity", "granularity=PT5M", []string{"granularity"}},
		{"another endpoint", "endpoint=/api/v2/routing/queues", []string{"endpoint", "/api/v2/routing/queues"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			other := job(from)
			other.Set = []string{"input.genesys_analytics." + test.set}
			p := run(t, r, other)
			assert.Equal(t, 1, exit(t, p, soon))
			for _, word := range test.says {
				assert.Contains(t, p.Output(), word)
			}
		})
	}
	assert.Equal(t, before, report(t, from).Requests, "nothing was fetched")
	assert.Zero(t, exit(t, run(t, r, job(from)), waitLimit), "another end is no other plan")
	assertWholeDay(t, r)
}

func TestAJobGivesUpOnAPageInTheEnd(t *testing.T) {
	t.Parallel()
	const nowhere = "http://127.0.0.1:1"
	for _, test := range []struct{ name, set string }{
		{"that cannot be fetched", "input.genesys_analytics.api_url=" + nowhere},
		{"that cannot be stored", "output.aws_s3.endpoint=" + nowhere},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			export := job(tenant(t, r))
			export.Set = []string{test.set, "input.genesys_analytics.fallback_pause=100ms"}
			export.Env = []string{"GIVE_UP_AFTER=2s"}
			p := run(t, r, export)
			assert.Equal(t, 1, exit(t, p, waitLimit))
			assert.Contains(t, p.Output(), "giving up after 2s (give_up_after)")
			assert.Regexp(t, `2026-11-21T\d\d:\d\d:00.000Z/2026-11-21T`, p.Output())
		})
	}
}
