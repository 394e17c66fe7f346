// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// The classes of requests.
const (
	classToken        = "token"
	classPage         = "page"
	classSubmit       = "submit"
	classPoll         = "poll"
	classAvailability = "availability"
	classStock        = "stock"
	classOther        = "other"
)

// ask is a request as the tenant understands it.
type ask struct {
	class string
	input *inputPlan
	iv    span
	page  int
	pages int // of the interval, in pages of that size
	size  int
	token string
	blank bool // of a page that an empty one was put before
	job   *job
	key   string // what it asks for, the same each time
	n     int    // how often that was asked for before
}

// job is an asynchronous query.
type job struct {
	id    string
	n     int
	input *inputPlan
	iv    span
	polls int
	state string
	part  bool // it was submitted before its data was complete
}

// understand reads a request.
func (t *tenant) understand(req *http.Request, body []byte) *ask {
	query := req.URL.Query()
	var doc struct {
		Tag        string
		Interval   string
		PageSize   int
		PageNumber int
		Paging     struct{ PageSize, PageNumber int }
	}
	_ = json.Unmarshal(body, &doc)
	a := &ask{class: classOther, key: req.Method + " " + req.URL.Path}
	switch req.URL.Path {
	case "/oauth/token":
		a.class = classToken
		return a
	case "/stock":
		a.class = classStock
		return a
	}
	text := doc.Tag + query.Get("tag")
	for _, in := range t.w.plan.inputs {
		if text == strconv.Itoa(in.n) {
			a.input = in
		}
	}
	a.iv, _ = parseSpan(doc.Interval + query.Get("interval"))
	a.size = doc.PageSize + doc.Paging.PageSize + number(query.Get("pageSize"))
	a.page = max(1, doc.PageNumber+doc.Paging.PageNumber+number(query.Get("pageNumber")))
	a.token = t.tokenOf(query.Get("cursor") + query.Get("after"))
	t.classify(a, req)
	if a.input != nil {
		a.key = fmt.Sprintf("%s of %d %s page %d", a.class, a.input.n, a.iv, a.page)
	}
	return a
}

// numberOf is a token as a number.
func (t *tenant) numberOf(token string) int {
	t.numbers = append(t.numbers, token)
	return len(t.numbers)
}

// tokenOf is the token that a number stands for.
func (t *tenant) tokenOf(text string) string {
	if n := number(text); n > 0 && n <= len(t.numbers) {
		return t.numbers[n-1]
	}
	return text
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func (t *tenant) classify(a *ask, req *http.Request) {
	_, rest, isJob := strings.Cut(req.URL.Path, "/details/jobs")
	switch {
	case isJob && rest == "":
		a.class = classSubmit
	case isJob && rest == "/availability":
		a.class, a.key = classAvailability, classAvailability
	case isJob:
		id, results, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
		if a.job = t.jobs[id]; a.job == nil {
			return
		}
		a.input, a.iv = a.job.input, a.job.iv
		switch {
		case req.Method == http.MethodDelete:
		case results == "":
			a.class = classPoll
		default:
			a.class = classPage
		}
	case a.input != nil:
		a.class = classPage
	}
	if a.token != "" {
		plain, blank := strings.CutPrefix(a.token, "blank-")
		a.blank = blank
		if i := strings.LastIndexByte(plain, '-'); i >= 0 {
			a.page = number(plain[i+1:])
		}
	}
}

// place names a page of the answer that an ask belongs to.
func (a *ask) place(page int) string {
	id := ""
	if a.job != nil {
		id = a.job.id
	}
	return fmt.Sprint(a.input.n, a.iv, id, page)
}
