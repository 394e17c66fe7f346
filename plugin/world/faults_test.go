// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// reply is an answer before it goes on the wire.
type reply struct {
	status   int
	header   http.Header
	body     []byte
	honest   bool   // its body is what the tenant has
	raw      string // instead of all that, where whole is false: then the connection ends
	isRaw    bool
	reset    bool // it ends with a reset
	silent   bool // nothing ever comes
	encoding string
}

// What can become of any answer (CONTRACT section 3, "the same page again").
var faultsOnTheWay = []string{
	"closed without an answer", "closed without an answer", "closed in the header", "reset", "silence", "a body cut short", "a longer body promised",
	"a chunked body cut short", "half a body and no length", "a compressed body cut short", "a compressed body that is none",
	"an empty body", "an empty body", "an empty body and no length", "blanks", "HTML", "more after the document", "the document twice",
	"a document that is not closed", "a 500", "a 502 in HTML", "a 504", "a 408", "a 401",
}

// What is JSON, and not what was asked for.
var faultsOfAnswers = []string{"null", "true", "a number", "a text", "an error with status 200", "a 204", "a 403", "a 400"}

// What contradicts itself, or the pages before it.
var faultsOfPages = append([]string{
	"a 206 with half of the records", "an empty page in the middle", "a page without its list", "the first page again", "the page before again",
	"a page count that shrinks", "a token that leads to itself", "a ring of tokens", "a page count with a fraction", "a page count that is a text",
	"an empty page before it", "invalid UTF-8 inside", "a nextUri on the last page", "a job whose results are gone", "a job whose results are gone",
}, faultsOfAnswers...)

var faultsOfTokens = []string{"a token that has expired on arrival", "invalid_client", "an error with status 200"}

var faultsOfJobs = []string{"a job that fails", "a job that expires", "a job that is gone", "a state that nobody knows", "no state", "a 404"}

// fatalFaults are those that the input may end with.
func fatalFault(kind string) bool {
	switch kind {
	case "a 401", "a 408":
		return kind == "a 401"
	}
	if slices.Contains(faultsOnTheWay, kind) {
		return false
	}
	return kind != "an empty page before it" && kind != "invalid UTF-8 inside"
}

// breaks reports whether a fault is of the connection, so that any answer may meet it.
// A refusal whose text is cut says nothing that anybody could go by.
func breaks(kind string) bool {
	return kind == "closed without an answer" || kind == "closed in the header" || kind == "reset" || kind == "silence"
}

// spoil turns an honest answer into what a fault makes of it.
func (t *tenant) spoil(kind string, a *ask, x reply) reply {
	head := func(line string) string {
		return fmt.Sprintf("HTTP/1.1 %d OK\r\nContent-Type: application/json\r\n%s\r\n\r\n", x.status, line)
	}
	raw := func(text string) reply { return reply{isRaw: true, raw: text, status: x.status} }
	with := func(status int, body string) reply {
		return reply{status: status, header: http.Header{}, body: []byte(body)}
	}
	half := string(x.body[:len(x.body)/2])
	switch kind {
	case "closed without an answer":
		return raw("")
	case "closed in the header":
		return raw("HTTP/1.1 200 OK\r\nContent-Type: applica")
	case "reset":
		return reply{isRaw: true, reset: true, status: x.status}
	case "silence":
		return reply{silent: true, status: x.status}
	case "a body cut short":
		return raw(head(fmt.Sprintf("Content-Length: %d", len(x.body))) + half)
	case "a longer body promised":
		return raw(head(fmt.Sprintf("Content-Length: %d", len(x.body)+1)) + string(x.body))
	case "a chunked body cut short":
		return raw(head("Transfer-Encoding: chunked") + fmt.Sprintf("%x\r\n%s\r\n", len(x.body), x.body))
	case "half a body and no length":
		return raw(head("Connection: close") + half)
	case "a compressed body cut short":
		packed := zip(x.body)
		return raw(head("Content-Encoding: gzip\r\nConnection: close") + string(packed[:len(packed)-9]))
	case "a compressed body that is none":
		return raw(head("Content-Encoding: gzip\r\nConnection: close") + "<html></html>")
	case "an empty body":
		return with(x.status, "")
	case "an empty body and no length":
		return raw(head("Connection: close"))
	case "blanks":
		return with(x.status, " \r\n\t ")
	case "HTML":
		return with(200, "<html><body>Service Unavailable</body></html>")
	case "more after the document":
		return with(x.status, string(x.body)+`{"entities":[]}`)
	case "the document twice":
		return with(x.status, string(x.body)+string(x.body))
	case "a document that is not closed":
		return with(x.status, string(x.body[:max(0, len(x.body)-1)]))
	case "a 500":
		return with(500, `{"message":"unwell","code":"internal.server.error","status":500}`)
	case "a 502 in HTML":
		return with(502, "<html></html>")
	case "a 504":
		return with(504, `{"message":"The request timed out.","code":"request.timeout","status":504}`)
	case "a 408":
		return with(408, `{"message":"too slow","status":408}`)
	}
	return t.nonsense(kind, a, x, with)
}

func (t *tenant) nonsense(kind string, a *ask, x reply, with func(int, string) reply) reply {
	switch kind {
	case "null", "true":
		return with(200, kind)
	case "a number":
		return with(200, "0")
	case "a text":
		return with(200, `"Service Unavailable"`)
	case "an error with status 200":
		return with(200, `{"message":"The server is unwell","code":"internal.server.error","status":500,"contextId":"4c1e9d4e","details":[],"errors":[]}`)
	case "a 204":
		return with(204, "")
	case "a 400", "a 403", "a 404", "a 401":
		var status int
		_, _ = fmt.Sscanf(kind, "a %d", &status)
		return with(status, fmt.Sprintf(`{"message":"no","code":"no","status":%d}`, status))
	case "a token that has expired on arrival":
		return with(200, `{"access_token":"dead","token_type":"bearer","expires_in":0}`)
	case "invalid_client":
		return with(400, `{"error":"invalid_client","description":"no such client"}`)
	case "a state that nobody knows":
		return with(200, `{"state":"NAPPING"}`)
	case "no state":
		return with(200, `{}`)
	case "a job that fails", "a job that expires", "a job that is gone", "a job whose results are gone":
		return t.endJob(kind, a, x, with)
	}
	return t.contradict(kind, a, x)
}

func (*tenant) endJob(kind string, a *ask, x reply, with func(int, string) reply) reply {
	if a.job == nil {
		return x
	}
	switch kind {
	case "a job that fails":
		a.job.state = "FAILED"
	case "a job that expires":
		a.job.state = "EXPIRED"
	default:
		a.job.state = "gone"
		return with(404, `{"message":"no such job","code":"not.found","status":404}`)
	}
	return with(200, fmt.Sprintf(`{"state":%q,"errorMessage":"it came to nothing"}`, a.job.state))
}

// fitting are faults that make sense of any page of an endpoint, for those that do not.
func (e endpoint) fitting() []string {
	switch e.paging {
	case "job":
		return []string{"a job whose results are gone", "a job whose results are gone", "an empty page before it"}
	case "after", "cursor":
		return []string{"an empty page before it", "a token that leads to itself"}
	case "query":
		return []string{"a page count that is a text", "the first page again", "invalid UTF-8 inside"}
	case "body":
		return []string{"the first page again", "a page without its list", "null"}
	}
	return []string{"an error with status 200", "null"}
}

// spoilAny spoils an answer, by a fault that fits where the one that was drawn does
// not, and says which it was.
func (t *tenant) spoilAny(kind string, a *ask, x reply) (reply, string) {
	y := t.spoil(kind, a, x)
	if a.class != classPage || y.isRaw || y.silent || y.status != x.status || !bytes.Equal(y.body, x.body) {
		return y, kind
	}
	kind = a.input.endpoint.fitting()[t.w.plan.chance.below(len(a.input.endpoint.fitting()), "fits", a.key, a.n)]
	return t.spoil(kind, a, x), kind
}

// contradict edits the document of a page. Where an edit makes no sense the page is
// what it is.
func (t *tenant) contradict(kind string, a *ask, x reply) reply {
	var page map[string]json.RawMessage
	if a.input == nil || json.Unmarshal(x.body, &page) != nil {
		return x
	}
	e := a.input.endpoint
	again := func(body []byte) reply {
		if body == nil || bytes.Equal(body, x.body) {
			return x
		}
		return reply{status: 200, header: x.header, body: body}
	}
	_, counted := page["pageCount"]
	numbered := counted || page["totalHits"] != nil
	token := e.token(page)
	switch kind {
	case "a 206 with half of the records":
		page[e.list] = cutList(page[e.list], 2)
		x.status = http.StatusPartialContent
	case "an empty page in the middle", "a page without its list":
		if !numbered || a.page < 2 || a.page >= a.pages {
			return x
		}
		page[e.list] = cutList(page[e.list], 0)
		if kind == "a page without its list" {
			delete(page, e.list)
		}
		delete(page, "nextUri")
	case "the first page again", "the page before again":
		if a.page < 2 {
			return x
		}
		n := 1
		if kind == "the page before again" {
			n = a.page - 1
		}
		return again(t.lastBody[a.place(n)])
	case "a page count that shrinks":
		if !counted || a.page < 2 || a.page >= a.pages {
			return x
		}
		page["pageCount"] = json.RawMessage(fmt.Sprint(a.page - 1))
		delete(page, "nextUri")
	case "a page count with a fraction", "a page count that is a text":
		if !counted {
			return x
		}
		form := "%s.0"
		if kind != "a page count with a fraction" {
			form = `"%s"`
		}
		page["pageCount"] = json.RawMessage(fmt.Sprintf(form, page["pageCount"]))
		delete(page, "nextUri")
		x.honest = true
		return x.edited(page)
	case "a nextUri on the last page":
		if !counted || a.page != a.pages || e.unknown {
			return x
		}
		page["nextUri"] = json.RawMessage(fmt.Sprintf("%q", e.path+"?pageNumber=99"))
	case "a token that leads to itself", "a ring of tokens":
		if token == "" || a.token == "" {
			return x
		}
		to := a.token
		if kind == "a ring of tokens" {
			to = t.firstToken[a.place(0)]
		}
		e.setToken(page, to)
	case "an empty page before it":
		if e.paging != "cursor" && e.paging != "after" && e.paging != "job" || a.page < 2 || a.blank {
			return x
		}
		page[e.list] = json.RawMessage("[]")
		e.setToken(page, "blank-"+a.token)
	case "invalid UTF-8 inside":
		x.body = append([]byte("{\"note\":\"\xff\xfe\","), x.body[1:]...)
		return x
	default:
		panic("a fault that nobody knows: " + kind)
	}
	switch kind {
	case "a page count that shrinks", "a nextUri on the last page", "a token that leads to itself", "a ring of tokens":
	default:
		x.honest = false // its records are others
	}
	return x.edited(page)
}

func (x reply) edited(page map[string]json.RawMessage) reply {
	x.body, _ = json.Marshal(page)
	return x
}

func cutList(raw json.RawMessage, n int) json.RawMessage {
	var all []json.RawMessage
	_ = json.Unmarshal(raw, &all)
	kept := 0
	if n > 0 {
		kept = len(all) / n
	}
	cut, _ := json.Marshal(all[:kept])
	if kept == 0 {
		return json.RawMessage("[]")
	}
	return cut
}

func (e endpoint) token(page map[string]json.RawMessage) (token string) {
	name := "cursor"
	if e.paging == "after" {
		name = "after"
	}
	_ = json.Unmarshal(page[name], &token)
	return token
}

func (e endpoint) setToken(page map[string]json.RawMessage, token string) {
	name := "cursor"
	if e.paging == "after" {
		name = "after"
	}
	page[name], _ = json.Marshal(token)
}

func zip(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body)
	_ = z.Close()
	return b.Bytes()
}
