// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
)

// otherStore is the daily export with the position in another place: what its comment offers for
// one, instead of the folder.
func otherStore(t *testing.T, kind string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), rig.DailyExport))
	require.NoError(t, err)
	const folder = "    file:\n      directory: \"${CHECKPOINT_DIR}\"\n"
	require.Contains(t, string(text), folder)
	written := strings.Replace(string(text), folder, offered(t, string(text), kind), 1)
	file := filepath.Join(t.TempDir(), kind+".yaml")
	require.NoError(t, os.WriteFile(file, []byte(written), 0o600))
	return file
}

// offered is the commented block of a kind of cache.
func offered(t *testing.T, text, kind string) string {
	t.Helper()
	_, block, found := strings.Cut(text, "    # "+kind+":\n")
	require.True(t, found, "the pipeline does not offer %s", kind)
	var out strings.Builder
	out.WriteString("    " + kind + ":\n")
	for line := range strings.Lines(block) {
		field, isField := strings.CutPrefix(line, "    #   ")
		if !isField {
			break
		}
		out.WriteString("      " + field)
	}
	return out.String()
}

func TestThePositionInAnotherStoreOutlivesAKill(t *testing.T) {
	for _, test := range []struct {
		kind string
		set  func(r *rig.Rig) []string
		env  func(t *testing.T, r *rig.Rig) []string
	}{
		{
			kind: "aws_s3",
			set: func(r *rig.Rig) []string {
				const cache = "cache_resources.0.aws_s3."
				return []string{cache + "endpoint=" + r.Storage.URL, cache + "force_path_style_urls=true"}
			},
			env: func(*testing.T, *rig.Rig) []string { return []string{"CHECKPOINT_KEY=" + positionKey} },
		},
		{
			kind: "redis",
			env:  func(t *testing.T, r *rig.Rig) []string { return []string{"REDIS_URL=" + redis(t, r).URL} },
		},
	} {
		t.Run(test.kind, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			from := tenant(t, r, "--latency", "10ms")
			export := job(from)
			export.File = otherStore(t, test.kind)
			export.Env = test.env(t, r)
			if test.set != nil {
				export.Set = test.set(r)
			}
			p := run(t, r, export)
			untilObjects(t, r, p, kstDay.Count()/2)
			p.Kill()

			before := report(t, from).Requests
			assert.Zero(t, exit(t, run(t, r, export), waitLimit))
			assert.LessOrEqual(t, report(t, from).Requests-before, kstDay.Count()/2+again, "it started over")
			assert.Equal(t, test.kind == "aws_s3", assertPages(t, r), "the position is beside the pages")
		})
	}
}

// positionKey puts the position beside the pages, not among them.
const positionKey = "_position/daily-queue-summary"

// assertPages checks the day, and reports whether the position's own objects were beside it.
func assertPages(t *testing.T, r *rig.Rig) (positions bool) {
	t.Helper()
	pages := objects(t, r)
	for key := range pages {
		if strings.HasPrefix(key, positionKey) {
			delete(pages, key)
			positions = true
		}
	}
	assertSpan(t, pages, kstDay)
	return positions
}
