// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

//go:build queries

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/proc"
)

// TestQueriesOfTheReadme does what the README says, line by line as one copies it, on other ports and
// in a folder that has what a clone has after `make build`, and gets what it shows. Paths stay as they
// are written: versitygw takes some relative ones for something else.
func TestQueriesOfTheReadme(t *testing.T) {
	const chapter = "Agent time by name, in DuckDB"
	commands := fenced(t, chapter, "sh")
	build, rest, _ := strings.Cut(commands, "\n")
	assert.Equal(t, "make build bin/versitygw bin/duckdb", build, "as `make queries` has done")
	tenant, storage, status := freeAddress(t), freeAddress(t), freeAddress(t)
	rest = strings.NewReplacer("127.0.0.1:8085", tenant, "127.0.0.1:7070", storage).Replace(rest)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-e")
	cmd.Dir = built(t)
	cmd.Stdin = strings.NewReader(rest)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "HTTP_ADDRESS=" + status}
	log, err := os.Create(filepath.Join(t.TempDir(), "log")) // a file: servers that outlive an error would keep a pipe open
	require.NoError(t, err)
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	err = cmd.Run()
	said, _ := os.ReadFile(log.Name())
	require.NoError(t, err, "%s", said)
	assert.Contains(t, string(said), fenced(t, chapter, "text"))
}

// built returns a folder with the repository's config and binaries.
func built(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "bin"), 0o700))
	for _, name := range []string{"config", "bin/redpanda-connect-genesys", "bin/genesys-simulator", "bin/versitygw", "bin/duckdb"} {
		require.NoError(t, os.Symlink(filepath.Join(root(t), name), filepath.Join(dir, name)))
	}
	return dir
}

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := proc.FreeAddress()
	require.NoError(t, err)
	return address
}
