// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pagesOf serves the nth request with the nth body, the last body for ever.
func pagesOf(bodies ...string) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, bodies[min(n, len(bodies)-1)])
		n++
	}
}

// policy retries as an export does, without its pauses.
func policy(ctx context.Context, step func(context.Context) error) error {
	var before error
	for {
		err := step(ctx)
		if err == nil || Lost(err) || Fatal(err) && (!Doubtful(err) || Doubtful(before)) {
			return err
		}
		before = err
	}
}

// TestAnAnswerThatContradictsItselfIsAskedForOnceMore and is then an error that
// names both, never an end.
func TestAnAnswerThatContradictsItselfIsAskedForOnceMore(t *testing.T) {
	const (
		three = `{"entities":[1,2,3,4,5],"pageCount":3}`
		full  = `{"conversations":[1,2,3,4,5],"totalHits":12}`
	)
	tests := []struct {
		name, path string
		first      []string // pages before
		odd        string
		says       string
	}{
		{"an announced page that is empty", summaryPath, []string{three}, `{"entities":[],"pageCount":3}`, "pageCount is 3 and page 2 has no records"},
		{"an announced page without a list or a count", summaryPath, []string{three}, `{}`, "pageCount is 3 and page 2 has no list of records"},
		{"the last announced page is empty", summaryPath, []string{`{"entities":[1,2,3,4,5],"pageCount":2}`}, `{"entities":[],"pageCount":2}`, "pageCount is 2 and page 2 has no records"},
		{"an only page that is empty, and a total", summaryPath, nil, `{"entities":[],"pageCount":1,"total":5}`, "the total is 5 and page 1 has no records"},
		{"a first page that is empty of three", summaryPath, nil, `{"entities":[],"pageCount":3}`, "pageCount is 3 and page 1 has no records"},
		{"a total and no list at all", detailsPath, nil, `{"totalHits":5}`, "the total is 5 and page 1 has no list of records"},
		{"an empty page in the middle", detailsPath, []string{full}, `{"totalHits":12}`, "the total is 12 and page 2 has no list of records"},
		{"an empty page that forgets the total", detailsPath, []string{full}, `{}`, "the total is 12 and page 2 has no list of records"},
		{"an empty page after one that was not full", detailsPath, []string{`{"conversations":[1],"totalHits":10}`, `{"conversations":[2,3,4,5,6],"totalHits":10}`}, `{"totalHits":10}`, "the total is 10 and page 3 has no list of records"},
		{"a page that repeats", detailsPath, []string{full}, full, "page 2 repeats page 1 byte for byte"},
		{"a cursor that leads to itself", sessionsPath, []string{`{"entities":[1],"after":"a"}`}, `{"entities":[2],"after":"a"}`, `page 2 leads back to "a"`},
		{"a ring of cursors", sessionsPath, []string{`{"entities":[1],"after":"a"}`, `{"entities":[2],"after":"b"}`}, `{"entities":[3],"after":"a"}`, `page 3 leads back to "a"`},
		{"a total and an empty list without a cursor", sessionsPath, nil, `{"entities":[],"total":4}`, "the total is 4 and page 1 has no records"},
		{"a cursor that is an object", sessionsPath, nil, `{"entities":[1],"after":{"x":1}}`, `after is {"x":1}`},
		{"a pageCount that is no number", summaryPath, nil, `{"entities":[1],"pageCount":"many"}`, `pageCount is "many"`},
		{"pages where there are none", "/api/v2/analytics/conversations/aggregates/query", nil, `{"results":[1],"pageCount":2}`, "pageCount is 2 where paging is none"},
		{"a nextUri where there are no pages", "/api/v2/analytics/conversations/aggregates/query", nil, `{"results":[1],"nextUri":"/x"}`, `nextUri is "/x" where paging is none`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bodies := append(test.first, test.odd, test.odd)
				f := &fake{api: pagesOf(bodies...)}
				q := known(t, test.path)
				q.PageSize = 5
				err := f.client(t).Source(q, someDay, policy).Read(t.Context(), Cursor{}, func(page Page) error {
					assert.False(t, page.Last, "page %d", page.Number)
					return nil
				})
				require.ErrorContains(t, err, test.says)
				require.ErrorContains(t, err, someDay)
				assert.True(t, Fatal(err))
				assert.Len(t, f.requests(), 1+len(bodies), "a token, and the odd one twice")
			})
		})
	}
}

// TestAPageThatRepeatsIsKnownAfterARestart: its position remembers those before.
func TestAPageThatRepeatsIsKnownAfterARestart(t *testing.T) {
	page := func(n int) string { return fmt.Sprintf(`{"conversations":[%d,2,3,4,5],"totalHits":240}`, n) }
	for name, repeats := range map[string]int{"the first": 1, "the one before": 69, "the oldest that is remembered": 70 - maxSeen} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var bodies []string
				for n := range 70 {
					bodies = append(bodies, page(n+1))
				}
				f := &fake{api: pagesOf(bodies...)}
				q := known(t, detailsPath)
				q.PageSize = 5
				var next Cursor
				err := f.client(t).Source(q, someDay, nil).Read(t.Context(), Cursor{}, func(p Page) error {
					if next = p.Next; p.Number == 69 {
						return errEnough
					}
					return nil
				})
				require.ErrorIs(t, err, errEnough)
				assert.LessOrEqual(t, len(next.Seen), maxSeen*digestLength)
				if repeats == 1 {
					next = Cursor{Page: 2, Records: 5, Seen: digest([]byte(page(1)))}
				}
				f.api = pagesOf(page(repeats))
				var said []string
				err = f.client(t).Source(q, someDay, func(ctx context.Context, step func(context.Context) error) error {
					err := policy(ctx, step)
					said = append(said, fmt.Sprint(err))
					return err
				}).Read(t.Context(), next, func(Page) error { return nil })
				require.Error(t, err)
				assert.Contains(t, said[0], fmt.Sprintf("page %d repeats page %d byte for byte", next.Page, repeats))
				assert.Equal(t, "<nil>", said[1], "the interval starts over, since it cannot be taken up there")
			})
		})
	}
}

// TestWhatMakesSenseTheSecondTimeIsTaken: a fault on the way may have made
// nonsense of an answer.
func TestWhatMakesSenseTheSecondTimeIsTaken(t *testing.T) {
	one, two, three := `{"entities":[1,2,3,4,5],"pageCount":3,"p":1}`, `{"entities":[1,2,3,4,5],"pageCount":3,"p":2}`, `{"entities":[1],"pageCount":3,"p":3}`
	for _, odd := range []string{
		`{"entities":[],"pageCount":3}`, `{}`, one, "", " ", "null", "true", `"text"`, "[]", "<html>", `{"entities":[1,`, two + two,
		`{"message":"It is down.","code":"internal.server.error","status":500}`, `{"message":"m","status":503,"errors":[],"details":[]}`,
		`{"entities":[1,2,3,4,5],"pageCount":"x"}`,
	} {
		t.Run(odd, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{api: pagesOf(one, odd, two, three)}
				q := known(t, summaryPath)
				q.PageSize = 5
				assert.Equal(t, []string{"1:5", "2:5", "3:1!"}, drain(t, f.client(t).Source(q, someDay, policy), Cursor{}))
			})
		})
	}
}

// TestAnErrorWithAGoodStatusIsNoEmptyInterval, for as long as it lasts.
func TestAnErrorWithAGoodStatusIsNoEmptyInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := `{"message":"It is down.","code":"internal.server.error","status":500}`
		f := &fake{api: pagesOf(down, down, down, `{"conversations":[1],"totalHits":1}`)}
		assert.Equal(t, []string{"1:1!"}, drain(t, f.client(t).Source(known(t, detailsPath), someDay, policy), Cursor{}))
	})
}

// TestTheEndIsWhereTheServiceSaysSo, also where it changes its mind.
func TestTheEndIsWhereTheServiceSaysSo(t *testing.T) {
	tests := []struct {
		name   string
		bodies []string
		want   []string
	}{
		{"pageCount shrinks and there is no third page", []string{`{"entities":[1,2,3,4,5],"pageCount":3}`, `{"entities":[1,2],"pageCount":2}`, `{"entities":[],"pageCount":2}`}, []string{"1:5", "2:2!"}},
		{"pageCount shrinks and the third page is there", []string{`{"entities":[1,2,3,4,5],"pageCount":3}`, `{"entities":[1,2],"pageCount":2}`, `{"entities":[3],"pageCount":3}`}, []string{"1:5", "2:2", "3:1!"}},
		{"the first pageCount is too low and the total is not", []string{`{"entities":[1,2,3,4,5],"pageCount":1,"total":7}`, `{"entities":[1,2],"pageCount":2,"total":7}`}, []string{"1:5", "2:2!"}},
		{"pageCount grows", []string{`{"entities":[1,2,3,4,5],"pageCount":1,"total":5}`}, []string{"1:5!"}},
		{"the last page has a nextUri", []string{`{"entities":[1,2,3,4,5],"pageCount":2}`, `{"entities":[1],"pageCount":2,"nextUri":"/api/v2/x"}`, `{"entities":[],"pageCount":2}`}, []string{"1:5", "2:1!"}},
		{"pageCount is a float", []string{`{"entities":[1,2,3,4,5],"pageCount":2.0}`, `{"entities":[1],"pageCount":2.0}`}, []string{"1:5", "2:1!"}},
		{"the only page is empty", []string{`{"entities":[],"pageCount":1,"total":0}`}, []string{"1:0!"}},
		{"pageCount is text", []string{`{"entities":[1,2,3,4,5],"pageCount":"2"}`, `{"entities":[1],"pageCount":"2"}`}, []string{"1:5", "2:1!"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{api: pagesOf(test.bodies...)}
				q := known(t, summaryPath)
				q.PageSize = 5
				assert.Equal(t, test.want, drain(t, f.client(t).Source(q, someDay, nil), Cursor{}))
				assert.Len(t, f.requests(), 1+len(test.bodies))
			})
		})
	}
}

// TestAnUnknownEndpointsListIsTheLongest, and a page without one leaves as it is.
func TestAnUnknownEndpointsListIsTheLongest(t *testing.T) {
	tests := []struct {
		name   string
		paging Paging
		bodies []string
		want   []string
	}{
		{"an empty list first", PagingQuery, []string{`{"facets":[],"results":[1,2,3],"pageCount":2}`, `{"facets":[],"results":[4],"pageCount":2}`}, []string{"1:3", "2:1!"}},
		{"with cursors", PagingCursor, []string{`{"errors":[],"entities":[1],"cursor":"a"}`, `{"errors":[],"entities":[2],"cursor":7}`, `{"errors":[],"entities":[3]}`}, []string{"1:1", "2:1", "3:1!"}},
		{"one page, which says so", PagingNone, []string{`{"results":[1,2],"pageCount":1}`}, []string{"1:2!"}},
		{"pages without a list, which are counted", PagingQuery, []string{`{"text":"x","pageCount":2}`, `{"text":"y","pageCount":2}`}, []string{"1:0", "2:0!"}},
		{"one page of tokens, and its total", PagingCursor, []string{`{"results":[1,2],"total":2}`}, []string{"1:2!"}},
		{"no list at all", PagingQuery, []string{`{"count":3}`}, []string{"1:0!"}},
		{"a page without a list that nothing speaks against", PagingQuery, []string{`{"results":[1,2,3,4,5]}`, `{"text":"x"}`}, []string{"1:5", "2:0!"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{api: pagesOf(test.bodies...)}
				q := &Query{Endpoint: Endpoint{Path: "/api/v2/new", Method: http.MethodGet, Paging: test.paging, Interval: InQuery}, PageSize: 5}
				assert.Equal(t, test.want, drain(t, f.client(t).Source(q, someDay, nil), Cursor{}))
			})
		})
	}
}

func TestAnUnknownEndpointsPagesMustAgree(t *testing.T) {
	for says, bodies := range map[string][]string{
		"page 2 is a bare list, and the pages before it are objects": {`{"results":[1,2,3,4,5],"pageCount":2}`, `[1]`},
		"the total is 5 and page 1 has no list of records":           {`{"text":"x","total":5}`},
		"the total is 9 and page 2 has no list of records":           {`{"results":[1,2,3,4,5],"total":9}`, `{"text":"x"}`},
		"pageCount is 2 and page 2 has no list of records":           {`{"results":[1,2,3,4,5],"pageCount":2}`, `{"text":"x"}`},
		"the total is 8 and page 2 has no records":                   {`{"results":[1,2,3],"total":8}`, `{"results":[],"total":8}`}, // some of five were dropped
	} {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{api: pagesOf(bodies...)}
			q := &Query{Endpoint: Endpoint{Path: "/api/v2/new", Method: http.MethodGet, Paging: PagingQuery, Interval: InQuery, LooseTotal: true}, PageSize: 5}
			err := f.client(t).Source(q, someDay, policy).Read(t.Context(), Cursor{}, func(page Page) error {
				assert.False(t, page.Last, "page %d", page.Number)
				return nil
			})
			require.ErrorContains(t, err, says)
		})
	}
}

// TestPagesThatDropEntriesAreReadToTheEnd: the vendor documents them of
// users/details/query.
func TestPagesThatDropEntriesAreReadToTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{api: pagesOf(
			`{"userDetails":[1,2,3,4,5],"totalHits":17}`, `{"userDetails":[1,2,3],"totalHits":17}`,
			`{"userDetails":[1,2,3,4,6],"totalHits":17}`, `{"userDetails":[1,2],"totalHits":17}`, `{"totalHits":17}`,
		)}
		q := known(t, "/api/v2/analytics/users/details/query")
		q.PageSize = 5
		assert.Equal(t, []string{"1:5", "2:3", "3:5", "4:2!"}, drain(t, f.client(t).Source(q, someDay, nil), Cursor{}))
	})
}

// TestAGoodStatusIsNoAnswer where it has no whole document.
func TestAGoodStatusIsNoAnswer(t *testing.T) {
	for _, status := range []int{http.StatusNoContent, http.StatusResetContent, http.StatusPartialContent} {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{api: answer(status, `{"entities":[1],"pageCount":1}`)}
			_, err := first(t.Context(), f.client(t), known(t, summaryPath))
			require.ErrorContains(t, err, fmt.Sprint("status ", status))
			assert.False(t, Fatal(err))
		})
	}
}

// TestNoErrorOfAReadingMeansTheEnd: what net/http returns where a connection is
// closed without an answer is a bare io.EOF.
func TestNoErrorOfAReadingMeansTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{api: answer(200, `{"entities":[1,2,3,4,5],"pageCount":2}`)}
		c := f.client(t, func(config *Config) { config.Base = closing{f} })
		q := known(t, summaryPath)
		q.PageSize = 5
		err := c.Source(q, someDay, nil).Read(t.Context(), Cursor{}, func(Page) error { return nil })
		require.ErrorContains(t, err, "closed without an answer")
		assert.False(t, Fatal(err))
	})
}

// closing answers the first page, and nothing after it.
type closing struct{ *fake }

func (c closing) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Query().Get("pageNumber") == "2" {
		return nil, io.EOF
	}
	return c.fake.RoundTrip(req)
}

// TestATokenThatIsForgottenStartsTheIntervalOver, but only where it came from an
// earlier process.
func TestATokenThatIsForgottenStartsTheIntervalOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("after") == "forgotten" {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			chain{[]int{5, 2}, "after"}.ServeHTTP(w, r)
		}))
		got := drain(t, f.client(t).Source(known(t, sessionsPath), someDay, policy), Cursor{Page: 2, Token: "forgotten"})
		assert.Equal(t, []string{"1:5", "2:2!"}, got)
	})
}

func TestACertificateThatCannotBeVerifiedIsFatal(t *testing.T) {
	unknown := &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	assert.True(t, Fatal(&url.Error{Op: "Get", URL: "https://api.test", Err: unknown}))
	assert.False(t, Fatal(&url.Error{Op: "Get", URL: "https://api.test", Err: errors.New("connection refused")}))
}
