// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// Retry runs one step of a reading, and runs it again after what may pass. A
// step is a page with all that it takes: a job is submitted and polled in the
// step of its first page, and keeps what it has come to when it is run again.
type Retry func(ctx context.Context, step func(context.Context) error) error

// once is the Retry of who has none.
func once(ctx context.Context, step func(context.Context) error) error { return step(ctx) }

// Source has the pages of one interval. It is for one goroutine.
type Source struct {
	client   *Client
	query    *Query
	interval string
	retry    Retry
	job      job
	read     bool // to the end
}

// Source returns that of an interval, written as Genesys has it (ISO 8601,
// start/end). A nil retry runs each step once.
func (c *Client) Source(query *Query, interval string, retry Retry) *Source {
	if retry == nil {
		retry = once
	}
	return &Source{client: c, query: query, interval: interval, retry: retry, job: job{client: c, query: query, interval: interval}}
}

const (
	// maxPages is a bound that no interval can reach: the service pages no deeper
	// than 100,000 records, and a job of that many pages would have a billion.
	maxPages = 1_000_000
	// maxEmptyPages bounds the pages without records that lead to another one.
	maxEmptyPages = 1000
)

// Read emits the interval's pages from a cursor on, in order. It returns nil only
// when the last of them has been emitted; whatever else happens is an error, one
// that emit returns included.
//
// A page leaves only once it is known whether another follows, so that Last is
// true of the right one. A page without records is emitted only where it is the
// only one: that an interval is empty is worth knowing. The pages of a job that
// is lost are emitted again, under the same numbers, and so are those of an
// interval that cannot be taken up where it was left.
func (s *Source) Read(ctx context.Context, from Cursor, emit func(Page) error) error {
	s.job.id, s.read = from.Job, false
	p, _ := ctx.Value(placeKey{}).(*place)
	for {
		r := &reading{Source: s, history: newHistory(from), resumed: !from.IsZero()}
		err := r.pages(ctx, from, emit)
		p.releaseAll()
		switch {
		case errors.Is(err, errJobLost):
			if err := s.job.startOver(err); err != nil {
				return err
			}
		case errors.Is(err, errMoved), Doubtful(err) && r.resumed && s.job.id == "":
			s.job.forget()
		default:
			s.read = err == nil
			return err
		}
		from = Cursor{}
	}
}

// reading is one pass over an interval's pages.
type reading struct {
	*Source
	history
	resumed bool         // and nothing was read since
	first   *fetchedPage // the interval's first page, if it is empty
}

func (r *reading) pages(ctx context.Context, from Cursor, emit func(Page) error) error {
	current, err := r.find(ctx, from)
	switch {
	case err != nil:
		return err
	case current == nil && r.first == nil:
		return errMoved
	case current == nil:
		r.first.Last = true
		return emit(r.first.Page)
	}
	if err := r.probe(ctx, current); err != nil {
		return err
	}
	for {
		next, err := r.after(ctx, current)
		if err != nil {
			return parting(ctx, current, emit, err)
		}
		if next != nil {
			current.Next = next.at // past those that are empty
		}
		current.Last = next == nil
		if err := emit(current.Page); err != nil || next == nil {
			return err
		}
		current.emitted()
		current = next
	}
}

// parting lets the last page go that was fetched before an error ended the
// reading: it is delivered all the same, and not fetched again. It must not leave
// where the interval starts over, in whole or in halves, nor where the page after
// it makes no sense: then this one may have led astray, and is fetched again.
func parting(ctx context.Context, current *fetchedPage, emit func(Page) error, err error) error {
	var oversized *OversizedError
	if ctx.Err() != nil || Lost(err) || Doubtful(err) || errors.As(err, &oversized) {
		return err
	}
	if emitErr := emit(current.Page); emitErr != nil {
		return emitErr
	}
	return err
}

// after returns the page with records that follows another one, nil where none
// does.
func (r *reading) after(ctx context.Context, current *fetchedPage) (*fetchedPage, error) {
	if current.final {
		return nil, nil //nolint:nilnil // none
	}
	return r.find(ctx, current.Next)
}

// find returns the first page with records from a cursor on, nil where there is
// none.
func (r *reading) find(ctx context.Context, at Cursor) (*fetchedPage, error) {
	for range maxEmptyPages {
		page, err := r.fetch(ctx, at)
		if err != nil {
			return nil, err
		}
		switch {
		case !page.empty():
			return page, nil
		case at.IsZero():
			r.first = page
		default:
			page.response.release()
		}
		if page.final {
			return nil, nil //nolint:nilnil // none
		}
		at = page.Next
	}
	return nil, r.named(fmt.Errorf("%d pages in a row have no records and lead to another: %w", maxEmptyPages, errNoContinuation))
}

// fetch gets the page at a cursor, as often as it takes.
func (r *reading) fetch(ctx context.Context, at Cursor) (page *fetchedPage, err error) {
	if r.count >= maxPages {
		return nil, r.named(fmt.Errorf("more than %d pages: %w", maxPages, errNoContinuation))
	}
	err = r.retry(ctx, func(ctx context.Context) error {
		if page, err = r.get(ctx, at); err != nil {
			return r.movedIf(err)
		}
		if err := r.judge(r.query, page); err != nil {
			page.response.release()
			return r.named(err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.accept(page)
	r.resumed = false
	return page, nil
}

// get sends what one page takes.
func (r *reading) get(ctx context.Context, at Cursor) (*fetchedPage, error) {
	if r.query.Endpoint.Paging == PagingJob {
		return r.job.fetch(ctx, at)
	}
	req, err := r.query.request(r.interval, at)
	if err != nil {
		return nil, err
	}
	return r.client.page(ctx, r.query, req, at)
}

// movedIf sorts out the refusal of a token that an earlier process was handed:
// tokens are forgotten some day, and the interval is still there.
func (r *reading) movedIf(err error) error {
	var api *Error
	if !r.resumed || !r.query.Endpoint.Paging.row().token || !errors.As(err, &api) {
		return err
	}
	switch api.Status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusGone:
		return fmt.Errorf("%w: %w", errMoved, err)
	}
	return err
}

func (r *reading) named(err error) error {
	return fmt.Errorf("%s %s%s: %w", r.query.Endpoint.Method, r.query.Endpoint.Path, forInterval(r.interval), err)
}

// manyPages is from how many pages on it is worth a request to know beforehand
// that the last of them is served.
const manyPages = 50

// probe asks for the page that the interval will end with before its first one
// leaves. If it lies too deep for the service, the interval has to be split, and
// each of its records must leave only once.
func (r *reading) probe(ctx context.Context, first *fetchedPage) error {
	if !first.at.IsZero() || !r.query.depthLimited() || first.Total == nil {
		return nil
	}
	deepest := *first.Total/int64(r.query.PageSize) + 1
	if deepest <= manyPages {
		return nil
	}
	return r.retry(ctx, func(ctx context.Context) error {
		page, err := r.get(ctx, Cursor{Page: int(deepest)})
		if err == nil {
			page.response.release()
		}
		return err
	})
}

// Abandon cancels the job that has the pages, where one is not read to its end:
// what nobody will read need not run.
func (s *Source) Abandon(ctx context.Context) error {
	if s.job.id == "" || s.read {
		return nil
	}
	res, err := s.client.do(ctx, s.query.ofJob(http.MethodDelete, s.job.id, s.interval))
	if err == nil {
		res.release()
	}
	return err
}
