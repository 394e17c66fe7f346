// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const transcriptsSearch = "/api/v2/speechandtextanalytics/transcripts/search"

// successors are the endpoints that have replaced some that left the API.
var successors = map[string]string{
	"/api/v2/analytics/conversations/transcripts/query": transcriptsSearch, // in August 2025
}

// endpoints are what `auto` of the fields method, paging and interval_in looks up: every
// operation of the public API description that reads analytics, and the listings of what
// analytics have the ids of. The contract tests compare the table with the description.
var endpoints = slices.Concat(
	[]Endpoint{
		listing("/api/v2/analytics/queues/summary", InQuery, "analytics:queueObservation:view"),
	},

	// What ids stand for.
	[]Endpoint{
		listing("/api/v2/routing/queues", Nowhere, "routing:queue:view"),
		listing("/api/v2/routing/wrapupcodes", Nowhere, "routing:wrapupCode:view"),
		listing("/api/v2/routing/skills", Nowhere, ""),
		listing("/api/v2/routing/languages", Nowhere, ""),
		listing("/api/v2/authorization/divisions", Nowhere, ""),
		listing("/api/v2/groups", Nowhere, ""),
		everyUser(listing("/api/v2/users", Nowhere, "")),
		{
			Path: "/api/v2/teams", Method: http.MethodGet, Paging: PagingAfter, Interval: Nowhere,
			MaxPage: 100, List: "entities", Permission: "groups:team:view",
		},
		{
			Path: "/api/v2/presence/definitions", Method: http.MethodGet, Paging: PagingNone, Interval: Nowhere,
			List: "entities", Permission: "presence:presenceDefinition:view",
		},
	},

	// One bucket or many of each group: the query at once, or as a job.
	aggregates("actions", "integrations:action:view"),
	aggregates("agentcopilots", "analytics:agentCopilotAggregate:view"),
	aggregates("agentutilizations", "analytics:agentUtilizationAggregate:view"),
	aggregates("bots", "analytics:botAggregate:view"),
	aggregates("casemanagement", "analytics:caseManagementAggregate:view"),
	aggregates("conversations", "analytics:conversationAggregate:view"),
	aggregates("copilots", "analytics:copilotsAggregate:view"),
	aggregates("evaluations", "analytics:evaluationAggregate:view"),
	aggregates("flowexecutions", "analytics:flowExecutionAggregate:view"),
	aggregates("flows", "analytics:flowAggregate:view"),
	aggregates("journeys", "analytics:journeyAggregate:view"),
	aggregates("knowledge", "analytics:knowledgeAggregate:view"),
	aggregates("ratelimits", "analytics:rateLimitAggregate:view")[:1], // it has no jobs
	aggregates("resolutions", "analytics:resolutionAggregate:view"),
	aggregates("summaries", "analytics:summaryAggregate:view"),
	aggregates("surveys", "analytics:surveyAggregate:view"),
	aggregates("taskmanagement", "analytics:taskManagementAggregate:view"),
	aggregates("transcripts", "analytics:speechAndTextAnalyticsAggregates:view"),
	ofUsers(aggregates("users", "analytics:userAggregate:view")),

	// One record for each conversation, or each user's day.
	details("conversations", "conversations", "analytics:conversationDetail:view"),
	details("users", "userDetails", "analytics:userDetail:view"),

	// The present state.
	[]Endpoint{
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

		{
			Path: "/api/v2/analytics/taskmanagement/metrics/query", Method: http.MethodPost, Paging: PagingAfter, Interval: Nowhere,
			MaxPage: 200, List: "results", Permission: "analytics:taskManagementObservation:view",
		},
	},

	// What a bot flow was asked; kept for about ten days.
	[]Endpoint{
		botflow("sessions", "analytics:botFlowSession:view"),
		botflow("divisions/reportingturns", "analytics:botFlowDivisionAwareReportingTurn:view"),
		botflow("reportingturns", "analytics:botFlowReportingTurn:view"), // deprecated
	},

	// Listings, and single things by their id.
	[]Endpoint{
		listing("/api/v2/analytics/reporting/exports", Nowhere, "analytics:dataExport:view"),
		listing("/api/v2/analytics/reporting/dashboards/users", Nowhere, "analytics:dashboardConfigurations:view"),
		listing("/api/v2/analytics/reporting/settings/dashboards/query", Nowhere, "analytics:dashboardConfigurations:view"),
		listing("/api/v2/analytics/reporting/settings/users/{userId}/dashboards", Nowhere, "analytics:dashboardConfigurations:viewPrivate"),

		lookup("reporting/exports/metadata", "entities", "analytics:dataExport:view"),
		lookup("reporting/dashboards/users/{userId}", WholeDocument, "analytics:dashboardConfigurations:view"),
		lookup("reporting/settings", WholeDocument, ""),
		lookup("dataretention/settings", WholeDocument, "analytics:dataRetention:view"),
		lookup("agents/{userId}/status", WholeDocument, "analytics:agentState:view"),
		lookup("conversations/{conversationId}/details", WholeDocument, "analytics:conversationDetail:view"),
		lookup("conversations/details", "conversations", "analytics:conversationDetail:view"),
		lookup("conversations/details/jobs/availability", WholeDocument, "analytics:conversationDetail:view"),
		lookup("users/details/jobs/availability", WholeDocument, "analytics:userDetail:view"),
		{ // its interval is one of the criteria of its query; its results end at the 1000th
			Path: transcriptsSearch, Method: http.MethodPost, Paging: PagingBody, Flat: true,
			Interval: Nowhere, MaxPage: 100, List: "results", Permission: "analytics:conversationDetail:view",
		},
	},
)

// aggregates describes POST .../aggregates/query of one domain, and its job. The
// description names no maximum for a job's pages.
func aggregates(domain, permission string) []Endpoint {
	query := Endpoint{
		Path: "/api/v2/analytics/" + domain + "/aggregates/query", Method: http.MethodPost,
		Paging: PagingNone, Interval: InBody, Granular: true, TimeZone: true, List: "results", Permission: permission,
		Limits: Limits{Views: 10},
	}
	job := query
	job.Path = "/api/v2/analytics/" + domain + "/aggregates/jobs"
	job.Paging, job.MaxPage, job.PageSizeOnSubmit = PagingJob, 1000, true
	return []Endpoint{query, job}
}

// ofUsers adds the limits that the users' aggregates alone have. That of the ids is
// documented for the query, and not for its job.
func ofUsers(both []Endpoint) []Endpoint {
	both[0].Limits.UserIDs = 100
	for i := range both {
		both[i].Limits.GroupBy = "userId"
	}
	return both
}

const day = 24 * time.Hour

// details describes POST .../details/query, which pages in its body, and its job.
// The description names no maximum; the service refuses more than 100, and takes
// 1000 of a job.
func details(subject, list, permission string) []Endpoint {
	query := Endpoint{
		Path: "/api/v2/analytics/" + subject + "/details/query", Method: http.MethodPost,
		Paging: PagingBody, Interval: InBody, MaxPage: 100, List: list, Permission: permission,
		LooseTotal: subject == "users", // a user whose day is in two pages is in one
		Limits:     Limits{Longest: 7 * day, LongestFiltered: 31 * day},
	}
	job := query
	job.Limits = Limits{}
	job.Path = "/api/v2/analytics/" + subject + "/details/jobs"
	job.Paging, job.MaxPage, job.HasWatermark = PagingJob, 1000, true
	return []Endpoint{query, job}
}

// snapshot describes a POST that returns the present state.
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

// botflow describes a GET of the sessions or turns of one bot flow.
func botflow(path, permission string) Endpoint {
	return Endpoint{
		Path: "/api/v2/analytics/botflows/{botFlowId}/" + path, Method: http.MethodGet,
		Paging: PagingAfter, Interval: InQuery, MaxPage: 250, List: "entities", Permission: permission,
	}
}

// listing describes a GET of Genesys' usual entity listing.
func listing(path string, interval Place, permission string) Endpoint {
	return Endpoint{
		Path: path, Method: http.MethodGet, Paging: PagingQuery, Interval: interval, Granular: interval != Nowhere,
		MaxPage: 100, List: "entities", Permission: permission,
	}
}

// everyUser lists those that have left too: the service names only the active ones
// unless it is told, and history has the ids of all.
func everyUser(e Endpoint) Endpoint {
	e.Usual = url.Values{"state": {"any"}}
	return e
}

// lookup describes a GET that has everything in one response.
func lookup(path, list, permission string) Endpoint {
	return Endpoint{
		Path: "/api/v2/analytics/" + path, Method: http.MethodGet,
		Paging: PagingNone, Interval: Nowhere, List: list, Permission: permission,
	}
}

// KnownEndpoint returns the table's entry for a path, with that path in it; ok is false
// where there is none. An entry with the path itself precedes one with {names} in it.
func KnownEndpoint(path string) (known Endpoint, ok bool) {
	i := slices.IndexFunc(endpoints, func(e Endpoint) bool { return e.Path == path })
	if i < 0 {
		i = slices.IndexFunc(endpoints, func(e Endpoint) bool { return matches(e.Path, path) })
	}
	if i < 0 {
		return Endpoint{}, false
	}
	known = endpoints[i]
	known.Path = path
	return known, true
}

// Successor returns the endpoint that has replaced one that left the API; empty if none has.
func Successor(path string) string { return successors[path] }

// matches reports whether path is the template with its {names} filled in.
func matches(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(want, got string) bool {
		return want == got || strings.HasPrefix(want, "{") && got != ""
	})
}

// Endpoints returns the table; {name} stands for one segment of a path.
func Endpoints() []Endpoint { return slices.Clone(endpoints) }
