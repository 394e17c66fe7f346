// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

const usersPath = "/api/v2/analytics/users/details/query"

// detailsPages are the pages of one day until the first without a list.
func detailsPages(n *tenant, path, key string, size int) (pages [][]any, total string) {
	n.t.Helper()
	for number := 1; ; number++ {
		m := n.want(n.post(path, fmt.Sprintf(`{"interval":%q,"paging":{"pageSize":%d,"pageNumber":%d}}`, oneDay, size, number)))
		total = fmt.Sprint(m["totalHits"])
		entries := list(m, key)
		if len(entries) == 0 {
			return pages, total
		}
		pages = append(pages, entries)
	}
}

func flatten(pages [][]any) (all []any) {
	for _, p := range pages {
		all = append(all, p...)
	}
	return all
}

func TestRepeatedUsersAreCountedAndInNoPage(t *testing.T) {
	n := signedIn(t, simulator.Config{Queues: 85, DropEntries: 0.02})
	pages, total := detailsPages(n, usersPath, "userDetails", 100)
	assert.Equal(t, "340", total)
	require.Len(t, pages, 4)
	assert.Less(t, len(pages[1]), 100, "in the middle")
	assert.InDelta(t, 333, len(flatten(pages)), 6)
	records := n.sim.Report().Records
	assert.Equal(t, len(flatten(pages)), records)

	bySeven, _ := detailsPages(n, usersPath, "userDetails", 7)
	assert.Equal(t, flatten(pages), flatten(bySeven), "whatever the size of a page")
	conversations, total := detailsPages(n, conversationsPath, "conversations", 100)
	assert.Equal(t, total, fmt.Sprint(len(flatten(conversations))), "another endpoint's total is exact")
}

func TestAPageCanBeShortAndTheNextGoesOnWhereItEnded(t *testing.T) {
	whole, _ := detailsPages(signedIn(t, simulator.Config{Queues: 85, Seed: 5}), usersPath, "userDetails", 100)
	for _, size := range []int{100, 3} {
		n := signedIn(t, simulator.Config{Queues: 85, Seed: 5, ShortPages: 0.5})
		pages, total := detailsPages(n, usersPath, "userDetails", size)
		assert.Equal(t, "340", total)
		assert.Equal(t, flatten(whole), flatten(pages))
		short := 0
		for _, p := range pages[:len(pages)-1] {
			if len(p) < size {
				short++
			}
		}
		assert.Positive(t, short)
		assert.Less(t, short, len(pages)-1, "not each of them")
		assert.Equal(t, n.sim.Report().FewestRequests, 1+len(pages)+1, "and one to see that nothing follows")
	}
}

func TestAServiceCanCapItsPages(t *testing.T) {
	n := signedIn(t, simulator.Config{Queues: 85, PageCap: 50, JobPolls: -1})
	pages, total := detailsPages(n, usersPath, "userDetails", 100)
	assert.Equal(t, "340", total)
	require.Len(t, pages, 7)
	for _, p := range pages[:6] {
		assert.Len(t, p, 50)
	}
	m := n.want(n.get(summaryPath + "?pageSize=100&interval=" + url.QueryEscape(oneDay)))
	assert.Equal(t, "50 2", fmt.Sprintf("%v %v", m["pageSize"], m["pageCount"]))
	assert.Len(t, m["entities"], 50)

	job := n.post("/api/v2/analytics/users/details/jobs", `{"interval":"`+oneDay+`"}`).json(t)["jobId"].(string)
	results := n.want(n.get("/api/v2/analytics/users/details/jobs/" + job + "/results?pageSize=1000"))
	assert.Len(t, results["userDetails"], 50)
	assert.NotEmpty(t, results["cursor"])
}

func TestSharesAreBounded(t *testing.T) {
	for want, config := range map[string]simulator.Config{
		"short pages":  {ShortPages: 1.5},
		"drop entries": {DropEntries: 0.6},
		"page cap":     {PageCap: -1},
	} {
		_, err := simulator.New(config)
		assert.ErrorContains(t, err, want)
	}
}
