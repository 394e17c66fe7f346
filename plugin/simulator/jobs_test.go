// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

const (
	conversationJobs = "/api/v2/analytics/conversations/details/jobs"
	userJobs         = "/api/v2/analytics/users/details/jobs"
	aggregateJobs    = "/api/v2/analytics/conversations/aggregates/jobs"
)

func (n *tenant) submit(family, body string) (path string) {
	n.t.Helper()
	got := n.post(family, body)
	require.Equal(n.t, http.StatusAccepted, got.status, got.text)
	return family + "/" + got.json(n.t)["jobId"].(string)
}

func (n *tenant) poll(job string) (state string, status int) {
	n.t.Helper()
	got := n.get(job)
	state, _ = got.json(n.t)["state"].(string)
	return state, got.status
}

func (n *tenant) fulfil(job string) {
	n.t.Helper()
	for range 10 {
		if state, _ := n.poll(job); state == "FULFILLED" {
			return
		}
	}
	n.t.Fatal("the job was not fulfilled")
}

// results reads a job to its last page.
func (n *tenant) results(job, key, pageSize string) (all []any, pages int) {
	n.t.Helper()
	q := url.Values{}
	if pageSize != "" {
		q.Set("pageSize", pageSize)
	}
	for {
		m := n.want(n.get(job + "/results?" + q.Encode()))
		all, pages = append(all, list(m, key)...), pages+1
		cursor, more := m["cursor"].(string)
		if !more {
			return all, pages
		}
		q.Set("cursor", cursor)
	}
}

func past(t *testing.T) (day string) {
	t.Helper()
	return time.Now().UTC().AddDate(0, 0, -7).Format("2006-01-02") + "T00:00:00Z/" +
		time.Now().UTC().AddDate(0, 0, -6).Format("2006-01-02") + "T00:00:00Z"
}

func TestJobIsQueuedThenPendingThenFulfilled(t *testing.T) {
	n := signedIn(t, simulator.Config{JobPolls: 3})
	for _, family := range []string{conversationJobs, userJobs, aggregateJobs} {
		job := n.submit(family, `{"interval":"`+oneHour+`"`+metricsOf(family)+`}`)
		require.Equal(t, 400, n.get(job+"/results").status, "not yet")
		for _, want := range []struct {
			state  string
			status int
		}{{"QUEUED", 202}, {"PENDING", 202}, {"PENDING", 202}, {"FULFILLED", 200}, {"FULFILLED", 200}} {
			state, status := n.poll(job)
			require.Equal(t, want.state, state)
			require.Equal(t, want.status, status)
		}
	}
}

func metricsOf(family string) string {
	if family == aggregateJobs {
		return `,"metrics":["nOffered"]`
	}
	return ""
}

func TestJobResultsPageByCursor(t *testing.T) {
	n := signedIn(t, simulator.Config{Conversations: 1000, Queues: 30})
	day := past(t)
	job := n.submit(conversationJobs, `{"interval":"`+day+`","startOfDayIntervalMatching":true}`)
	n.fulfil(job)
	all, pages := n.results(job, "conversations", "300")
	assert.Len(t, all, 1000)
	assert.Equal(t, 4, pages)
	assert.Contains(t, list(all[0].(map[string]any), "participants")[0], "attributes")
	again, _ := n.results(job, "conversations", "1000")
	assert.Equal(t, all, again)
	assert.Equal(t, 400, n.get(job+"/results?pageSize=1001").status)

	job = n.submit(userJobs, `{"interval":"`+day+`"}`)
	n.fulfil(job)
	all, pages = n.results(job, "userDetails", "50")
	assert.Len(t, all, 120)
	assert.Equal(t, 3, pages)

	job = n.submit(aggregateJobs, `{"interval":"`+day+`","metrics":["nOffered"],"groupBy":["queueId"],"granularity":"PT1H","pageSize":12}`)
	n.fulfil(job)
	all, pages = n.results(job, "results", "")
	assert.Len(t, all, 30)
	assert.Equal(t, 3, pages)
	assert.Equal(t, 400, n.get(job+"/results?pageSize=12").status, "pageSize belongs to the submission")
}

func TestJobHasWhatOverlapsAlsoFromTheDayBefore(t *testing.T) {
	n := signedIn(t, simulator.Config{Conversations: 4000})
	day := past(t)
	job := n.submit(conversationJobs, `{"interval":"`+day+`"}`)
	n.fulfil(job)
	all, _ := n.results(job, "conversations", "1000")
	assert.Greater(t, len(all), 4000)
	first := all[0].(map[string]any)
	assert.Less(t, first["conversationStart"], day[:20])
	assert.Greater(t, first["conversationEnd"], day[:20])
}

func TestACursorBelongsToItsJob(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	one, two := n.submit(conversationJobs, `{"interval":"`+past(t)+`"}`), n.submit(conversationJobs, `{"interval":"`+past(t)+`"}`)
	n.fulfil(one)
	n.fulfil(two)
	cursor := n.want(n.get(one + "/results?pageSize=10"))["cursor"].(string)
	assert.Equal(t, 200, n.get(one+"/results?pageSize=10&cursor="+url.QueryEscape(cursor)).status)
	assert.Equal(t, 400, n.get(one+"/results?pageSize=10&cursor="+cursor).status, "not escaped")
	assert.Equal(t, 400, n.get(two+"/results?pageSize=10&cursor="+url.QueryEscape(cursor)).status)
}

func TestUnknownAndCancelledJobs(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	got := n.get(conversationJobs + "/c5a4f7d2-6d3e-4f43-8f9e-3f7a8b1c2d3e")
	assert.Equal(t, 404, got.status)
	assert.Equal(t, "not.found", got.json(t)["code"])

	job := n.submit(conversationJobs, `{"interval":"`+oneHour+`"}`)
	id := job[len(conversationJobs):]
	assert.Equal(t, 404, n.get(userJobs+id).status, "of another family")
	r := n.request("DELETE", job, nil)
	r.Header.Set("Authorization", "Bearer "+n.token)
	cancelled := n.do(r)
	assert.Equal(t, 204, cancelled.status)
	assert.Empty(t, cancelled.text)
	state, status := n.poll(job)
	assert.Equal(t, "CANCELLED", state)
	assert.Equal(t, 200, status)
	assert.Equal(t, 400, n.get(job+"/results").status)
}

func TestTheFirstJobsFail(t *testing.T) {
	n := signedIn(t, simulator.Config{FailJobs: 1, JobPolls: -1})
	job := n.submit(conversationJobs, `{"interval":"`+oneHour+`"}`)
	m := n.want(n.get(job))
	assert.Equal(t, "FAILED", m["state"])
	assert.NotEmpty(t, m["errorMessage"])
	state, _ := n.poll(n.submit(conversationJobs, `{"interval":"`+oneHour+`"}`))
	assert.Equal(t, "FULFILLED", state)
}

func TestAJobExpiresAfterSomePages(t *testing.T) {
	n := signedIn(t, simulator.Config{ExpireJobsAfter: 2, JobPolls: -1})
	job := n.submit(conversationJobs, `{"interval":"`+past(t)+`"}`)
	cursor := n.want(n.get(job + "/results"))["cursor"].(string)
	n.want(n.get(job + "/results?cursor=" + url.QueryEscape(cursor)))
	assert.Equal(t, 404, n.get(job+"/results?cursor="+url.QueryEscape(cursor)).status)
	state, _ := n.poll(job)
	assert.Equal(t, "EXPIRED", state)

	_, pages := n.results(n.submit(conversationJobs, `{"interval":"`+past(t)+`"}`), "conversations", "")
	assert.Greater(t, pages, 2, "the next one does not")
}

func TestJobsAreGoneAfterADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := signedIn(t, simulator.Config{TokenLife: 72 * time.Hour, JobPolls: -1})
		job := n.submit(conversationJobs, `{"interval":"`+oneHour+`"}`)
		time.Sleep(24 * time.Hour)
		assert.Equal(t, 200, n.get(job).status)
		time.Sleep(time.Nanosecond)
		assert.Equal(t, 404, n.get(job).status)
	})
}

func TestBeyondTheWatermarkAJobAnswersWithPartOfTheData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := signedIn(t, simulator.Config{AvailabilityLag: 2 * time.Hour, Conversations: 1200, JobPolls: -1})
		time.Sleep(12 * time.Hour)
		const body = `{"interval":"2000-01-01T00:00:00Z/2000-01-02T00:00:00Z","startOfDayIntervalMatching":true}`
		for _, family := range []string{conversationJobs, userJobs} {
			assert.Equal(t, "2000-01-01T10:00:00.000Z", n.want(n.get(family + "/availability"))["dataAvailabilityDate"])
		}
		part, _ := n.results(n.submit(conversationJobs, body), "conversations", "1000")
		assert.Less(t, len(part), 1200*10/24)
		for _, c := range part {
			require.LessOrEqual(t, c.(map[string]any)["conversationEnd"], "2000-01-01T10:00:00.000Z")
		}
		users := n.want(n.get(n.submit(userJobs, `{"interval":"2000-01-01T00:00:00Z/2000-01-02T00:00:00Z"}`) + "/results"))
		assert.NotContains(t, users, "userDetails")

		time.Sleep(24 * time.Hour)
		n.signIn()
		whole, _ := n.results(n.submit(conversationJobs, body), "conversations", "1000")
		assert.Len(t, whole, 1200)
	})
}

func TestJobPagesAreReportedUnderTheirInterval(t *testing.T) {
	n := signedIn(t, simulator.Config{Conversations: 240})
	const interval = "2026-11-01T00:00:00.000Z/2026-11-02T00:00:00.000Z"
	for range 2 { // submitted again, it is the same work
		job := n.submit(conversationJobs, `{"interval":"`+interval+`","startOfDayIntervalMatching":true,"limit":150}`)
		n.fulfil(job)
		n.results(job, "conversations", "100")
	}
	r := n.sim.Report()
	for page := 1; page <= 2; page++ {
		assert.Equal(t, 2, r.Pages[fmt.Sprintf("POST %s %s page %d", conversationJobs, interval, page)])
	}
	assert.Equal(t, 150, r.Records)
	assert.Equal(t, 1+1+3+2, r.FewestRequests, "a token, a submission, three polls and two pages")
}
