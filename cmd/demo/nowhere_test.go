// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// hidden is a secret that looks like none of the words around it.
const hidden = "Zq9/7vX+hunter2=w%K"

// shownAs are the forms in which a secret can be read off again: as it is, in the Basic header,
// and as URLs, JSON and hexadecimal dumps have it.
func shownAs(id string) []string {
	basic := base64.StdEncoding.EncodeToString([]byte(id + ":" + hidden))
	return []string{hidden, basic, url.QueryEscape(hidden), url.PathEscape(hidden), "hunter2", hex.EncodeToString([]byte(hidden))}
}

// mirror is a tenant that says in its errors all that it was told.
func mirror(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("ININ-Correlation-Id", password)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_client","message":"`+r.Header.Get("Authorization")+` `+password+` `+string(body)+
			`","error_description":"`+url.QueryEscape(password)+`"}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

const told = `
http:
  address: "${ADDRESS}"
  debug_endpoints: true
  basic_auth: { enabled: true, username: me, password_hash: "${HASH}" }
logger: { level: ${LEVEL} }
metrics: { prometheus: { file_output_path: "${DIR}/metrics" } }
`

const exported = `
input:
  label: queues
  genesys_analytics:
    client_id: demo
    client_secret: "${CLIENT_SECRET}"
    api_url: "${TENANT}"
    login_url: "${TENANT}"
    give_up_after: 10ms
    fallback_pause: 10ms
    endpoint: /api/v2/analytics/queues/summary
    start: 2026-11-21T00:00:00Z
    ${BOUND}: "${UNTIL}"
    manifest: true
    checkpoint_cache: position
    rate_limit: tenant
pipeline: { processors: [ { log: { level: TRACE, message: 'page', fields_mapping: 'root = @' } }, { mapping: 'root = {"body": content().string(), "meta": @}' } ] }
output: { file: { path: "${DIR}/out", codec: lines } }
`

const resources = `
cache_resources: [ { label: position, file: { directory: "${DIR}" } } ]
rate_limit_resources: [ { label: tenant, genesys_analytics: { cache: position } } ]
`

const unit = `
tests: [ { name: none, target_processors: /pipeline/processors, input_batch: [ { content: "{}" } ], output_batches: [ [ { bloblang: 'true' } ] ] } ]
`

// TestTheSecretIsInNothingThatIsWrittenOrServed greps for it: over all commands, at every log
// level, with a tenant that works and with one that gives back what it was told.
func TestTheSecretIsInNothingThatIsWrittenOrServed(t *testing.T) {
	t.Parallel()
	s, err := simulator.New(simulator.Config{ClientID: "demo", ClientSecret: hidden})
	require.NoError(t, err)
	good := httptest.NewServer(s)
	t.Cleanup(good.Close)
	for name, tenant := range map[string]string{"a tenant that works": good.URL, "one that tells all": mirror(t), "none": "http://127.0.0.1:1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			in := files(t, map[string]string{
				"main.yaml": told + exported + resources + unit, "service.yaml": told + resources, "stream.yaml": exported,
				"map.blobl": `root = "${CLIENT_SECRET}".length()`, "secret": hidden + "\n",
			})
			env := secretive(dir, tenant)
			for _, level := range []string{"OFF", "FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE", "ALL"} {
				out, _ := connectWith(t, append(env, "LEVEL="+level, "CLIENT_SECRET="+hidden), "run", filepath.Join(in, "main.yaml"))
				assertHidden(t, out, "run at "+level)
			}
			out, _ := connectWith(t, append(env, "LEVEL=OFF", "CLIENT_SECRET="+hidden), "run", "--log.level", "ALL", filepath.Join(in, "main.yaml"))
			assertHidden(t, out, "run --log.level ALL")
			for _, command := range [][]string{
				{"lint", "main.yaml"},
				{"lint", "--deprecated", "stream.yaml"},
				{"echo", "main.yaml"},
				{"echo", "service.yaml"},
				{"test", "-v", "--log", "TRACE", "main.yaml"},
				{"check", "main.yaml"},
				{"plan", "main.yaml"},
				{"checkpoint", "main.yaml"},
				{"checkpoint", "--delete", "main.yaml"},
				{"create", "genesys_analytics/genesys_analytics/drop"},
				{"list"},
				{"list", "--format", "json-full"},
				{"blobl", "-f", "map.blobl"},
				{"run", "--chilled", "main.yaml"},
				{"-c", "main.yaml"},
				{"--version"},
				{"--help"},
				{"hold", "main.yaml"},
				{"hold", "--clear", "main.yaml"},
			} {
				args := append([]string{}, command...)
				for i, arg := range args {
					if strings.Contains(arg, ".yaml") || strings.HasSuffix(arg, ".blobl") {
						args[i] = filepath.Join(in, arg)
					}
				}
				for _, given := range []string{"CLIENT_SECRET=" + hidden, "CLIENT_SECRET_FILE=" + filepath.Join(in, "secret")} {
					out, _ := connectWith(t, append(env, "LEVEL=ALL", given), args...)
					assertHidden(t, out, strings.Join(command, " "))
				}
			}
			for _, args := range [][]string{{"run", filepath.Join(in, "main.yaml")}, {"streams", "-o", filepath.Join(in, "service.yaml"), filepath.Join(in, "stream.yaml")}} {
				assertServesNoSecret(t, append(env, "LEVEL=ALL", "CLIENT_SECRET="+hidden, "BOUND=settle", "UNTIL=PT0S"), args)
			}
			out, code := connectWith(t, append(env, "LEVEL=INFO", "CLIENT_SECRET="+hidden), "lint", filepath.Join(in, "main.yaml"))
			require.Zero(t, code, out)
			assertNoFileHasIt(t, dir)
		})
	}
}

// secretive is the environment but for the secret and the level.
func secretive(dir, tenant string) []string {
	hash := sha256.Sum256([]byte("open sesame"))
	return []string{"DIR=" + dir, "TENANT=" + tenant, "ADDRESS=127.0.0.1:0", "BOUND=end", "UNTIL=2026-11-21T01:00:00Z", "HASH=" + base64.StdEncoding.EncodeToString(hash[:])}
}

// assertServesNoSecret asks a process that goes on for all that it serves.
func assertServesNoSecret(t *testing.T, env, args []string) {
	t.Helper()
	address := freePort(t)
	p := inBackground(t, append(env, "ADDRESS="+address), args...)
	defer p.Kill()
	base := "http://" + address
	require.Eventually(t, func() bool {
		status, _ := ask(t, http.MethodGet, base+"/ping", "", "open sesame")
		select {
		case <-p.Exited(): // the tenant ended it
			return true
		default:
			return status != 0
		}
	}, waitLimit, 20*time.Millisecond)
	for _, path := range []string{
		"/ping", "/ready", "/version", "/metrics", "/stats", "/endpoints", "/streams", "/streams/stream/stats", "/streams/nobody",
		"/debug/config/json", "/debug/config/yaml", "/debug/stack", "/debug/pprof/heap", "/debug/pprof/goroutine?debug=2", "/debug/pprof/allocs",
		"/debug/pprof/block", "/debug/pprof/mutex", "/benthos/debug/config/yaml",
	} {
		status, answer := ask(t, http.MethodGet, base+path, "", "open sesame")
		if status == 0 {
			break // the tenant ended it
		}
		assertHidden(t, answer, args[0]+" "+path)
		status, answer = ask(t, http.MethodGet, base+path, "", "")
		assert.Contains(t, []int{0, http.StatusUnauthorized, http.StatusNotFound}, status, path)
		assertHidden(t, answer, path)
	}
	status, answer := ask(t, http.MethodGet, base+"/streams/stream", "", "")
	assert.Contains(t, []int{0, http.StatusUnauthorized, http.StatusNotFound}, status)
	assertHidden(t, answer, "/streams/stream without a password")
	p.Stop(5 * time.Second)
	assertHidden(t, p.Output(), args[0])
}

// assertNoFileHasIt looks through all that the runs have left behind.
func assertNoFileHasIt(t *testing.T, dir string) {
	t.Helper()
	seen := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		seen++
		text, err := os.ReadFile(path)
		assertHidden(t, string(text), path)
		assertHidden(t, path, "a name")
		return err
	}))
	assert.NotZero(t, seen)
}

func assertHidden(t *testing.T, text, where string) {
	t.Helper()
	for _, form := range shownAs("demo") {
		if at := strings.Index(text, form); at >= 0 {
			t.Errorf("%s shows the secret: …%q…", where, text[max(0, at-120):min(len(text), at+len(form)+20)])
			return
		}
	}
}
