// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package commands

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const sharing = `
input: { generate: { mapping: root = deleted() } }
output: { drop: {} }
rate_limit_resources:
  - label: tenant
    genesys_analytics: { cache: holds }
cache_resources:
  - label: holds
    file: { directory: "${FOLDER}" }
`

// sharedIn is the shared hold as it lies in the cache.
func sharedIn(t *testing.T, value string) (read func() string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("FOLDER", dir)
	path := filepath.Join(dir, "genesys_analytics_hold")
	if value != "" {
		require.NoError(t, os.WriteFile(path, []byte(value), 0o600))
	}
	return func() string {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		return string(data)
	}
}

const forEver = `{"ABC":{"until":"2316-01-02T03:04:05Z","at":"2025-11-21T00:00:00Z","whose":"connect (pid 7) on host-1\u001b[2J"},` +
	`"DEF":{"until":"2020-01-01T00:00:00Z","at":"2019-12-31T23:00:00Z"}}`

func TestHoldShowsUntilWhenAndByWhoseOrder(t *testing.T) {
	read := sharedIn(t, forEver)
	out, err := run(t, sharing, "hold")
	require.NoError(t, err)
	assert.Contains(t, out, `"genesys_analytics_hold" in the cache "holds"`)
	assert.Regexp(t, `hold +until 2316-01-02T03:04:05Z, \S+ from now: ordered to connect \(pid 7\) on host-1\\x1b\[2J, written 2025-11-21T00:00:00Z\n`, out)
	assert.NotContains(t, out, "2020-01-01", "that is over")
	assert.Equal(t, forEver, read(), "to look changes nothing")

	sharedIn(t, "")
	out, err = run(t, sharing, "hold")
	require.NoError(t, err)
	assert.Regexp(t, `hold +none\n`, out)
}

func TestHoldEndsOneOnlyWhereThatIsMeant(t *testing.T) {
	read := sharedIn(t, forEver)
	_, err := run(t, sharing, "hold", "--clear") // with nothing to answer
	require.ErrorContains(t, err, "nothing was changed")
	assert.Equal(t, forEver, read())

	out, err := run(t, sharing, "hold", "--clear", "--yes")
	require.NoError(t, err)
	assert.Contains(t, out, "done")
	assert.Contains(t, read(), `"ended"`)

	out, err = run(t, sharing, "hold")
	require.NoError(t, err)
	assert.Regexp(t, `hold +none\n`, out)
}

func TestHoldSaysWhereThereIsNothingToShow(t *testing.T) {
	sharedIn(t, "nonsense")
	_, err := run(t, sharing, "hold")
	require.ErrorContains(t, err, "makes no sense")
	_, err = run(t, sharing, "hold", "--clear", "--yes")
	require.NoError(t, err)

	_, err = run(t, "input: { generate: { mapping: root = 1 } }\noutput: { drop: {} }\n", "hold")
	require.ErrorContains(t, err, "no hold is shared")
	_, err = run(t, sharing[:len(sharing)-len("    file: { directory: \"${FOLDER}\" }\n")]+"    memory: {}\n", "hold")
	require.ErrorContains(t, err, "no other process sees it")
}
