// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// judge says what is wrong with an outcome: less than the tenant has and status 0,
// or an error that does not say where.
func (r row) judge(g *gateway, got outcome, status int, mended bool) (problems []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case got.hung:
		return []string{hangs}
	case got.err != nil:
		return []string{"the stream failed: " + got.err.Error()}
	case r.processor:
		return r.judgeProcessor(g, got)
	case status == 0:
		problems = r.judgeWhole(g, got)
		if r.want == wantRefusal && !mended {
			problems = append(problems, "status 0 although the fault never ended")
		}
		return problems
	case r.want == wantWhole:
		problems = append(problems, fmt.Sprintf("status %d although asking again mends it", status))
	}
	if status != 1 {
		problems = append(problems, fmt.Sprintf("status %d, want 0 or 1", status))
	}
	if !r.named(got.log) {
		problems = append(problems, "no error names the interval")
	}
	if m := got.manifest(); m != nil && m.Complete {
		problems = append(problems, "a manifest says complete")
	}
	return append(problems, r.judgeBytes(g, got, false)...)
}

// named reports whether an error names the interval whose answer was spoiled, or
// any where the request had none.
func (r row) named(log string) bool {
	for line := range strings.Lines(log) {
		if !strings.Contains(line, "level=ERROR") {
			continue
		}
		for n := range windowHours {
			at, _, _ := strings.Cut(hour(n), ".000Z")
			aimed := r.aim.interval == "" || r.aim.interval == hour(n)
			if aimed && strings.Contains(line, at) {
				return true
			}
		}
	}
	return false
}

// judgeWhole holds everything that came against everything that there is.
func (r row) judgeWhole(g *gateway, got outcome) (problems []string) {
	pages, records := 0, 0
	for n := range windowHours {
		interval := hour(n)
		objects := got.pagesOf(interval)
		p, found := r.judgeInterval(g, interval, objects)
		for _, problem := range p {
			problems = append(problems, interval+": "+problem)
		}
		pages, records = pages+len(objects), records+found
	}
	problems = append(problems, r.judgeBytes(g, got, true)...)
	if r.manifest && !r.processor {
		problems = append(problems, judgeManifest(got.manifest(), pages, records)...)
	}
	return problems
}

func (r row) judgeInterval(g *gateway, interval string, objects []object) (problems []string, records int) {
	if len(objects) == 0 {
		return []string{"not one page"}, 0
	}
	last := 0
	var all []string
	for i, o := range objects {
		if o.page != int64(i+1) {
			problems = append(problems, fmt.Sprintf("page %d is where page %d should be", o.page, i+1))
		}
		if o.last {
			last++
		}
		var page map[string]json.RawMessage
		_ = json.Unmarshal([]byte(o.body), &page)
		all = append(all, recordsOf(r.endpoint, page)...)
	}
	if last != 1 || !objects[len(objects)-1].last {
		problems = append(problems, fmt.Sprintf("%d pages say that they are the last, and the last says %v", last, objects[len(objects)-1].last))
	}
	if r.taken(g, interval, objects) {
		return problems, len(all)
	}
	want, err := r.endpoint.records(r.tenant, interval)
	if err != nil {
		return append(problems, err.Error()), 0
	}
	if r.endpoint.list == "" && r.fault.name == "invalid UTF-8 inside" {
		return problems, len(all) // the document itself was changed, and is held against what was served
	}
	if r.ended(g, interval) && len(all) < len(want) {
		want = want[:len(all)]
	}
	if r.asItIs(g, interval, objects) {
		return problems, len(all)
	}
	return append(problems, compare(want, all)...), len(all)
}

// taken reports whether an interval's one page is an answer that is to be taken
// at its word.
func (r row) taken(g *gateway, interval string, objects []object) bool {
	lenient := r.fault.vacant || r.fault.document && !r.endpoint.known()
	asked := interval
	if r.endpoint.snapshot {
		asked = ""
	}
	return lenient && g.struck[asked] && len(objects) == 1 && len(recordsIn(r.endpoint, objects[0].body)) <= 1 &&
		(r.aim.page <= 1) && r.aim.kind == askPage
}

// asItIs reports whether a later page of an endpoint that is not known, by number,
// left as what it was, and the page after it as well.
func (r row) asItIs(g *gateway, interval string, objects []object) bool {
	return r.fault.document && !r.endpoint.known() && r.aim.page == 2 && r.endpoint.paging == "query" &&
		g.struck[interval] && len(objects) == 3 && len(recordsIn(r.endpoint, objects[1].body)) == 0
}

// ended reports whether the answer to a later page was that there is nothing
// more, and nothing before it said otherwise: some services end so.
func (r row) ended(g *gateway, interval string) bool {
	if r.endpoint.snapshot {
		interval = ""
	}
	vacant := r.fault.vacant || r.fault.name == "an empty array" && !r.endpoint.known()
	return vacant && r.aim.page > 1 && !r.endpoint.totalled && g.struck[interval]
}

func recordsIn(e endpoint, body string) []string {
	var page map[string]json.RawMessage
	if json.Unmarshal([]byte(body), &page) != nil {
		return nil
	}
	return recordsOf(e, page)
}

func compare(want, got []string) (problems []string) {
	count := map[string]int{}
	for _, record := range got {
		count[record]++
	}
	missing, twice := 0, 0
	for _, record := range want {
		if count[record] == 0 {
			missing++
		}
		if count[record] > 1 {
			twice++
		}
		delete(count, record)
	}
	if missing > 0 {
		problems = append(problems, fmt.Sprintf("%d of %d records are missing", missing, len(want)))
	}
	if twice > 0 {
		problems = append(problems, fmt.Sprintf("%d records are there twice", twice))
	}
	if len(count) > 0 {
		problems = append(problems, fmt.Sprintf("%d records are not the tenant's", len(count)))
	}
	return problems
}

// judgeBytes holds each page against what was served for it: of a whole export,
// against what was served last. One that ended in an error may have been served a
// page again, of another job, that it did not get to deliver.
func (r row) judgeBytes(g *gateway, got outcome, whole bool) (problems []string) {
	for key, o := range got.objects {
		if o.kind != "page" {
			continue
		}
		interval := o.interval
		if r.endpoint.snapshot {
			interval = "" // the same requests for each interval: which answer was the last for this one is not known
		}
		switch {
		case !slices.Contains(g.served[interval], o.body):
			problems = append(problems, key+": its bytes were never served")
		case whole && !r.endpoint.snapshot && !g.servedLast(interval, o.body):
			problems = append(problems, key+": its bytes are not those that were served last")
		}
	}
	return problems
}

// servedLast reports whether one of an interval's pages was that when it was
// served last.
func (g *gateway) servedLast(interval, body string) bool {
	for at, last := range g.last {
		if strings.HasPrefix(at, interval+" page ") && string(last) == body {
			return true
		}
	}
	return false
}

// pagesOf are an interval's pages, by number.
func (o outcome) pagesOf(interval string) (pages []object) {
	for _, x := range o.objects {
		if x.kind == "page" && x.interval == interval {
			pages = append(pages, x)
		}
	}
	slices.SortFunc(pages, func(a, b object) int { return int(a.page - b.page) })
	return pages
}

// manifestDocument is what CONTRACT §4 says of it.
type manifestDocument struct {
	Start, End      string
	Pages, Records  int
	Complete        bool
	Intervals       []struct{ Interval string }
	Incomplete      []struct{ Interval, Reason string }
	Bytes, Requests int64
}

func (o outcome) manifest() *manifestDocument {
	for _, x := range o.objects {
		if x.kind == "manifest" {
			m := &manifestDocument{}
			_ = json.Unmarshal([]byte(x.body), m)
			return m
		}
	}
	return nil
}

func judgeManifest(m *manifestDocument, pages, records int) (problems []string) {
	if m == nil {
		return []string{"no manifest"}
	}
	if !m.Complete {
		problems = append(problems, fmt.Sprintf("the manifest of a whole window is not complete: %v", m.Incomplete))
	}
	if len(m.Intervals) != windowHours {
		problems = append(problems, fmt.Sprintf("the manifest lists %d intervals, want %d", len(m.Intervals), windowHours))
	}
	if m.Pages != pages || m.Records != records {
		problems = append(problems, fmt.Sprintf("the manifest counts %d pages and %d records, there are %d and %d", m.Pages, m.Records, pages, records))
	}
	return problems
}

// judgeProcessor: a message comes out as all its pages, or as itself with an error
// that names its interval.
func (r row) judgeProcessor(g *gateway, got outcome) (problems []string) {
	failed := 0
	for n := range windowHours {
		interval := hour(n)
		start, _, _ := strings.Cut(interval, ".000Z")
		i := slices.IndexFunc(got.errored, func(text string) bool { return strings.Contains(text, interval) })
		if i < 0 {
			p, _ := r.judgeInterval(g, interval, got.pagesOf(interval))
			for _, problem := range p {
				problems = append(problems, interval+": "+problem)
			}
			continue
		}
		failed++
		_, text, _ := strings.Cut(got.errored[i], "} ")
		if !strings.Contains(text, start) {
			problems = append(problems, interval+": its error does not name it: "+text)
		}
		if pages := got.pagesOf(interval); len(pages) > 0 {
			problems = append(problems, fmt.Sprintf("%s: an error, and %d pages", interval, len(pages)))
		}
	}
	if failed > 0 && r.want == wantWhole {
		problems = append(problems, "an error although asking again mends it: "+strings.Join(got.errored, "; "))
	}
	if failed == 0 && r.want == wantRefusal {
		problems = append(problems, "no error although the fault never ended")
	}
	return append(problems, r.judgeBytes(g, got, true)...)
}
