// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

//go:build queries

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/proc"
)

// TestQueriesOfTheReadme does what the README says, line by line as one copies it, on other ports and
// in another folder, and gets what it shows.
func TestQueriesOfTheReadme(t *testing.T) {
	const chapter = "Agent time by name, in DuckDB"
	commands := fenced(t, chapter, "sh")
	build, rest, _ := strings.Cut(commands, "\n")
	assert.Equal(t, "make build bin/versitygw bin/duckdb", build, "as `make queries` has done")
	tenant, storage, status := freeAddress(t), freeAddress(t), freeAddress(t)
	rest = strings.NewReplacer("127.0.0.1:8085", tenant, "127.0.0.1:7070", storage, "bin/trial", t.TempDir()).Replace(rest)
	cmd := exec.CommandContext(t.Context(), "sh", "-e")
	cmd.Dir = root(t)
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

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := proc.FreeAddress()
	require.NoError(t, err)
	return address
}
