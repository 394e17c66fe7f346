// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheDocumentsSayWhatTheSpecsSay(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	reference, err := os.ReadFile("../../config/REFERENCE.md")
	require.NoError(t, err)

	dir := t.TempDir()
	newReadme, newReference := filepath.Join(dir, "README.md"), filepath.Join(dir, "REFERENCE.md")
	require.NoError(t, os.WriteFile(newReadme, readme, 0o600))
	require.NoError(t, run(newReadme, newReference))

	got, err := os.ReadFile(newReadme)
	require.NoError(t, err)
	assert.Equal(t, string(got), string(readme), "run `make docs`")
	got, err = os.ReadFile(newReference)
	require.NoError(t, err)
	assert.Equal(t, string(got), string(reference), "run `make docs`")
}
