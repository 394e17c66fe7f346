// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheIndexNamesEachPipeline, or its folder where several make one job, and no file that is not there.
func TestTheIndexNamesEachPipeline(t *testing.T) {
	t.Parallel()
	root := root(t)
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	_, index, found := strings.Cut(string(readme), "\n## Pipelines to copy\n")
	require.True(t, found)
	index, _, _ = strings.Cut(index, "\n## ")
	for _, file := range regexp.MustCompile(`config/[\w/]+\.yaml`).FindAllString(index, -1) {
		assert.FileExists(t, filepath.Join(root, file))
	}
	require.NoError(t, filepath.WalkDir(filepath.Join(root, "config"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" || strings.HasSuffix(path, "_test.yaml") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), "\ninput:") {
			return err
		}
		file, err := filepath.Rel(root, path)
		if folder := filepath.Dir(file); strings.Contains(index, "`"+folder+"`") {
			return err
		}
		assert.Contains(t, index, file)
		return err
	}))
}
