// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Paging is how an endpoint hands out a long answer.
type Paging string

// The kinds of paging.
const (
	PagingNone  Paging = "none"  // one response has everything
	PagingBody  Paging = "body"  // paging: {pageSize, pageNumber} in the body
	PagingQuery Paging = "query" // pageSize and pageNumber in the query string
)

// Place is where an endpoint takes its interval.
type Place string

// The places.
const (
	InBody  Place = "body"
	InQuery Place = "query"
	Nowhere Place = "none" // a snapshot of now
)

// Endpoint is one read of the public API description.
type Endpoint struct {
	// Path begins with /api/v2/; {name} stands for one segment.
	Path       string
	Method     string
	Paging     Paging
	Interval   Place
	Granular   bool   // takes granularity
	TimeZone   bool   // takes timeZone
	MaxPage    int    // the largest pageSize; 0 where it does not page
	List       string // the name of the page's list
	Permission string
}

// aggregate describes POST .../aggregates/query of one domain.
func aggregate(domain, permission string) Endpoint {
	return Endpoint{
		Path: "/api/v2/analytics/" + domain + "/aggregates/query", Method: http.MethodPost,
		Paging: PagingNone, Interval: InBody, Granular: true, TimeZone: true, List: "results", Permission: permission,
	}
}

// snapshot describes a POST that tells how things stand now.
func snapshot(path, list, permission string) Endpoint {
	return Endpoint{
		Path: "/api/v2/analytics/" + path, Method: http.MethodPost,
		Paging: PagingNone, Interval: Nowhere, List: list, Permission: permission,
	}
}

// activity describes a snapshot that pages in its query string.
func activity(subject, permission string) Endpoint {
	e := snapshot(subject+"/activity/query", "results", permission)
	e.Paging, e.MaxPage = PagingQuery, 100
	return e
}

// details describes POST .../details/query, which pages in its body. The
// description names no maximum; the service refuses more than 100.
func details(subject, list, permission string) Endpoint {
	return Endpoint{
		Path: "/api/v2/analytics/" + subject + "/details/query", Method: http.MethodPost,
		Paging: PagingBody, Interval: InBody, MaxPage: 100, List: list, Permission: permission,
	}
}

// listing describes a GET of Genesys' usual entity listing.
func listing(path string, interval Place, permission string) Endpoint {
	return Endpoint{
		Path: path, Method: http.MethodGet, Paging: PagingQuery, Interval: interval, Granular: interval != Nowhere,
		MaxPage: 100, List: "entities", Permission: permission,
	}
}

// endpoints are what method, paging and interval_in: auto know.
var endpoints = []Endpoint{
	listing("/api/v2/analytics/queues/summary", InQuery, "analytics:queueObservation:view"),
	listing("/api/v2/analytics/reporting/exports", Nowhere, "analytics:dataExport:view"),
	listing("/api/v2/routing/queues", Nowhere, "routing:queue:view"),

	aggregate("actions", "integrations:action:view"),
	aggregate("agentcopilots", "analytics:agentCopilotAggregate:view"),
	aggregate("agentutilizations", "analytics:agentUtilizationAggregate:view"),
	aggregate("bots", "analytics:botAggregate:view"),
	aggregate("casemanagement", "analytics:caseManagementAggregate:view"),
	aggregate("conversations", "analytics:conversationAggregate:view"),
	aggregate("copilots", "analytics:copilotsAggregate:view"),
	aggregate("evaluations", "analytics:evaluationAggregate:view"),
	aggregate("flowexecutions", "analytics:flowExecutionAggregate:view"),
	aggregate("flows", "analytics:flowAggregate:view"),
	aggregate("journeys", "analytics:journeyAggregate:view"),
	aggregate("knowledge", "analytics:knowledgeAggregate:view"),
	aggregate("ratelimits", "analytics:rateLimitAggregate:view"),
	aggregate("resolutions", "analytics:resolutionAggregate:view"),
	aggregate("summaries", "analytics:summaryAggregate:view"),
	aggregate("surveys", "analytics:surveyAggregate:view"),
	aggregate("taskmanagement", "analytics:taskManagementAggregate:view"),
	aggregate("transcripts", "analytics:speechAndTextAnalyticsAggregates:view"),
	aggregate("users", "analytics:userAggregate:view"),

	details("conversations", "conversations", "analytics:conversationDetail:view"),
	details("users", "userDetails", "analytics:userDetail:view"),

	snapshot("queues/observations/query", "results", "analytics:queueObservation:view"),
	snapshot("users/observations/query", "results", "analytics:userObservation:view"),
	snapshot("flows/observations/query", "results", "analytics:flowObservation:view"),
	snapshot("agents/status/query", "entities", "analytics:agentState:view"),
	snapshot("agents/status/counts", "", "analytics:agentState:view"),

	activity("conversations", "analytics:queueObservation:view"),
	activity("routing", "analytics:queueObservation:view"),
	activity("users", "analytics:userObservation:view"),
	activity("teams", "analytics:teamObservation:view"),
	activity("flows", "analytics:flowObservation:view"),
}

// KnownEndpoint finds a path in the table.
func KnownEndpoint(path string) (Endpoint, bool) {
	i := slices.IndexFunc(endpoints, func(e Endpoint) bool { return e.Path == path })
	if i < 0 {
		return Endpoint{}, false
	}
	return endpoints[i], true
}

// CheckPath refuses what is not the path of an endpoint as Genesys documents it.
func CheckPath(path string) error {
	switch {
	case strings.Contains(path, "://"):
		return fmt.Errorf("endpoint %q has a host: want only the path, from /api/v2/; region or api_url gives the host", path)
	case !strings.HasPrefix(path, "/api/v2/") || path == "/api/v2/":
		return fmt.Errorf("endpoint %q is not a path of the API: want one like /api/v2/analytics/conversations/aggregates/query", path)
	case strings.ContainsAny(path, "?#{} \t\n") || strings.Contains(path, "//") || strings.Contains(path, "/.") || strings.HasSuffix(path, "/"):
		return fmt.Errorf("endpoint %q is more than a path: parameters belong into query, and {names} are to be filled in", path)
	}
	return nil
}

// Slug is a path-safe name of an endpoint: queues-summary.
func Slug(path string) string {
	rest, ok := strings.CutPrefix(path, "/api/v2/analytics/")
	if !ok {
		rest = strings.TrimPrefix(path, "/api/v2/")
	}
	return strings.ReplaceAll(rest, "/", "-")
}
