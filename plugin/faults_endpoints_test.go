// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// endpoint is one that rows are run against.
type endpoint struct {
	path     string
	upstream string // where the tenant has it, if the table does not know the path
	paging   string
	method   string
	list     string // the list of a page; empty: the document is the record
	size     int    // records a page: three pages an interval
	most     int    // the largest page, to ask for everything at once
	query    string // as JSON
	snapshot bool   // no interval in the request
	counted  bool   // its listing has pageCount and nextUri
	cursors  bool   // its token is in cursors
	totalled bool   // totalHits or total
	flat     bool   // paging at the top of the body
	lags     bool   // its data has a watermark
	core     bool   // one for each kind of paging, for all there is
}

const (
	apiAnalytics = "/api/v2/analytics"
	byQueue      = `{"groupBy":["queueId"],"metrics":["nOffered","tHandle"]}`
)

var endpoints = []endpoint{
	{path: apiAnalytics + "/conversations/aggregates/query", paging: "none", method: "POST", list: "results", query: byQueue, core: true},
	{path: apiAnalytics + "/reporting/settings", paging: "none", method: "GET", snapshot: true},
	{path: "/api/v2/beyond/aggregates/query", upstream: apiAnalytics + "/conversations/aggregates/query", paging: "none", method: "POST", list: "results", query: byQueue},

	{path: apiAnalytics + "/conversations/details/query", paging: "body", method: "POST", list: "conversations", size: 3, most: 100, totalled: true, core: true},
	{path: apiAnalytics + "/users/details/query", paging: "body", method: "POST", list: "userDetails", size: 10, most: 100, totalled: true},
	{path: "/api/v2/speechandtextanalytics/transcripts/search", paging: "body", method: "POST", list: "results", size: 60, most: 100, counted: true, totalled: true, flat: true, snapshot: true, query: `{"types":["transcripts"]}`},
	{path: "/api/v2/beyond/details/query", upstream: apiAnalytics + "/conversations/details/query", paging: "body", method: "POST", list: "conversations", size: 3, most: 100, totalled: true},

	{path: apiAnalytics + "/queues/summary", paging: "query", method: "GET", list: "entities", size: 3, most: 100, counted: true, totalled: true, core: true},
	{path: apiAnalytics + "/routing/activity/query", paging: "query", method: "POST", list: "results", size: 3, most: 100, snapshot: true, query: `{"groupBy":["queueId"],"metrics":[{"metric":"oOnQueueUsers"}]}`},
	{path: "/api/v2/beyond/summary", upstream: apiAnalytics + "/queues/summary", paging: "query", method: "GET", list: "entities", size: 3, most: 100, counted: true, totalled: true},

	{path: "/api/v2/beyond/sessions", upstream: apiAnalytics + "/botflows/4c1e9d4e/sessions", paging: "cursor", method: "GET", list: "entities", size: 5, most: 250, core: true},

	{path: apiAnalytics + "/botflows/4c1e9d4e/sessions", paging: "after", method: "GET", list: "entities", size: 5, most: 250, core: true},
	{path: apiAnalytics + "/taskmanagement/metrics/query", paging: "after", method: "POST", list: "results", size: 3, most: 200, snapshot: true, cursors: true, query: `{"groupBy":["queueId"],"metrics":[{"name":"oActive"}],"filter":{"predicates":[]}}`},
	{path: "/api/v2/beyond/turns", upstream: apiAnalytics + "/botflows/4c1e9d4e/reportingturns", paging: "after", method: "GET", list: "entities", size: 5, most: 250},

	{path: apiAnalytics + "/conversations/details/jobs", paging: "job", method: "POST", list: "conversations", size: 3, most: 1000, lags: true, core: true},
	{path: apiAnalytics + "/users/details/jobs", paging: "job", method: "POST", list: "userDetails", size: 10, most: 1000, lags: true},
	{path: apiAnalytics + "/conversations/aggregates/jobs", paging: "job", method: "POST", list: "results", size: 3, most: 1000, query: byQueue, flat: true},
	{path: "/api/v2/beyond/details/jobs", upstream: apiAnalytics + "/conversations/details/jobs", paging: "job", method: "POST", list: "conversations", size: 3, most: 1000},
}

func (e endpoint) known() bool { return e.upstream == "" }

func (e endpoint) name() string {
	return strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(e.path, apiAnalytics+"/"), "/api/v2/"), "/", "-")
}

// The window of a row: three hours of a day that is long over.
const (
	windowStart = "2025-03-04T10:00:00Z"
	windowEnd   = "2025-03-04T13:00:00Z"
	windowHours = 3
)

// hour is the n-th interval of the window, as it is sent.
func hour(n int) string {
	start, _ := time.Parse(time.RFC3339, windowStart)
	const form = "2006-01-02T15:04:05.000Z"
	at := start.Add(time.Duration(n) * time.Hour)
	return at.Format(form) + "/" + at.Add(time.Hour).Format(form)
}

// tenantConfig makes three pages of each answer: 7 queues, 28 users, and 7
// conversations and 12 bot sessions an hour.
func tenantConfig() simulator.Config {
	return simulator.Config{Queues: 7, Conversations: 168, JobPolls: 1, Seed: 1}
}

// config is the YAML of an input, without its origin.
func (e endpoint) config(origin, client string, lines ...string) string {
	query := e.query
	if query == "" {
		query = "{}"
	}
	all := []string{
		"client_id: " + client, "client_secret: demo-secret", "api_url: " + origin, "login_url: " + origin,
		"endpoint: " + e.path, "query: " + query,
	}
	if e.size > 0 {
		all = append(all, fmt.Sprintf("page_size: %d", e.size))
	}
	if !e.known() {
		all = append(all, "method: "+e.method, "paging: "+e.paging)
	}
	return strings.Join(append(all, lines...), "\n")
}

// direct asks a tenant itself, to know what there is.
type direct struct {
	tenant *simulator.Simulator
	token  string
}

func (d *direct) do(method, path string, body string) (map[string]json.RawMessage, error) {
	r, err := http.NewRequest(method, "http://tenant.test"+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+d.token)
	if path == "/oauth/token" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth("demo-client", "demo-secret")
	}
	res, err := d.tenant.Transport().RoundTrip(r)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode > 299 {
		return nil, fmt.Errorf("%s %s: %d %s %w", method, path, res.StatusCode, raw, err)
	}
	var page map[string]json.RawMessage
	return page, json.Unmarshal(raw, &page)
}

// knownRecords are the records that were asked for before, by everything they depend on.
var knownRecords sync.Map

// records are all that the tenant has for an interval of an endpoint.
func (e endpoint) records(config simulator.Config, interval string) ([]string, error) {
	config.Faults, config.FailJobs, config.ExpireJobsAfter = simulator.Faults{}, 0, 0
	config.ShortPages, config.PageCap, config.JobPolls, config.ClientID = 0, 0, -1, ""
	key := fmt.Sprint(e.path, interval, config)
	if all, ok := knownRecords.Load(key); ok {
		return all.([]string), nil
	}
	all, err := e.ask(config, interval)
	if err == nil {
		knownRecords.Store(key, all)
	}
	return all, err
}

func (e endpoint) ask(config simulator.Config, interval string) ([]string, error) {
	tenant, err := simulator.New(config)
	if err != nil {
		return nil, err
	}
	d := &direct{tenant: tenant}
	token, err := d.do("POST", "/oauth/token", "grant_type=client_credentials")
	if err != nil {
		return nil, err
	}
	_ = json.Unmarshal(token["access_token"], &d.token)
	path := e.path
	if e.upstream != "" {
		path = e.upstream
	}
	if e.paging == "job" {
		return e.jobRecords(d, path, interval)
	}
	if e.snapshot {
		interval = ""
	}
	return e.pageRecords(d, path, interval)
}

func (e endpoint) pageRecords(d *direct, path, interval string) (all []string, err error) {
	for number := 1; ; number++ {
		page, err := d.do(e.method, path+"?"+e.wholeQuery(interval, number), e.wholeBody(interval, number))
		if err != nil {
			return nil, err
		}
		found := recordsOf(e, page)
		all = append(all, found...)
		if len(found) < e.most || e.most == 0 {
			return all, nil
		}
	}
}

func (e endpoint) wholeQuery(interval string, number int) string {
	q := url.Values{}
	if e.method == "GET" && interval != "" {
		q.Set("interval", interval)
	}
	if e.paging != "body" && e.most > 0 {
		q.Set("pageSize", fmt.Sprint(e.most))
	}
	if e.paging == "query" {
		q.Set("pageNumber", fmt.Sprint(number))
	}
	return q.Encode()
}

func (e endpoint) wholeBody(interval string, number int) string {
	body := map[string]any{}
	_ = json.Unmarshal([]byte(e.query), &body)
	if interval != "" {
		body["interval"] = interval
	}
	switch {
	case e.paging == "body" && e.flat:
		body["pageSize"], body["pageNumber"] = e.most, number
	case e.paging == "body":
		body["paging"] = map[string]int{"pageSize": e.most, "pageNumber": number}
	case e.paging == "job" && e.flat:
		body["pageSize"] = e.most
	}
	out, _ := json.Marshal(body)
	return string(out)
}

func (e endpoint) jobRecords(d *direct, path, interval string) ([]string, error) {
	job, err := d.do("POST", path, e.wholeBody(interval, 1))
	if err != nil {
		return nil, err
	}
	var id string
	_ = json.Unmarshal(job["jobId"], &id)
	size := ""
	if !e.flat {
		size = fmt.Sprintf("?pageSize=%d", e.most)
	}
	page, err := d.do("GET", path+"/"+id+"/results"+size, "")
	return recordsOf(e, page), err
}

// recordsOf are a page's records, each as it reads whatever its spelling.
func recordsOf(e endpoint, page map[string]json.RawMessage) (all []string) {
	if e.list == "" {
		whole, _ := json.Marshal(page)
		return []string{string(whole)}
	}
	var list []json.RawMessage
	_ = json.Unmarshal(page[e.list], &list)
	for _, record := range list {
		var value any
		d := json.NewDecoder(bytes.NewReader(record))
		d.UseNumber()
		_ = d.Decode(&value)
		canonical, _ := json.Marshal(value)
		all = append(all, string(canonical))
	}
	return all
}
