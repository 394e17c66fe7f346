// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package endure

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/day"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

var (
	start    = time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC)
	morning  = day.Span{Start: start, End: start.Add(time.Hour), Interval: 5 * time.Minute}
	twoHours = day.Span{Start: start, End: start.Add(2 * time.Hour), Interval: time.Hour}
)

const (
	aSecret     = "hunter2"
	aPage       = "queues-summary/2026/11/21/230500Z-231000Z/p0001.json"
	laterPage   = "conversations-details-query/2026/11/22/000000Z-010000Z/p0002.json"
	aManifest   = "queues-summary/_manifests/20261121T230000Z-20261122T000000Z.json"
	anyInterval = "2026-11-21T23:05:00.000Z/2026-11-21T23:10:00.000Z"
)

// good is the evidence of a world in which nothing is off.
func good(t *testing.T) Evidence {
	t.Helper()
	e := Evidence{
		Objects: map[string][]byte{},
		Report:  simulator.Report{Throttled: 3},
		Ends: []End{
			{Name: "summaries", Struck: true, Code: -1},
			{Name: "summaries", Struck: true, Gentle: true, Code: 75},
			{Name: "summaries"},
			{Name: Worker, Struck: true, Gentle: true},
			{Name: Refused, Code: 1},
		},
		Logs:    map[string]string{"summaries 1": "level=info msg=\"all is well\"\n", Worker: "nothing\n"},
		Secrets: []string{aSecret},
		Hits:    map[Fault]int{S3Failing: 1},
		Faults:  []Fault{S3Failing},
		Kills:   1,
	}
	for _, x := range []Export{
		{Data: day.QueueSummaries, Span: morning, Runs: []day.Span{morning}},
		{Data: day.Conversations(10), Span: twoHours, Runs: []day.Span{
			{Start: start, End: start.Add(time.Hour), Interval: time.Hour},
			{Start: start.Add(time.Hour), End: twoHours.End, Interval: time.Hour},
		}},
	} {
		var err error
		x.Pages, err = x.Data.Expected(t.Context(), 1, x.Span)
		require.NoError(t, err)
		maps.Copy(e.Objects, x.Pages)
		for _, run := range x.Runs {
			e.Objects[manifestKey(x, run)] = []byte(manifestOf(x, run))
		}
		e.Exports = append(e.Exports, x)
	}
	return e
}

func manifestKey(x Export, run day.Span) string {
	const form = "20060102T150405Z"
	return x.Data.Dataset + "/_manifests/" + run.Start.Format(form) + "-" + run.End.Format(form) + ".json"
}

func manifestOf(x Export, run day.Span) string {
	each, sum := x.tallies(run)
	var intervals []string
	for _, interval := range slices.Sorted(maps.Keys(each)) {
		intervals = append(intervals, fmt.Sprintf(`{"interval":%q,"pages":%d,"records":%d,"complete":true}`,
			interval, each[interval].pages, each[interval].records))
	}
	return fmt.Sprintf(`{"dataset":%q,"complete":true,"pages":%d,"records":%d,"intervals":[%s]}`,
		x.Data.Dataset, sum.pages, sum.records, strings.Join(intervals, ","))
}

func (e *Evidence) replace(key, old, with string) {
	e.Objects[key] = []byte(strings.Replace(string(e.Objects[key]), old, with, 1))
}

// TestTheJudgeSeesWhateverIsOff spoils good evidence in one way after the other.
func TestTheJudgeSeesWhateverIsOff(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(*Evidence)
		wrong string
	}{
		{"nothing", func(*Evidence) {}, ""},
		{"a page is missing", func(e *Evidence) { delete(e.Objects, aPage) }, "missing: " + aPage},
		{"a later page is missing", func(e *Evidence) { delete(e.Objects, laterPage) }, "missing: " + laterPage},
		{"an interval is missing, and was never expected", func(e *Evidence) {
			delete(e.Objects, aPage)
			delete(e.Exports[0].Pages, aPage)
		}, "an object starts at 2026-11-21T23:10:00Z, want 2026-11-21T23:05:00Z"},
		{"the last interval is missing, and was never expected", func(e *Evidence) {
			const last = "queues-summary/2026/11/21/235500Z-20261122T000000Z/p0001.json"
			delete(e.Objects, last)
			delete(e.Exports[0].Pages, last)
		}, "it ends at 2026-11-21T23:55:00Z"},
		{"a byte is another one", func(e *Evidence) {
			body := slices.Clone(e.Objects[aPage])
			body[len(body)/2] ^= 1
			e.Objects[aPage] = body
		}, "not what the tenant serves: " + aPage},
		{"a page is cut short", func(e *Evidence) { e.Objects[laterPage] = e.Objects[laterPage][:100] }, "not what the tenant serves: " + laterPage},
		{"an object is too many", func(e *Evidence) { e.Objects["null.json"] = nil }, "one too many: null.json"},
		{"a page too many", func(e *Evidence) {
			key := strings.Replace(aPage, "p0001", "p0002", 1)
			e.Objects[key] = e.Objects[aPage]
		}, "one too many: queues-summary/2026/11/21/230500Z-231000Z/p0002.json"},
		{"an interval is there in halves", func(e *Evidence) {
			e.Objects["queues-summary/2026/11/21/230500Z-230730Z/p0001.json"] = e.Objects[aPage]
		}, "one too many: queues-summary/2026/11/21/230500Z-230730Z/p0001.json"},
		{"a manifest is missing", func(e *Evidence) { delete(e.Objects, aManifest) }, "missing: " + aManifest},
		{"a manifest is too many", func(e *Evidence) {
			e.Objects["queues-summary/_manifests/20261121T230000Z-20261122T010000Z.json"] = e.Objects[aManifest]
		}, "one too many: queues-summary/_manifests/20261121T230000Z-20261122T010000Z.json"},
		{"a manifest lies about an interval", func(e *Evidence) {
			e.replace(aManifest, anyInterval+`","pages":1`, anyInterval+`","pages":2`)
		}, "it says of " + anyInterval},
		{"a manifest names an interval twice and another not at all", func(e *Evidence) {
			e.replace(aManifest, anyInterval, "2026-11-21T23:00:00.000Z/2026-11-21T23:05:00.000Z")
		}, "it says of 2026-11-21T23:00:00.000Z/2026-11-21T23:05:00.000Z"},
		{"a manifest is without its intervals", func(e *Evidence) {
			e.replace(aManifest, `"intervals":[`, `"intervals":[],"others":[`)
		}, "it is without 12 intervals"},
		{"a manifest is not complete", func(e *Evidence) { e.replace(aManifest, `"complete":true`, `"complete":false`) }, "complete false"},
		{"a manifest is no JSON", func(e *Evidence) { e.Objects[aManifest] = []byte("{") }, "reading manifest " + aManifest},
		{"an early request", func(e *Evidence) { e.Report.EarlyRequests = 1 }, "counting early requests: 1, want 0"},
		{"an order that was not shared", func(e *Evidence) { e.Kept = 1 }, "not written down for others: 1, want 0"},
		{"nobody was held", func(e *Evidence) { e.Report.Throttled = 0 }, "nobody was held"},
		{"a message is left", func(e *Evidence) { e.Left = 1 }, "1 left"},
		{"a message is dead", func(e *Evidence) { e.Dead = 1 }, "1 dead"},
		{"a secret is in a log", func(e *Evidence) { e.Logs[Worker] += "level=error msg=\"login with hunter2: no\"\n" }, "searching the log of worker: it has a secret: level=error msg=\"login with (secret): no\""},
		{"an export ended by itself", func(e *Evidence) { e.Ends[2].Code = 1 }, "want a status of [0]"},
		{"an export crashed", func(e *Evidence) { e.Ends[2].Code = 2 }, "want a status of [0]"},
		{"an export was stopped and says no more than that it failed", func(e *Evidence) { e.Ends[1].Code = 1 }, "want a status of [75 0]"},
		{"an export did not heed a SIGTERM", func(e *Evidence) { e.Ends[1].Code = -1 }, "want a status of [75 0]"},
		{"an export heeds a SIGTERM too late", func(e *Evidence) { e.Ends[1].Took = time.Minute }, "want it to heed a SIGTERM within"},
		{"an export whose position could not be kept ended", func(e *Evidence) { e.Ends[2].Code, e.Ends[2].Unkept = 1, true }, ""},
		{"and says that all is done", func(e *Evidence) { e.Ends[2].Unkept = true }, "want a status of [1 -1]"},
		{"an export was done as it was killed", func(e *Evidence) { e.Ends[0].Code, e.Kills = 0, 0 }, ""},
		{"an export failed as it was killed", func(e *Evidence) { e.Ends[0].Code, e.Kills = 1, 0 }, "want a status of [-1 0]"},
		{"a worker ended as it was killed", func(e *Evidence) { e.Ends[3].Gentle = false }, "want a status of [-1]"},
		{"a worker ended by itself", func(e *Evidence) { e.Ends[3] = End{Name: Worker} }, "want a status of []"},
		{"a worker was stopped and failed", func(e *Evidence) { e.Ends[3].Code = 75 }, "want a status of [0]"},
		{"who is refused says that all is done", func(e *Evidence) { e.Ends[4].Code = 0 }, "want a status of [1]"},
		{"nobody was killed", func(e *Evidence) { e.Ends = e.Ends[1:] }, "counting kills: 0, want 1"},
		{"a fault that met nothing", func(e *Evidence) { e.Hits[S3Failing] = 0 }, `counting what "S3 failing" met: nothing`},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := good(t)
			test.spoil(&e)
			if err := e.Check(); test.wrong == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, test.wrong)
			}
		})
	}
}

// TestTheJudgeShowsNoSecretItself: its own words are a log, too.
func TestTheJudgeShowsNoSecretItself(t *testing.T) {
	e := good(t)
	e.Logs["summaries 1"] += "twice: " + aSecret + ", " + aSecret
	require.Error(t, e.Check())
	assert.NotContains(t, e.Check().Error(), aSecret)
}
