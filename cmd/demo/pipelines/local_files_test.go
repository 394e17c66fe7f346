// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const toFiles = "config/local_files/queue_summary_to_files.yaml"

// filesBelow are all of a folder.
func filesBelow(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files[path], err = os.ReadFile(path)
		}
		return err
	}))
	return files
}

// TestLocalFiles: a run that is killed again and again, and another run of the same hour, leave each row once.
func TestLocalFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--latency", "150ms")
	dir := t.TempDir()
	hour := time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	env := []string{"OUTPUT_DIR=" + dir, "EXPORT_START=2026-11-21T12:00:00+09:00", "EXPORT_END=2026-11-21T13:00:00+09:00"}
	for written := range 3 {
		p := w.start(t, toFiles, env...)
		require.NoError(t, p.Until(t.Context(), patience, "another file", func(context.Context) (bool, error) {
			return len(filesBelow(t, dir)) > 3*written, nil
		}))
		p.Kill()
	}
	require.Less(t, len(filesBelow(t, dir)), 12)
	status, log := w.toEnd(t, toFiles, env...)
	require.Zero(t, status, log)
	want := w.summary(t, hour)
	assert.Len(t, filesBelow(t, dir), 12)
	assert.Equal(t, want, sumsOf(t, lines(t, filesBelow(t, dir))))

	status, log = w.toEnd(t, toFiles, append(env, "CHECKPOINT_KEY=again")...)
	require.Zero(t, status, log)
	assert.Equal(t, want, sumsOf(t, lines(t, filesBelow(t, dir))))
	w.measured(t, "local files", len(want))
}
