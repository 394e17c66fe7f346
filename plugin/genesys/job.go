// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"fmt"
	"net/http"

	"connect-genesys.example/connect-genesys/plugin/quota"
)

// job is the asynchronous query of one interval. Its methods may be called again after an
// error, and continue where they were.
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

// maxLost is how many jobs an interval may lose. The service keeps results for many hours,
// so an interval that loses more would never be read to its end.
const maxLost = 5

// fetch returns the page of the job's results at a cursor. It submits the job first, and
// waits until it is ready.
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

// advance submits the job or, once that is done, polls it.
func (j *job) advance(ctx context.Context) error {
	switch {
	case j.id == "":
		return j.submit(ctx)
	case j.polled:
		if err := quota.Sleep(ctx, j.client.config.PollPause); err != nil {
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
	// The id is in the paths that errors name, and in checkpoints, so no secret may be in it.
	clean := IsSegment(answer.jobID) && answer.redactor.Redact(answer.jobID) == answer.jobID
	if err := answer.readable("jobId"); err != nil || !clean {
		return r.failed(fmt.Errorf("jobId %s: %w", answer.redactor.quote(answer.jobID), errNoContinuation))
	}
	j.id, j.polled = answer.jobID, true // no job is done at once
	return nil
}

// poll requests the job's state. A state that is not known is taken for one of a job that
// is still running. A response without a state is an error.
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
			return j.failure(answer.state, answer.redactor.text(answer.errorMessage))
		}
		j.forget() // and submit another
		return errJobLost
	case "":
		return r.failed(fmt.Errorf("the job's state is missing: %w", errNoJSON))
	default:
		j.polled = true
	}
	return nil
}

// startOver forgets a job that is lost, unless too many were. The interval starts over
// with another job, whose pages have the same numbers and so replace those that were
// emitted.
func (j *job) startOver(why error) error {
	if j.id != "" { // it was lost, and did not fail
		if j.lost++; j.lost > maxLost {
			return j.failure("lost", fmt.Sprintf("the interval was begun %d times: %v", j.lost, why))
		}
	}
	j.forget()
	return nil
}

func (j *job) forget() { j.id, j.ready, j.polled = "", false, false }

func (j *job) failure(state, message string) error {
	return &JobError{j.query.Endpoint.Path, j.interval, j.id, state, message}
}

// lostIf makes the status of a job that does not exist errJobLost.
func lostIf(err error) error {
	if status := statusOf(err); status == http.StatusNotFound || status == http.StatusGone {
		return fmt.Errorf("%w: %w", errJobLost, err)
	}
	return err
}
