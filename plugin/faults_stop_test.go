// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// atOnce is how long a process may take to end once it is told to, and some more
// for a machine that is busy.
const atOnce = 2*time.Second + 1500*time.Millisecond

// TestAStoppedRunSaysThatItIsNotDone: 75 is "try again" to who started it.
func TestAStoppedRunSaysThatItIsNotDone(t *testing.T) {
	for name, test := range map[string]struct {
		end, step string
		signal    syscall.Signal
		want      int
	}{
		"a bounded run, SIGTERM":       {"2025-03-05", "PT5M", syscall.SIGTERM, 75},
		"a bounded run, SIGINT":        {"2025-03-05", "PT5M", syscall.SIGINT, 75},
		"a run to now, SIGTERM":        {"now", "PT5M", syscall.SIGTERM, 75},
		"a run without end, SIGTERM":   {"", "PT5M", syscall.SIGTERM, 0},
		"a run on a schedule, SIGTERM": {"", "PT5M\nschedule: '@every 1s'", syscall.SIGTERM, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			g := tenantAt(t, summaryEndpoint, simulatorConfig{Latency: 10 * time.Millisecond})
			input := summaryInput(g.server.URL, "demo-client", "2025-03-04", test.end, test.step)
			if test.end == "" {
				input = strings.Replace(input, "\nend: ", "", 1)
			}
			p := launch(t, pipeline(folder, input))
			until(t, func() bool { return len(pagesIn(t, folder)) > 5 }, "some pages")
			p.signal(test.signal)
			assert.Equal(t, test.want, p.wait(atOnce))
			if test.end != "2025-03-05" {
				return
			}
			require.Zero(t, launch(t, pipeline(folder, input)).wait(patient))
			assert.Len(t, pagesIn(t, folder), 288)
		})
	}
}

// throttles answers that the tenant's quota is used up, for a long time.
var throttles = fault{name: "a hold of an hour", spoil: func(_ *gateway, w http.ResponseWriter, _ ask, _ answer) {
	w.Header().Set("Retry-After", "3600")
	w.WriteHeader(http.StatusTooManyRequests)
}}

func TestAStopInAHoldIsAtOnceAndSaysThatItIsNotDone(t *testing.T) {
	folder := t.TempDir()
	g := tenantAt(t, summaryEndpoint, simulatorConfig{})
	g.strike(throttles, aim{kind: askPage, skip: 3, persistent: true})
	p := launch(t, pipeline(folder, summaryInput(g.server.URL, "demo-client", "2025-03-04", "2025-03-05", "PT1H")))
	until(t, g.hasStruck, "the hold")
	p.signal(syscall.SIGTERM)
	assert.Equal(t, 75, p.wait(atOnce))
}

// TestAStopInAWaitIsAtOnceAndSaysThatItIsNotDone, whatever is waited for.
func TestAStopInAWaitIsAtOnceAndSaysThatItIsNotDone(t *testing.T) {
	jobs := endpoint{path: apiAnalytics + "/conversations/details/jobs", paging: "job", method: "POST", list: "conversations", lags: true}
	for name, test := range map[string]struct {
		endpoint endpoint
		tenant   simulatorConfig
		fault    fault
		at       aim
		lines    []string
	}{
		"the time between two tries": {endpoint: summaryEndpoint, fault: mending[0], at: aim{kind: askPage, interval: hour(1), persistent: true}},
		"a token":                    {endpoint: summaryEndpoint, fault: mending[0], at: aim{kind: askToken, persistent: true}},
		"an answer": {
			endpoint: summaryEndpoint, at: aim{kind: askPage, interval: hour(1), persistent: true}, lines: []string{"request_timeout: 1h"},
			fault: fault{spoil: func(g *gateway, _ http.ResponseWriter, _ ask, _ answer) {
				g.mu.Unlock()
				time.Sleep(atOnce)
				g.mu.Lock()
			}},
		},
		"the data's watermark": {
			endpoint: jobs, tenant: simulatorConfig{AvailabilityLag: 20 * 365 * 24 * time.Hour},
			fault: fault{spoil: func(g *gateway, w http.ResponseWriter, a ask, x answer) { g.send(w, a, x) }}, at: aim{kind: askAvailability},
		},
		"a job": {
			endpoint: jobs, tenant: simulatorConfig{JobPolls: 1_000_000},
			fault: fault{spoil: func(g *gateway, w http.ResponseWriter, a ask, x answer) { g.send(w, a, x) }}, at: aim{kind: askSubmit},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			g := tenantAt(t, test.endpoint, test.tenant)
			g.strike(test.fault, test.at)
			lines := append(test.lines, "fallback_pause: 1h", "start: "+windowStart, "end: "+windowEnd, "interval: PT1H")
			p := launch(t, pipeline(folder, test.endpoint.config(g.server.URL, "demo-client", lines...)))
			until(t, func() bool { return g.hasStruck() && p.says("info", "Output type file is now active") }, "the wait")
			p.signal(syscall.SIGTERM)
			assert.Equal(t, 75, p.wait(atOnce))
		})
	}
}

// TestAStopWhileTheOutputIsDown: what was read is not kept, and the run says so.
func TestAStopWhileTheOutputRejectsSaysThatItIsNotDone(t *testing.T) {
	folder := t.TempDir()
	g := tenantAt(t, summaryEndpoint, simulatorConfig{})
	config := pipeline(folder, summaryInput(g.server.URL, "demo-client", "2025-03-04", "2025-03-05", "PT1H"))
	p := launch(t, "shutdown_timeout: 1s\n"+strings.Replace(config, toFiles(folder), "output: { reject: no bucket }\n", 1))
	until(t, func() bool { return pagesServed(g) > 3 }, "some pages")
	p.signal(syscall.SIGTERM)
	assert.Equal(t, 75, p.wait(atOnce))
}

// TestAStopWithACacheThatHangsIsAtOnce: closing has two seconds, whatever
// request_timeout is.
func TestAStopWithACacheThatHangsIsAtOnce(t *testing.T) {
	for _, operation := range []string{"set", "both"} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			g := tenantAt(t, summaryEndpoint, simulatorConfig{Latency: 5 * time.Millisecond})
			config := strings.Replace(
				pipeline(folder, summaryInput(g.server.URL, "demo-client", "2025-03-04", "2025-03-05", "PT5M")),
				positionIn(folder), fragileIn(folder), 1)
			p := launch(t, config)
			until(t, func() bool { return len(pagesIn(t, folder)) > 5 }, "some pages")
			breakCache(t, folder, "hang-"+operation)
			pages := len(pagesIn(t, folder))
			until(t, func() bool { return len(pagesIn(t, folder)) > pages }, "a page whose position hangs")
			p.signal(syscall.SIGTERM)
			assert.Equal(t, 75, p.wait(atOnce))
		})
	}
}

// fragileIn is a cache that does what the files in its folder say.
func fragileIn(folder string) string {
	_ = os.MkdirAll(filepath.Join(folder, "position"), 0o700)
	return fmt.Sprintf("cache_resources:\n  - label: position\n    fragile: { directory: '%s/position' }\n", folder)
}

func breakCache(t *testing.T, folder, how string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "position", how), nil, 0o600))
}

func mendCache(t *testing.T, folder, how string) {
	t.Helper()
	require.NoError(t, os.Remove(filepath.Join(folder, "position", how)))
}
