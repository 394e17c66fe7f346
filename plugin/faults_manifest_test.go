// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// unwell is what ends a run: a page that is refused.
var unwell = fault{name: "a 403", spoil: replaced(403, `{"message":"not for you","code":"forbidden","status":403}`)}

// halfRun exports until the second page of the second hour, which is refused.
func halfRun(t *testing.T, folder string, g *gateway, lines ...string) {
	t.Helper()
	g.strike(unwell, aim{kind: askPage, interval: hour(1), page: 2, persistent: true})
	input := g.endpoint.config(g.server.URL, "demo-client", append([]string{"fallback_pause: 2ms", "start: " + windowStart, "end: " + windowEnd, "interval: PT1H"}, lines...)...)
	require.Equal(t, 1, launch(t, pipeline(folder, input)).wait(patient))
	g.mend()
}

// restOfRun exports what is left, and gives the manifest.
func restOfRun(t *testing.T, folder string, g *gateway, lines ...string) *manifestDocument {
	t.Helper()
	input := g.endpoint.config(g.server.URL, "demo-client", append([]string{"fallback_pause: 2ms", "start: " + windowStart, "end: " + windowEnd, "interval: PT1H"}, lines...)...)
	require.Zero(t, launch(t, pipeline(folder, input)).wait(patient))
	return manifestIn(t, folder)
}

var pagedSummary = endpoint{path: apiAnalytics + "/queues/summary", paging: "query", method: "GET", list: "entities", counted: true, totalled: true}

// TestAManifestCountsEachPageOnce, although the interval was begun with pages of
// another size.
func TestAManifestCountsEachPageOnceWhateverTheirSizeWas(t *testing.T) {
	for name, sizes := range map[string][2]string{
		"smaller": {"page_size: 5", "page_size: 3"},
		"larger":  {"page_size: 3", "page_size: 5"},
		"whole":   {"page_size: 3", "page_size: 100"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			g := tenantAt(t, pagedSummary, tenantConfig())
			halfRun(t, folder, g, sizes[0], "manifest: true")
			m := restOfRun(t, folder, g, sizes[1], "manifest: true")
			require.NotNil(t, m)
			assert.True(t, m.Complete, m.Incomplete)
			assert.Len(t, m.Intervals, windowHours)
			assert.Equal(t, 7*windowHours, m.Records, "each record once")
		})
	}
}

// TestAManifestThatIsSwitchedOnInTheMiddleDoesNotClaimTheWhole.
func TestAManifestThatIsSwitchedOnInTheMiddleDoesNotClaimTheWhole(t *testing.T) {
	folder := t.TempDir()
	g := tenantAt(t, pagedSummary, tenantConfig())
	halfRun(t, folder, g, "page_size: 3")
	m := restOfRun(t, folder, g, "page_size: 3", "manifest: true")
	require.NotNil(t, m)
	if len(m.Intervals) < windowHours || m.Records < 7*windowHours {
		assert.False(t, m.Complete, "it lists %d of %d intervals, and %d of %d records", len(m.Intervals), windowHours, m.Records, 7*windowHours)
		assert.NotEmpty(t, m.Incomplete, "it says what is missing")
	}
	assert.Equal(t, windowStart, m.Start)
	assert.Equal(t, windowEnd, m.End)
}

// TestAManifestOfAnInterruptedRunIsOfTheWholeWindow.
func TestAManifestOfAnInterruptedRunIsOfTheWholeWindow(t *testing.T) {
	for _, e := range endpoints {
		if e.snapshot || e.size == 0 || !e.core {
			continue
		}
		t.Run(e.paging, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			g := tenantAt(t, e, tenantConfig())
			halfRun(t, folder, g, "manifest: true")
			assert.Nil(t, manifestIn(t, folder), "none before the run is done")
			m := restOfRun(t, folder, g, "manifest: true")
			require.NotNil(t, m)
			assert.True(t, m.Complete, m.Incomplete)
			assert.Len(t, m.Intervals, windowHours)
			assert.Equal(t, len(pagesIn(t, folder)), m.Pages)
		})
	}
}

// TestATotalThatIsNotReachedIsNeverComplete: a tenant that says 7 in all
// and ends after 6 is not believed, and neither is it waited for without end.
func TestATotalThatIsNotReachedIsNeverComplete(t *testing.T) {
	folder := t.TempDir()
	g := tenantAt(t, pagedSummary, tenantConfig())
	for _, f := range incoherent {
		if f.name == "a page count that shrinks" {
			g.strike(f, aim{kind: askPage, interval: hour(1), page: 2, persistent: true})
		}
	}
	input := g.endpoint.config(g.server.URL, "demo-client", "fallback_pause: 2ms", "start: "+windowStart, "end: "+windowEnd, "interval: PT1H",
		"page_size: 3", "manifest: true", "give_up_after: 1s")
	code := launch(t, pipeline(folder, input)).wait(patient)
	m := manifestIn(t, folder)
	if code == 0 {
		require.NotNil(t, m)
		assert.Equal(t, m.Records == 3*7, m.Complete, "it says so exactly when every record came")
		assert.Equal(t, m.Complete, len(m.Incomplete) == 0)
	} else {
		assert.Equal(t, 1, code)
		assert.Nil(t, m)
	}
}
