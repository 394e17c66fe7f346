// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// Retry runs a step of reading an interval, again and again until it succeeds or retrying
// cannot help. A step fetches one page with all that this takes. That of a job's first
// page submits and polls the job, and continues with it when it is run again.
type Retry func(ctx context.Context, step func(context.Context) error) error

// Source has the pages of one interval. It is for one goroutine.
type Source struct {
	client   *Client
	query    *Query
	interval string
	retry    Retry
	job      job
	read     bool // to the end
}

// Source returns the source of an interval, given as Genesys writes it (ISO 8601,
// start/end). A nil retry runs each step once.
func (c *Client) Source(query *Query, interval string, retry Retry) *Source {
	if retry == nil {
		retry = func(ctx context.Context, step func(context.Context) error) error { return step(ctx) }
	}
	return &Source{client: c, query: query, interval: interval, retry: retry, job: job{client: c, query: query, interval: interval}}
}

const (
	// maxPages is more pages than any interval has: a query pages through 100,000 records
	// at most, and a job of so many pages would have a billion.
	maxPages = 1_000_000
	// maxEmptyPages is how many pages in a row may have no records and yet lead to another.
	maxEmptyPages = 1000
)

// Read emits the interval's pages from a cursor on, in order. It returns nil only when the
// last of them has been emitted. Whatever else happens is an error, which includes those
// that emit returns.
//
// A page is emitted once it is known whether another follows, so that Last is right. A
// page without records is emitted only if it is the interval's only one. Where a job is
// lost, or the page at the cursor is gone, the interval starts over, and its pages are
// emitted again under the same numbers.
func (s *Source) Read(ctx context.Context, from Cursor, emit func(Page) error) error {
	s.job.id, s.read = from.Job, false
	p, _ := ctx.Value(placeKey{}).(*place)
	for {
		pass := &pass{Source: s, history: newHistory(from), resumed: !from.IsZero()}
		err := pass.pages(ctx, from, emit)
		p.releaseAll()
		switch {
		case errors.Is(err, errJobLost):
			if err := s.job.startOver(err); err != nil {
				return err
			}
		case errors.Is(err, errMoved), Doubtful(err) && pass.resumed && s.job.id == "":
			s.job.forget()
		default:
			s.read = err == nil
			return err
		}
		from = Cursor{}
	}
}

// pass is one pass over an interval's pages, from a cursor to the end.
type pass struct {
	*Source
	history
	resumed bool         // it starts inside the interval, and no page was fetched yet
	first   *fetchedPage // the interval's first page, if it is empty
}

func (p *pass) pages(ctx context.Context, from Cursor, emit func(Page) error) error {
	current, err := p.find(ctx, from)
	switch {
	case err != nil:
		return err
	case current == nil && p.first == nil:
		return errMoved
	case current == nil:
		p.first.Last = true
		return emit(p.first.Page)
	}
	if err := p.probe(ctx, current); err != nil {
		return err
	}
	for {
		next, err := p.after(ctx, current)
		if err != nil {
			return emitBefore(ctx, err, current, emit)
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

// emitBefore emits the page that was fetched before the error that ends a pass, so that
// it need not be fetched again. It does not where the interval starts over, whole or
// split, nor where the page after it made no sense: then this one may be wrong too.
func emitBefore(ctx context.Context, err error, current *fetchedPage, emit func(Page) error) error {
	if ctx.Err() != nil || Lost(err) || Doubtful(err) || is[*OversizedError](err) {
		return err
	}
	return cmp.Or(emit(current.Page), err)
}

// after returns the next page with records after another one, nil if there is none.
func (p *pass) after(ctx context.Context, current *fetchedPage) (*fetchedPage, error) {
	if current.final {
		return nil, nil //nolint:nilnil // none
	}
	return p.find(ctx, current.Next)
}

// find returns the first page with records from a cursor on, nil if there is none.
func (p *pass) find(ctx context.Context, at Cursor) (*fetchedPage, error) {
	for range maxEmptyPages {
		page, err := p.fetch(ctx, at)
		if err != nil {
			return nil, err
		}
		switch {
		case !page.empty():
			return page, nil
		case at.IsZero():
			p.first = page
		default:
			page.response.release()
		}
		if page.final {
			return nil, nil //nolint:nilnil // none
		}
		at = page.Next
	}
	return nil, p.failed(fmt.Errorf("%d pages in a row have no records and lead to another: %w", maxEmptyPages, errNoContinuation))
}

// fetch returns the page at a cursor, with retries.
func (p *pass) fetch(ctx context.Context, at Cursor) (page *fetchedPage, err error) {
	if p.count >= maxPages {
		return nil, p.failed(fmt.Errorf("more than %d pages: %w", maxPages, errNoContinuation))
	}
	err = p.retry(ctx, func(ctx context.Context) error {
		if page, err = p.get(ctx, at); err != nil {
			return p.movedIf(err)
		}
		if err := p.judge(p.query, page); err != nil {
			page.response.release()
			return p.failed(err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	p.accept(page)
	p.resumed = false
	return page, nil
}

// get fetches the page at a cursor once.
func (p *pass) get(ctx context.Context, at Cursor) (*fetchedPage, error) {
	if p.query.Endpoint.Paging == PagingJob {
		return p.job.fetch(ctx, at)
	}
	req, err := p.query.request(p.interval, at)
	if err != nil {
		return nil, err
	}
	return p.client.page(ctx, p.query, req, at)
}

// movedIf makes the refusal of a token from a checkpoint errMoved: the service forgets
// tokens after a while, and the interval's pages are still there.
func (p *pass) movedIf(err error) error {
	refused := []int{http.StatusBadRequest, http.StatusNotFound, http.StatusGone}
	if p.resumed && p.query.Endpoint.Paging.row().token && slices.Contains(refused, statusOf(err)) {
		return fmt.Errorf("%w: %w", errMoved, err)
	}
	return err
}

// failed returns err with the name of the query.
func (p *pass) failed(err error) error {
	return request{method: p.query.Endpoint.Method, path: p.query.Endpoint.Path, interval: p.interval}.failed(err)
}

// manyPages is the number of pages above which probe is worth a request.
const manyPages = 50

// probe requests the last page of an interval before its first is emitted. If it lies too
// deep for the service the interval is split, and a page that had been emitted by then
// would be delivered a second time as a part of a half.
func (p *pass) probe(ctx context.Context, first *fetchedPage) error {
	if !first.at.IsZero() || !p.query.depthLimited() || first.Total == nil {
		return nil
	}
	deepest := *first.Total/int64(p.query.PageSize) + 1
	if deepest <= manyPages {
		return nil
	}
	return p.retry(ctx, func(ctx context.Context) error {
		page, err := p.get(ctx, Cursor{Page: int(deepest)})
		if err == nil {
			page.response.release()
		}
		return err
	})
}

// Abandon cancels the interval's job, unless all of its results have been read.
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
