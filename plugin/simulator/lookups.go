// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"strconv"
	"strings"
)

// The rest of what can be read of the public API description's analytics: single
// things by their id, settings, and the listings of the reporting views.

var transcriptRule = &rule{[]string{"sortOrder", "sortBy", "pageSize", "pageNumber", "sort", "returnFields", "types", "query"}, []string{"types"}}

func (s *Simulator) lookups() []route {
	view := func(p string) []string { return []string{"analytics:" + p + ":view"} }
	conversations := []string{"analytics:conversationDetail:view", "analytics:agentConversationDetail:view"}
	dashboards := view("dashboardConfigurations")
	reporting := analytics + "/reporting"
	return []route{
		{"GET", analytics + "/agents/{id}/status", view("agentState"), nil, s.agentByID},
		{"GET", analytics + "/conversations/{id}/details", conversations, nil, s.conversationByID},
		{"GET", analytics + "/conversations/details", conversations, nil, s.conversationsByID},
		{"POST", "/api/v2/speechandtextanalytics/transcripts/search", []string{"analytics:conversationDetail:view", "recording:recording:view"}, transcriptRule, s.transcripts},
		{"GET", analytics + "/dataretention/settings", view("dataRetention"), nil, fixed(map[string]int{"retentionDays": 400})},
		{"GET", reporting + "/settings", nil, nil, fixed(map[string]bool{"piiMaskingEnabled": false})},
		{"GET", reporting + "/exports/metadata", view("dataExport"), nil, s.exportViews},
		{"GET", reporting + "/dashboards/users", dashboards, nil, s.dashboardUsers},
		{"GET", reporting + "/dashboards/users/{id}", dashboards, nil, s.dashboardUserByID},
		{"GET", reporting + "/settings/dashboards/query", dashboards, nil, noEntities},
		{"GET", reporting + "/settings/users/{id}/dashboards", []string{"analytics:dashboardConfigurations:viewPrivate"}, nil, noEntities},
	}
}

func fixed(body any) func(*call) (reply, *apiError) {
	return func(c *call) (reply, *apiError) { return c.page(body, "", 1, 1), nil }
}

func noEntities(c *call) (reply, *apiError) {
	return list(c, "", 0, maxPage, func(int) struct{} { return struct{}{} })
}

func (s *Simulator) userIndex(id string) (int, *apiError) {
	for i := range s.data.users() {
		if s.data.userID(i) == id {
			return i, nil
		}
	}
	return 0, notFound("user " + id)
}

func (s *Simulator) agentByID(c *call) (reply, *apiError) {
	i, err := s.userIndex(c.id)
	if err != nil {
		return reply{}, err
	}
	return c.page(s.data.agent(i), "", 1, 1), nil
}

// byID undoes conversationID.
func (d dataset) byID(id string) (conversation, bool) {
	n, err := strconv.ParseInt(id[strings.LastIndexByte(id, '-')+1:], 16, 64)
	day, i := n>>24, n&(1<<24-1)
	if err != nil || i >= d.perDay || d.conversationID(day, i) != id {
		return conversation{}, false
	}
	return d.conversation(day, i, false), true
}

func (s *Simulator) conversationByID(c *call) (reply, *apiError) {
	found, ok := s.data.byID(c.id)
	if !ok {
		return reply{}, notFound("conversation " + c.id)
	}
	return c.page(found, "", 1, 1), nil
}

// conversationsByID leaves out what it does not know.
func (s *Simulator) conversationsByID(c *call) (reply, *apiError) {
	var page struct {
		Conversations []conversation `json:"conversations,omitempty"`
	}
	for id := range strings.SplitSeq(c.query.Get("id"), ",") {
		if found, ok := s.data.byID(id); ok {
			page.Conversations = append(page.Conversations, found)
		}
	}
	return c.page(page, "", 1, len(page.Conversations)), nil
}

// found is JsonSearchResponse of the public API description, whose results are a list.
type found[T any] struct {
	Total      int      `json:"total"`
	PageCount  int      `json:"pageCount"`
	PageSize   int      `json:"pageSize"`
	PageNumber int      `json:"pageNumber"`
	Types      []string `json:"types"`
	Results    []T      `json:"results"`
}

// transcript is one that a search finds. The description leaves its fields open; these
// are of the vendor's page on the search.
type transcript struct {
	TranscriptID    string `json:"transcriptId"`
	ConversationID  string `json:"conversationId"`
	CommunicationID string `json:"communicationId"`
	MediaType       string `json:"mediaType"`
	Language        string `json:"language"`
	StartTime       string `json:"startTime"`
}

const (
	// maxFound is how deep a search of transcripts can be paged.
	maxFound = 1000
	// maxTranscripts is how many the tenant has.
	maxTranscripts = 500
)

// transcripts finds those of the first conversations of the tenant's first day. Like all
// searches it pages at the top of its body, and its interval is one of the criteria of
// its query, of which this simulator reads none.
func (s *Simulator) transcripts(c *call) (reply, *apiError) {
	size, err := bodyValue[int](c, "pageSize")
	if err != nil {
		return reply{}, err
	}
	number, err := bodyValue[int](c, "pageNumber")
	if err != nil {
		return reply{}, err
	}
	types, err := bodyValue[[]string](c, "types")
	if err != nil {
		return reply{}, err
	}
	size, number, err = c.checkPaging(orDefault(size, defaultPage), orDefault(number, 1), maxPage)
	switch {
	case err != nil:
		return reply{}, err
	case number > maxFound/size:
		return reply{}, badRequest("too many requested results: a search ends at %d", maxFound)
	}
	total := int(min(s.data.perDay, maxTranscripts))
	from, to := slice(total, size, number)
	page := found[transcript]{total, (total + size - 1) / size, size, number, types, []transcript{}}
	for i := from; i < to; i++ {
		page.Results = append(page.Results, s.data.transcript(int64(i)))
	}
	return c.page(page, "", number, to-from), nil
}

// transcript is that of a conversation of the first day.
func (d dataset) transcript(i int64) transcript {
	of := d.conversation(floorDay(epoch), i, false)
	said := of.Participants[0].Sessions[0]
	return transcript{
		TranscriptID: uuid(mix(d.seed, kindTranscript, uint64(i))), ConversationID: of.ConversationID, CommunicationID: said.SessionID,
		MediaType: said.MediaType, Language: "en-us", StartTime: of.ConversationStart,
	}
}

// exportView is ReportingExportMetadataJobResponse, dashboardUser is DashboardUser.
type (
	exportView struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		ViewType string `json:"viewType"`
	}
	dashboardUser struct {
		ID             string `json:"id"`
		Name           string `json:"name"`
		DashboardCount int    `json:"dashboardCount"`
		State          string `json:"state"`
	}
)

func (s *Simulator) exportViews(c *call) (reply, *apiError) {
	views := []string{"QUEUE_PERFORMANCE_SUMMARY_VIEW", "AGENT_PERFORMANCE_SUMMARY_VIEW", "INTERACTION_SEARCH_VIEW"}
	return list(c, "", len(views), maxPage, func(i int) exportView {
		return exportView{uuid(mix(s.data.seed, kindExport, uint64(i), 2)), views[i], views[i]}
	})
}

func (s *Simulator) dashboardUsers(c *call) (reply, *apiError) {
	return list(c, "", s.data.users(), maxPage, s.data.dashboardUser)
}

func (s *Simulator) dashboardUserByID(c *call) (reply, *apiError) {
	i, err := s.userIndex(c.id)
	if err != nil {
		return reply{}, err
	}
	return c.page(s.data.dashboardUser(i), "", 1, 1), nil
}

func (d dataset) dashboardUser(i int) dashboardUser {
	return dashboardUser{d.userID(i), "Agent " + strconv.Itoa(i+1), 1, "active"}
}
