// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"cmp"
	"fmt"
	"iter"
	"net/url"
	"strconv"
)

// paging is a kind of paging: how a request names its page, and what the response says
// about the page after it.
type paging struct {
	kind Paging
	// about describes it in a sentence, for the reference.
	about string
	// put sets the page of a cursor in the body or the query string.
	put func(q *Query, at Cursor, body map[string]any, query url.Values)
	// next returns the cursor of the page after page, and whether page is the last.
	// A page that contradicts itself, or those before it, is an error.
	next func(h *history, q *Query, page *fetchedPage) (next Cursor, final bool, err error)
	// token: the service names the next page by a token.
	token bool
	// numbered: pages have numbers, which count in a size that has to be known.
	numbered bool
	// posted: the request has a body.
	posted bool
	// requests is how many requests an answer takes at least; 0 stands for 1.
	requests int
}

// pagings are the kinds, the simple ones first. A new one is a row here, and a test:
// the field's options, its checks and what a preview counts follow from it.
var pagings = []paging{
	{kind: PagingNone, about: "One response has everything.", put: putNothing, next: onlyPage},
	{kind: PagingBody, about: "`paging: {pageSize, pageNumber}` in the body.", put: putInBody, next: numbered, numbered: true, posted: true},
	{kind: PagingQuery, about: "`pageSize` and `pageNumber` in the query string.", put: putInQuery, next: numbered, numbered: true},
	{kind: PagingCursor, about: "`cursor` in the query string, from the page before.", put: putToken("cursor"), next: tokened, token: true},
	{kind: PagingAfter, about: "`after` in the query string, from the page before or its `nextUri`.", put: putToken("after"), next: tokened, token: true},
	{kind: PagingJob, about: "The query is submitted to the endpoint and polled; its results go by `cursor`.", put: putOnSubmit, next: tokened, token: true, posted: true, requests: 3},
}

// row returns the row of a kind, and that of PagingNone for an unknown one.
func (p Paging) row() paging {
	for _, row := range pagings {
		if row.kind == p {
			return row
		}
	}
	return pagings[0]
}

// Pagings returns the kinds, with a sentence about each.
func Pagings() iter.Seq2[Paging, string] {
	return func(yield func(Paging, string) bool) {
		for _, row := range pagings {
			if !yield(row.kind, row.about) {
				return
			}
		}
	}
}

// Numbered reports whether pages are counted, in a size that has to be known.
func (p Paging) Numbered() bool { return p.row().numbered }

// Posted reports whether a request of this kind has a body.
func (p Paging) Posted() bool { return p.row().posted }

// LeastRequests returns how many requests an answer takes at least.
func (p Paging) LeastRequests() int { return max(1, p.row().requests) }

func putNothing(*Query, Cursor, map[string]any, url.Values) {}

func putInBody(q *Query, at Cursor, body map[string]any, _ url.Values) {
	if q.Endpoint.Flat {
		body["pageSize"], body["pageNumber"] = q.PageSize, at.number()
		return
	}
	body["paging"] = map[string]int{"pageSize": q.PageSize, "pageNumber": at.number()}
}

func putInQuery(q *Query, at Cursor, _ map[string]any, query url.Values) {
	query.Set("pageSize", strconv.Itoa(q.PageSize))
	query.Set("pageNumber", strconv.Itoa(at.number()))
}

func putToken(name string) func(*Query, Cursor, map[string]any, url.Values) {
	return func(q *Query, at Cursor, _ map[string]any, query url.Values) {
		setPage(query, q.PageSize, name, at.Token)
	}
}

func putOnSubmit(q *Query, _ Cursor, body map[string]any, _ url.Values) {
	if q.Endpoint.PageSizeOnSubmit && q.PageSize > 0 {
		body["pageSize"] = q.PageSize
	}
}

// history is what is known from the pages of a pass so far. It leaves out responses whose
// request was repeated.
type history struct {
	count     int             // pages
	announced int64           // the highest pageCount
	linked    bool            // a page had a nextUri
	listed    bool            // a page had a list
	objects   bool            // the pages are objects, and no bare lists
	total     *int64          // the latest
	uncounted bool            // how many records the pages before the first have is not known
	tokens    map[uint64]bool // hashes of those that led to a page, which may be long
	bodies    map[string]int  // page numbers by the digest of the body
	circling  circling
}

// newHistory returns the history at a cursor, with the digests that it has.
func newHistory(from Cursor) history {
	h := history{uncounted: from.number() > 1 && from.Records == 0, tokens: map[uint64]bool{}, bodies: map[string]int{}}
	h.follow(from)
	pages := len(from.Seen) / digestLength
	for i := range pages {
		h.bodies[from.Seen[i*digestLength:(i+1)*digestLength]] = from.number() - pages + i
	}
	return h
}

// follow records the token that leads to a page.
func (h *history) follow(at Cursor) {
	if at.Token != "" {
		h.tokens[hashOf([]byte(at.Token))] = true
	}
}

// remember adds a page to what a cursor remembers.
func remember(seen string, page *fetchedPage) string {
	if page.empty() {
		return seen
	}
	seen += page.digest
	return seen[max(0, len(seen)-maxSeen*digestLength):]
}

// judge finds what follows a page, and refuses one that cannot be. Only where a page
// comes before it or after it can it be like another.
func (h *history) judge(q *Query, page *fetchedPage) (err error) {
	if len(h.bodies) > 0 || h.count > 0 {
		if err := h.compare(page); err != nil {
			return err
		}
	}
	if page.summary.bare && h.objects {
		return contradiction("page %d is a bare list, and the pages before it are objects", page.Number)
	}
	page.Next, page.final, err = q.Endpoint.Paging.row().next(h, q, page)
	if err == nil && !page.final {
		page.sum(h.circling)
		page.Next.Seen = remember(page.at.Seen, page)
		if err = page.Next.Check(); err != nil {
			err = fmt.Errorf("after page %d: %w: %w", page.Number, err, errNoContinuation)
		}
	}
	return err
}

// compare refuses a page that came before.
func (h *history) compare(page *fetchedPage) error {
	page.sum(h.circling)
	if n, ok := h.bodies[page.digest]; ok && !page.empty() {
		return contradiction("page %d repeats page %d byte for byte", page.Number, n)
	}
	return page.circling.check(page.Number)
}

// accept takes in what a page says.
func (h *history) accept(page *fetchedPage) {
	s := page.summary
	h.count++
	h.announced = max(h.announced, deref(s.pageCount))
	h.linked, h.listed = h.linked || s.nextURI != "", h.listed || s.listed
	h.objects = h.objects || !s.bare
	h.total = h.totalWith(s)
	if !page.final {
		h.circling = page.circling
		h.bodies[page.digest] = page.Number
		h.follow(page.Next)
	}
}

func deref(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// onlyPage refuses a response that says that it is not complete.
func onlyPage(_ *history, _ *Query, page *fetchedPage) (Cursor, bool, error) {
	s := page.summary
	switch {
	case deref(s.pageCount) > 1:
		return Cursor{}, true, fmt.Errorf("pageCount is %d where paging is none: %w", *s.pageCount, errNoContinuation)
	case s.nextURI != "":
		return Cursor{}, true, fmt.Errorf("nextUri is %s where paging is none: %w", s.redactor.quote(s.nextURI), errNoContinuation)
	case page.empty() && deref(s.total) > 0:
		return Cursor{}, true, contradiction("the total is %d and the page has %s", *s.total, page.lack())
	}
	return Cursor{}, true, nil
}

// numbered finds the page after one with a number. It relies on pageCount, if any page had
// it, and on nextUri. If a listing has neither, a page with fewer records than requested
// is the last only once as many records have come as the total says: pages in the middle
// may have fewer too, and the total alone is approximate while data arrives.
func numbered(h *history, q *Query, page *fetchedPage) (Cursor, bool, error) {
	s, number := page.summary, int64(page.Number)
	next := Cursor{Page: page.Number + 1, Records: page.at.Records + int64(page.Records)}
	if err := s.readable("pageCount", "nextUri"); err != nil {
		return next, false, err
	}
	if page.empty() || page.unlisted && (h.listed || deref(s.total) > 0) {
		if err := h.believeEmpty(q, page); err != nil {
			return next, false, err
		}
	}
	if page.empty() {
		return next, s.nextURI == "", nil
	}
	announced := max(h.announced, deref(s.pageCount))
	switch {
	case number < announced, s.nextURI != "":
		return next, false, nil
	case page.unlisted, announced > 0, h.linked: // the last one, unless the total says otherwise
		return next, !h.short(q, s, next.Records), nil
	case page.Records < q.PageSize && h.totalWith(s) != nil:
		return next, next.Records >= *h.totalWith(s), nil
	}
	return next, false, nil
}

// totalWith returns the latest total, that of s if it has one.
func (h *history) totalWith(s *summary) *int64 {
	return cmp.Or(s.total, h.total)
}

// short reports whether fewer records have come than the total says, if that is exact.
func (h *history) short(q *Query, s *summary, records int64) bool {
	total := h.totalWith(s)
	return total != nil && !q.Endpoint.LooseTotal && records < *total
}

// believeEmpty refuses an empty page that cannot be empty: by its pageCount, or that of an
// earlier page, or by the total.
func (h *history) believeEmpty(q *Query, page *fetchedPage) error {
	number, s := int64(page.Number), page.summary
	count := h.announced
	if s.pageCount != nil {
		count = *s.pageCount
	}
	if count >= number && count > 1 {
		return contradiction("pageCount is %d and page %d has %s", count, number, page.lack())
	}
	total := deref(h.totalWith(s))
	if s.pageCount != nil && number > 1 || total <= 0 {
		return nil
	}
	come := (number - 1) * int64(q.PageSize) // at most, with those that the service has dropped
	if !q.Endpoint.LooseTotal && !h.uncounted {
		come = page.at.Records
	}
	if come < total {
		return contradiction("the total is %d and page %d has %s", total, number, page.lack())
	}
	return nil
}

// tokened finds the page after one with a token. Pages without records are not emitted, so
// the page after one has its number.
func tokened(h *history, q *Query, page *fetchedPage) (Cursor, bool, error) {
	token, err := q.token(page.summary)
	switch {
	case err != nil:
		return Cursor{}, false, err
	case h.tokens[hashOf([]byte(token))]:
		return Cursor{}, false, contradiction("page %d leads back to %s, which was followed before", page.Number, page.summary.redactor.quote(token))
	case token == "" && page.empty() && page.at.Token == "" && deref(page.Total) > 0:
		return Cursor{}, false, contradiction("the total is %d and page %d has %s", *page.Total, page.Number, page.lack())
	}
	next := Cursor{Page: page.at.Page, Token: token, Job: page.at.Job, Records: page.at.Records + int64(page.Records)}
	if !page.empty() {
		next.Page = page.Number + 1
	}
	return next, token == "", nil
}

// setPage asks for the page of a token.
func setPage(query url.Values, size int, name, token string) {
	if size > 0 {
		query.Set("pageSize", strconv.Itoa(size))
	}
	if token != "" {
		query.Set(name, token)
	}
}
