// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// fenced returns the first block of a language in the README after a heading.
func fenced(t *testing.T, heading, language string) string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(root(t), "README.md"))
	require.NoError(t, err)
	_, section, ok := strings.Cut(string(readme), "\n## "+heading+"\n")
	require.True(t, ok, heading)
	section, _, _ = strings.Cut(section, "\n## ")
	_, block, ok := strings.Cut(section, "\n```"+language+"\n")
	require.True(t, ok, "%s has no %s", heading, language)
	block, _, ok = strings.Cut(block, "\n```\n")
	require.True(t, ok, "%s: a block of %s does not end", heading, language)
	return block + "\n"
}

// ownDistribution is a folder in which a reader did what the README says.
type ownDistribution string

// sh runs a command line there, and returns what it wrote and its exit status.
func (dir ownDistribution) sh(t *testing.T, line string, env ...string) (string, int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-ec", line)
	cmd.Dir = string(dir)
	// With the distribution's flags, so that what it is compiled of is taken from the cache.
	cmd.Env = append(os.Environ(), append(env, "GOFLAGS="+os.Getenv("BUILD_FLAGS"))...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		require.NoError(t, err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func (dir ownDistribution) write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(string(dir), name), []byte(text), 0o600))
}

const smallExport = `
http: { enabled: false }
input:
  genesys_analytics:
    api_url: ${TENANT}
    login_url: ${TENANT}
    client_id: demo-client
    client_secret: ${SECRET}
    endpoint: /api/v2/analytics/queues/summary
    start: 2026-11-22T00:00:00Z
    end: 2026-11-22T00:15:00Z
output:
  stdout: {}
`

// TestTheReadmesProgramForOtherDistributions does what the README says, as it says it: its
// program is built by its commands, takes its pipeline, exports, and exits as its comment has it.
func TestTheReadmesProgramForOtherDistributions(t *testing.T) {
	const chapter = "Use it in another distribution"
	dir := ownDistribution(t.TempDir())
	dir.write(t, "main.go", fenced(t, chapter, "go"))
	commands := fenced(t, chapter, "sh")
	require.Contains(t, commands, "/path/to/checkout")
	out, code := dir.sh(t, strings.ReplaceAll(commands, "/path/to/checkout", root(t)))
	require.Zero(t, code, out)
	assert.Contains(t, out, "  - genesys_analytics\n")

	dir.write(t, "export.yaml", fenced(t, "Your first pipeline", "yaml"))
	out, code = dir.sh(t, "./connect lint -e "+filepath.Join(root(t), "config", "example.env")+" export.yaml")
	assert.Zero(t, code, out)

	tenant, err := simulator.New(simulator.Config{ClientID: "demo-client", ClientSecret: "right"})
	require.NoError(t, err)
	server := httptest.NewServer(tenant)
	t.Cleanup(server.Close)
	dir.write(t, "small.yaml", smallExport)
	out, code = dir.sh(t, "./connect run small.yaml", "TENANT="+server.URL, "SECRET=right")
	assert.Zero(t, code, out)
	assert.Equal(t, 3, strings.Count(out, `{"entities":`), out)
	out, code = dir.sh(t, "./connect run small.yaml", "TENANT="+server.URL, "SECRET=wrong")
	assert.Equal(t, 1, code, out)
}
