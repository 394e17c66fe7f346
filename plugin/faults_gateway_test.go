// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// what is asked, as far as faults can aim at it.
const (
	askToken        = "token"
	askSubmit       = "submission"
	askPoll         = "poll"
	askAvailability = "availability"
	askPage         = "page" // a job's results are pages, too
)

// ask is one request, understood by the paths of the API alone.
type ask struct {
	kind     string
	interval string // empty: the request has none
	page     int    // from 1
	token    string // of the service, empty for the first page
}

// answer is what the tenant said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// gateway stands between an input and a tenant, on a real socket, and does one
// thing wrong. It remembers what it served last for each page.
type gateway struct {
	tenant   *simulator.Simulator
	endpoint endpoint
	server   *httptest.Server

	mu     sync.Mutex
	fault  fault
	aim    aim
	hits   int                 // requests that the aim met
	struck map[string]bool     // intervals whose answer was spoiled
	jobs   map[string]string   // interval by job
	pageOf map[string]int      // page by interval and token
	alias  map[string]string   // what a made-up token stands for
	first  map[string][]byte   // page 1 as the tenant sent it, by interval
	last   map[string][]byte   // what was served last, by interval and page
	served map[string][]string // everything that was served whole, by interval
}

// aim is which of the answers the fault is for.
type aim struct {
	kind       string
	interval   string // empty: any
	page       int    // 0: any
	skip       int    // so many that match are let by
	persistent bool   // all that match; else the first
}

func newGateway(tenant *simulator.Simulator, e endpoint, f fault, a aim) *gateway {
	g := &gateway{
		tenant: tenant, endpoint: e, fault: f, aim: a,
		struck: map[string]bool{}, jobs: map[string]string{}, pageOf: map[string]int{}, alias: map[string]string{},
		first: map[string][]byte{}, last: map[string][]byte{}, served: map[string][]string{},
	}
	g.server = httptest.NewServer(g)
	return g
}

func (g *gateway) close() {
	g.server.CloseClientConnections()
	g.server.Close()
}

// mend ends the fault.
func (g *gateway) mend() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fault = fault{}
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // read, or a close would be a reset
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.understand(r, body)
	honest := g.forward(r, body)
	g.learn(a, honest)
	if g.fault.spoil == nil || honest.status > 299 || !g.meets(a) {
		g.send(w, a, honest)
		return
	}
	g.struck[a.interval] = true
	g.fault.spoil(g, w, a, honest)
}

// meets reports whether the fault is for this answer.
func (g *gateway) meets(a ask) bool {
	if a.kind != g.aim.kind || g.aim.interval != "" && a.interval != g.aim.interval || g.aim.page > 0 && a.page != g.aim.page {
		return false
	}
	g.hits++
	return g.hits == g.aim.skip+1 || g.aim.persistent && g.hits > g.aim.skip
}

// record notes what is served whole.
func (g *gateway) record(a ask, x answer) {
	if a.kind == askPage && x.status < 300 {
		g.last[place(a.interval, a.page)] = x.body
		g.served[a.interval] = append(g.served[a.interval], string(x.body))
	}
}

// send serves an answer whole.
func (g *gateway) send(w http.ResponseWriter, a ask, x answer) {
	g.record(a, x)
	for name, values := range x.header {
		if name != "Content-Length" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(x.status)
	_, _ = w.Write(x.body)
}

// raw writes bytes to the connection as they are, and closes it in order.
func (*gateway) raw(w http.ResponseWriter, text string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(conn, text)
	_ = conn.Close()
}

func place(interval string, page int) string { return fmt.Sprintf("%s page %d", interval, page) }

// forward asks the tenant, under the path that it knows the endpoint by.
func (g *gateway) forward(r *http.Request, body []byte) answer {
	out := r.Clone(r.Context())
	out.URL.Host, out.URL.Scheme, out.RequestURI = "tenant.test", "http", ""
	if g.endpoint.upstream != "" {
		out.URL.Path = strings.Replace(out.URL.Path, g.endpoint.path, g.endpoint.upstream, 1)
	}
	out.URL.RawQuery = g.upstreamQuery(out.URL.Query()).Encode()
	out.Body = io.NopCloser(bytes.NewReader(body))
	res, err := g.tenant.Transport().RoundTrip(out)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	content, _ := io.ReadAll(res.Body)
	x := answer{res.StatusCode, res.Header, content}
	if g.endpoint.paging == "cursor" && res.StatusCode == 200 && len(x.body) > 0 && out.URL.Path != "/oauth/token" {
		x.body = withCursor(x.body)
	}
	return x
}

// upstreamQuery undoes what the gateway made up.
func (g *gateway) upstreamQuery(q url.Values) url.Values {
	name := "cursor"
	if q.Has("after") {
		name = "after"
	}
	token := q.Get(name)
	if token == "" {
		return q
	}
	if to, ok := g.alias[token]; ok {
		token = to
	}
	q.Del(name)
	if g.endpoint.paging == "cursor" { // no endpoint of the tenant has this paging: it is made of after
		name = "after"
	}
	if token != "" {
		q.Set(name, token)
	}
	return q
}

// withCursor makes a page by after one by cursor.
func withCursor(body []byte) []byte {
	return edit(body, func(page map[string]json.RawMessage) {
		token := tokenOf(page)
		delete(page, "nextUri")
		delete(page, "selfUri")
		if token != "" {
			page["cursor"] = quoted(token)
		}
	})
}

// understand reads a request.
func (g *gateway) understand(r *http.Request, body []byte) ask {
	a := ask{kind: askPage, interval: r.URL.Query().Get("interval"), page: 1}
	var asked struct {
		Interval   string
		PageNumber int
		Paging     struct{ PageNumber int }
	}
	_ = json.Unmarshal(body, &asked)
	a.interval += asked.Interval
	a.page = max(a.page, asked.PageNumber, asked.Paging.PageNumber)
	if n := r.URL.Query().Get("pageNumber"); n != "" {
		_, _ = fmt.Sscan(n, &a.page)
	}
	path := r.URL.Path
	rest, ofJob := strings.CutPrefix(path, g.endpoint.path+"/")
	id, results := strings.CutSuffix(rest, "/results")
	switch {
	case path == "/oauth/token":
		a.kind = askToken
	case g.endpoint.paging != "job":
	case !ofJob:
		a.kind = askSubmit
	case rest == "availability":
		a.kind = askAvailability
	case !results:
		a.kind, a.interval = askPoll, g.jobs[id]
	default:
		a.interval = g.jobs[id]
	}
	if r.Method == http.MethodDelete {
		a.kind = "cancel"
	}
	a.token = r.URL.Query().Get("cursor") + r.URL.Query().Get("after")
	if page, ok := g.pageOf[a.interval+" "+a.token]; ok && a.token != "" {
		a.page = page
	}
	return a
}

// learn remembers what the tenant said of what comes next.
func (g *gateway) learn(a ask, x answer) {
	var page map[string]json.RawMessage
	if x.status > 299 || json.Unmarshal(x.body, &page) != nil {
		return
	}
	var id string
	if a.kind == askSubmit && json.Unmarshal(page["jobId"], &id) == nil {
		g.jobs[id] = a.interval
	}
	if a.kind != askPage {
		return
	}
	if a.page == 1 && a.token == "" {
		g.first[a.interval] = x.body
	}
	if token := tokenOf(page); token != "" {
		g.pageOf[a.interval+" "+token] = a.page + 1
	}
}

// edit changes the members of a page.
func edit(body []byte, change func(page map[string]json.RawMessage)) []byte {
	var page map[string]json.RawMessage
	if err := json.Unmarshal(body, &page); err != nil {
		panic(fmt.Sprintf("editing %s: %v", body, err))
	}
	change(page)
	out, err := json.Marshal(page)
	if err != nil {
		panic(err)
	}
	return out
}

// tokenOf is the token for the next page, wherever the page has it.
func tokenOf(page map[string]json.RawMessage) (token string) {
	var cursors struct{ After string }
	var uri string
	switch {
	case json.Unmarshal(page["cursor"], &token) == nil && token != "":
	case json.Unmarshal(page["cursors"], &cursors) == nil && cursors.After != "":
		token = cursors.After
	case json.Unmarshal(page["nextUri"], &uri) == nil:
		if u, err := url.Parse(uri); err == nil {
			token = u.Query().Get("after")
		}
	}
	return token
}

// setToken puts a token where this kind of page has it.
func setToken(e endpoint, page map[string]json.RawMessage, token json.RawMessage) {
	var text string
	_ = json.Unmarshal(token, &text)
	delete(page, "nextUri")
	switch {
	case e.paging != "after":
		page["cursor"] = token
	case e.cursors || text == "":
		delete(page, "cursors")
		page["cursors"] = json.RawMessage(`{"after":` + string(token) + `}`)
	default:
		page["nextUri"] = quoted(e.path + "?after=" + url.QueryEscape(text))
	}
}

func quoted(text string) json.RawMessage {
	out, _ := json.Marshal(text)
	return out
}

// openGateway makes a tenant and what stands before it.
func openGateway(e endpoint, config simulator.Config) (*gateway, error) {
	tenant, err := simulator.New(config)
	if err != nil {
		return nil, err
	}
	return newGateway(tenant, e, fault{}, aim{}), nil
}

// hasStruck reports whether something has gone wrong yet.
func (g *gateway) hasStruck() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.struck) > 0
}

// strike makes answers go wrong from now on.
func (g *gateway) strike(f fault, a aim) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fault, g.aim, g.hits = f, a, 0
}
