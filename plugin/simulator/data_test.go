// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

func conversationsBody(interval string, size, number int) string {
	return fmt.Sprintf(`{"interval":%q,"order":"asc","orderBy":"conversationStart","paging":{"pageSize":%d,"pageNumber":%d}}`, interval, size, number)
}

// askEverything is one request of each family that has data.
func (n *tenant) askEverything() map[string]func() answer {
	q := "?interval=" + url.QueryEscape(oneHour)
	m := map[string]func() answer{}
	for page := 1; page <= 4; page++ {
		m["conversations "+strconv.Itoa(page)] = func() answer { return n.post(conversationsPath, conversationsBody(oneHour, 20, page)) }
		m["summary "+strconv.Itoa(page)] = func() answer {
			return n.get(summaryPath + q + "&granularity=PT15M&pageSize=2&pageNumber=" + strconv.Itoa(page))
		}
	}
	m["aggregates"] = func() answer {
		return n.post(aggregatesPath, `{"interval":"`+oneHour+`","granularity":"PT5M","groupBy":["queueId","mediaType"],"metrics":["nOffered","tHandle"]}`)
	}
	m["users"] = func() answer { return n.post("/api/v2/analytics/users/details/query", `{"interval":"`+oneDay+`"}`) }
	m["observations"] = func() answer {
		return n.post("/api/v2/analytics/queues/observations/query", `{"filter":{"type":"and"},"metrics":["oWaiting"],"detailMetrics":["oWaiting"]}`)
	}
	m["activity"] = func() answer {
		return n.post("/api/v2/analytics/routing/activity/query", `{"groupBy":["queueId"],"metrics":[{"metric":"oOnQueueUsers"}]}`)
	}
	m["bots"] = func() answer { return n.get("/api/v2/analytics/botflows/bot-1/sessions" + q) }
	m["queues"] = func() answer { return n.get("/api/v2/routing/queues") }
	m["exports"] = func() answer { return n.get("/api/v2/analytics/reporting/exports") }
	return m
}

func TestOneSeedServesTheSameBytesInAnyOrder(t *testing.T) {
	cfg := simulator.Config{Seed: 7, Queues: 5, Conversations: 2000}
	first, second := signedIn(t, cfg), signedIn(t, cfg)
	want := map[string]string{}
	for name, ask := range first.askEverything() {
		got := ask()
		require.Equal(t, 200, got.status, "%s: %s", name, got.text)
		want[name] = got.text
	}
	asks := second.askEverything()
	names := make([]string, 0, len(asks))
	for name := range asks {
		names = append(names, name)
	}
	for range 3 {
		rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, name := range names {
			require.Equal(t, want[name], asks[name]().text, name)
		}
	}
}

func TestAnotherSeedServesOtherData(t *testing.T) {
	first, second := signedIn(t, simulator.Config{Seed: 1, Queues: 8}), signedIn(t, simulator.Config{Seed: 2, Queues: 8})
	a := second.askEverything()
	for name, ask := range first.askEverything() {
		assert.NotEqual(t, ask().text, a[name]().text, name)
	}
}

type seen struct{ id, start, end string }

// walk reads an interval's conversations to the end, size at a time.
func (n *tenant) walk(interval string, size int) (all []seen, total string) {
	n.t.Helper()
	for page := 1; ; page++ {
		m := n.want(n.post(conversationsPath, conversationsBody(interval, size, page)))
		total = m["totalHits"].(interface{ String() string }).String()
		got := list(m, "conversations")
		for _, c := range got {
			x := c.(map[string]any)
			all = append(all, seen{x["conversationId"].(string), x["conversationStart"].(string), x["conversationEnd"].(string)})
		}
		if len(got) < size {
			return all, total
		}
	}
}

func TestEveryConversationOfADayIsServedOnce(t *testing.T) {
	n := signedIn(t, simulator.Config{Conversations: 1234})
	all, total := n.walk(oneDay, 100)
	require.Len(t, all, 1234)
	assert.Equal(t, "1234", total)
	ids := map[string]bool{}
	for i, c := range all {
		ids[c.id] = true
		assert.Equal(t, "2026-11-21", c.start[:10])
		assert.Greater(t, c.end, c.start)
		if i > 0 {
			assert.GreaterOrEqual(t, c.start, all[i-1].start)
		}
	}
	assert.Len(t, ids, 1234)

	again, _ := n.walk(oneDay, 7)
	assert.Equal(t, all, again, "page size changes nothing")
}

func TestAnIntervalHasWhatOverlapsItAndStartedOnADayItTouches(t *testing.T) {
	n := signedIn(t, simulator.Config{Conversations: 3000})
	day, _ := n.walk(oneDay, 100)
	end, err := time.Parse(time.RFC3339, day[1500].end)
	require.NoError(t, err)
	after := func(d time.Duration) string { return end.Add(d).Format("2006-01-02T15:04:05.000Z") }
	for name, iv := range map[string][2]string{
		"its last millisecond": {after(-time.Millisecond), after(0)},
		"just after its end":   {after(0), after(time.Millisecond)},
		"an hour":              {"2026-11-21T15:00:00.000Z", "2026-11-21T16:00:00.000Z"},
		"five minutes":         {"2026-11-21T15:00:00.000Z", "2026-11-21T15:05:00.000Z"},
		"a second":             {"2026-11-21T12:00:00.000Z", "2026-11-21T12:00:01.000Z"},
		"the first minute":     {"2026-11-21T00:00:00.000Z", "2026-11-21T00:01:00.000Z"},
		"the last millisecond": {"2026-11-21T23:59:59.999Z", "2026-11-22T00:00:00.000Z"},
	} {
		t.Run(name, func(t *testing.T) {
			var want []seen
			for _, c := range day {
				if c.start < iv[1] && c.end > iv[0] {
					want = append(want, c)
				}
			}
			got, total := n.walk(iv[0]+"/"+iv[1], 100)
			assert.Equal(t, want, got)
			assert.Equal(t, strconv.Itoa(len(want)), total)
		})
	}
}

func TestHalvesOfAnIntervalHaveItAllBetweenThem(t *testing.T) {
	n := signedIn(t, simulator.Config{Conversations: 500})
	whole, _ := n.walk(oneHour, 100)
	union := map[string]bool{}
	for _, half := range []string{"2026-11-21T15:00:00Z/2026-11-21T15:30:00Z", "2026-11-21T15:30:00Z/2026-11-21T16:00:00Z"} {
		part, _ := n.walk(half, 100)
		for _, c := range part {
			union[c.id] = true
		}
	}
	assert.Len(t, union, len(whole))
}

func TestDescendingOrderIsTheOtherWayRound(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	up, _ := n.walk(oneHour, 100)
	m := n.want(n.post(conversationsPath, `{"interval":"`+oneHour+`","order":"desc","paging":{"pageSize":100,"pageNumber":1}}`))
	first := list(m, "conversations")[0].(map[string]any)
	assert.Equal(t, up[len(up)-1].id, first["conversationId"])
}

func BenchmarkPageOfAGreatDay(b *testing.B) {
	n := signedIn(b, simulator.Config{Conversations: 250_000})
	page := 0
	for b.Loop() {
		page = page%1000 + 1
		n.want(n.post(conversationsPath, conversationsBody(oneDay, 100, page)))
	}
}

func TestAConversationCanBeLookedUpByItsID(t *testing.T) {
	n := signedIn(t, simulator.Config{})
	all, _ := n.walk(fiveMinutes, 100)
	got := n.want(n.get("/api/v2/analytics/conversations/" + all[0].id + "/details"))
	assert.Equal(t, all[0].start, got["conversationStart"])
	assert.Equal(t, 404, n.get("/api/v2/analytics/conversations/e2f2a4b0-1b1c-4a3e-9f5f-0c2f5d0b7a11/details").status)
}
