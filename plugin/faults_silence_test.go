// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestARunThatGoesOnDoesNotSayThatItHasNothingToDo, when it is done.
func TestARunThatGoesOnDoesNotSayThatItHasNothingToDo(t *testing.T) {
	for _, manifest := range []string{"manifest: false", "manifest: true"} {
		folder := t.TempDir()
		g := tenantAt(t, pagedSummary, tenantConfig())
		halfRun(t, folder, g, "page_size: 3", manifest)
		input := g.endpoint.config(g.server.URL, "demo-client", "fallback_pause: 2ms", "start: "+windowStart, "end: "+windowEnd, "interval: PT1H", "page_size: 3", manifest)
		p := launch(t, pipeline(folder, input))
		require.Zero(t, p.wait(patient))
		assert.Len(t, pagesIn(t, folder), 9)
		assert.False(t, p.says("warn", "nothing"))
	}
}

// TestARunThatHasNothingToDoSaysWhy, at WARN, whatever its exit status.
func TestARunThatHasNothingToDoSaysWhy(t *testing.T) {
	const at10, at13 = "2025-03-04T10:00:00Z", "2025-03-04T13:00:00Z"
	for name, test := range map[string]struct {
		before     bool // another window under the same key was exported before
		start, end string
		ends       bool // by itself
		says       []string
	}{
		"the position is at the end":    {true, at10, at13, true, []string{"end"}},
		"the position is past the end":  {true, at10, "2025-03-04T12:00:00Z", true, []string{"end"}},
		"an earlier window":             {true, "2025-03-03T10:00:00Z", "2025-03-03T13:00:00Z", true, []string{"end"}},
		"the start is in the future":    {false, "2999-01-01", "2999-01-02", false, []string{"start"}},
		"the start is after an end now": {false, "2999-01-01", "now", true, []string{"start"}},
		"no interval has ended by now":  {false, "-1s", "now", true, []string{"start", "interval"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			g := tenantAt(t, summaryEndpoint, simulatorConfig{})
			step := "PT1H"
			if test.before {
				require.Zero(t, launch(t, pipeline(folder, summaryInput(g.server.URL, "demo-client", at10, at13, step))).wait(patient))
			}
			if test.end == "now" {
				step = "P1D"
			}
			p := launch(t, pipeline(folder, summaryInput(g.server.URL, "demo-client", test.start, test.end, step)))
			if !test.ends {
				assert.Eventually(t, func() bool { return p.says("warn", test.says...) && p.says("info", "Output type file is now active") }, 5*time.Second, 5*time.Millisecond, "it says why it waits")
				p.signal(syscall.SIGTERM)
				assert.Equal(t, 75, p.wait(patient))
				return
			}
			assert.Zero(t, p.wait(patient))
			assert.True(t, p.says("warn", test.says...), "it says why there is nothing to do")
		})
	}
}
