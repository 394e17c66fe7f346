// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAnOutputThatRejectsForEverEndsTheRun, by give_up_after.
func TestAnOutputThatRejectsForEverEndsTheRun(t *testing.T) {
	for name, output := range map[string]string{
		"it rejects":              "output: { reject: there is no bucket }\n",
		"it rejects one interval": "output:\n  switch:\n    cases:\n      - check: '@genesys_interval.string().contains(\"T11:00:00\")'\n        output: { reject: there is no bucket }\n      - output: { drop: {} }\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			g := tenantAt(t, summaryEndpoint, simulatorConfig{})
			input := summaryInput(g.server.URL, "demo-client", windowStart, windowEnd, "PT1H", "give_up_after: 1s")
			p := launch(t, strings.Replace(pipeline(folder, input), toFiles(folder), output, 1))
			assert.Equal(t, 1, p.wait(patient/2))
			at := "2025-03-04T1" // whichever was rejected first
			if strings.Contains(output, "T11") {
				at = "2025-03-04T11:00:00"
			}
			assert.True(t, p.says("error", at), "it names the interval that could not be delivered")
		})
	}
}

// TestAnOutputThatIsDownForAWhileEndsNothing: give_up_after is for what lasts.
func TestAnOutputThatIsDownForAWhileEndsNothing(t *testing.T) {
	folder := t.TempDir()
	g := tenantAt(t, summaryEndpoint, simulatorConfig{})
	input := summaryInput(g.server.URL, "demo-client", windowStart, windowEnd, "PT1H", "give_up_after: 30s")
	output := strings.Replace(toFiles(folder), "output:\n  file:", "output:\n  retry:\n    backoff: { initial_interval: 10ms }\n    output:\n      file:", 1)
	output = strings.ReplaceAll(output, "\n    path", "\n        path")
	output = strings.ReplaceAll(output, "\n    codec", "\n        codec")
	p := launch(t, strings.Replace(pipeline(folder, input), toFiles(folder), output, 1))
	assert.Zero(t, p.wait(patient))
	assert.Len(t, pagesIn(t, folder), 3)
}

// TestAJobThatNeverEndsIsGivenUp, by give_up_after, and its interval is named.
func TestAJobThatNeverEndsIsGivenUp(t *testing.T) {
	folder := t.TempDir()
	jobs := endpoint{path: apiAnalytics + "/conversations/details/jobs", paging: "job", method: "POST", list: "conversations", lags: true}
	g := tenantAt(t, jobs, simulatorConfig{JobPolls: 1_000_000})
	p := launch(t, pipeline(folder, jobs.config(g.server.URL, "demo-client",
		"start: "+windowStart, "end: "+windowEnd, "interval: PT1H", "fallback_pause: 20ms", "give_up_after: 500ms")))
	assert.Equal(t, 1, p.wait(patient/2))
	assert.True(t, p.says("error", "2025-03-04T10:00:00"), "it names the interval")
}

// TestARejectedPageThatIsDroppedIsSaid: whoever switches auto_replay_nacks off drops
// it, and neither the manifest nor the exit status calls that complete.
func TestARejectedPageThatIsDroppedIsSaid(t *testing.T) {
	folder := t.TempDir()
	g := tenantAt(t, summaryEndpoint, simulatorConfig{})
	input := summaryInput(g.server.URL, "demo-client", windowStart, windowEnd, "PT1H", "manifest: true", "auto_replay_nacks: false", "give_up_after: 2s")
	file := strings.ReplaceAll(strings.TrimPrefix(toFiles(folder), "output:"), "\n  ", "\n          ")
	rejecting := "output:\n  switch:\n    cases:\n      - check: '@genesys_interval.or(\"\").string().contains(\"04T11:00:00.000Z/\")'\n" +
		"        output: { reject: there is no bucket }\n      - output:" + file
	config := pipeline(folder, input)
	code := launch(t, strings.Replace(config, toFiles(folder), rejecting, 1)).wait(patient)
	assert.Equal(t, 1, code)
	m := manifestIn(t, folder)
	require.NotNil(t, m)
	assert.False(t, m.Complete, "a page was never delivered")
	require.Len(t, m.Incomplete, 1)
}

// TestAnOutputThatIsSlowEndsNothing: a page that waits to leave could be had, and
// nobody rejects it.
func TestAnOutputThatIsSlowEndsNothing(t *testing.T) {
	for name, lines := range map[string][]string{
		"one by one":     {"checkpoint_limit: 1"},
		"three at once":  {"parallelism: 3", "checkpoint_limit: 1"},
		"page by page":   {"page_size: 2"},
		"with manifests": {"manifest: true", "page_size: 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			g := tenantAt(t, summaryEndpoint, simulatorConfig{})
			input := summaryInput(g.server.URL, "demo-client", windowStart, windowEnd, "PT1H", append(lines, "give_up_after: 300ms")...)
			config := pipeline(folder, input)
			slow := toFiles(folder) + "  processors: [ { sleep: { duration: 600ms } } ]\n"
			p := launch(t, strings.Replace(config, toFiles(folder), slow, 1))
			assert.Zero(t, p.wait(patient))
			assert.GreaterOrEqual(t, len(pagesIn(t, folder)), 3)
			assert.Len(t, lastIntervals(pagesIn(t, folder)), 3)
		})
	}
}

// lastIntervals are the intervals of some pages.
func lastIntervals(pages map[string]string) map[string]bool {
	intervals := map[string]bool{}
	for key := range pages {
		intervals[key[:strings.LastIndexByte(key, '/')]] = true
	}
	return intervals
}

// stalls holds an answer back for longer than the input waits for one exchange.
var stalls = fault{name: "no answer in time", spoil: func(g *gateway, w http.ResponseWriter, a ask, x answer) {
	g.mu.Unlock()
	time.Sleep(400 * time.Millisecond)
	g.mu.Lock()
	g.send(w, a, x)
}}

// TestPatienceOfAnHourSurvivesATimeout: what net calls a deadline that was
// exceeded is not the run's.
func TestPatienceOfAnHourSurvivesATimeout(t *testing.T) {
	for name, kind := range map[string]string{"of a page": askPage, "of the token": askToken} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			g := tenantAt(t, summaryEndpoint, simulatorConfig{})
			g.strike(stalls, aim{kind: kind})
			input := summaryInput(g.server.URL, "demo-client", windowStart, windowEnd, "PT1H", "give_up_after: PT1H", "request_timeout: 150ms")
			assert.Zero(t, launch(t, pipeline(folder, input)).wait(patient))
			assert.Len(t, pagesIn(t, folder), 3)
		})
	}
}
