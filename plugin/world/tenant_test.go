// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// tenant is the service. It serves bytes that it remembers, and keeps a quota.
type tenant struct {
	w *world

	mu         sync.Mutex // guards all below
	asked      map[string]int
	jobs       map[string]*job
	minted     int
	tokens     map[string]time.Time // until when
	clients    map[string]string    // whose each is
	served     int
	whole      map[string]bool   // the bodies that were served whole, by input and digest
	lastBody   map[string][]byte // of a page
	firstToken map[string]string // of an interval
	refused    time.Time         // somebody was, for good
	windowEnd  time.Time
	used       int
	numbers    []string // tokens that were handed out as numbers
}

func newTenant(w *world) *tenant {
	return &tenant{
		w: w, asked: map[string]int{}, jobs: map[string]*job{}, tokens: map[string]time.Time{}, clients: map[string]string{}, whole: map[string]bool{},
		lastBody: map[string][]byte{}, firstToken: map[string]string{},
	}
}

// answer serves one request; false when the connection has ended with it.
func (t *tenant) answer(c *wire, req *http.Request, body []byte) bool {
	t.mu.Lock()
	a := t.understand(req, body)
	a.n = t.asked[a.key]
	t.asked[a.key]++
	t.mu.Unlock()
	f := t.w.model.sent(c, a, req)
	defer t.w.model.over(f)
	if !t.wait(c, a, "there") {
		return false
	}
	t.mu.Lock()
	x, o := t.serveLocked(f, req)
	t.mu.Unlock()
	t.w.trace("%s %s %s#%d -> %d %s %v", c.proc.name(), req.Method, a.key, a.n, x.status, o.text, fault(x))
	if !t.wait(c, a, "back") || x.silent {
		<-c.gone
		return false
	}
	return t.write(c, f, x, o)
}

func fault(x reply) string {
	switch {
	case x.silent:
		return "silent"
	case x.isRaw:
		return fmt.Sprintf("raw of %d", len(x.raw))
	}
	return ""
}

// wait is the way there or back; false when the connection is gone.
func (t *tenant) wait(c *wire, a *ask, way string) bool {
	p := t.w.plan
	d := p.chance.span(p.least, p.most, way, a.key, a.n)
	if e := t.w.during("answers take long"); e != nil {
		d = p.chance.span(e.least, e.most, "long", way, a.key, a.n)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.gone:
		return false
	}
}

// serveLocked makes an answer, and the pause that it orders.
func (t *tenant) serveLocked(f *flight, req *http.Request) (reply, order) {
	a, now := f.ask, time.Now()
	ordered, refused := t.loses(f)
	o := t.admitLocked(a, now)
	if ordered {
		o = t.orderLocked(a, "slow body", time.Duration(t.w.during(lostOrder).n)*time.Second, now)
	}
	if o.status != 0 {
		return t.refusal(o), o
	}
	x := t.honestLocked(a, req, now)
	kind := ""
	if e := t.w.spoiledBy(a, now); e != nil && (x.status < 300 || breaks(e.kind)) {
		x, kind = t.spoilAny(e.kind, a, x)
	} else if refused {
		kind, x = "a 403", t.spoil("a 403", a, x)
	}
	if kind != "" {
		t.w.trace("%s spoils %s", kind, a.key)
		t.strikeLocked(f.process, kind, now)
	}
	if x.honest && !x.isRaw && a.class == classPage {
		t.whole[fmt.Sprint(a.input.n, " ", digest(x.body))] = true
		t.lastBody[a.place(a.page)] = x.body
	}
	if t.w.plan.compressed && !x.isRaw && strings.Contains(req.Header.Get("Accept-Encoding"), "gzip") && len(x.body) > 0 && !x.silent {
		x.body, x.encoding = zip(x.body), "gzip"
	}
	return x, o
}

// strikeLocked notes an answer that an input may end with.
func (t *tenant) strikeLocked(p *process, kind string, now time.Time) {
	if fatalFault(kind) {
		p.strikes.Add(1)
		t.refused = now
	}
}

func (t *tenant) honestLocked(a *ask, req *http.Request, now time.Time) reply {
	fail := func(status int, text string) reply {
		return reply{status: status, header: http.Header{}, body: fmt.Appendf(nil, `{"message":%q,"code":"no","status":%d}`, text, status)}
	}
	p := t.w.plan
	switch a.class {
	case classToken:
		t.minted++
		token := fmt.Sprintf("token-%d", t.minted)
		t.tokens[token] = now.Add(p.tokenLife)
		t.clients[token], _, _ = req.BasicAuth()
		return t.document(map[string]any{"access_token": token, "token_type": "bearer", "expires_in": int(p.tokenLife.Seconds())}, 200)
	case classStock:
		return t.document(map[string]any{}, 200)
	}
	if until := t.tokens[strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")]; !now.Before(until) {
		return fail(401, "Invalid login credentials.")
	}
	switch {
	case a.class == classAvailability:
		return t.document(map[string]any{"dataAvailabilityDate": now.Add(-p.lag).UTC().Format(stampForm)}, 200)
	case a.class == classOther && a.job != nil:
		return reply{status: 204, header: http.Header{}}
	case a.input == nil:
		return fail(404, "no such thing")
	case p.longest > 0 && a.job == nil && a.iv.end.Sub(a.iv.start) > a.input.step/time.Duration(p.longest):
		return fail(400, "The search interval is too long: it does not exceed ten minutes")
	case a.class == classSubmit:
		return t.submit(a, now)
	case a.class == classPoll:
		return t.poll(a)
	case a.job != nil && a.job.state != "FULFILLED":
		return fail(404, "the job has no results")
	}
	return t.page(a)
}

func (t *tenant) submit(a *ask, now time.Time) reply {
	j := &job{id: fmt.Sprintf("job-%d", len(t.jobs)+1), n: len(t.jobs), input: a.input, iv: a.iv, part: a.iv.end.After(now.Add(-t.w.plan.lag))}
	t.jobs[j.id] = j
	return t.document(map[string]any{"jobId": j.id}, 202)
}

func (t *tenant) poll(a *ask) reply {
	j := a.job
	if j.state == "gone" {
		return reply{status: 404, header: http.Header{}, body: []byte(`{"message":"no such job","status":404}`)}
	}
	if j.polls++; j.state == "" && j.polls > t.w.plan.polls {
		j.state = "FULFILLED"
	}
	state := j.state
	if state == "" {
		state = "PENDING"
	}
	return t.document(map[string]any{"state": state}, 200)
}

func (t *tenant) document(doc map[string]any, status int) reply {
	t.served++
	if t.w.plan.stamped {
		doc["servedAs"] = t.served
	}
	body, _ := json.Marshal(doc)
	return reply{status: status, header: http.Header{}, body: body, honest: true}
}

// page is what the tenant has there.
func (t *tenant) page(a *ask) reply {
	e, c := a.input.endpoint, t.w.plan.chance
	size := a.size
	if size == 0 {
		size = 1000
	}
	sheets, entries := a.input.sheets(c, a.iv, size)
	a.pages = len(sheets)
	if a.job != nil {
		sheets = a.job.order(c, sheets)
	}
	var ids []string
	if a.page <= len(sheets) {
		ids = sheets[a.page-1].ids
	}
	doc := map[string]any{e.list: list(ids)}
	token := fmt.Sprintf("t-%d-%d-%d", a.input.n, a.iv.start.Unix(), a.page+1)
	if a.job != nil {
		token = a.job.id + "-" + token
	}
	more := a.page < len(sheets) || t.w.plan.emptyLast && a.page == len(sheets) && len(ids) > 0
	switch e.paging {
	case "query":
		doc["pageSize"], doc["pageNumber"], doc["pageCount"] = size, a.page, len(sheets)
		if !e.unknown {
			doc["total"] = entries
			if a.page < len(sheets) {
				doc["nextUri"] = fmt.Sprintf("%s?pageSize=%d&pageNumber=%d", e.path, size, a.page+1)
			}
		} else {
			doc["facets"] = []int{}
		}
	case "body":
		doc["totalHits"] = entries
	case "after":
		if more && t.w.plan.numbered {
			doc["after"] = t.numberOf(token)
		} else if more {
			doc["nextUri"] = e.path + "?after=" + url.QueryEscape(token)
			doc["after"] = token
		}
	case "cursor", "job":
		if more && t.w.plan.numbered {
			doc["cursor"] = t.numberOf(token)
		} else if more {
			doc["cursor"] = token
		}
		if e.unknown {
			doc["errors"] = []int{}
		}
	}
	if more && a.page == 1 {
		t.firstToken[a.place(0)] = token
	}
	return t.document(doc, 200)
}

// order is how a job has the records of an interval: each in another order, so that the
// pages of two make no whole. One that was submitted too early has not all of them.
func (j *job) order(c chance, sheets []sheet) (turned []sheet) {
	var ids []string
	for _, s := range sheets {
		ids = append(ids, s.ids...)
	}
	if len(ids) > 0 {
		at := c.below(len(ids), "order", j.id)
		ids = append(append([]string{}, ids[at:]...), ids[:at]...)
	}
	for _, s := range sheets {
		n := len(s.ids)
		turned, ids = append(turned, sheet{ids[:n]}), ids[n:]
	}
	if j.part && len(turned) > 0 {
		last := &turned[len(turned)-1]
		last.ids = last.ids[:len(last.ids)-1]
	}
	return turned
}

// write puts an answer on the wire; false when the connection has ended.
func (t *tenant) write(c *wire, f *flight, x reply, o order) bool {
	head, body := t.text(x, o, t.w.plan.closes)
	t.w.model.arrives(f, x, o)
	if x.reset {
		c.cut()
		return false
	}
	if _, err := io.WriteString(c.far, head); err != nil {
		return false
	}
	if o.slowBody > 0 {
		timer := time.NewTimer(o.slowBody)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-c.gone:
			t.w.model.cut(f, o)
			return false
		}
	}
	_, err := c.far.Write(body)
	if err != nil {
		t.w.model.cut(f, o)
	}
	return err == nil && !x.isRaw && !t.w.plan.closes
}
