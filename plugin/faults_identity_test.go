// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var summaryEndpoint = endpoint{path: apiAnalytics + "/queues/summary", paging: "query", method: "GET", list: "entities"}

// pagesServed is how many pages a tenant has served.
func pagesServed(g *gateway) (n int) {
	for _, times := range g.tenant.Report().Pages {
		n += times
	}
	return n
}

// TestAPositionOfAnotherExportIsRefused: one after the other in one folder, with
// the default key. The second must not go on where the first was.
func TestAPositionOfAnotherExportIsRefused(t *testing.T) {
	const start, end = "2025-03-04T10:00:00Z", "2025-03-04T13:00:00Z"
	first := simulatorConfig{ClientID: "client-one"}
	for name, other := range map[string]struct {
		host bool
		client,
		line string
		says []string
	}{
		"another tenant's host": {host: true, says: []string{"host", "api_url"}},
		"another client":        {client: "client-two", says: []string{"client"}},
		"another dataset":       {line: "dataset: theirs", says: []string{"dataset"}},
		"another query":         {line: "query: { name: x }", says: []string{"query"}},
		"another interval":      {line: "interval: PT30M", says: []string{"interval"}},
		"another granularity":   {line: "granularity: PT30M", says: []string{"granularity"}},
		"another time zone":     {line: "timezone: Asia/Seoul", says: []string{"timezone", "time zone"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			one := tenantAt(t, summaryEndpoint, first)
			input := summaryInput(one.server.URL, "client-one", start, end, "PT1H")
			require.Zero(t, launch(t, pipeline(folder, input)).wait(patient))
			require.Len(t, pagesIn(t, folder), 3)

			two, client := one, "client-one"
			if other.client != "" {
				client = other.client
			}
			if other.host || other.client != "" {
				two = tenantAt(t, summaryEndpoint, simulatorConfig{ClientID: client})
			}
			if other.client != "" { // the same host: only the client is another
				one.become(two)
				two = one
			}
			before := pagesServed(two)
			changed := summaryInput(two.server.URL, client, start, end, "PT1H")
			if name, _, ok := strings.Cut(other.line, ":"); ok {
				changed = replaceLine(changed, name, other.line)
			}
			second := launch(t, pipeline(folder, changed))
			assert.Equal(t, 1, second.wait(patient))
			assert.True(t, second.says("error", other.says...), "the error says what differs")
			assert.Equal(t, before, pagesServed(two), "not one page is asked for")
		})
	}
}

// become puts another tenant behind a gateway.
func (g *gateway) become(other *gateway) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tenant = other.tenant
}

// replaceLine sets a field of an input.
func replaceLine(config, name, line string) string {
	lines := strings.Split(config, "\n")
	for i := range lines {
		if strings.HasPrefix(lines[i], name+":") {
			lines[i] = line
			return strings.Join(lines, "\n")
		}
	}
	return config + "\n" + line
}

// TestAnotherWindowIsNoOtherExport: neither are another schedule, page size or
// output.
func TestAnotherWindowIsNoOtherExport(t *testing.T) {
	folder := t.TempDir()
	g := tenantAt(t, summaryEndpoint, simulatorConfig{})
	run := func(start, end string, lines ...string) {
		p := launch(t, pipeline(folder, summaryInput(g.server.URL, "demo-client", start, end, "PT1H", lines...)))
		require.Zero(t, p.wait(patient))
	}
	run("2025-03-04T10:00:00Z", "2025-03-04T13:00:00Z")
	run("2025-03-04T11:00:00Z", "2025-03-04T14:00:00Z", "page_size: 2", "parallelism: 2")
	pages := pagesIn(t, folder)
	assert.Len(t, pages, 5, "three of the first run, and one interval of two pages")
	assert.Contains(t, pages, "queues-summary/2025/03/04/130000Z-140000Z/p0002")
}

func brokerOf(folder string, inputs ...string) string {
	var config strings.Builder
	config.WriteString("input:\n  broker:\n    inputs:\n")
	margin := "\n" + strings.Repeat(" ", 12)
	for _, input := range inputs {
		config.WriteString("      - genesys_analytics:" + margin + strings.ReplaceAll(input, "\n", margin) + margin + "checkpoint_cache: position\n")
	}
	return config.String() + toFiles(folder) + positionIn(folder)
}

// TestTwoInputsWithOneKeyAreRefused: each would take the other's position for its
// own.
func TestTwoInputsWithOneKeyAreRefused(t *testing.T) {
	folder := t.TempDir()
	one := tenantAt(t, summaryEndpoint, simulatorConfig{})
	two := tenantAt(t, summaryEndpoint, simulatorConfig{Seed: 2})
	const start, end = "2025-03-04T10:00:00Z", "2025-03-04T13:00:00Z"
	p := launch(t, brokerOf(folder,
		summaryInput(one.server.URL, "demo-client", start, end, "PT1H", "dataset: one"),
		summaryInput(two.server.URL, "demo-client", start, end, "PT1H", "dataset: two")))
	assert.Equal(t, 1, p.wait(patient))
	assert.True(t, p.says("", "checkpoint_cache_key"), "it says what to change")
	assert.Zero(t, pagesServed(one)+pagesServed(two))
}

// TestTwoTenantsInOneProcessAreBothWholeAfterAKill, with a key each.
func TestTwoTenantsInOneProcessAreBothWholeAfterAKill(t *testing.T) {
	folder := t.TempDir()
	slow := simulatorConfig{Latency: 3 * time.Millisecond}
	one, two := tenantAt(t, summaryEndpoint, slow), tenantAt(t, summaryEndpoint, slow)
	var inputs []string
	for i, g := range []*gateway{one, two} {
		n := fmt.Sprint(i + 1)
		inputs = append(inputs, summaryInput(g.server.URL, "demo-client", "2025-03-04", "2025-03-05", "PT15M",
			"dataset: tenant-"+n, "checkpoint_cache_key: tenant-"+n, "manifest: true"))
	}
	config := brokerOf(folder, inputs...)
	p := launch(t, config)
	until(t, func() bool { return len(pagesIn(t, folder)) > 20 }, "some pages")
	p.signal(syscall.SIGKILL)
	<-p.ended
	require.Less(t, len(pagesIn(t, folder)), 192, "killed in the middle")
	require.Zero(t, launch(t, config).wait(patient))
	count := map[string]int{}
	for key := range pagesIn(t, folder) {
		dataset, _, _ := strings.Cut(key, "/")
		count[dataset]++
	}
	assert.Equal(t, map[string]int{"tenant-1": 96, "tenant-2": 96}, count)
}
