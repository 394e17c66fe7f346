// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

func TestListingEndsWhereNextURIIsAbsent(t *testing.T) {
	n := signedIn(t, simulator.Config{Queues: 7})
	next := summaryPath + "?pageSize=3&interval=" + url.QueryEscape(fiveMinutes)
	var names []string
	for page := 1; next != ""; page++ {
		m := n.want(n.get(next))
		assert.EqualValues(t, fmt.Sprint(page), fmt.Sprint(m["pageNumber"]))
		assert.Equal(t, "7 3", fmt.Sprint(m["total"], " ", m["pageCount"]))
		for _, e := range list(m, "entities") {
			names = append(names, e.(map[string]any)["name"].(string))
		}
		next, _ = m["nextUri"].(string)
		assert.False(t, strings.Contains(next, "://"), "relative")
	}
	assert.Equal(t, []string{"Queue 001", "Queue 002", "Queue 003", "Queue 004", "Queue 005", "Queue 006", "Queue 007"}, names)

	past := n.want(n.get(summaryPath + "?pageNumber=9&interval=" + url.QueryEscape(fiveMinutes)))
	assert.Empty(t, past["entities"])
	assert.NotContains(t, past, "nextUri")
}

func TestDetailsPastTheLastPageHaveNoList(t *testing.T) {
	n := signedIn(t, simulator.Config{Conversations: 50})
	for path, key := range map[string]string{conversationsPath: "conversations", "/api/v2/analytics/users/details/query": "userDetails"} {
		body := `{"interval":"` + oneDay + `","paging":{"pageSize":100,"pageNumber":%d}}`
		assert.NotEmpty(t, n.want(n.post(path, fmt.Sprintf(body, 1)))[key])
		past := n.want(n.post(path, fmt.Sprintf(body, 2)))
		assert.NotContains(t, past, key)
		assert.Contains(t, past, "totalHits")
	}
}

func TestDetailsPageIs25Unless(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	m := n.want(n.post(conversationsPath, `{"interval":"`+oneDay+`"}`))
	assert.Len(t, m["conversations"], 25)
}

func TestDetailsRefuseWhatIsTooLarge(t *testing.T) {
	n := signedIn(t, simulator.Config{Conversations: 150_000})
	for name, tc := range map[string]struct{ interval, paging, message string }{
		"a page deeper than 100000 results": {oneDay, `{"pageSize":100,"pageNumber":1001}`, "Pagination may not exceed 100000 results. \n\nTip:"},
		"a depth that overflows":            {oneDay, `{"pageSize":100,"pageNumber":9223372036854775807}`, "Pagination may not exceed"},
		"a week and a second":               {"2026-11-01T00:00:00Z/2026-11-08T00:00:01Z", `{"pageSize":100,"pageNumber":1}`, "You must specify a search interval as part of your query that does not exceed 7 days"},
		"a page of 101":                     {oneDay, `{"pageSize":101,"pageNumber":1}`, "Value [101] is not valid for field type [pageSize]"},
		"a page of none":                    {oneDay, `{"pageSize":0,"pageNumber":1}`, "Value [0]"},
		"a page before the first":           {oneDay, `{"pageSize":10,"pageNumber":0}`, "Value [0]"},
		"paging without its number":         {oneDay, `{"pageSize":10}`, "are required"},
		"paging with something else":        {oneDay, `{"pageSize":10,"pageNumber":1,"page":1}`, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{conversationsPath, "/api/v2/analytics/users/details/query"} {
				got := n.post(path, fmt.Sprintf(`{"interval":%q,"paging":%s}`, tc.interval, tc.paging))
				assert.Equal(t, 400, got.status, got.text)
				assert.Contains(t, got.json(t)["message"], tc.message)
			}
		})
	}
	for name, filtered := range map[string]string{conversationsPath: "segmentFilters", "/api/v2/analytics/users/details/query": "userFilters"} {
		body := `{"interval":"2026-10-01T00:00:00Z/%s","%s":[%s]}`
		n.want(n.post(name, fmt.Sprintf(body, "2026-11-01T00:00:00Z", filtered, `{"type":"or"}`)))
		over := n.post(name, fmt.Sprintf(body, "2026-11-01T00:00:01Z", filtered, `{"type":"or"}`))
		assert.Contains(t, over.json(t)["message"], "does not exceed 31 days")
		none := n.post(name, fmt.Sprintf(body, "2026-10-08T00:00:01Z", filtered, ""))
		assert.Contains(t, none.json(t)["message"], "does not exceed 7 days", "an empty list filters nothing")
	}
	n.want(n.post(conversationsPath, conversationsBody(oneDay, 100, 1000)))
	n.want(n.post(conversationsPath, conversationsBody("2026-11-01T00:00:00Z/2026-11-08T00:00:00Z", 100, 1)))
}

func TestAfterGoesOnUntilNextURIIsAbsent(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	for _, path := range []string{"sessions", "reportingturns", "divisions/reportingturns"} {
		base := "/api/v2/analytics/botflows/bot-1/" + path + "?interval=" + url.QueryEscape(oneDay)
		all := list(n.want(n.get(base+"&pageSize=250")), "entities")
		last := list(n.want(n.get(n.want(n.get(base + "&pageSize=250"))["nextUri"].(string))), "entities")
		all = append(all, last...)
		assert.Len(t, all, 288, "one every five minutes")

		var bySeven []any
		for next := base + "&pageSize=7"; next != ""; {
			m := n.want(n.get(next))
			bySeven = append(bySeven, list(m, "entities")...)
			next, _ = m["nextUri"].(string)
		}
		assert.Equal(t, all, bySeven)
		assert.Equal(t, 400, n.get(base+"&pageSize=251").status)
		assert.Equal(t, 400, n.get(base+"&after=+/MjUw").status, "a cursor must be escaped")
		assert.Equal(t, 400, n.get(base+"&after=%2B%2FLTE%3D").status, "a made up cursor")
	}
}

func TestTaskMetricsPagesCanBeShortAndNotTheLast(t *testing.T) {
	n := signedIn(t, simulator.Config{Queues: 60})
	const path = "/api/v2/analytics/taskmanagement/metrics/query"
	body := `{"metrics":[{"name":"oWorkitemsOpen"}],"filter":{"predicates":[]},"groupBy":["queueId"]}`
	short, pages := false, 0
	for next := path + "?pageSize=20"; next != ""; pages++ {
		m := n.want(n.post(next, body))
		short = short || len(list(m, "results")) < 20
		next, _ = m["nextUri"].(string)
		assert.Equal(t, next != "", m["cursors"] != nil)
	}
	assert.Equal(t, 3, pages)
	assert.True(t, short)
	assert.Equal(t, 400, n.post(path+"?pageSize=201", body).status)
}

func TestActivityPagesByTheQueryString(t *testing.T) {
	n := signedIn(t, simulator.Config{Queues: 30})
	for _, family := range []string{"conversations", "routing", "users", "teams", "flows"} {
		path := "/api/v2/analytics/" + family + "/activity/query"
		body := `{"metrics":[{"metric":"oWaiting","details":true}],"groupBy":["queueId"]}`
		assert.Len(t, n.want(n.post(path+"?pageSize=20&pageNumber=1", body))["results"], 20)
		assert.Len(t, n.want(n.post(path+"?pageSize=20&pageNumber=2", body))["results"], 10)
		assert.NotContains(t, n.want(n.post(path+"?pageSize=20&pageNumber=3", body)), "results")
	}
}

func TestReportNamesEachPageAndCountsItsRecordsOnce(t *testing.T) {
	n := signedIn(t, simulator.Config{Queues: 7})
	page := func(number int) {
		n.want(n.get(fmt.Sprintf("%s?interval=%s&pageSize=4&pageNumber=%d", summaryPath, url.QueryEscape("2026-11-21T15:00:00Z/2026-11-21T15:05:00Z"), number)))
	}
	page(1)
	page(2)
	page(2)
	n.want(n.post(conversationsPath, conversationsBody(oneHour, 10, 2)))

	raw := n.do(n.request("GET", "/_simulator/report", nil))
	r := n.sim.Report()
	assert.Equal(t, map[string]int{
		"GET /api/v2/analytics/queues/summary " + fiveMinutes + " page 1":           1,
		"GET /api/v2/analytics/queues/summary " + fiveMinutes + " page 2":           2,
		"POST /api/v2/analytics/conversations/details/query " + oneHour + " page 2": 1,
	}, r.Pages)
	assert.Equal(t, 7+10, r.Records)
	assert.Equal(t, 5, r.Requests, "the report itself is none")
	assert.Equal(t, 1, r.TokenRequests)
	assert.Equal(t, 4, r.FewestRequests)
	assert.Equal(t, map[string]int{"200": 5}, r.RequestsByStatus)
	assert.Equal(t, 200, raw.status)
	for _, key := range []string{
		"requests", "requests_by_status", "token_requests", "pages", "records", "throttled",
		"early_requests", "windows", "fewest_requests", "min_seconds",
	} {
		require.Contains(t, raw.json(t), key)
	}
}

func TestReportTellsTheShortestTimeTheQuotaAllows(t *testing.T) {
	n := signedIn(t, simulator.Config{Bucket: 3, Queues: 5})
	for number := 1; number <= 2; number++ {
		n.want(n.get(fmt.Sprintf("%s?interval=%s&pageSize=1&pageNumber=%d", summaryPath, url.QueryEscape(fiveMinutes), number)))
	}
	assert.Zero(t, n.sim.Report().MinSeconds, "three requests fit in a window")
	n = signedIn(t, simulator.Config{Bucket: 3, Queues: 5})
	n.summary()
	n.summary()
	assert.Equal(t, 2, n.sim.Report().FewestRequests)
}

// TestASearchOfTranscriptsPagesAtTheTopOfItsBody, and ends at the thousandth.
func TestASearchOfTranscriptsPagesAtTheTopOfItsBody(t *testing.T) {
	n := signedIn(t, simulator.Config{Conversations: 250})
	const path = "/api/v2/speechandtextanalytics/transcripts/search"
	ids, pages := map[any]bool{}, 0
	for count := "1"; fmt.Sprint(pages) < count; pages++ {
		m := n.want(n.post(path, fmt.Sprintf(`{"types":["transcripts"],"pageSize":100,"pageNumber":%d}`, pages+1)))
		count = fmt.Sprint(m["pageCount"])
		assert.Equal(t, "250", fmt.Sprint(m["total"]))
		for _, r := range list(m, "results") {
			ids[r.(map[string]any)["transcriptId"]] = true
		}
	}
	assert.Equal(t, 3, pages)
	assert.Len(t, ids, 250)
	for _, body := range []string{`{"types":["transcripts"],"pageSize":100,"pageNumber":11}`, `{"pageSize":100}`, `{"types":["transcripts"],"paging":{"pageSize":1,"pageNumber":1}}`} {
		assert.Equal(t, 400, n.post(path, body).status, body)
	}
}
