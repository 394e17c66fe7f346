// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// job is the asynchronous query of one interval.
type job struct {
	client   *Client
	query    *Query
	interval string

	id     string // empty: not submitted
	ready  bool   // its state was FULFILLED
	polled bool   // since the last pause: PollPause has to pass before the next poll
	failed int    // jobs of the interval that ended without results
	lost   int    // jobs of the interval that were gone before all results were read
}

// maxLost bounds how often one interval starts over. Results are kept for many
// hours: an interval that loses that many jobs would never be read to its end.
const maxLost = 5

// fetch gets a page of the job's results, and first the job. After an error it
// goes on where it was.
func (j *job) fetch(ctx context.Context, at Cursor) (*fetchedPage, error) {
	for !j.ready {
		if err := j.advance(ctx); err != nil {
			return nil, err
		}
	}
	at.Job = j.id
	page, err := j.client.page(ctx, j.query, j.query.results(j.id, j.interval, at), at)
	return page, lostIf(err)
}

// advance takes the job one step further: it is submitted, or polled.
func (j *job) advance(ctx context.Context) error {
	switch {
	case j.id == "":
		return j.submit(ctx)
	case j.polled:
		if err := wait(ctx, j.client.config.PollPause); err != nil {
			return err
		}
		j.polled = false
	}
	return j.poll(ctx)
}

func (j *job) submit(ctx context.Context) error {
	r, err := j.query.request(j.interval, Cursor{})
	if err != nil {
		return err
	}
	answer, err := j.client.ask(ctx, r, WholeDocument)
	if err != nil {
		return err
	}
	if err := answer.readable("jobId"); err != nil || !IsSegment(answer.jobID) {
		return fmt.Errorf("%s %s%s: jobId %s: %w", r.method, r.path, forInterval(r.interval), answer.redactor.quote(answer.jobID), errNoContinuation)
	}
	j.id, j.polled = answer.jobID, true // no job is done at once
	return nil
}

// poll reads the job's state. One that is not known is taken for one that is
// still running; none at all is no answer about a job.
func (j *job) poll(ctx context.Context) error {
	r := j.query.ofJob(http.MethodGet, j.id, j.interval)
	answer, err := j.client.ask(ctx, r, WholeDocument)
	if err != nil {
		return lostIf(err)
	}
	switch answer.state {
	case "FULFILLED":
		j.ready = true
	case "EXPIRED":
		return fmt.Errorf("the job %s is EXPIRED: %w", j.id, errJobLost)
	case "FAILED", "CANCELLED":
		if j.failed++; j.failed > 1 {
			return &JobError{j.query.Endpoint.Path, j.interval, j.id, answer.state, answer.redactor.text(answer.errorMessage)}
		}
		j.forget() // once more
		return errJobLost
	case "":
		return fmt.Errorf("%s %s%s: the job's state is missing: %w", r.method, r.path, forInterval(r.interval), errNoJSON)
	default:
		j.polled = true
	}
	return nil
}

// startOver forgets a job that is lost. The interval starts anew with another
// one, whose pages have the same numbers and so take the place of those that were
// emitted.
func (j *job) startOver(why error) error {
	if j.id != "" { // it did not fail
		if j.lost++; j.lost > maxLost {
			return &JobError{j.query.Endpoint.Path, j.interval, j.id, "lost", fmt.Sprintf("the interval was begun %d times: %v", j.lost, why)}
		}
	}
	j.forget()
	return nil
}

func (j *job) forget() { j.id, j.ready, j.polled = "", false, false }

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
