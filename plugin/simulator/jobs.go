// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// jobStatus is AsyncQueryStatus of the public API description.
type jobStatus struct {
	State          string `json:"state"`
	ErrorMessage   string `json:"errorMessage,omitempty"`
	ExpirationDate string `json:"expirationDate,omitempty"`
	SubmissionDate string `json:"submissionDate"`
	CompletionDate string `json:"completionDate,omitempty"`
}

// jobRoutes are the four operations of a family of jobs under base.
func (s *Simulator) jobRoutes(base string, permissions []string, r *rule, plan func(*call) (*job, *apiError)) []route {
	family := base + "/jobs"
	return []route{
		{"POST", family, permissions, r, s.submitJob(plan)},
		{"GET", family + "/{id}", permissions, nil, s.pollJob(family)},
		{"DELETE", family + "/{id}", permissions, nil, s.cancelJob(family)},
		{"GET", family + "/{id}/results", permissions, nil, s.jobResults(family)},
	}
}

func (s *Simulator) submitJob(plan func(*call) (*job, *apiError)) func(*call) (reply, *apiError) {
	return func(c *call) (reply, *apiError) {
		j, err := plan(c)
		if err != nil {
			return reply{}, err
		}
		j.family, j.query, j.submitted = c.path, c.fingerprint(), c.now
		s.mu.Lock()
		defer s.mu.Unlock()
		s.submitted++
		j.number = s.submitted
		id := uuid(mix(s.cfg.Seed, kindJob, uint64(s.submitted)))
		s.jobs[id] = j
		return reply{status: http.StatusAccepted, body: map[string]string{"jobId": id}}, nil
	}
}

// lookup is for callers that hold the mutex.
func (s *Simulator) lookup(c *call, family string) (*job, *apiError) {
	j, ok := s.jobs[c.id]
	if ok && c.now.Sub(j.submitted) > jobLife {
		delete(s.jobs, c.id)
		ok = false
	}
	if !ok || j.family != family {
		return nil, notFound("job " + c.id)
	}
	return j, nil
}

func (s *Simulator) pollJob(family string) func(*call) (reply, *apiError) {
	return func(c *call) (reply, *apiError) {
		s.mu.Lock()
		defer s.mu.Unlock()
		j, err := s.lookup(c, family)
		if err != nil {
			return reply{}, err
		}
		j.polls++
		st := s.status(j)
		code := http.StatusOK
		if st.State == "QUEUED" || st.State == "PENDING" {
			code = http.StatusAccepted
		}
		return reply{status: code, body: st}, nil
	}
}

// state advances with the polls, so that a test needs no clock for it.
func (s *Simulator) state(j *job) string {
	running := s.cfg.JobPolls > 0 && j.polls <= s.cfg.JobPolls
	switch {
	case j.cancelled:
		return "CANCELLED"
	case running && j.polls <= 1:
		return "QUEUED"
	case running:
		return "PENDING"
	case j.number <= s.cfg.FailJobs:
		return "FAILED"
	case s.expired(j):
		return "EXPIRED"
	}
	return "FULFILLED"
}

func (s *Simulator) expired(j *job) bool {
	after := s.cfg.ExpireJobsAfter
	subject := s.cfg.ExpireJobs < 0 || j.number <= s.cfg.ExpireJobs+s.cfg.FailJobs
	return after > 0 && subject && j.served >= after
}

func (s *Simulator) status(j *job) jobStatus {
	st := jobStatus{State: s.state(j), SubmissionDate: stamp(j.submitted.UnixMilli())}
	switch st.State {
	case "FAILED":
		st.ErrorMessage = "The query could not be completed"
	case "FULFILLED":
		st.CompletionDate = st.SubmissionDate
		st.ExpirationDate = stamp(j.submitted.Add(jobLife).UnixMilli())
	}
	return st
}

func (s *Simulator) cancelJob(family string) func(*call) (reply, *apiError) {
	return func(c *call) (reply, *apiError) {
		s.mu.Lock()
		defer s.mu.Unlock()
		j, err := s.lookup(c, family)
		if err != nil {
			return reply{}, err
		}
		j.cancelled = true
		return reply{status: http.StatusNoContent}, nil
	}
}

func (s *Simulator) jobResults(family string) func(*call) (reply, *apiError) {
	return func(c *call) (reply, *apiError) {
		j, from, size, err := s.take(c, family)
		if err != nil {
			return reply{}, err
		}
		to := min(from+size, j.total)
		cursor := ""
		if to < j.total {
			cursor = spellCursor(c.id, to)
		}
		return reply{
			body:    j.results(from, to).withCursor(cursor),
			page:    fmt.Sprintf("POST %s %s page %d", family, j.over, from/size+1),
			query:   j.query,
			job:     true,
			records: to - from,
		}, nil
	}
}

// take finds the job whose page is asked for, and counts the page against it.
func (s *Simulator) take(c *call, family string) (j *job, from, size int, err *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j, err = s.lookup(c, family); err != nil {
		return nil, 0, 0, err
	}
	switch state := s.state(j); state {
	case "FULFILLED":
	case "EXPIRED":
		return nil, 0, 0, notFound("the results of job " + c.id + " expired")
	default:
		return nil, 0, 0, badRequest("The results of job %s are not available: its state is %s", c.id, state)
	}
	if from, size, err = j.window(c); err == nil {
		j.served++
	}
	return j, from, size, err
}

// window is the page that the query string asks for.
func (j *job) window(c *call) (from, size int, err *apiError) {
	if size, err = j.size(c); err != nil {
		return 0, 0, err
	}
	cursor := c.query.Get("cursor")
	if cursor == "" {
		return 0, size, nil
	}
	from, ok := readCursor(c.id, cursor)
	if !ok || from > j.total {
		return 0, 0, badRequest("The cursor is not valid: %s", cursor)
	}
	return from, size, nil
}

func (j *job) size(c *call) (int, *apiError) {
	if j.pageSize > 0 {
		if c.query.Has("pageSize") {
			return 0, badRequest("The results of this query have no pageSize: it belongs to the submission")
		}
		return j.pageSize, nil
	}
	size, err := c.queryInt("pageSize", defaultJobPage)
	if err != nil {
		return 0, err
	}
	size, _, err = c.checkPaging(size, 1, maxJobPage)
	return size, err
}

// cursorMark makes every cursor one that must be escaped in a query string.
const cursorMark = "+/="

func spellCursor(id string, from int) string {
	return base64.StdEncoding.EncodeToString([]byte(id+":"+strconv.Itoa(from))) + cursorMark
}

func readCursor(id, cursor string) (int, bool) {
	text, marked := strings.CutSuffix(cursor, cursorMark)
	raw, err := base64.StdEncoding.DecodeString(text)
	of, n, _ := strings.Cut(string(raw), ":")
	from, nerr := strconv.Atoi(n)
	return from, marked && err == nil && nerr == nil && of == id && from > 0
}

// availability is DataAvailabilityResponse: the watermark that the details jobs
// read up to.
func (s *Simulator) availability(c *call) (reply, *apiError) {
	return reply{body: map[string]string{"dataAvailabilityDate": stamp(s.watermark(c.now))}}, nil
}

func (s *Simulator) watermark(now time.Time) int64 {
	return now.Add(-s.cfg.AvailabilityLag).UnixMilli()
}
