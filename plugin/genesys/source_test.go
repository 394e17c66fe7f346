// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lists serves lists of the given lengths as pages 1, 2, …, in the style of one
// kind of paging.
type lists struct {
	lengths []int
	style   string
}

func (l lists) total() (sum int) {
	for _, n := range l.lengths {
		sum += n
	}
	return sum
}

func (l lists) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var page int
	if _, err := fmt.Sscan(r.URL.Query().Get("pageNumber"), &page); err != nil {
		var body struct {
			Paging struct{ PageNumber int }
		}
		_ = json.NewDecoder(r.Body).Decode(&body)
		page = body.Paging.PageNumber
	}
	n := 0
	if page <= len(l.lengths) {
		n = l.lengths[page-1]
	}
	list := "[" + strings.TrimSuffix(strings.Repeat(fmt.Sprintf(`{"id":"%d"},`, page), n), ",") + "]"
	switch {
	case l.style == "body" && n == 0:
		_, _ = fmt.Fprintf(w, `{"totalHits":%d}`, l.total())
	case l.style == "body":
		_, _ = fmt.Fprintf(w, `{"conversations":%s,"totalHits":%d}`, list, l.total())
	case l.style == "pageCount":
		_, _ = fmt.Fprintf(w, `{"pageNumber":%d,"pageCount":%d,"entities":%s,"total":%d}`, page, len(l.lengths), list, l.total())
	case l.style == "nextUri" && page < len(l.lengths):
		_, _ = fmt.Fprintf(w, `{"entities":%s,"nextUri":"/api/v2/x?pageNumber=%d"}`, list, page+1)
	default:
		_, _ = fmt.Fprintf(w, `{"entities":%s}`, list)
	}
}

// serve lets a handler stand for the API, with the request's body in place.
func (f *fake) serve(h http.Handler) {
	f.api = func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		body := f.bodies[len(f.bodies)-1]
		f.mu.Unlock()
		r.Body = io.NopCloser(strings.NewReader(body))
		h.ServeHTTP(w, r)
	}
}

// drain reads pages to their end, as "number:records" and a ! on the last.
func drain(t *testing.T, source *Source, from Cursor) (got []string) {
	t.Helper()
	require.NoError(t, source.Read(t.Context(), from, func(page Page) error {
		mark := ""
		if page.Last {
			mark = "!"
		}
		got = append(got, fmt.Sprintf("%d:%d%s", page.Number, page.Records, mark))
		return nil
	}))
	return got
}

// again retries a step at once, whatever it fails with, but for what starts an
// interval over.
func again(ctx context.Context, step func(context.Context) error) error {
	for {
		if err := step(ctx); err == nil || Lost(err) {
			return err
		}
	}
}

var errEnough = errors.New("enough")

func TestPagesAreReadToTheirEnd(t *testing.T) {
	tests := []struct {
		name     string
		path     string
		style    string
		lengths  []int
		from     Cursor
		want     []string
		requests int
	}{
		{"body: a short page is the last", detailsPath, "body", []int{5, 5, 2}, Cursor{}, []string{"1:5", "2:5", "3:2!"}, 3},
		{"body: after a full page the next is asked for, and is empty", detailsPath, "body", []int{5, 5}, Cursor{}, []string{"1:5", "2:5!"}, 3},
		{"body: one full page", detailsPath, "body", []int{5}, Cursor{}, []string{"1:5!"}, 2},
		{"body: an empty interval is a fact", detailsPath, "body", nil, Cursor{}, []string{"1:0!"}, 1},
		{"body: from the second page on", detailsPath, "body", []int{5, 5, 2}, Cursor{Page: 2}, []string{"2:5", "3:2!"}, 3},
		{"body: resumed with the count of what came", detailsPath, "body", []int{5, 5, 2}, Cursor{Page: 2, Records: 5}, []string{"2:5", "3:2!"}, 2},
		{"body: resumed where nothing is any more, the interval starts over", detailsPath, "body", []int{5}, Cursor{Page: 2, Records: 5}, []string{"1:5!"}, 3},
		{"body: short pages in the middle are not the last", detailsPath, "body", []int{5, 3, 5, 2}, Cursor{}, []string{"1:5", "2:3", "3:5", "4:2!"}, 4},
		{"body: a service that hands out less than asked for", detailsPath, "body", []int{2, 2, 2, 1}, Cursor{}, []string{"1:2", "2:2", "3:2", "4:1!"}, 4},
		{"query: pageCount is believed", summaryPath, "pageCount", []int{5, 5}, Cursor{}, []string{"1:5", "2:5!"}, 2},
		{"query: pageCount is believed of short pages too", summaryPath, "pageCount", []int{3, 5, 1}, Cursor{}, []string{"1:3", "2:5", "3:1!"}, 3},
		{"query: pageCount 0", summaryPath, "pageCount", nil, Cursor{}, []string{"1:0!"}, 1},
		{"query: nextUri leads on", summaryPath, "nextUri", []int{2, 2, 1}, Cursor{}, []string{"1:2", "2:2", "3:1!"}, 3},
		{"query: nextUri gone after a full page", summaryPath, "nextUri", []int{5, 5}, Cursor{}, []string{"1:5", "2:5!"}, 2},
		{"query: neither, an empty page is the end", summaryPath, "", []int{5, 4}, Cursor{}, []string{"1:5", "2:4!"}, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{}
				f.serve(lists{lengths: test.lengths, style: test.style})
				c, q := f.client(t), known(t, test.path)
				q.PageSize = 5
				assert.Equal(t, test.want, drain(t, c.Source(q, someDay, nil), test.from))
				assert.Len(t, f.requests(), test.requests+1, "and one for the token")
			})
		})
	}
}

func TestAFaultSkipsNoPageAndRepeatsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, n := &fake{}, 0
		pages := lists{lengths: []int{5, 5, 5}, style: "body"}
		f.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n++; n%2 == 0 {
				w.WriteHeader(500)
				return
			}
			pages.ServeHTTP(w, r)
		}))
		q := known(t, detailsPath)
		q.PageSize = 5
		assert.Equal(t, []string{"1:5", "2:5", "3:5!"}, drain(t, f.client(t).Source(q, someDay, again), Cursor{}))
	})
}

func TestAPageLeavesAsItCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body := "{ \"results\" : [ {\"sum\":9007199254740993, \"x\":1.10e2} ],\n \"results2\": null }"
		f := &fake{api: answer(200, body)}
		page, err := first(t.Context(), f.client(t), known(t, "/api/v2/analytics/conversations/aggregates/query"))
		require.NoError(t, err)
		assert.Equal(t, body, string(page.Body))
		assert.Equal(t, 1, page.Records)
		assert.True(t, page.Last)
		assert.Nil(t, page.Total)
	})
}

func TestWhatIsSent(t *testing.T) {
	tests := []struct {
		name        string
		path        string
		params      map[string]any
		granularity string
		uri, body   string
	}{
		{
			"summary: all in the query string", summaryPath,
			map[string]any{"name": "a b", "mediaType": []any{"voice", "chat"}, "n": 3},
			"PT5M",
			"GET api.test /api/v2/analytics/queues/summary?granularity=PT5M&interval=2026-11-21T15%3A00%3A00.000Z%2F2026-11-21T15%3A05%3A00.000Z&mediaType=voice&mediaType=chat&n=3&name=a+b&pageNumber=1&pageSize=100",
			"",
		},
		{
			"aggregates: all in the body", "/api/v2/analytics/conversations/aggregates/query",
			map[string]any{"groupBy": []any{"queueId"}},
			"PT5M",
			"POST api.test /api/v2/analytics/conversations/aggregates/query",
			`{"granularity":"PT5M","groupBy":["queueId"],"interval":"` + someDay + `","timeZone":"UTC"}`,
		},
		{
			"details: paging in the body", detailsPath,
			map[string]any{"order": "asc"},
			"",
			"POST api.test /api/v2/analytics/conversations/details/query",
			`{"interval":"` + someDay + `","order":"asc","paging":{"pageNumber":1,"pageSize":100}}`,
		},
		{
			"activity: a body, and paging in the query string", "/api/v2/analytics/routing/activity/query",
			map[string]any{"metrics": []any{}},
			"",
			"POST api.test /api/v2/analytics/routing/activity/query?pageNumber=1&pageSize=100",
			`{"metrics":[]}`,
		},
		{
			"observations: no interval at all", "/api/v2/analytics/queues/observations/query",
			map[string]any{"filter": map[string]any{"type": "or"}},
			"",
			"POST api.test /api/v2/analytics/queues/observations/query",
			`{"filter":{"type":"or"}}`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{api: answer(200, `{}`)}
				q := known(t, test.path)
				q.Params, q.Granularity = test.params, test.granularity
				require.NoError(t, q.Check())
				_, err := first(t.Context(), f.client(t), q)
				require.NoError(t, err)
				assert.Equal(t, test.uri, f.requests()[1])
				if test.body == "" {
					assert.Empty(t, f.bodies[1])
				} else {
					assert.JSONEq(t, test.body, f.bodies[1])
				}
			})
		})
	}
}

// TestANewKindOfPagingReservesWhatItSets without another edit.
func TestANewKindOfPagingReservesWhatItSets(t *testing.T) {
	known := pagings
	t.Cleanup(func() { pagings = known })
	pagings = append(pagings[:len(pagings):len(pagings)], paging{kind: "offset", next: numbered, put: func(_ *Query, _ Cursor, body map[string]any, query url.Values) {
		body["limit"] = 100
		query.Set("offset", "0")
	}})
	for _, name := range []string{"limit", "offset"} {
		q := Query{Endpoint: Endpoint{Path: "/api/v2/new", Method: http.MethodPost, Paging: "offset"}, Params: map[string]any{name: 5}}
		require.ErrorContains(t, q.Check(), fmt.Sprintf("query names %q: leave it out, paging offset sets it", name))
	}
}

func TestTheIntervalOfAPOSTGoesWhereItIsTold(t *testing.T) {
	for place, want := range map[Place]string{
		InBody:  `?  {"interval":"` + someDay + `"}`,
		InQuery: `?interval=` + url.QueryEscape(someDay) + `  {}`,
		Nowhere: `?  {}`,
	} {
		q := Query{Endpoint: Endpoint{Path: "/api/v2/new", Method: http.MethodPost, Paging: PagingNone, Interval: place}}
		r, err := q.request(someDay, Cursor{})
		require.NoError(t, err)
		assert.Equal(t, want, "?"+r.query.Encode()+"  "+string(r.body))
	}
}

func TestAQueryMayNotNameWhatTheInputSets(t *testing.T) {
	for name := range reserved {
		q := known(t, "/api/v2/analytics/conversations/aggregates/query")
		q.Params = map[string]any{name: "x"}
		require.ErrorContains(t, q.Check(), fmt.Sprintf("query names %q", name))
		q.Endpoint.TimeZone = false
		assert.Equal(t, name == "timeZone", q.Check() == nil, "%s, of an endpoint that takes no timeZone from the input", name)
	}
	q := known(t, "/api/v2/analytics/conversations/aggregates/query")
	q.PageSize = 5
	require.NoError(t, q.Check(), "no page is larger than what has no limit")
	q = known(t, detailsPath)
	q.PageSize = 101
	require.ErrorContains(t, q.Check(), "page_size 101: "+detailsPath+" takes 1 to 100")
	q = known(t, detailsPath)
	q.Granularity = "PT5M"
	require.ErrorContains(t, q.Check(), `granularity "PT5M"`)
	q = known(t, summaryPath)
	q.Params = map[string]any{"filter": map[string]any{}}
	require.ErrorContains(t, q.Check(), "query.filter")
}

func TestLargeNumbersOfAQueryKeepTheirDigits(t *testing.T) {
	q := known(t, "/api/v2/analytics/conversations/aggregates/query")
	q.Params = map[string]any{"a": json.Number("9007199254740993"), "b": int64(9007199254740993), "c": 1e6}
	r, err := q.request(someDay, Cursor{})
	require.NoError(t, err)
	assert.Contains(t, string(r.body), `"a":9007199254740993,"b":9007199254740993,"c":1000000`)
	q = known(t, summaryPath)
	q.Params = map[string]any{"c": 1e6}
	r, err = q.request(someDay, Cursor{})
	require.NoError(t, err)
	assert.Equal(t, "1000000", r.query.Get("c"))
}

func TestSlug(t *testing.T) {
	assert.Equal(t, "queues-summary", Slug(summaryPath))
	assert.Equal(t, "routing-queues", Slug("/api/v2/routing/queues"))
}

func TestCheckPath(t *testing.T) {
	for _, path := range []string{
		"", "x", "/api/v1/x", "/api/v2/", "https://api.mypurecloud.com/api/v2/analytics/queues/summary",
		"/api/v2/x?y=1", "/api/v2/{id}", "/api/v2/a b", "/api/v2/../x", "/api/v2//x", "/api/v2/x/",
	} {
		assert.Error(t, CheckPath(path), path)
	}
	for _, e := range endpoints {
		assert.NoError(t, CheckPath(strings.NewReplacer("{", "", "}", "").Replace(e.Path)))
	}
}
