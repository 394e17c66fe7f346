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
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const jobsPath = "/api/v2/analytics/conversations/details/jobs"

// jobs is a service with jobs j1, j2, …: each has states to go through, the last
// of which stays, and then three result pages of two records.
type jobs struct {
	states    map[string]string // "j1" → "QUEUED PENDING FULFILLED", else FULFILLED
	gone      map[string]int    // "j1" → from which result page on it answers 404
	submitted int
	polls     map[string]int
	deleted   []string
}

func (s *jobs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest := strings.Split(strings.TrimPrefix(r.URL.Path, jobsPath), "/")
	switch {
	case r.Method == http.MethodPost:
		s.submitted++
		w.WriteHeader(http.StatusAccepted)
		_, _ = fmt.Fprintf(w, `{"jobId":"j%d"}`, s.submitted)
	case r.Method == http.MethodDelete:
		s.deleted = append(s.deleted, rest[1])
		w.WriteHeader(http.StatusNoContent)
	case len(rest) == 2:
		s.poll(w, rest[1])
	default:
		s.results(w, r, rest[1])
	}
}

func (s *jobs) poll(w io.Writer, id string) {
	states := strings.Fields(s.states[id])
	if len(states) == 0 {
		states = []string{"FULFILLED"}
	}
	if s.polls == nil {
		s.polls = map[string]int{}
	}
	state := states[min(s.polls[id], len(states)-1)]
	s.polls[id]++
	_, _ = fmt.Fprintf(w, `{"state":%q,"errorMessage":"too much"}`, state)
}

func (s *jobs) results(w http.ResponseWriter, r *http.Request, id string) {
	page := 0
	if c := r.URL.Query().Get("cursor"); c != "" {
		_, _ = fmt.Sscanf(c, id+" %d", &page)
	}
	if from, ok := s.gone[id]; ok && page+1 >= from {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	cursor := ""
	if page < 2 {
		cursor = fmt.Sprintf(`,"cursor":"%s %d"`, id, page+1)
	}
	_, _ = fmt.Fprintf(w, `{"conversations":[{"of":%q},{"page":%d}]%s}`, id, page, cursor)
}

// results reads a job's pages, as "job:number" and a ! on the last.
func results(ctx context.Context, source *Source, from Cursor) (got []string, end error) {
	end = source.Read(ctx, from, func(page Page) error {
		_, of, _ := strings.Cut(string(page.Body), `"of":"`)
		of, _, _ = strings.Cut(of, `"`)
		mark := ""
		if page.Last {
			mark = "!"
		}
		got = append(got, fmt.Sprintf("%s:%d%s", of, page.Number, mark))
		return nil
	})
	return got, end
}

func TestAJobIsSubmittedPolledAndRead(t *testing.T) {
	whole := []string{"j1:1", "j1:2", "j1:3!"}
	again := []string{"j2:1", "j2:2", "j2:3!"}
	tests := []struct {
		name  string
		jobs  jobs
		from  Cursor
		want  []string
		took  time.Duration // 5 s before each poll of a job that was submitted
		fatal string
	}{
		{"done at the first poll", jobs{}, Cursor{}, whole, 5 * time.Second, ""},
		{"queued, pending, done", jobs{states: map[string]string{"j1": "QUEUED PENDING FULFILLED"}}, Cursor{}, whole, 15 * time.Second, ""},
		{"a state that nobody knows yet", jobs{states: map[string]string{"j1": "THINKING FULFILLED"}}, Cursor{}, whole, 10 * time.Second, ""},
		{"one that failed is submitted again", jobs{states: map[string]string{"j1": "FAILED"}}, Cursor{}, again, 10 * time.Second, ""},
		{"one that was cancelled is submitted again", jobs{states: map[string]string{"j1": "CANCELLED"}}, Cursor{}, again, 10 * time.Second, ""},
		{"a second one that fails is fatal", jobs{states: map[string]string{"j1": "FAILED", "j2": "FAILED"}}, Cursor{}, nil, 10 * time.Second, "POST " + jobsPath + " for " + someDay + ": the job j2 is FAILED: too much"},
		{"one that expired is submitted again", jobs{states: map[string]string{"j1": "QUEUED EXPIRED"}}, Cursor{}, again, 15 * time.Second, ""},
		{"gone before its first page", jobs{gone: map[string]int{"j1": 1}}, Cursor{}, again, 10 * time.Second, ""},
		{"gone in the middle: the interval starts over", jobs{gone: map[string]int{"j1": 3}}, Cursor{}, append([]string{"j1:1"}, again...), 10 * time.Second, ""},
		{"always gone is fatal", jobs{gone: map[string]int{"j1": 1, "j2": 1, "j3": 1, "j4": 1, "j5": 1, "j6": 1}}, Cursor{}, nil, 30 * time.Second, "the job j6 is lost: the interval was begun 6 times"},
		{"resumed in the middle, without waiting", jobs{}, Cursor{Page: 2, Token: "j7 1", Job: "j7"}, []string{"j7:2", "j7:3!"}, 0, ""},
		{"resumed after it expired", jobs{states: map[string]string{"j7": "EXPIRED"}}, Cursor{Page: 2, Token: "j7 1", Job: "j7"}, whole, 5 * time.Second, ""},
		{"resumed after somebody cancelled it", jobs{states: map[string]string{"j7": "CANCELLED"}}, Cursor{Page: 2, Token: "j7 1", Job: "j7"}, whole, 5 * time.Second, ""},
		{"resumed when it is gone", jobs{gone: map[string]int{"j7": 1}}, Cursor{Page: 3, Token: "j7 2", Job: "j7"}, whole, 5 * time.Second, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{}
				f.serve(&test.jobs)
				began := time.Now()
				got, err := results(t.Context(), f.client(t).Source(known(t, jobsPath), someDay, nil), test.from)
				assert.Equal(t, test.want, got)
				assert.Equal(t, test.took, time.Since(began))
				if test.fatal == "" {
					require.NoError(t, err)
					return
				}
				require.ErrorContains(t, err, test.fatal)
				assert.True(t, Fatal(err))
			})
		})
	}
}

func TestWhatAJobIsAsked(t *testing.T) {
	tests := []struct {
		name, path string
		size       int
		body       string
		results    string // the query string of the first and the second page
		next       string
	}{
		{"details: pageSize belongs to the results", jobsPath, 500, `{"interval":"` + someDay + `"}`, "?pageSize=500", "?cursor=j1+1&pageSize=500"},
		{"aggregates: pageSize belongs to the query", "/api/v2/analytics/users/aggregates/jobs", 500, `{"interval":"` + someDay + `","timeZone":"UTC","pageSize":500}`, "", "?cursor=j1+1"},
		{"unknown: pageSize is left to the service", "/api/v2/analytics/new/jobs", 0, `{"interval":"` + someDay + `"}`, "", "?cursor=j1+1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, service := &fake{}, &jobs{}
				f.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					r.URL.Path = strings.Replace(r.URL.Path, test.path, jobsPath, 1)
					service.ServeHTTP(w, r)
				}))
				e, ok := KnownEndpoint(test.path)
				if !ok {
					e = Endpoint{Path: test.path, Method: http.MethodPost, Paging: PagingJob, Interval: InBody}
				}
				q := &Query{Endpoint: e, TimeZone: "UTC", PageSize: test.size}
				_, err := first(t.Context(), f.client(t), q)
				require.NoError(t, err)
				assert.JSONEq(t, test.body, f.bodies[1])
				seen := f.requests()[1:]
				assert.Equal(t, []string{
					"POST api.test " + test.path,
					"GET api.test " + test.path + "/j1",
					"GET api.test " + test.path + "/j1/results" + test.results,
					"GET api.test " + test.path + "/j1/results" + test.next,
				}, seen[:4])
			})
		})
	}
}

func TestAFaultLosesNoJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, n, service := &fake{}, 0, &jobs{states: map[string]string{"j1": "QUEUED FULFILLED"}}
		f.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n++; n%2 == 1 {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			service.ServeHTTP(w, r)
		}))
		all, err := results(t.Context(), f.client(t).Source(known(t, jobsPath), someDay, again), Cursor{})
		require.NoError(t, err)
		assert.Equal(t, []string{"j1:1", "j1:2", "j1:3!"}, all)
		assert.Equal(t, 1, service.submitted)
	})
}

func TestThePauseBetweenPollsEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.serve(&jobs{states: map[string]string{"j1": "PENDING"}})
		c := f.client(t, func(c *Config) { c.PollPause = time.Hour })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := first(ctx, c, known(t, jobsPath))
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestAJobThatNobodyWillReadIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, service := &fake{}, &jobs{}
		f.serve(service)
		c := f.client(t)
		pages := c.Source(known(t, jobsPath), someDay, nil)
		require.NoError(t, pages.Abandon(t.Context()))
		assert.Empty(t, service.deleted, "nothing was submitted")
		require.ErrorIs(t, pages.Read(t.Context(), Cursor{}, func(Page) error { return errEnough }), errEnough)
		require.NoError(t, pages.Abandon(t.Context()))
		assert.Equal(t, []string{"j1"}, service.deleted)

		read := c.Source(known(t, jobsPath), someDay, nil)
		_, err := results(t.Context(), read, Cursor{})
		require.NoError(t, err)
		require.NoError(t, read.Abandon(t.Context()))
		assert.Equal(t, []string{"j1"}, service.deleted, "a job that was read to its end is left alone")
	})
}

func TestAJobWithoutAnIdIsNoJob(t *testing.T) {
	for _, body := range []string{`{}`, `{"jobId":""}`, `{"jobId":".."}`, `{"jobId":{}}`} {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{api: answer(http.StatusAccepted, body)}
			_, err := first(t.Context(), f.client(t), known(t, jobsPath))
			require.ErrorIs(t, err, errNoContinuation)
			assert.True(t, Fatal(err))
		})
	}
}

func TestTheWatermarkIsAskedForOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{api: func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(time.Second)
			_, _ = fmt.Fprintf(w, `{"dataAvailabilityDate":%q}`, time.Now().Add(-time.Hour).UTC().Format("2006-01-02T15:04:05.000Z"))
		}}
		c, q, began := f.client(t), known(t, jobsPath), time.Now()
		ask := func() {
			until, err := c.Available(t.Context(), q)
			assert.NoError(t, err)
			assert.Equal(t, began.Add(time.Second-time.Hour), until.Local())
		}
		done := make(chan struct{})
		for range 8 {
			go func() { ask(); done <- struct{}{} }()
		}
		for range 8 {
			<-done
		}
		time.Sleep(WatermarkAge - time.Nanosecond)
		ask()
		assert.Equal(t, []string{"GET api.test " + jobsPath + "/availability"}, f.requests()[1:])
		time.Sleep(time.Nanosecond)
		_, err := c.Available(t.Context(), q)
		require.NoError(t, err)
		assert.Len(t, f.requests(), 3)
	})
}
