// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const tooDeep = "Pagination may not exceed 100000 results. \n\nTip: When extracting large chunks of data ..."

func TestWhatMeansThatHalfOfItMayDo(t *testing.T) {
	refused := func(status int, message string) error {
		return fmt.Errorf("fetching: %w", &Error{Status: status, Message: message})
	}
	tests := []struct {
		name   string
		path   string
		err    error
		before error
		want   bool
	}{
		{"paging too deep", detailsPath, refused(400, tooDeep), nil, true},
		{"an older limit, in small letters", detailsPath, refused(400, "pagination may not exceed 400000 results"), nil, true},
		{"an interval too long", detailsPath, refused(400, "You must specify a search interval as part of your query that does not exceed 7 days"), nil, true},
		{"another refusal of an interval", detailsPath, refused(400, "The search interval is no interval"), nil, false},
		{"another limit", detailsPath, refused(400, "The name does not exceed 7 letters"), nil, false},
		{"too long for a job too", jobsPath, refused(400, "You must specify a search interval as part of your query that does not exceed 31 days"), nil, true},
		{"another mistake", detailsPath, refused(400, "Unrecognized field"), nil, false},
		{"the same words with another status", detailsPath, refused(403, tooDeep), nil, false},
		{"the first 504", detailsPath, refused(504, ""), nil, false},
		{"the first 504 after another error", detailsPath, refused(504, ""), refused(500, ""), false},
		{"the second 504 in a row", detailsPath, refused(504, ""), refused(504, ""), true},
		{"the second 504 in a row of a listing", summaryPath, refused(504, ""), refused(504, ""), true},
		{"504s of two pages", detailsPath, refused(504, ""), &Error{Status: 504, asked: "page 1"}, false},
		{"of a job, whose time is its own", jobsPath, refused(504, ""), refused(504, ""), false},
		{"of a snapshot, which has no interval", "/api/v2/analytics/queues/observations/query", refused(504, ""), refused(504, ""), false},
		{"a network fault", detailsPath, errors.New("connection reset"), nil, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := known(t, test.path)
			assert.Equal(t, test.want, q.Refused(test.err) || q.TimedOutTwice(test.err, test.before))
		})
	}
}

// TestTheDeepestPageIsAskedForBeforeTheFirstOneLeaves, where it is deep enough
// to be worth a request.
func TestTheDeepestPageIsAskedForBeforeTheFirstOneLeaves(t *testing.T) {
	tests := []struct {
		name  string
		total int
		from  Cursor
		asked []int
	}{
		{"no total", -1, Cursor{}, []int{1, 2}},
		{"shallow", 50*5 - 1, Cursor{}, []int{1, 2}},
		{"deep", 50 * 5, Cursor{}, []int{1, 51, 2}},
		{"the page that ends it: after a full one an empty one is asked for", 100 * 5, Cursor{}, []int{1, 101, 2}},
		{"resumed: it was asked for then", 1000, Cursor{Page: 7}, []int{7, 8}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, asked := &fake{}, []int{}
				f.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					var body struct{ Paging struct{ PageNumber int } }
					_ = json.NewDecoder(r.Body).Decode(&body)
					asked = append(asked, body.Paging.PageNumber)
					total := fmt.Sprintf(`,"totalHits":%d`, test.total)
					if test.total < 0 {
						total = ""
					}
					_, _ = fmt.Fprintf(w, `{"conversations":[%d,2,3,4,5]%s}`, body.Paging.PageNumber, total)
				}))
				q := known(t, detailsPath)
				q.PageSize = 5
				err := f.client(t).Source(q, someDay, nil).Read(t.Context(), test.from, func(page Page) error {
					assert.Equal(t, max(1, test.from.Page), page.Number)
					return errEnough
				})
				require.ErrorIs(t, err, errEnough)
				assert.Equal(t, test.asked, asked)
			})
		})
	}
}

func TestARefusedProbeLetsNoPageOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, tries := &fake{}, 0
		f.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var body struct{ Paging struct{ PageNumber int } }
			_ = json.NewDecoder(r.Body).Decode(&body)
			switch {
			case body.Paging.PageNumber == 1:
				_, _ = fmt.Fprint(w, `{"conversations":[1,2,3,4,5],"totalHits":1000}`)
			case tries == 0:
				tries++
				w.WriteHeader(http.StatusInternalServerError) // which says nothing
			default:
				w.WriteHeader(http.StatusBadRequest)
				_, _ = fmt.Fprintf(w, `{"message":%q}`, strings.TrimSpace(tooDeep))
			}
		}))
		q := known(t, detailsPath)
		q.PageSize = 5
		failed := 0
		retry := func(ctx context.Context, step func(context.Context) error) error {
			for {
				err := step(ctx)
				if err == nil || q.Refused(err) {
					return err
				}
				require.ErrorContains(t, err, "status 500")
				failed++
			}
		}
		err := f.client(t).Source(q, someDay, retry).Read(t.Context(), Cursor{}, func(Page) error {
			t.Error("a page left")
			return nil
		})
		require.ErrorContains(t, err, "Pagination may not exceed")
		assert.Equal(t, 1, failed)
		assert.Len(t, f.requests(), 1+3, "a token, page 1 once, the probe twice")
	})
}

func TestLimitsAreThoseOfTheQuery(t *testing.T) {
	users := func(n int) map[string]any {
		ids := make([]any, n)
		for i := range ids {
			ids[i] = map[string]any{"dimension": "userId", "value": i}
		}
		return map[string]any{"type": "or", "predicates": ids}
	}
	views := func(n int) []any { return make([]any, n) }
	limits := Limits{Longest: 1, LongestFiltered: 2, UserIDs: 3, Views: 4, GroupBy: "queueId"}
	for name, test := range map[string]struct {
		limits Limits
		params map[string]any
		want   time.Duration
		says   string
	}{
		"nothing":                 {limits, nil, 1, ""},
		"a filter":                {limits, map[string]any{"conversationFilters": views(1)}, 2, ""},
		"a filter without a part": {limits, map[string]any{"conversationFilters": views(0)}, 1, ""},
		"a list that is none":     {limits, map[string]any{"metrics": views(1)}, 1, ""},
		"as many users as may be": {limits, map[string]any{"filter": users(3)}, 1, ""},
		"a user too many":         {limits, map[string]any{"filter": users(4)}, 1, "query names 4 user ids"},
		"users without a limit":   {Limits{}, map[string]any{"filter": users(4)}, 0, ""},
		"as many views as may be": {limits, map[string]any{"views": views(4)}, 1, ""},
		"a view too many":         {limits, map[string]any{"views": views(5)}, 1, "5 views"},
		"the one dimension":       {limits, map[string]any{"groupBy": []any{"queueId"}}, 1, ""},
		"another dimension":       {limits, map[string]any{"groupBy": []any{"queueId", "userId"}}, 1, "groups by \"userId\""},
		"views without a limit":   {Limits{}, map[string]any{"views": views(5)}, 0, ""},
	} {
		q := Query{Endpoint: Endpoint{Limits: test.limits}, Params: test.params}
		assert.Equal(t, test.want, q.Longest(), name)
		if err := q.checkLimits(); test.says == "" {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, test.says, name)
		}
	}
	details := known(t, detailsPath)
	assert.Equal(t, 7*24*time.Hour, details.Longest())
	details.Params = map[string]any{"conversationFilters": views(1)}
	assert.Equal(t, 31*24*time.Hour, details.Longest())
}

// TestOnlyWhatIsPagedInTheBodyHasADeepestPage: nothing limits how many pages others have.
func TestOnlyWhatIsPagedInTheBodyHasADeepestPage(t *testing.T) {
	for name, q := range map[string]Query{
		"paged in the query string": {Endpoint: Endpoint{Paging: PagingQuery, Interval: InBody}, PageSize: 5},
		"without an interval":       {Endpoint: Endpoint{Paging: PagingBody, Interval: Nowhere}, PageSize: 5},
		"of no size":                {Endpoint: Endpoint{Paging: PagingBody, Interval: InBody}},
	} {
		assert.False(t, q.depthLimited(), name)
	}
	limited := Query{Endpoint: Endpoint{Paging: PagingBody, Interval: InBody}, PageSize: 5}
	assert.True(t, limited.depthLimited())
}
