// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package pipelines runs the pipelines of config/ as they stand on disk, by the distribution's
// binary, from a tenant to a real target, and compares what arrived with what the tenant says.
// It needs the binaries of `make build`; `make pipelines` does both.
package pipelines

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
)

// patience is how long a pipeline may take on a busy machine.
const patience = 2 * time.Minute

// world is a tenant and an S3 server, and room for pipelines between them.
type world struct {
	*rig.Rig

	tenant *rig.Tenant
	token  string // a client's of the tests' own
}

func root(t *testing.T) string {
	t.Helper()
	here, err := os.Getwd()
	require.NoError(t, err)
	at, err := rig.Root(here)
	require.NoError(t, err)
	return at
}

// newWorld starts a tenant with the simulator's flags.
func newWorld(t *testing.T, flags ...string) *world {
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
	tenant, err := r.StartTenant(t.Context(), flags...)
	require.NoError(t, err)
	w := &world{Rig: r, tenant: tenant}
	w.login(t)
	return w
}

// start starts a pipeline: its file, from the repository's root, and what a user would set in the
// environment beside the account, KEY=value.
func (w *world) start(t *testing.T, file string, env ...string) *rig.Pipeline {
	t.Helper()
	p, err := w.Ship(w.tenant, []string{"run", file}, env...)
	require.NoError(t, err)
	return p
}

// toEnd runs a pipeline to its end and returns its exit status and log.
func (w *world) toEnd(t *testing.T, file string, env ...string) (status int, log string) {
	t.Helper()
	p := w.start(t, file, env...)
	defer w.Forget(p.Process)
	status, err := p.Wait(t.Context(), patience)
	require.NoError(t, err)
	return status, p.Output()
}

// untilStopped runs a pipeline until a condition holds, stops it as a supervisor does, and returns
// its exit status and log.
func (w *world) untilStopped(t *testing.T, file, what string, holds func(context.Context) (bool, error), env ...string) (status int, log string) {
	t.Helper()
	p := w.start(t, file, env...)
	defer w.Forget(p.Process)
	require.NoError(t, p.Until(t.Context(), patience, what, holds))
	require.NoError(t, p.Signal(syscall.SIGTERM))
	status, err := p.Wait(t.Context(), patience)
	require.NoError(t, err)
	return status, p.Output()
}

// objects are those of the bucket whose key begins so.
func (w *world) objects(t *testing.T, prefix string) map[string][]byte {
	t.Helper()
	objects, err := w.Storage.Objects(t.Context())
	require.NoError(t, err)
	for key := range objects {
		if !strings.HasPrefix(key, prefix) {
			delete(objects, key)
		}
	}
	return objects
}

func (w *world) login(t *testing.T) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.tenant.URL+"/oauth/token", strings.NewReader("grant_type=client_credentials"))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(rig.ClientID, rig.ClientSecret)
	w.token, _ = send(t, req)["access_token"].(string)
}

// get is what the tenant answers to a GET, with every digit.
func (w *world) get(t *testing.T, path string) map[string]any {
	t.Helper()
	return w.ask(t, http.MethodGet, path, "")
}

// post is what the tenant answers to a POST, with every digit.
func (w *world) post(t *testing.T, path, query string) map[string]any {
	t.Helper()
	return w.ask(t, http.MethodPost, path, query)
}

func (w *world) ask(t *testing.T, method, path, body string) map[string]any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, w.tenant.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+w.token)
	req.Header.Set("Content-Type", "application/json")
	return send(t, req)
}

func send(t *testing.T, req *http.Request) (answer map[string]any) {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Less(t, res.StatusCode, http.StatusMultipleChoices, "%s %s: %s", req.Method, req.URL, body)
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&answer))
	return answer
}

// list is a list of objects that an answer has, or has not.
func list(v any) (all []map[string]any) {
	elements, _ := v.([]any)
	for _, element := range elements {
		all = append(all, element.(map[string]any))
	}
	return all
}
