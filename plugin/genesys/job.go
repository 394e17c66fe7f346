// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// job is an interval's asynchronous query, as far as it has come.
type job struct {
	id     string // empty: not submitted
	ready  bool   // it was FULFILLED
	polled bool   // lately, so that the next poll is to wait
	failed int    // how many ended without results
	lost   int    // how many were gone before all results were read
}

// maxLost bounds how often one interval starts over. Results are kept for many
// hours: an interval that loses that many jobs would never be read to its end.
const maxLost = 5

// errJobLost says that a job's results are not to be had, and that its interval
// starts over with another one: its results come in another order.
var errJobLost = errors.New("the job has no results any more")

// JobError says that a job came to nothing.
type JobError struct {
	Path, Interval string
	Job, State     string
	Message        string // the service's own
}

func (e *JobError) Error() string {
	text := fmt.Sprintf("POST %s%s: the job %s is %s", e.Path, forInterval(e.Interval), e.Job, e.State)
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// result asks for a page of the job's results, and first for the job.
func (p *Pages) result(ctx context.Context, at Cursor) (*sheet, error) {
	for !p.job.ready {
		if err := p.advance(ctx); err != nil {
			return nil, err
		}
	}
	s, err := p.client.page(ctx, p.query, p.query.results(p.job.id, p.interval, at), at)
	if err != nil {
		return nil, lostIf(err)
	}
	s.Next.Job = p.job.id
	return s, nil
}

// advance takes a job one step on its way: it is submitted, or asked after.
func (p *Pages) advance(ctx context.Context) error {
	switch {
	case p.job.id == "":
		return p.submit(ctx)
	case p.job.polled:
		if err := wait(ctx, p.client.config.PollPause); err != nil {
			return err
		}
		p.job.polled = false
	}
	return p.poll(ctx)
}

func (p *Pages) submit(ctx context.Context) error {
	r, err := p.query.request(p.interval, Cursor{})
	if err != nil {
		return err
	}
	_, g, err := p.client.ask(ctx, r, "")
	if err != nil {
		return err
	}
	if g.jobID == "" || strings.Trim(g.jobID, ".") == "" {
		return fmt.Errorf("%s %s%s: jobId %q: %w", r.method, r.path, forInterval(r.interval), g.jobID, errUnclear)
	}
	p.job.id, p.job.polled = g.jobID, true // no job is done at once
	return nil
}

// poll reads the job's state. One that is not known is taken for one on the way.
func (p *Pages) poll(ctx context.Context) error {
	_, g, err := p.client.ask(ctx, p.query.ofJob(http.MethodGet, p.job.id, p.interval), "")
	if err != nil {
		return lostIf(err)
	}
	switch g.state {
	case "FULFILLED":
		p.job.ready = true
	case "EXPIRED":
		return fmt.Errorf("the job %s is EXPIRED: %w", p.job.id, errJobLost)
	case "FAILED", "CANCELLED":
		if p.job.failed++; p.job.failed > 1 {
			return &JobError{p.query.Endpoint.Path, p.interval, p.job.id, g.state, g.errorMessage}
		}
		p.forget() // once more
		return errJobLost
	default:
		p.job.polled = true
	}
	return nil
}

// startOver begins the interval anew, with another job. Its pages have the same
// numbers and so take the place of those that were given.
func (p *Pages) startOver(why error) error {
	if p.job.id != "" { // it did not fail
		if p.job.lost++; p.job.lost > maxLost {
			return &JobError{p.query.Endpoint.Path, p.interval, p.job.id, "lost", fmt.Sprintf("the interval was begun %d times: %v", p.job.lost, why)}
		}
	}
	p.forget()
	p.at, p.ahead, p.blank = Cursor{}, nil, nil
	return nil
}

func (p *Pages) forget() { p.job.id, p.job.ready, p.job.polled = "", false, false }

// Abandon cancels the job that these pages are of, where one is not read to its
// end: what nobody will read need not run.
func (p *Pages) Abandon(ctx context.Context) error {
	if p.job.id == "" || p.done {
		return nil
	}
	_, err := p.client.do(ctx, p.query.ofJob(http.MethodDelete, p.job.id, p.interval))
	return err
}

// ofJob is a request about a job.
func (q *Query) ofJob(method, id, interval string) request {
	return request{method: method, path: q.Endpoint.Path + "/" + url.PathEscape(id), query: url.Values{}, interval: interval}
}

func (q *Query) results(id, interval string, at Cursor) request {
	r, size := q.ofJob(http.MethodGet, id, interval), q.PageSize
	if q.Endpoint.Submitted {
		size = 0
	}
	r.path += "/results"
	setPage(r.query, size, string(PagingCursor), at.Token)
	return r
}

// lostIf tells a job that is gone from other errors.
func lostIf(err error) error {
	var api *Error
	if errors.As(err, &api) && (api.Status == http.StatusNotFound || api.Status == http.StatusGone) {
		return fmt.Errorf("%w: %w", errJobLost, err)
	}
	return err
}

// wait lets time pass; an error when the context ends first.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
