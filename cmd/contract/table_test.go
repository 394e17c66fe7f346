// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package contract

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"connect-genesys.example/connect-genesys/plugin/genesys"
)

const analytics = "/api/v2/analytics/"

// newer are the endpoints of the table that this description does not have yet.
var newer = map[string]string{
	analytics + "queues/summary":                     "the listing that the project was asked for; no description has it",
	analytics + "agentutilizations/aggregates/query": "a preview of later descriptions",
	analytics + "agentutilizations/aggregates/jobs":  "a preview of later descriptions",
	analytics + "casemanagement/aggregates/query":    "in later descriptions",
	analytics + "casemanagement/aggregates/jobs":     "in later descriptions",
	analytics + "copilots/aggregates/query":          "a preview of later descriptions",
	analytics + "copilots/aggregates/jobs":           "a preview of later descriptions",
	analytics + "resolutions/aggregates/query":       "in later descriptions; this one has the job only",
	analytics + "taskmanagement/metrics/query":       "in later descriptions",
}

// left are the operations of the description that are no reads, or no reads of
// their own.
var left = map[string]string{
	"POST conversations/{conversationId}/details/properties": "it writes",
	"POST conversations/transcripts/query":                   "it has left the API since",
	"PUT dataretention/settings":                             "it writes",
	"PATCH reporting/settings":                               "it writes",
	"POST reporting/exports":                                 "it writes",
	"POST reporting/dashboards/users/bulk/remove":            "it removes",
	"POST reporting/settings/dashboards/bulk/remove":         "it removes",
	"POST reporting/settings/dashboards/query":               "the same listing as the GET, which the table has",
}

// ofAJob tells the operations that belong to the endpoint of a job.
func ofAJob(path string) bool { return strings.Contains(path, "/jobs/{jobId}") }

func TestTheDescriptionTellsRightFromWrong(t *testing.T) {
	tests := []struct {
		name, definition, document string
		right                      bool
	}{
		{"what is required", "ConversationQuery", `{"interval":"a/b"}`, true},
		{"with its paging", "ConversationQuery", `{"interval":"a/b","paging":{"pageSize":100,"pageNumber":1}}`, true},
		{"without what is required", "ConversationQuery", `{"order":"asc"}`, false},
		{"a property that is not described", "ConversationQuery", `{"interval":"a/b","granularity":"PT5M"}`, false},
		{"one inside another", "ConversationQuery", `{"interval":"a/b","paging":{"pageSize":100,"pageNumber":1,"page":2}}`, false},
		{"a value that is not described", "ConversationQuery", `{"interval":"a/b","order":"up"}`, false},
		{"another type", "ConversationQuery", `{"interval":"a/b","paging":{"pageSize":"100","pageNumber":1}}`, false},
		{"a time", "DataAvailabilityResponse", `{"dataAvailabilityDate":"2026-11-21T15:00:00.000Z"}`, true},
		{"no time", "DataAvailabilityResponse", `{"dataAvailabilityDate":"yesterday"}`, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.right, described(t).validate(test.definition, []byte(test.document)) == nil)
		})
	}
}

func TestNoReadOfAnalyticsIsMissing(t *testing.T) {
	known := map[string]bool{}
	for _, e := range genesys.Endpoints() {
		known[e.Method+" "+e.Path] = true
	}
	found := 0
	for path, verbs := range described(t).paths {
		name, ok := strings.CutPrefix(path, analytics)
		if !ok || ofAJob(path) {
			continue
		}
		for verb := range verbs {
			if _, ok := left[verb+" "+name]; ok {
				assert.False(t, known[verb+" "+path], "%s %s is in the table and left out", verb, path)
				continue
			}
			found++
			assert.True(t, known[verb+" "+path], "%s %s is missing", verb, path)
		}
	}
	assert.Positive(t, found)
}

func TestNoEndpointIsInvented(t *testing.T) {
	d := described(t)
	for _, e := range genesys.Endpoints() {
		t.Run(strings.TrimPrefix(e.Path, "/api/v2/"), func(t *testing.T) {
			op, ok := d.paths[e.Path][e.Method]
			if _, ok := newer[e.Path]; ok {
				assert.NotContains(t, d.paths, e.Path, "it is not newer any more")
				return
			}
			if !assert.True(t, ok, "%s %s is invented", e.Method, e.Path) {
				return
			}
			if e.Permission == "" {
				assert.Empty(t, op.permissions)
			} else {
				assert.Contains(t, op.permissions, e.Permission)
			}
			checkSent(t, d, e, op)
			checkList(t, d, e, op)
			if e.Paging == genesys.PagingJob {
				checkJob(t, d, e)
			}
			_, lags := d.paths[e.Path+"/availability"]
			assert.Equal(t, lags, e.HasWatermark, "availability")
		})
	}
}

// checkSent: where the table says that something goes, there is room for it, and
// what can be told in time is told.
func checkSent(t *testing.T, d *description, e genesys.Endpoint, op operation) {
	t.Helper()
	takes := func(place genesys.Place, name string) bool {
		if place == genesys.InBody {
			return op.body != "" && d.has(op.body, name)
		}
		return op.params[name] == "query"
	}
	place := genesys.InBody
	if e.Method == http.MethodGet {
		place = genesys.InQuery
	}
	assert.Equal(t, takes(place, "interval"), e.Interval != genesys.Nowhere, "interval")
	assert.Equal(t, takes(place, "granularity"), e.Granular, "granularity")
	assert.Equal(t, takes(place, "timeZone"), e.TimeZone, "timeZone")
	if e.Interval != genesys.Nowhere {
		assert.Equal(t, place, e.Interval)
	}
	assert.Equal(t, takes(genesys.InBody, "paging") || e.Flat, e.Paging == genesys.PagingBody, "paging in the body")
	assert.Equal(t, takes(genesys.InBody, "pageSize"), e.Flat || e.PageSizeOnSubmit, "pageSize in the body")
	assert.Equal(t, takes(genesys.InBody, "pageNumber"), e.Flat, "pageNumber in the body")
	assert.Equal(t, takes(genesys.InQuery, "pageNumber"), e.Paging == genesys.PagingQuery, "pageNumber in the query string")
	assert.Equal(t, takes(genesys.InQuery, "after"), e.Paging == genesys.PagingAfter, "after")
	for name := range e.Usual {
		assert.Equal(t, "query", op.params[name], name)
	}
	assert.Equal(t, takes(genesys.InQuery, "cursor"), e.Paging == genesys.PagingCursor, "cursor")
}

// checkList: the response has the list that is counted.
func checkList(t *testing.T, d *description, e genesys.Endpoint, op operation) {
	t.Helper()
	answer := op.responses["200"]
	if e.Paging == genesys.PagingJob {
		answer = d.paths[e.Path+"/{jobId}/results"][http.MethodGet].responses["200"]
	}
	if e.List != "" && e.List != genesys.WholeDocument {
		assert.True(t, d.has(answer, e.List), "%s has no %s", answer, e.List)
	}
}

// checkJob: it is submitted, polled and read as all jobs are.
func checkJob(t *testing.T, d *description, e genesys.Endpoint) {
	t.Helper()
	assert.Equal(t, "AsyncQueryResponse", d.paths[e.Path][http.MethodPost].responses["202"])
	assert.Equal(t, "AsyncQueryStatus", d.paths[e.Path+"/{jobId}"][http.MethodGet].responses["200"])
	results := d.paths[e.Path+"/{jobId}/results"][http.MethodGet]
	assert.Equal(t, "query", results.params["cursor"])
	assert.Equal(t, results.params["pageSize"] == "query", !e.PageSizeOnSubmit, "pageSize of the results")
	assert.True(t, d.has(results.responses["200"], "cursor"))
	if e.HasWatermark { // those of the aggregates came later
		assert.Contains(t, d.paths[e.Path+"/{jobId}"], http.MethodDelete)
	}
}
