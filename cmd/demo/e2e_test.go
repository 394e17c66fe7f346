// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/day"
	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// The end-to-end tests run what a user runs: the distribution's binary with the shipped
// pipeline, a tenant in a process of its own, an S3 server over a folder. They need the binaries
// of `make build`; `make e2e` does both.

// waitLimit is how long a condition may take to come true on a busy machine.
const waitLimit = time.Minute

func root(t *testing.T) string {
	t.Helper()
	at, err := repository()
	require.NoError(t, err)
	return at
}

func newRig(t *testing.T) *rig.Rig {
	t.Helper()
	r, err := rig.New(t.Context(), root(t), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() {
		defer r.Close()
		if t.Failed() {
			for _, p := range r.Processes() {
				t.Log(p.Tail())
			}
		}
	})
	return r
}

// tenant has the demo's data.
func tenant(t *testing.T, r *rig.Rig, flags ...string) *rig.Tenant {
	t.Helper()
	tenant, err := r.StartTenant(t.Context(), append([]string{"--seed", strconv.Itoa(seed)}, flags...)...)
	require.NoError(t, err)
	return tenant
}

// job is the export of the demo's day.
func job(from *rig.Tenant) rig.Job {
	return rig.Job{
		Tenant: from,
		Start:  kstDay.Start.Format(time.RFC3339),
		End:    kstDay.End.Format(time.RFC3339),
	}
}

func run(t *testing.T, r *rig.Rig, job rig.Job) *rig.Pipeline {
	t.Helper()
	p, err := r.Run(job)
	require.NoError(t, err)
	return p
}

// exit waits for the pipeline to end by itself.
func exit(t *testing.T, p *rig.Pipeline, limit time.Duration) int {
	t.Helper()
	code, err := p.Wait(t.Context(), limit)
	require.NoError(t, err)
	return code
}

func report(t *testing.T, from *rig.Tenant) simulator.Report {
	t.Helper()
	report, err := from.Report(t.Context())
	require.NoError(t, err)
	return report
}

// untilReport waits until a pipeline has brought a condition about that its tenant reports.
func untilReport(t *testing.T, p *rig.Pipeline, from *rig.Tenant, what string, isSo func(simulator.Report) bool) (report simulator.Report) {
	t.Helper()
	require.NoError(t, p.Until(t.Context(), waitLimit, what, func(ctx context.Context) (_ bool, err error) {
		report, err = from.Report(ctx)
		return isSo(report), err
	}))
	return report
}

func throttledOnce(r simulator.Report) bool { return r.Throttled == 1 }

func keys(t *testing.T, r *rig.Rig) []string {
	t.Helper()
	keys, err := r.Storage.Keys(t.Context())
	require.NoError(t, err)
	return keys
}

func objects(t *testing.T, r *rig.Rig) map[string][]byte {
	t.Helper()
	objects, err := r.Storage.Objects(t.Context())
	require.NoError(t, err)
	return objects
}

// assertWholeDay checks that the bucket has the day, byte for byte, and nothing else.
func assertWholeDay(t *testing.T, r *rig.Rig) {
	t.Helper()
	assertSpan(t, objects(t, r), kstDay)
}

func assertSpan(t *testing.T, got map[string][]byte, span day.Span) {
	t.Helper()
	want, err := day.Expected(t.Context(), seed, span)
	require.NoError(t, err)
	assert.NoError(t, day.Check(got, want))
	assert.NoError(t, day.Covered(slices.Collect(maps.Keys(got)), span))
}

func binary(t *testing.T, name string) string {
	t.Helper()
	return filepath.Join(root(t), "bin", name)
}
