// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const sessionsPath = "/api/v2/analytics/botflows/4c1e9d4e/sessions"

// chain serves lists of the given lengths one after another, each but the last
// with a token for the next.
type chain struct {
	lengths []int
	style   string // where the token is
}

// token has what must be escaped in a query string.
func token(i int) string { return fmt.Sprintf("+/=%d", i) }

func (c chain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := "after"
	if c.style == "cursor" {
		name = "cursor"
	}
	i := 0
	for r.URL.Query().Get(name) != "" && r.URL.Query().Get(name) != token(i) {
		i++
	}
	list := strings.TrimSuffix(strings.Repeat(fmt.Sprintf(`{"after":"none of ours","i":%d},`, i), c.lengths[i]), ",")
	more := map[string]string{
		"cursor":  fmt.Sprintf(`"cursor":%q`, token(i+1)),
		"after":   fmt.Sprintf(`"after":%q`, token(i+1)),
		"cursors": fmt.Sprintf(`"cursors":{"before":"x","after":%q}`, token(i+1)),
		"nextUri": fmt.Sprintf(`"nextUri":"/api/v2/x?pageSize=5&after=%%2B%%2F%%3D%d"`, i+1),
	}[c.style]
	if i == len(c.lengths)-1 {
		more = `"selfUri":"/x"`
	}
	_, _ = fmt.Fprintf(w, `{"entities":[%s],%s}`, list, more)
}

func TestPagesThatHaveTokensAreReadToTheirEnd(t *testing.T) {
	tests := []struct {
		name     string
		lengths  []int
		from     Cursor
		want     []string
		requests int
	}{
		{"one page", []int{5}, Cursor{}, []string{"1:5!"}, 1},
		{"short pages are not the last", []int{5, 1, 5}, Cursor{}, []string{"1:5", "2:1", "3:5!"}, 3},
		{"an empty page in the middle is passed over and not counted", []int{5, 0, 0, 2}, Cursor{}, []string{"1:5", "2:2!"}, 4},
		{"many that are empty are not alike in their records", append(make([]int, 150), 3), Cursor{}, []string{"1:3!"}, 151},
		{"empty pages at the end", []int{5, 2, 0, 0}, Cursor{}, []string{"1:5", "2:2!"}, 4},
		{"empty pages at the beginning", []int{0, 0, 3}, Cursor{}, []string{"1:3!"}, 3},
		{"an empty interval is a fact", []int{0}, Cursor{}, []string{"1:0!"}, 1},
		{"and one fact, however many pages say it", []int{0, 0}, Cursor{}, []string{"1:0!"}, 2},
		{"from a token on", []int{5, 5, 2}, Cursor{Page: 2, Token: token(1)}, []string{"2:5", "3:2!"}, 2},
	}
	for _, test := range tests {
		for _, style := range []string{"cursor", "after", "cursors", "nextUri"} {
			t.Run(style+": "+test.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := &fake{}
					f.serve(chain{test.lengths, style})
					q := known(t, sessionsPath)
					if style == "cursor" {
						q.Endpoint.Paging = PagingCursor
					}
					assert.Equal(t, test.want, drain(t, f.client(t).Source(q, someDay, nil), test.from))
					assert.Len(t, f.requests(), test.requests+1, "and one for the token")
				})
			})
		}
	}
}

func TestAPageOfATokenSaysWhereTheNextOneIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.serve(chain{[]int{5, 0, 5, 1}, "nextUri"})
		c, q := f.client(t), known(t, sessionsPath)
		page, err := first(t.Context(), c, q)
		require.NoError(t, err)
		assert.Len(t, page.Next.Seen, digestLength)
		assert.Equal(t, Cursor{Page: 2, Token: token(2), Records: 5, Seen: page.Next.Seen}, page.Next)
		assert.Equal(t, []string{"2:5", "3:1!"}, drain(t, c.Source(q, someDay, nil), page.Next))
		assert.Equal(t, "GET api.test "+sessionsPath+"?after=%2B%2F%3D1&interval=2026-11-21T15%3A00%3A00.000Z%2F2026-11-21T15%3A05%3A00.000Z&pageSize=250", f.requests()[2])
	})
}

func TestPagesThatLeadNowhereAreNotTheLast(t *testing.T) {
	for name, body := range map[string]string{
		"a nextUri without a cursor":     `{"entities":[1],"nextUri":"/api/v2/x?pageNumber=2"}`,
		"a cursor that leads to itself":  `{"entities":[1],"after":"a"}`,
		"a nextUri to another origin":    `{"entities":[1],"nextUri":"https://evil.test/x?after=a"}`,
		"a nextUri that leads to itself": `{"entities":[],"nextUri":"/api/v2/x?after=a"}`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{api: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }}
				err := f.client(t).Source(known(t, sessionsPath), someDay, nil).Read(t.Context(), Cursor{}, func(page Page) error {
					assert.False(t, page.Last)
					return nil
				})
				require.Error(t, err)
				assert.True(t, Fatal(err), err)
			})
		})
	}
}

// TestWhatComesOfAPageThatIsRefused: the page before it leaves, so that it need not be asked for again, unless it is
// in doubt itself or nobody takes it any more. Only a token from a checkpoint is a reason to start over.
func TestWhatComesOfAPageThatIsRefused(t *testing.T) {
	const nonsense = `{"entities":[1],"after":"+/=1"}` // it leads to itself
	for name, test := range map[string]struct {
		from     Cursor
		status   int
		body     string
		stop     bool
		want     []string
		requests int
	}{
		"the second of a run may not be read":       {status: 403, want: []string{"1:5"}, requests: 2},
		"the second of a run, as if it had expired": {status: 400, want: []string{"1:5"}, requests: 2},
		"the second makes no sense":                 {status: 200, body: nonsense, requests: 2},
		"the run is stopped":                        {status: 403, stop: true, requests: 2},
		"a token of a checkpoint may not be read":   {from: Cursor{Page: 2, Token: token(1)}, status: 403, requests: 1},
		"a token of a checkpoint has expired":       {from: Cursor{Page: 2, Token: token(1)}, status: 410, want: []string{"1:5"}, requests: 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				pages, f := chain{[]int{5, 5}, "after"}, &fake{}
				f.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Query().Get("after") == "" {
						pages.ServeHTTP(w, r)
						return
					}
					if test.stop {
						cancel()
					}
					answer(test.status, test.body)(w, r)
				}))
				var got []string
				err := f.client(t).Source(known(t, sessionsPath), someDay, nil).Read(ctx, test.from, func(page Page) error {
					got = append(got, fmt.Sprintf("%d:%d", page.Number, page.Records))
					return nil
				})
				require.Error(t, err)
				assert.Equal(t, test.want, got)
				assert.Len(t, f.requests(), test.requests+1, "and one for the token")
			})
		})
	}
}

func TestAPathWithANameInItIsKnown(t *testing.T) {
	e, ok := KnownEndpoint(sessionsPath)
	require.True(t, ok)
	assert.Equal(t, sessionsPath, e.Path)
	assert.Equal(t, "botflows-4c1e9d4e-sessions", Slug(e.Path))
	for _, path := range []string{
		"/api/v2/analytics/botflows/sessions", "/api/v2/analytics/botflows//sessions", "/api/v2/analytics/botflows/a/b/sessions",
	} {
		_, ok := KnownEndpoint(path)
		assert.False(t, ok, path)
	}
	availability, ok := KnownEndpoint("/api/v2/analytics/conversations/details/jobs/availability")
	require.True(t, ok)
	assert.Equal(t, "analytics:conversationDetail:view", availability.Permission)
}
