// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin"
)

// runVariable makes this test binary the smallest distribution there is: what the
// command's main does, over these components and Benthos' own.
const runVariable = "GENESYS_RUN"

func init() {
	if os.Getenv(runVariable) == "" {
		return
	}
	// A signal that comes before the engine listens would end the process, and not
	// say anything about these components. It is sent again.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGTERM, syscall.SIGINT)
	code, err := service.RunCLIToCode(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(max(code, plugin.ExitStatus()))
}

// process is a run of a pipeline.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	log   *buffer
	ended chan struct{}
}

// launch runs a pipeline of an input, an output and cache resources.
func launch(t *testing.T, config string) *process {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipeline.yaml")
	require.NoError(t, os.WriteFile(path, []byte("http: { enabled: false }\nlogger: { format: logfmt, level: INFO }\n"+config), 0o600))
	p := &process{t: t, cmd: exec.Command(os.Args[0], "run", path), log: &buffer{}, ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), runVariable+"=1")
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	require.NoError(t, p.cmd.Start())
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Log(p.log.String())
		}
	})
	return p
}

// wait is the exit status, of a process that ends in time.
func (p *process) wait(within time.Duration) int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(within):
		require.Failf(p.t, "it has not ended", "within %s", within)
		return -1
	}
}

// signal sends a signal, again and again: the first may come before the engine
// listens.
func (p *process) signal(s syscall.Signal) {
	_ = p.cmd.Process.Signal(s)
	go func() {
		again := time.NewTicker(100 * time.Millisecond)
		defer again.Stop()
		for {
			select {
			case <-again.C:
				_ = p.cmd.Process.Signal(s)
			case <-p.ended:
				return
			}
		}
	}()
}

// says reports whether a line of the log at a level, or any with an empty one, has
// one of some words.
func (p *process) says(level string, words ...string) bool {
	for line := range strings.Lines(p.log.String()) {
		if level != "" && !strings.Contains(line, "level="+level) {
			continue
		}
		for _, word := range words {
			if strings.Contains(strings.ToLower(line), strings.ToLower(word)) {
				return true
			}
		}
	}
	return false
}

// patient is how long a process may take on a machine that is busy.
const patient = 30 * time.Second

// pipeline is YAML of an input, with its position and its objects in a folder.
func pipeline(folder, input string) string {
	return "input:\n  genesys_analytics:\n" + indent(indent(input)) + "\n    checkpoint_cache: position\n" + toFiles(folder) + positionIn(folder)
}

func toFiles(folder string) string {
	return fmt.Sprintf("output:\n  file:\n    path: '%s/objects/${! @genesys_key }.json'\n    codec: all-bytes\n", folder)
}

func positionIn(folder string) string {
	_ = os.MkdirAll(filepath.Join(folder, "position"), 0o700)
	return fmt.Sprintf("cache_resources:\n  - label: position\n    file: { directory: '%s/position' }\n", folder)
}

// objectsIn are the objects of a folder, by key.
func objectsIn(t *testing.T, folder string) map[string]string {
	t.Helper()
	objects, root := map[string]string{}, filepath.Join(folder, "objects")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		key, _ := filepath.Rel(root, path)
		objects[strings.TrimSuffix(key, ".json")] = string(body)
		return err
	})
	if !errors.Is(err, fs.ErrNotExist) {
		require.NoError(t, err)
	}
	return objects
}

// pagesIn are those of them that are pages.
func pagesIn(t *testing.T, folder string) map[string]string {
	t.Helper()
	objects := objectsIn(t, folder)
	for key := range objects {
		if strings.Contains(key, "_manifests") {
			delete(objects, key)
		}
	}
	return objects
}

// manifestIn is the one manifest of a folder, nil where there is none.
func manifestIn(t *testing.T, folder string) *manifestDocument {
	t.Helper()
	o := outcome{objects: map[string]object{}}
	for key, body := range objectsIn(t, folder) {
		if strings.Contains(key, "_manifests") {
			require.Empty(t, o.objects, "more than one manifest")
			o.objects[key] = object{kind: "manifest", body: body}
		}
	}
	return o.manifest()
}

// summaryPages is the endpoint that most of these tests ask: one page an interval.
func summaryInput(origin, client, start, end, interval string, lines ...string) string {
	e := endpoint{path: apiAnalytics + "/queues/summary"}
	return e.config(origin, client, append([]string{"fallback_pause: 2ms", "start: " + start, "end: " + end, "interval: " + interval}, lines...)...)
}

// until waits for something to be so.
func until(t *testing.T, so func() bool, what string) {
	t.Helper()
	require.Eventually(t, so, patient, 2*time.Millisecond, what)
}

// tenantAt is a tenant on a socket that does nothing wrong, unless told to.
func tenantAt(t *testing.T, e endpoint, config simulatorConfig) *gateway {
	t.Helper()
	g, err := openGateway(e, config)
	require.NoError(t, err)
	t.Cleanup(g.close)
	return g
}
