// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fragilePipeline keeps its position in a cache that can be broken.
func fragilePipeline(folder, input string) string {
	return strings.Replace(pipeline(folder, input), positionIn(folder), fragileIn(folder), 1)
}

// TestACheckpointThatCannotBeWrittenIsAnErrorAtStart: nothing is exported that
// could not be gone on with.
func TestACheckpointThatCannotBeWrittenIsAnErrorAtStart(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, folder string, config *string){
		"the folder is missing": func(t *testing.T, folder string, _ *string) {
			require.NoError(t, os.Remove(filepath.Join(folder, "position")))
		},
		"the folder is a file": func(t *testing.T, folder string, _ *string) {
			path := filepath.Join(folder, "position")
			require.NoError(t, os.Remove(path))
			require.NoError(t, os.WriteFile(path, nil, 0o600))
		},
		"the cache is read-only": func(t *testing.T, folder string, config *string) {
			*config = strings.Replace(*config, positionIn(folder), fragileIn(folder), 1)
			breakCache(t, folder, "fail-set")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			g := tenantAt(t, summaryEndpoint, simulatorConfig{})
			config := pipeline(folder, summaryInput(g.server.URL, "demo-client", windowStart, windowEnd, "PT1H", "give_up_after: 1s"))
			spoil(t, folder, &config)
			p := launch(t, config)
			assert.Equal(t, 1, p.wait(patient/3))
			assert.True(t, p.says("error", "checkpoint", "position"), "it says what cannot be written")
			assert.Zero(t, pagesServed(g), "not one page is asked for")
		})
	}
}

// TestACheckpointThatFailsLaterIsSaidOnceAndInTheEnd: everything else is done,
// and the run says that it could not keep where it was.
func TestACheckpointThatFailsLaterIsSaidOnceAndInTheEnd(t *testing.T) {
	for name, mended := range map[string]bool{"for ever": false, "for a while": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			g := tenantAt(t, summaryEndpoint, simulatorConfig{Latency: 5 * time.Millisecond})
			give := "give_up_after: 1s"
			if mended {
				give = "give_up_after: 1m"
			}
			input := summaryInput(g.server.URL, "demo-client", "2025-03-04", "2025-03-05", "PT15M", give)
			p := launch(t, fragilePipeline(folder, input))
			until(t, func() bool { return len(pagesIn(t, folder)) > 5 }, "some pages")
			breakCache(t, folder, "fail-set")
			if mended {
				until(t, func() bool { return len(pagesIn(t, folder)) > 60 }, "it goes on meanwhile")
				mendCache(t, folder, "fail-set")
				assert.Zero(t, p.wait(patient))
			} else {
				assert.Equal(t, 1, p.wait(patient/2))
			}
			assert.Len(t, pagesIn(t, folder), 96, "everything else is done")
			said := 0
			for line := range strings.Lines(p.log.String()) {
				if strings.Contains(line, "level=error") && strings.Contains(line, "read-only") {
					said++
				}
			}
			assert.Positive(t, said, "it is said")
			assert.LessOrEqual(t, said, 4, "and not for each page")
		})
	}
}
