// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/proc"
)

// TestStreamsModeKeepsItsAPIShut: whoever reached it could read secrets and run streams.
func TestStreamsModeKeepsItsAPIShut(t *testing.T) {
	t.Parallel()
	hash := sha256.Sum256([]byte("open sesame"))
	address := freePort(t)
	dir := files(t, map[string]string{
		"open.yaml": "http: { address: '" + address + "' }\n",
		"off.yaml":  "http: { enabled: true, address: '" + address + "', basic_auth: { enabled: false } }\n",
		"shut.yaml": "http: { address: '" + address + "', basic_auth: { enabled: true, username: me, password_hash: '" +
			base64.StdEncoding.EncodeToString(hash[:]) + "' } }\n",
	})
	for _, args := range [][]string{{}, {"-o", filepath.Join(dir, "open.yaml")}, {"-o", filepath.Join(dir, "off.yaml")}} {
		out, code := connect(t, append([]string{"streams"}, args...)...)
		assert.Equal(t, 1, code, out)
		assert.Contains(t, out, "http.basic_auth")
		assert.Contains(t, out, "--no-api")
	}

	inBackground(t, nil, "streams", "-o", filepath.Join(dir, "shut.yaml"))
	url := "http://" + address
	assert.Equal(t, http.StatusUnauthorized, eventually(t, http.MethodGet, url+"/ping", "", ""))
	const stream = "input: { generate: { count: 1, mapping: 'root = {}' } }\noutput: { drop: {} }\n"
	for _, path := range []string{"/streams", "/streams/a", "/streams/a/stats", "/resources/cache/a", "/ready", "/metrics", "/version", "/endpoints", "/benthos/streams/a"} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			assert.Equal(t, http.StatusUnauthorized, eventually(t, method, url+path, stream, ""), "%s %s", method, path)
		}
	}
	assert.Equal(t, http.StatusOK, eventually(t, http.MethodPost, url+"/streams/a", stream, "open sesame"))
	for name, door := range map[string]string{
		"command":    "pipeline: { processors: [ { command: { name: touch, args_mapping: '[\"" + dir + "/here\"]' } } ] }\n",
		"subprocess": "pipeline: { processors: [ { subprocess: { name: touch, args: [ \"" + dir + "/here\" ] } } ] }\n",
		"awk":        "pipeline: { processors: [ { awk: { codec: none, program: '{ system(\"touch " + dir + "/here\") }' } } ] }\n",
	} {
		for _, query := range []string{"", "?chilled=true"} {
			status := eventually(t, http.MethodPost, url+"/streams/"+name+query, door+stream, "open sesame")
			assert.GreaterOrEqual(t, status, 400, name+query)
		}
	}
	assert.NoFileExists(t, filepath.Join(dir, "here"))
}

// TestNoConfigRunsACommandUnlessItIsAllowed says so in every command that reads a config.
func TestNoConfigRunsACommandUnlessItIsAllowed(t *testing.T) {
	t.Parallel()
	const head = "http: { enabled: false }\n"
	const in, out = "input: { generate: { count: 1, mapping: 'root = {}' } }\n", "output: { drop: {} }\n"
	configs := map[string]string{
		"command":          head + in + out + "pipeline: { processors: [ { command: { name: touch, args_mapping: '[\"HERE\"]' } } ] }\n",
		"awk":              head + in + out + "pipeline: { processors: [ { awk: { codec: none, program: '{ system(\"touch HERE\") }' } } ] }\n",
		"subprocess":       head + in + out + "pipeline: { processors: [ { subprocess: { name: touch, args: [ HERE ] } } ] }\n",
		"subprocess_input": head + out + "input: { subprocess: { name: touch, args: [ HERE ] } }\n",
		"subprocess_out":   head + in + "output: { subprocess: { name: touch, args: [ HERE ] } }\n",
		"dynamic_input":    head + out + "input: { dynamic: { inputs: { a: { generate: { count: 1, mapping: 'root = {}' } } } } }\n",
		"dynamic_output":   head + in + "output: { dynamic: { outputs: { a: { drop: {} } } } }\n",
	}
	for name, config := range configs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			here, path := filepath.Join(dir, "here"), filepath.Join(dir, "config.yaml")
			require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(config, "HERE", here)), 0o600))
			component, _, _ := strings.Cut(name, "_")
			for _, command := range [][]string{{"lint"}, {"run"}, {"run", "--chilled"}, {"check"}, {"streams", "--no-api", "--chilled"}} {
				said, code := connect(t, append(command, path)...)
				assert.Equal(t, 1, code, "%v: %s", command, said)
				assert.Contains(t, said, component, command)
			}
			assert.NoFileExists(t, here)
			said, code := connect(t, "lint", "--allow-commands", path)
			assert.Zero(t, code, said)
		})
	}
}

// TestACommandThatIsAllowedRuns shows that the test above asks for what would run.
func TestACommandThatIsAllowedRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	here := filepath.Join(dir, "here")
	path := filepath.Join(files(t, map[string]string{"config.yaml": "http: { enabled: false }\n" +
		"input: { generate: { count: 1, mapping: 'root = {}' } }\n" +
		"pipeline: { processors: [ { awk: { codec: none, program: 'BEGIN { system(\"touch " + here + "\") }' } } ] }\noutput: { drop: {} }\n"}), "config.yaml")
	out, code := connect(t, "run", "--allow-commands", path)
	assert.Zero(t, code, out)
	assert.FileExists(t, here)
}

// TestOnlyThisMachineReachesARunThatSaysNothing of an address, and nobody else reads its files.
func TestOnlyThisMachineReachesARunThatSaysNothing(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"config.yaml": "http: { debug_endpoints: true }\n" +
		"input: { generate: { count: 1, mapping: 'root = {}' } }\n" +
		"output: { cache: { target: position, key: entry } }\n" +
		"cache_resources: [ { label: position, file: { directory: ${DIR} } } ]\n"})
	out, code := connectWith(t, []string{"DIR=" + dir}, "run", filepath.Join(dir, "config.yaml"))
	assert.Zero(t, code, out)
	assert.Contains(t, out, "http://127.0.0.1:4195")
	assert.NotContains(t, out, "0.0.0.0")
	info, err := os.Stat(filepath.Join(dir, "entry"))
	require.NoError(t, err)
	assert.Zero(t, info.Mode().Perm()&0o027, info.Mode().String())
}

// inBackground runs the distribution until the test ends.
func inBackground(t *testing.T, env []string, args ...string) *proc.Process {
	t.Helper()
	p, err := proc.Start(proc.Spec{
		Name: "redpanda-connect-genesys", Path: binary(t, "redpanda-connect-genesys"), Args: args,
		Env: append([]string{"PATH=" + os.Getenv("PATH")}, env...),
	})
	require.NoError(t, err)
	t.Cleanup(p.Kill)
	return p
}

// eventually is the status of a request, once there is a server.
func eventually(t *testing.T, method, url, body, password string) (status int) {
	t.Helper()
	require.Eventually(t, func() bool {
		status, _ = ask(t, method, url, body, password)
		return status != 0
	}, waitLimit, 50*time.Millisecond, "no answer from "+url)
	return status
}

// ask is one request from a foreign page; without a server its status is 0.
func ask(t *testing.T, method, url, body, password string) (status int, answer string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Origin", "https://evil.example")
	request.Header.Set("Content-Type", "text/plain")
	if password != "" {
		request.SetBasicAuth("me", password)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, ""
	}
	defer response.Body.Close()
	data, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(data)
}

// freePort is an address that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	address, err := proc.FreeAddress()
	require.NoError(t, err)
	return address
}
