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

var allDomains = strings.Fields(`actions agentcopilots agentutilizations bots casemanagement conversations copilots evaluations
	flowexecutions flows journeys knowledge ratelimits resolutions summaries surveys taskmanagement transcripts users`)

func TestEveryDomainHasAggregates(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	for _, d := range allDomains {
		m := n.want(n.post("/api/v2/analytics/"+d+"/aggregates/query", `{"interval":"`+oneHour+`","metrics":["tHandle"],"filter":{"type":"and"}}`))
		groups := list(m, "results")
		require.Len(t, groups, 1, d)
		g := groups[0].(map[string]any)
		assert.NotContains(t, g, "group")
		data := list(g, "data")[0].(map[string]any)
		assert.Equal(t, oneHour, data["interval"], "without granularity the interval is one bucket")
		_, mapped := m["systemToOrganizationMappings"]
		assert.Equal(t, d == "users", mapped)
	}
}

func TestAggregatesAreCutByGranularityAndGrouped(t *testing.T) {
	n := signedIn(t, simulator.Config{Queues: 4})
	m := n.want(n.post(aggregatesPath, `{"interval":"`+oneHour+`","granularity":"PT25M","groupBy":["queueId","mediaType"],"metrics":["nOffered","tHandle","oServiceLevel"]}`))
	groups := list(m, "results")
	assert.LessOrEqual(t, len(groups), 12)
	assert.NotEmpty(t, groups)
	first := list(groups[0].(map[string]any), "data")
	var intervals []any
	for _, b := range first {
		intervals = append(intervals, b.(map[string]any)["interval"])
	}
	assert.Equal(t, []any{
		"2026-11-21T15:00:00.000Z/2026-11-21T15:25:00.000Z",
		"2026-11-21T15:25:00.000Z/2026-11-21T15:50:00.000Z",
		"2026-11-21T15:50:00.000Z/2026-11-21T16:00:00.000Z",
	}, intervals)
	assert.Len(t, groups[0].(map[string]any)["group"], 2)
}

func TestDayBucketsFollowTheTimeZone(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	body := `{"interval":"2026-03-28T23:00:00Z/2026-03-30T22:00:00Z","granularity":"P1D","timeZone":"Europe/Berlin","metrics":["nOffered"]}`
	g := list(n.want(n.post(aggregatesPath, body)), "results")[0].(map[string]any)
	assert.Equal(t, "2026-03-28T23:00:00.000Z/2026-03-29T22:00:00.000Z", list(g, "data")[0].(map[string]any)["interval"], "23 hours")
}

func TestAggregatesAreSparseAndCanBeEmpty(t *testing.T) {
	n := signedIn(t, simulator.Config{Queues: 20})
	quiet := n.post(aggregatesPath, `{"interval":"2026-11-21T03:10:00Z/2026-11-21T03:15:00Z","metrics":["nOffered"]}`)
	assert.Equal(t, `{"results":[]}`, quiet.text)

	m := n.want(n.post(aggregatesPath, `{"interval":"`+fiveMinutes+`","groupBy":["queueId"],"metrics":["nOffered"]}`))
	assert.NotEmpty(t, m["results"])
	assert.Less(t, len(list(m, "results")), 20)
}

func TestOneSumIsTooLargeForAFloat(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	const sum = `"sum":9007199254740993`
	got := n.post(aggregatesPath, `{"interval":"`+oneDay+`","granularity":"PT1H","groupBy":["queueId"],"metrics":["nOffered","tHandle"]}`)
	assert.Equal(t, 1, strings.Count(got.text, sum))
	assert.Equal(t, 1, strings.Count(n.summary().text, sum))
}

func TestUserAggregatesHaveQualifiers(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	got := n.post("/api/v2/analytics/users/aggregates/query", `{"interval":"`+oneHour+`","groupBy":["userId"],"metrics":["tSystemPresence"]}`)
	assert.Contains(t, got.text, `"qualifier":"ON_QUEUE"`)
}

func TestSummaryHasItsBuckets(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	m := n.want(n.get(summaryPath + "?granularity=PT5M&interval=" + url.QueryEscape(oneHour)))
	e := list(m, "entities")[0].(map[string]any)
	assert.Len(t, e["data"], 12)
	assert.Equal(t, "PT5M", e["granularity"])
	assert.Equal(t, oneHour, e["interval"])
	assert.Len(t, e["metrics"], 6)
	assert.Equal(t, "/api/v2/routing/queues/"+e["id"].(string), e["selfUri"])
}

func TestIntervalForms(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	for text, status := range map[string]int{
		"2026-11-21T15:00:00.000Z/2026-11-21T15:05:00.000Z":  200,
		"2026-11-21T15:00:00Z/2026-11-21T15:05:00Z":          200,
		"2026-11-21T15:00:00/2026-11-21T15:05:00":            200,
		"2026-11-22T00:00:00+09:00/2026-11-22T00:05+09:00":   400,
		"2026-11-22T00:00:00+09:00/2026-11-22T00:05:00+0900": 200,
		"2026-11-21T15:05:00Z/2026-11-21T15:00:00Z":          400,
		"2026-11-21T15:00:00Z/2026-11-21T15:00:00Z":          400,
		"2026-11-21T15:00:00Z/PT5M":                          400,
		"2026-11-21":                                         400,
		"":                                                   400,
	} {
		got := n.get(summaryPath + "?interval=" + url.QueryEscape(text))
		assert.Equal(t, status, got.status, text)
		if status == 400 {
			assert.Equal(t, "invalid.value", got.json(t)["code"], text)
		}
	}
	offset := n.get(summaryPath + "?interval=" + url.QueryEscape("2026-11-22T00:00:00+09:00/2026-11-22T00:05:00+09:00"))
	assert.Contains(t, offset.text, fiveMinutes)
}

func TestGranularityMustBeAPeriod(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	for granularity, status := range map[string]int{
		"PT5M": 200, "P1D": 200, "P1DT12H": 200, "P1W": 200, "P1M": 200,
		"PT7X": 400, "P": 400, "PT": 400, "PT0S": 400, "5m": 400, "P1DT": 400, "-PT5M": 400,
	} {
		got := n.post(aggregatesPath, fmt.Sprintf(`{"interval":%q,"granularity":%q,"metrics":["nOffered"]}`, oneDay, granularity))
		assert.Equal(t, status, got.status, granularity)
		if status == 400 {
			assert.Equal(t, "invalid.value", got.json(t)["code"])
			assert.Contains(t, got.json(t)["message"], "Value ["+granularity+"] is not valid for field type [granularity]. Allowable values are:")
		}
	}
}

func TestBodiesAreReadStrictly(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	for name, tc := range map[string]struct{ path, body, message string }{
		"aggregates take no paging":        {aggregatesPath, `{"interval":"x","metrics":["a"],"paging":{}}`, `"paging"`},
		"aggregates take no pageSize":      {aggregatesPath, `{"interval":"x","metrics":["a"],"pageSize":5}`, `"pageSize"`},
		"aggregates need an interval":      {aggregatesPath, `{"metrics":["a"]}`, `"interval" is required`},
		"aggregates need metrics":          {aggregatesPath, `{"interval":"x"}`, `"metrics" is required`},
		"metrics must not be empty":        {aggregatesPath, `{"interval":"` + oneHour + `","metrics":[]}`, `"metrics" is required`},
		"details take no granularity":      {conversationsPath, `{"interval":"x","granularity":"PT5M"}`, `"granularity"`},
		"details jobs take no paging":      {"/api/v2/analytics/conversations/details/jobs", `{"interval":"x","paging":{}}`, `"paging"`},
		"user details take no orderBy":     {"/api/v2/analytics/users/details/query", `{"interval":"x","orderBy":"a"}`, `"orderBy"`},
		"observations take no interval":    {"/api/v2/analytics/queues/observations/query", `{"filter":{},"metrics":[],"interval":"x"}`, `"interval"`},
		"observations need a filter":       {"/api/v2/analytics/queues/observations/query", `{"metrics":["oWaiting"]}`, `"filter" is required`},
		"activity needs groupBy":           {"/api/v2/analytics/users/activity/query", `{"metrics":[]}`, `"groupBy" is required`},
		"activity takes no time zone":      {"/api/v2/analytics/users/activity/query", `{"metrics":[],"groupBy":[],"timeZone":"UTC"}`, `"timeZone"`},
		"a list is not an object":          {conversationsPath, `[]`, "malformed"},
		"nothing is not an object":         {conversationsPath, ``, "malformed"},
		"a number is not an interval":      {conversationsPath, `{"interval":5}`, "malformed"},
		"an order that there is not":       {conversationsPath, `{"interval":"` + oneHour + `","order":"up"}`, "Allowable values are: asc"},
		"a time zone that there is not":    {aggregatesPath, `{"interval":"` + oneHour + `","metrics":["a"],"timeZone":"Mars/Base"}`, "timeZone"},
		"more groups than can be answered": {aggregatesPath, `{"interval":"` + oneDay + `","granularity":"PT1S","groupBy":["queueId"],"metrics":["a"]}`, "too many"},
	} {
		t.Run(name, func(t *testing.T) {
			got := n.post(tc.path, tc.body)
			assert.Equal(t, 400, got.status)
			assert.Contains(t, got.json(t)["message"], tc.message)
		})
	}
}

func TestBodyMustBeJSONAndNotTooLarge(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	r := n.request("POST", conversationsPath, strings.NewReader("{}"))
	r.Header.Set("Authorization", "Bearer "+n.token)
	assert.Equal(t, 415, n.do(r).status)
	assert.Equal(t, 413, n.post(conversationsPath, `{"interval":"`+strings.Repeat("x", 512_000)+`"}`).status)
}

func TestUnknownPathsAndVerbs(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	for path, status := range map[string]int{
		"/api/v2/analytics/nothing": 404,
		"/":                         404,
		"/api/v2/analytics/nowhere/aggregates/query":     404,
		"/api/v2/analytics/ratelimits/aggregates/jobs/x": 404,
		"/api/v2/analytics/botflows//sessions":           404,
		"/api/v2/analytics/botflows/a/b/sessions":        404,
		aggregatesPath: 405,
		"/api/v2/analytics/conversations/details/jobs": 405,
		"/api/v2/analytics/agents/status/query":        405,
	} {
		got := n.get(path)
		assert.Equal(t, status, got.status, path)
		m := got.json(t)
		assert.Equal(t, fmt.Sprint(status), fmt.Sprint(m["status"]), path)
		for _, key := range []string{"message", "code", "contextId", "details", "errors"} {
			assert.Contains(t, m, key, path)
		}
	}
	assert.Equal(t, "GET", n.post(summaryPath, "{}").header.Get("Allow"))
}

func TestDeniedPermissionIsNamed(t *testing.T) {
	n := signedIn(t, simulator.Config{DenyPermission: "analytics:conversationDetail:view"})
	for _, got := range []answer{
		n.post(conversationsPath, "not even JSON"),
		n.get("/api/v2/analytics/conversations/details/jobs/availability"),
		n.post("/api/v2/analytics/conversations/details/jobs", "{}"),
	} {
		assert.Equal(t, 403, got.status)
		assert.Equal(t, "missing.any.permissions", got.json(t)["code"])
		assert.Contains(t, got.json(t)["message"], "[analytics:conversationDetail:view")
	}
	assert.Equal(t, 200, n.summary().status)
}

func TestSnapshotsHaveTheirShapes(t *testing.T) {
	n := signedIn(t, simulator.Config{Queues: 20})
	assert.Len(t, n.want(n.post("/api/v2/analytics/agents/status/query", "{}"))["entities"], 50, "the top 50")
	assert.NotEmpty(t, n.want(n.post("/api/v2/analytics/agents/status/counts", "{}"))["segmentCounts"])
	queues := n.want(n.get("/api/v2/routing/queues?pageSize=100"))
	assert.Len(t, queues["entities"], 20)
	first := list(queues, "entities")[0].(map[string]any)
	summary := list(n.want(n.summary()), "entities")[0].(map[string]any)
	assert.Equal(t, first["id"], summary["id"], "the same queues everywhere")
	exports := n.want(n.get("/api/v2/analytics/reporting/exports"))
	assert.Len(t, exports["entities"], 25)
	assert.Equal(t, "3", fmt.Sprint(exports["pageCount"]))
	for _, path := range []string{"queues", "users", "flows"} {
		m := n.want(n.post("/api/v2/analytics/"+path+"/observations/query", `{"filter":{"type":"and"},"metrics":["oWaiting"]}`))
		assert.NotEmpty(t, m["results"])
	}
}

func TestEveryResponseCarriesItsCorrelationID(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	ids := map[string]bool{}
	for _, got := range []answer{n.summary(), n.summary(), n.get("/nothing"), n.askToken("x", "y"), n.post(conversationsPath, "{")} {
		id := got.header.Get("ININ-Correlation-Id")
		assert.Len(t, id, 36)
		assert.NotEmpty(t, got.header.Get("Date"))
		ids[id] = true
	}
	assert.Len(t, ids, 5)
}

func TestConfigMistakesAreNamed(t *testing.T) {
	for want, cfg := range map[string]simulator.Config{
		`rate headers "X"`:           {RateHeaders: "X"},
		`retry-after "soon"`:         {RetryAfter: "soon"},
		"token life 1.5s":            {TokenLife: 1500 * 1e6},
		"bucket -1":                  {Bucket: -1},
		"queues -2":                  {Queues: -2},
		"window -1ns":                {Window: -1},
		"fault probability 1.5":      {Faults: simulator.Faults{Reset: 1.5}},
		"sum to 1.2, want at most 1": {Faults: simulator.Faults{Reset: 0.6, Truncate: 0.6}},
		"conversations 99999999":     {Conversations: 99999999},
	} {
		_, err := simulator.New(cfg)
		assert.ErrorContains(t, err, want)
	}
}
