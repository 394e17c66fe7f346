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

	"connect-genesys.example/connect-genesys/cmd/demo/internal/proc"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// connectWith runs the distribution to its end, with variables.
func connectWith(t *testing.T, env []string, args ...string) (output string, code int) {
	t.Helper()
	p, err := proc.Start(proc.Spec{
		Name: "redpanda-connect-genesys",
		Path: binary(t, "redpanda-connect-genesys"),
		Args: args,
		Env:  append([]string{"PATH=" + os.Getenv("PATH")}, env...),
	})
	require.NoError(t, err)
	t.Cleanup(p.Kill)
	code, err = p.Wait(t.Context(), waitLimit)
	require.NoError(t, err)
	return p.Output(), code
}

// files writes files of one folder, and gives the folder.
func files(t *testing.T, contents map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range contents {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

// leaky are configs with a secret that is not text: in an input, and in a processor
// of a file of resources.
var leaky = map[string]string{
	"main.yaml": `
http: { enabled: false }
input:
  genesys_analytics:
    client_id: a
    client_secret: ${SECRET}
    api_url: http://127.0.0.1:1
    login_url: http://127.0.0.1:1
    give_up_after: 1ms
    endpoint: /api/v2/analytics/queues/summary
    start: 2026-11-21
    end: 2026-11-22
    checkpoint_cache: position
output: { drop: {} }
cache_resources: [ { label: position, file: { directory: . } } ]
`,
	"stream.yaml": `
input:
  genesys_analytics:
    client_id: a
    client_secret: ${SECRET}
    api_url: http://127.0.0.1:1
    login_url: http://127.0.0.1:1
    give_up_after: 1ms
    endpoint: /api/v2/analytics/queues/summary
    start: 2026-11-21
    end: 2026-11-22
output: { drop: {} }
`,
	"resources.yaml": `
processor_resources:
  - label: fetch
    genesys_analytics:
      client_id: a
      client_secret: ${SECRET}
      endpoint: /api/v2/analytics/queues/summary
`,
	"uses.yaml": `
http: { enabled: false }
input: { generate: { count: 1, mapping: 'root = {}' } }
pipeline: { processors: [ { resource: fetch } ] }
output: { drop: {} }
`,
	"proxy.yaml": `
http: { enabled: false }
input:
  genesys_analytics:
    client_id: a
    client_secret: "a"
    proxy_url: "http://user:p%zz${SECRET}@proxy:31:28"
    endpoint: /api/v2/analytics/queues/summary
    start: 2026-11-21
    end: 2026-11-22
output: { drop: {} }
`,
}

// TestNoCommandPrintsASecretOfAnyType: each command that reads a config, strict and
// not, with each thing that YAML makes of a secret that somebody left unquoted.
func TestNoCommandPrintsASecretOfAnyType(t *testing.T) {
	t.Parallel()
	dir := files(t, leaky)
	commands := [][]string{
		{"lint", "main.yaml"},
		{"lint", "resources.yaml"},
		{"lint", "-r", "resources.yaml", "uses.yaml"},
		{"echo", "main.yaml"},
		{"echo", "proxy.yaml"},
		{"echo", "-r", "resources.yaml", "uses.yaml"},
		{"run", "main.yaml"},
		{"run", "--chilled", "main.yaml"},
		{"run", "proxy.yaml"},
		{"run", "--chilled", "proxy.yaml"},
		{"run", "-r", "resources.yaml", "uses.yaml"},
		{"run", "--chilled", "-r", "resources.yaml", "uses.yaml"},
		{"run", "--log.level", "ALL", "main.yaml"},
		{"streams", "--no-api", "stream.yaml"},
		{"streams", "--no-api", "-r", "resources.yaml", "stream.yaml"},
		{"streams", "--no-api", "--chilled", "-r", "resources.yaml", "stream.yaml"},
		{"check", "main.yaml"},
		{"check", "proxy.yaml"},
		{"check", "-r", "resources.yaml", "uses.yaml"},
		{"plan", "main.yaml"},
		{"plan", "proxy.yaml"},
		{"checkpoint", "main.yaml"},
		{"test", "main.yaml"},
	}
	// The digits that each of them is printed with, in any base.
	for _, secret := range []string{"70177", "-70177.5e10", "0x11221", "7_0_177", "[ 70177 ]", "{ a: 70177 }", "2026-07-17"} {
		t.Run(secret, func(t *testing.T) {
			t.Parallel()
			for _, command := range commands {
				args := append([]string{}, command...)
				for i, arg := range args {
					if strings.HasSuffix(arg, ".yaml") {
						args[i] = filepath.Join(dir, arg)
					}
				}
				out, code := connectWith(t, []string{"SECRET=" + secret}, args...)
				name := strings.Join(command, " ")
				if command[0] != "echo" || command[1] == "main.yaml" {
					assert.NotZero(t, code, name)
				}
				for _, shown := range []string{secret, "70177", "7.0177", "11221", "7_0_177"} {
					assert.NotContains(t, out, shown, name)
				}
			}
		})
	}
}

// TestAnUnquotedSecretIsRefusedWithHowToQuoteIt is told by the first command of all.
func TestAnUnquotedSecretIsRefusedWithHowToQuoteIt(t *testing.T) {
	t.Parallel()
	dir := files(t, leaky)
	for _, command := range []string{"lint", "run", "check", "plan"} {
		out, code := connectWith(t, []string{"SECRET=70177"}, command, filepath.Join(dir, "main.yaml"))
		assert.Equal(t, 1, code, command)
		assert.Contains(t, out, "`client_secret`", command)
		assert.Contains(t, out, "put it in quotes", command)
	}
}

// TestWhatCreatePrintsCanBeEditedAndRun fills in no more than what it asks for.
func TestWhatCreatePrintsCanBeEditedAndRun(t *testing.T) {
	t.Parallel()
	const secret = "70177001" // of digits: what is printed has to have it in quotes
	s, err := simulator.New(simulator.Config{ClientID: "demo", ClientSecret: secret})
	require.NoError(t, err)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	env := []string{"GENESYS_CLIENT_ID=demo", "GENESYS_CLIENT_SECRET=" + secret}

	created, code := connect(t, "create", "genesys_analytics//drop")
	require.Zero(t, code)
	edited := strings.NewReplacer(
		`start: "2026-11-21T15:00:00Z"`, `start: "2026-11-21T15:00:00Z"`+"\n    end: 2026-11-21T16:00:00Z",
		`    end: ""`+"\n", "",
		`api_url: ""`, "api_url: "+server.URL,
		`login_url: ""`, "login_url: "+server.URL,
		"address: 127.0.0.1:4195", "address: 127.0.0.1:0",
	).Replace(created)
	path := filepath.Join(files(t, map[string]string{"created.yaml": edited}), "created.yaml")
	for _, command := range []string{"lint", "plan", "check", "run"} {
		out, code := connectWith(t, env, command, path)
		assert.Zero(t, code, "%s: %s", command, out)
	}
	assert.Len(t, s.Report().Pages, 12+1, "those of the hour, and the one that check asks for")

	_, code = connectWith(t, env[:1], "run", path)
	assert.Equal(t, 1, code, "a variable that is not set is no secret of a blank")
	// The stock output prints an empty algorithm, which it takes for a mistake itself.
	created, code = connect(t, "create", "genesys_analytics/genesys_analytics/aws_s3")
	require.Zero(t, code)
	edited = strings.Replace(created, `    checksum_algorithm: ""`+"\n", "", 1)
	path = filepath.Join(files(t, map[string]string{"created.yaml": edited}), "created.yaml")
	out, code := connectWith(t, env, "lint", path)
	assert.Zero(t, code, out)
}

// TestEveryYearEndsWithTheEmbeddedTimeZones: those of Go end a leap year a day
// early, and the binary has no others in its image.
func TestEveryYearEndsWithTheEmbeddedTimeZones(t *testing.T) {
	t.Parallel()
	path := filepath.Join(files(t, map[string]string{"days.yaml": `
http: { enabled: false }
input:
  generate:
    count: 1
    mapping: |
      root = genesys_intervals("2024-12-30", "2025-01-02", "P1D", "America/New_York").map_each(i -> i.start)
output: { stdout: {} }
`}), "days.yaml")
	out, code := connectWith(t, []string{"ZONEINFO=" + goZones(t)}, "run", path)
	assert.Zero(t, code)
	assert.Contains(t, out, `["2024-12-30T05:00:00Z","2024-12-31T05:00:00Z","2025-01-01T05:00:00Z"]`)
}

// goZones is the path of Go's own time zones.
func goZones(t *testing.T) string {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	require.NoError(t, err)
	path := filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip")
	require.FileExists(t, path)
	return path
}
