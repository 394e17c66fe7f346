// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// What a row must come to.
const (
	wantWhole   = "whole"   // everything is there, status 0
	wantRefusal = "refusal" // status 1, and the interval is named
	wantEither  = ""        // one of them, and never less with status 0
)

// fault is one way for an answer to go wrong.
type fault struct {
	name  string
	spoil func(g *gateway, w http.ResponseWriter, a ask, honest answer)
	// mends: the same page asked for again brings it, so that once is no matter and
	// for ever is an error.
	mends bool
	// vacant is what the answer is where nothing was found: of a first page it is
	// taken at its word (CONTRACT §5). An endpoint that the table does not know can
	// have any document.
	vacant, document bool
	// lasting: it makes sense only when it is there each time.
	lasting bool
	pages   []int    // which ones; none: 1 and 2
	paging  []string // where it makes sense; none: everywhere
	pageful bool     // it is about pages, not about any answer
	only    func(e endpoint) bool
}

// network faults and what is not JSON: CONTRACT §3, "the same page again".
var mending = []fault{
	{name: "closed before the answer", spoil: rawly(func(answer) string { return "" })},
	{name: "closed in the header", spoil: rawly(func(answer) string { return "HTTP/1.1 200 OK\r\nContent-Type: applica" })},
	{name: "a body cut short", spoil: rawly(func(x answer) string {
		return head(x, fmt.Sprintf("Content-Length: %d", len(x.body))) + string(x.body[:len(x.body)/2])
	})},
	{name: "a whole document and a longer body promised", spoil: rawly(func(x answer) string {
		return head(x, fmt.Sprintf("Content-Length: %d", len(x.body)+1)) + string(x.body)
	})},
	{name: "a chunked body cut short", spoil: rawly(func(x answer) string {
		return head(x, "Transfer-Encoding: chunked") + fmt.Sprintf("%x\r\n%s\r\n", len(x.body), x.body)
	})},
	{name: "half a body and no length", spoil: rawly(func(x answer) string {
		return head(x, "Connection: close") + string(x.body[:len(x.body)/2])
	})},
	{name: "a compressed body cut short", spoil: zipped(func(whole []byte) []byte { return whole[:len(whole)/2] })},
	{name: "a compressed body without its end", spoil: zipped(func(whole []byte) []byte { return whole[:len(whole)-8] })},
	{name: "a compressed body that is none", spoil: zipped(func([]byte) []byte { return []byte("<html></html>") })},
	{name: "an empty body that is said to be compressed", spoil: zipped(func([]byte) []byte { return nil })},
	{name: "an empty body", spoil: replaced(200, "")},
	{name: "an empty body and no length", spoil: rawly(func(x answer) string { return head(x, "Connection: close") })},
	{name: "white space", spoil: replaced(200, " \r\n\t ")},
	{name: "HTML", spoil: replaced(200, "<html><body>Service Unavailable</body></html>")},
	{name: "more after the document", spoil: changed(func(x answer) string { return string(x.body) + `{"entities":[]}` })},
	{name: "the document twice", spoil: changed(func(x answer) string { return string(x.body) + string(x.body) })},
	{name: "a document that is not closed", spoil: changed(func(x answer) string { return string(x.body[:len(x.body)-1]) })},
	{name: "a 500", spoil: replaced(500, `{"message":"unwell","code":"internal.server.error","status":500}`)},
	{name: "a 502 in HTML", spoil: replaced(502, "<html></html>")},
}

// doubtful answers are JSON, and not what was asked for.
var doubtful = []fault{
	{name: "null", spoil: replaced(200, "null"), document: true},
	{name: "true", spoil: replaced(200, "true"), document: true},
	{name: "a number", spoil: replaced(200, "0"), document: true},
	{name: "a text", spoil: replaced(200, `"Service Unavailable"`), document: true},
	{name: "an empty array", spoil: replaced(200, "[]"), document: true},
	{name: "an empty object", spoil: replaced(200, "{}"), vacant: true, document: true},
	{name: "an error with status 200", document: true, spoil: replaced(200,
		`{"message":"The server is unwell","code":"internal.server.error","status":500,"contextId":"4c1e9d4e","details":[],"errors":[]}`)},
	{name: "a 204", spoil: replaced(204, "")},
}

// incoherent answers contradict what was said before, or themselves.
var incoherent = []fault{
	{name: "invalid UTF-8 inside", pageful: true, spoil: changed(func(x answer) string {
		return "{\"note\":\"\xff\xfe\"," + string(x.body[1:])
	})},
	{name: "a 206 with half of the records", pageful: true, spoil: func(g *gateway, w http.ResponseWriter, a ask, x answer) {
		x.status = http.StatusPartialContent
		x.body = edit(x.body, func(page map[string]json.RawMessage) { cutList(g.endpoint, page, 2) })
		g.send(w, a, x)
	}, only: func(e endpoint) bool { return e.list != "" }},
	{name: "an empty page in the middle", pageful: true, pages: []int{2}, only: byNumber, spoil: edited(
		func(g *gateway, _ ask, page map[string]json.RawMessage) { cutList(g.endpoint, page, 0) })},
	{name: "a page without its list in the middle", pageful: true, pages: []int{2}, only: byNumber, spoil: edited(
		func(g *gateway, _ ask, page map[string]json.RawMessage) { delete(page, g.endpoint.list) })},
	{name: "a total and no list", pageful: true, pages: []int{1}, only: func(e endpoint) bool { return e.totalled }, spoil: edited(
		func(g *gateway, _ ask, page map[string]json.RawMessage) { delete(page, g.endpoint.list) })},
	{
		name: "the first page again", pageful: true, pages: []int{2, 3}, paging: []string{"body", "query", "cursor", "after", "job"},
		spoil: func(g *gateway, w http.ResponseWriter, a ask, x answer) {
			x.body = g.first[a.interval]
			g.send(w, a, x)
		},
	},
	{name: "a page count that shrinks", pageful: true, pages: []int{2}, only: counted, spoil: edited(
		func(_ *gateway, _ ask, page map[string]json.RawMessage) {
			page["pageCount"] = json.RawMessage("2")
			delete(page, "nextUri")
		})},
	{name: "a page count that shrinks below its own page", pageful: true, pages: []int{2}, only: counted, spoil: edited(
		func(_ *gateway, _ ask, page map[string]json.RawMessage) { page["pageCount"] = json.RawMessage("1") })},
	{name: "no page count on the first page", pageful: true, pages: []int{1}, only: counted, spoil: withoutCount},
	{name: "no page count in the middle", pageful: true, pages: []int{2}, only: counted, spoil: withoutCount},
	{name: "no page count on the last page", pageful: true, pages: []int{3}, only: counted, spoil: withoutCount},
	{name: "a total that grows", pageful: true, pages: []int{2}, only: byNumber, spoil: totalled(9)},
	{name: "a total that shrinks", pageful: true, pages: []int{1, 2}, only: byNumber, spoil: totalled(6)},
	{name: "a total of zero", pageful: true, pages: []int{1, 2}, only: byNumber, spoil: totalled(0)},
	{name: "a page count that grows", pageful: true, pages: []int{3}, only: counted, spoil: edited(
		func(_ *gateway, _ ask, page map[string]json.RawMessage) { page["pageCount"] = json.RawMessage("4") })},
	{name: "a page count of zero", pageful: true, pages: []int{1}, only: counted, spoil: edited(
		func(_ *gateway, _ ask, page map[string]json.RawMessage) {
			page["pageCount"] = json.RawMessage("0")
			delete(page, "nextUri")
		})},
	{name: "a page count with a fraction", pageful: true, pages: []int{0}, lasting: true, only: counted, spoil: countAs("%s.0")},
	{name: "a page count that is a text", pageful: true, pages: []int{0}, lasting: true, only: counted, spoil: countAs(`"%s"`)},
	{name: "a nextUri on the last page", pageful: true, pages: []int{3}, only: counted, spoil: edited(
		func(g *gateway, _ ask, page map[string]json.RawMessage) {
			page["nextUri"] = quoted(g.endpoint.path + "?pageSize=3&pageNumber=4")
		})},
	{name: "a token that leads to itself", pageful: true, pages: []int{2}, paging: []string{"cursor", "after", "job"}, spoil: edited(
		func(g *gateway, a ask, page map[string]json.RawMessage) { setToken(g.endpoint, page, quoted(a.token)) })},
	{name: "a ring of tokens", pageful: true, pages: []int{3}, paging: []string{"cursor", "after", "job"}, spoil: edited(
		func(g *gateway, a ask, page map[string]json.RawMessage) {
			var first map[string]json.RawMessage
			_ = json.Unmarshal(g.first[a.interval], &first)
			setToken(g.endpoint, page, quoted(tokenOf(first)))
		})},
	{name: "a token that is a number", pageful: true, pages: []int{0}, lasting: true, paging: []string{"cursor", "after", "job"}, spoil: edited(
		func(g *gateway, a ask, page map[string]json.RawMessage) {
			if token := tokenOf(page); token != "" {
				number := fmt.Sprint(7000 + len(g.alias))
				g.alias[number], g.pageOf[a.interval+" "+number] = token, a.page+1
				setToken(g.endpoint, page, json.RawMessage(number))
			}
		})},
	{name: "a token that is an object", pageful: true, pages: []int{1}, lasting: true, paging: []string{"cursor", "after", "job"}, spoil: edited(
		func(g *gateway, _ ask, page map[string]json.RawMessage) {
			setToken(g.endpoint, page, json.RawMessage(`{"next":1}`))
		})},
}

func counted(e endpoint) bool { return e.counted }

// byNumber: page numbers, and a total that says which there are. Without one an
// empty page is the end.
func byNumber(e endpoint) bool { return e.totalled }

// honest are ways of a service that does nothing wrong: all must be whole.
var honest = []fault{
	{name: "an empty list after the last page", spoil: emptyEnd(func(e endpoint, page map[string]json.RawMessage) { cutList(e, page, 0) })},
	{name: "no list after the last page", spoil: emptyEnd(func(e endpoint, page map[string]json.RawMessage) { delete(page, e.list) })},
	{name: "an empty page before each", spoil: emptyWithToken},
	{name: "compressed bodies", spoil: zipped(func(whole []byte) []byte { return whole })},
}

// emptyEnd gives a token with the last page, too, and then a page without one.
func emptyEnd(empty func(endpoint, map[string]json.RawMessage)) func(*gateway, http.ResponseWriter, ask, answer) {
	return func(g *gateway, w http.ResponseWriter, a ask, x answer) {
		x.body = edit(x.body, func(page map[string]json.RawMessage) {
			switch {
			case strings.HasPrefix(a.token, "end-"):
				empty(g.endpoint, page)
			case tokenOf(page) == "":
				token := "end-" + a.interval
				g.alias[token], g.pageOf[a.interval+" "+token] = a.token, a.page+1
				setToken(g.endpoint, page, quoted(token))
			}
		})
		g.send(w, a, x)
	}
}

func allFaults() []fault {
	all := slices.Concat(mending, doubtful, incoherent)
	for i := range mending {
		all[i].mends = true
	}
	return all
}

// head begins a raw response with the answer's own status.
func head(x answer, line string) string {
	return fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n%s\r\n\r\n", x.status, http.StatusText(x.status), line)
}

func rawly(text func(answer) string) func(*gateway, http.ResponseWriter, ask, answer) {
	return func(g *gateway, w http.ResponseWriter, _ ask, x answer) { g.raw(w, text(x)) }
}

// replaced answers with something else.
func replaced(status int, body string) func(*gateway, http.ResponseWriter, ask, answer) {
	return func(g *gateway, w http.ResponseWriter, a ask, x answer) {
		x.status, x.body = status, []byte(body)
		if strings.HasPrefix(body, "<") {
			x.header = http.Header{"Content-Type": {"text/html"}}
		}
		g.send(w, a, x)
	}
}

func changed(change func(answer) string) func(*gateway, http.ResponseWriter, ask, answer) {
	return func(g *gateway, w http.ResponseWriter, a ask, x answer) {
		x.body = []byte(change(x))
		g.send(w, a, x)
	}
}

func edited(change func(*gateway, ask, map[string]json.RawMessage)) func(*gateway, http.ResponseWriter, ask, answer) {
	return func(g *gateway, w http.ResponseWriter, a ask, x answer) {
		x.body = edit(x.body, func(page map[string]json.RawMessage) { change(g, a, page) })
		g.send(w, a, x)
	}
}

// withoutCount leaves out what a listing says of its pages.
var withoutCount = edited(func(_ *gateway, _ ask, page map[string]json.RawMessage) {
	delete(page, "pageCount")
	delete(page, "nextUri")
})

// totalled says another total: it is approximate while data arrives.
func totalled(n int) func(*gateway, http.ResponseWriter, ask, answer) {
	return edited(func(_ *gateway, _ ask, page map[string]json.RawMessage) {
		for _, name := range []string{"total", "totalHits"} {
			if _, ok := page[name]; ok {
				page[name] = json.RawMessage(fmt.Sprint(n))
			}
		}
	})
}

// zipped sends a body compressed, as net/http asks for it by itself.
func zipped(change func(whole []byte) []byte) func(*gateway, http.ResponseWriter, ask, answer) {
	return func(g *gateway, w http.ResponseWriter, a ask, x answer) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(x.body)
		_ = z.Close()
		body := change(b.Bytes())
		if bytes.Equal(body, b.Bytes()) {
			g.record(a, x)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(x.status)
		_, _ = w.Write(body)
	}
}

// cutList leaves the n-th part of a page's list, or nothing.
func cutList(e endpoint, page map[string]json.RawMessage, n int) {
	var list []json.RawMessage
	_ = json.Unmarshal(page[e.list], &list)
	kept := 0
	if n > 0 {
		kept = len(list) / n
	}
	page[e.list], _ = json.Marshal(list[:kept])
}

// countAs writes the page count in another way, and leaves nothing else to go by.
func countAs(form string) func(*gateway, http.ResponseWriter, ask, answer) {
	return edited(func(_ *gateway, _ ask, page map[string]json.RawMessage) {
		page["pageCount"] = json.RawMessage(fmt.Sprintf(form, page["pageCount"]))
		delete(page, "nextUri")
	})
}

// emptyWithToken puts an honest empty page before the one that was asked for: its
// token leads to that.
func emptyWithToken(g *gateway, w http.ResponseWriter, a ask, x answer) {
	if strings.HasPrefix(a.token, "again-") { // once before each
		g.send(w, a, x)
		return
	}
	token := fmt.Sprintf("again-%d-%s", len(g.alias), a.interval)
	leads := a.token
	if to, ok := g.alias[leads]; ok {
		leads = to
	}
	g.alias[token], g.pageOf[a.interval+" "+token] = leads, a.page
	x.body = edit(x.body, func(page map[string]json.RawMessage) {
		cutList(g.endpoint, page, 0)
		setToken(g.endpoint, page, quoted(token))
	})
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(x.body)
}
