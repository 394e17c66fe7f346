// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin"
)

// model is what must be true of a world, whatever happens in it.
type model struct {
	w *world

	mu        sync.Mutex // guards all below
	named     map[string]string
	intervals map[int]map[string]*kept // by input, by interval
	known     map[string][]string      // records of an interval
	manifests map[int][]manifest
	parsed    map[string]span
}

// kept are the objects of one interval.
type kept struct {
	span  span
	pages map[int]object
	last  int // page that said last that it is the last
	by    map[*process]bool

	lastBy *process // who delivered that
}

type object struct {
	ids   []string
	bytes int
}

type manifest struct {
	Start, End time.Time
	Pages      int
	Records    int
	Bytes      int
	Complete   bool
	Incomplete json.RawMessage
	Intervals  []struct {
		Interval       string
		Pages, Records int
		Complete       bool
	}
}

func newModel(w *world) *model {
	return &model{w: w, named: map[string]string{}, intervals: map[int]map[string]*kept{}, known: map[string][]string{}, manifests: map[int][]manifest{}, parsed: map[string]span{}}
}

func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:12])
}

// take keeps a message that the output accepts.
func (w *world) take(p *process, msg *service.Message, n int) {
	body, _ := msg.AsBytes()
	if msg.GetError() != nil {
		w.refused(p, body, msg.GetError())
		return
	}
	text := func(name string) string { v, _ := msg.MetaGet(name); return v }
	key, dataset := text("genesys_key"), text("genesys_dataset")
	var in *inputPlan
	for _, x := range w.plan.inputs {
		if dataset == fmt.Sprintf("d%d", x.n) {
			in = x
		}
	}
	if in == nil {
		w.find("a message of the dataset %q, key %q", dataset, key)
		return
	}
	if text("genesys_kind") == "manifest" {
		w.model.manifest(p, in, body)
		return
	}
	page, _ := msg.MetaGetMut("genesys_page")
	isLast, _ := msg.MetaGetMut("genesys_last_page")
	number, _ := page.(int64)
	w.model.page(p, in, key, text("genesys_interval"), int(number), isLast == true, body)
	w.trace("%s delivered %s last %v (%d)", p.name(), key, isLast, n)
}

// page keeps an object, and judges it by itself.
func (m *model) page(p *process, in *inputPlan, key, interval string, n int, last bool, body []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name := fmt.Sprintf("page %d of %s of input %d", n, interval, in.n)
	if was, ok := m.named[key]; ok && was != name {
		m.w.find("the key %s is that of %s and of %s", key, was, name)
	}
	m.named[key] = name
	m.w.tenant.mu.Lock()
	whole := m.w.tenant.whole[fmt.Sprint(in.n, " ", digest(body))]
	m.w.tenant.mu.Unlock()
	if !whole {
		m.w.find("%s was delivered in bytes that the tenant never served: %.200s", name, body)
	}
	iv, err := parseSpan(interval)
	if err != nil {
		m.w.find("%s: %v", name, err)
		return
	}
	if m.intervals[in.n] == nil {
		m.intervals[in.n] = map[string]*kept{}
	}
	k := m.intervals[in.n][interval]
	if k == nil {
		k = &kept{span: iv, pages: map[int]object{}, by: map[*process]bool{}}
		m.intervals[in.n][interval] = k
	}
	k.by[p] = true
	k.pages[n] = object{idsIn(in.endpoint, body), len(body)}
	if last {
		k.last, k.lastBy = n, p
	} else if k.last == n {
		k.last = 0
	}
}

func (m *model) records(in *inputPlan, s span) []string {
	key := fmt.Sprint(in.n, s)
	ids, ok := m.known[key]
	if !ok {
		ids = in.records(m.w.plan.chance, s)
		if in.endpoint.paging == "job" {
			slices.Sort(ids)
		}
		m.known[key] = ids
	}
	return ids
}

// lacks says what an interval's objects are without; empty where nothing is missing.
func (m *model) lacks(in *inputPlan, k *kept) string {
	if k.last == 0 {
		return fmt.Sprintf("of %d pages none is the last", len(k.pages))
	}
	var ids []string
	for n := 1; n <= k.last; n++ {
		page, ok := k.pages[n]
		if !ok {
			return fmt.Sprintf("page %d of %d is missing", n, k.last)
		}
		ids = append(ids, page.ids...)
	}
	if in.endpoint.paging == "job" {
		slices.Sort(ids)
	}
	if want := m.records(in, k.span); !slices.Equal(ids, want) {
		return fmt.Sprintf("its %d pages have the records %v, the tenant has %v", k.last, ids, want)
	}
	return ""
}

// gap is the first instant of a window from which on nothing whole was delivered, and
// why; used are the intervals before it.
func (m *model) gap(in *inputPlan, from, to time.Time) (at time.Time, why string, used map[string]bool) {
	used = map[string]bool{}
	for at = from; at.Before(to); {
		var best *kept
		why = "not one page"
		for text, k := range m.intervals[in.n] {
			if !k.span.start.Equal(at) {
				continue
			}
			if lack := m.lacks(in, k); lack != "" {
				if best == nil {
					why = text + ": " + lack
				}
				continue
			}
			if best == nil || k.span.end.After(best.span.end) {
				best = k
			}
		}
		if best == nil {
			return at, why, used
		}
		used[best.span.String()] = true
		at = best.span.end
	}
	return at, "", used
}

// start is where an input's export begins.
func (m *model) start(in *inputPlan) time.Time {
	switch {
	case in.mode == "":
		return in.window.start
	case in.first.IsZero(): // nothing was asked for, or nothing again
		return m.w.began.Add(-time.Duration(in.count-1) * in.longestStep())
	}
	return in.first
}

// keeps judges a position that is written: nothing before it may be missing.
func (m *model) keeps(p *process, key string, value []byte) {
	var e struct {
		Sequence *uint64
		At       time.Time
		End      *time.Time
		Cursor   *struct{ Page int }
	}
	if json.Unmarshal(value, &e) != nil || e.Sequence == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, in := range p.inputs {
		if key != in.key && key != in.key+"_2" {
			continue
		}
		m.w.keeps(in.key)
		if in.mode != "" && (in.first.IsZero() || e.At.Before(in.first)) {
			in.first = e.At
		}
		if at, why, _ := m.gap(in, m.start(in), e.At); why != "" {
			m.w.find("%s keeps the position %s of input %d, and at %s there is %s", p.name(), e.At.Format(time.RFC3339), in.n, at.Format(time.RFC3339), why)
		}
		if e.End == nil || e.Cursor == nil {
			continue
		}
		k := m.intervals[in.n][span{e.At, *e.End}.String()]
		for n := 1; n < e.Cursor.Page; n++ {
			if k == nil || k.pages[n].bytes == 0 {
				m.w.find("%s keeps a position at page %d of %s, and page %d is missing", p.name(), e.Cursor.Page, span{e.At, *e.End}, n)
				break
			}
		}
	}
}

// manifest judges one as it is delivered.
func (m *model) manifest(p *process, in *inputPlan, body []byte) {
	var doc manifest
	if err := json.Unmarshal(body, &doc); err != nil {
		m.w.find("a manifest of input %d: %v", in.n, err)
		return
	}
	m.w.trace("%s delivered a manifest of input %d: %s", p.name(), in.n, body)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.manifests[in.n] = append(m.manifests[in.n], doc)
	if !doc.Complete {
		m.w.find("a manifest of input %d is not complete, although every page was delivered: %s", in.n, doc.Incomplete)
		return
	}
	at, pages, records, bytes := doc.Start, 0, 0, 0
	for _, x := range doc.Intervals {
		s, err := parseSpan(x.Interval)
		if err != nil || !s.start.Equal(at) {
			m.w.find("a complete manifest of input %d does not tile its window: at %s comes %s", in.n, at.Format(time.RFC3339), x.Interval)
			return
		}
		at = s.end
		k := m.intervals[in.n][x.Interval]
		if want := len(m.records(in, s)); k == nil || x.Records != want || x.Pages != k.last {
			m.w.find("a complete manifest of input %d has %d records in %d pages of %s, where the tenant has %d", in.n, x.Records, x.Pages, x.Interval, want)
			return
		}
		pages, records = pages+x.Pages, records+x.Records
		for n := 1; n <= k.last; n++ {
			bytes += k.pages[n].bytes
		}
	}
	if !at.Equal(doc.End) || pages != doc.Pages || records != doc.Records || bytes != doc.Bytes {
		m.w.find("a complete manifest of input %d up to %s counts %d pages, %d records, %d bytes; its intervals have %d, %d, %d up to %s",
			in.n, doc.End.Format(time.RFC3339), doc.Pages, doc.Records, doc.Bytes, pages, records, bytes, at.Format(time.RFC3339))
	}
}

// claims judges a process that has ended as one that is done.
func (m *model) claims(p *process, again bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p.mu.Lock()
	if total, wired := p.counts["genesys_analytics_requests_total"], p.counts["requests on the wire"]-p.counts["stock requests"]; wired > total {
		m.w.find("%s has sent %d requests, and counts %d: some had no permit", p.name(), wired, total)
	}
	warned, pages := strings.Join(p.warned, "\n"), p.counts["genesys_analytics_pages_total"]
	p.mu.Unlock()
	for _, in := range p.inputs {
		m.whole(in, m.promised(in), p.name()+" has ended as if it were done")
		if again && in.mode == "" && pages == 0 && warned == "" {
			m.w.find("%s has ended and found nothing to do, and says nothing", p.name())
		}
		if !in.manifest || !m.start(in).Before(m.promised(in)) {
			continue
		}
		if !slices.ContainsFunc(m.manifests[in.n], func(x manifest) bool {
			return x.Start.Equal(m.start(in)) && !x.End.Before(m.promised(in))
		}) {
			m.w.find("%s has ended as if it were done, without a manifest of input %d from %s to %s", p.name(), in.n, m.start(in).Format(time.RFC3339), m.promised(in).Format(time.RFC3339))
		}
	}
}

// stopped judges what a process says of itself that was stopped: a run that has an end,
// and has not come to it, is to be tried again.
func (m *model) stopped(p *process) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, in := range p.inputs {
		if in.mode != "" {
			continue
		}
		if _, why, _ := m.gap(in, m.start(in), m.promised(in)); why != "" && plugin.ExitStatus() == 0 {
			m.w.find("%s was stopped before its end, and its exit status says that it is done", p.name())
		}
	}
}

// promised is up to when a run that is done must have exported.
func (m *model) promised(in *inputPlan) time.Time {
	if in.mode == "" {
		return in.window.end
	}
	return m.w.began.Add(-in.settle - in.longestStep())
}
