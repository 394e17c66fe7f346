// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rows

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// sources are the tables of the endpoints, the main one first. The first pattern that
// matches counts.
var sources = []struct {
	pattern string // of path.Match
	tables  string
	whole   bool // a page is one element of the table's list
}{
	{"/api/v2/analytics/queues/summary", "queue_summary", false},
	{"/api/v2/analytics/users/aggregates/*", "aggregates agent_status", false},
	{"/api/v2/analytics/*/aggregates/*", "aggregates", false},
	{"/api/v2/analytics/users/details/*", "agent_status", false},
	{"/api/v2/analytics/conversations/details/*", ofConversations, false},
	{"/api/v2/analytics/conversations/details", ofConversations, false},
	{"/api/v2/analytics/conversations/*/details", ofConversations, true},
	{"/api/v2/analytics/*/observations/query", "observations", false},
	{"/api/v2/analytics/*/activity/query", "observations", false},
	{"/api/v2/users", "entities", false},
	{"/api/v2/groups", "entities", false},
	{"/api/v2/teams", "entities", false},
	{"/api/v2/routing/queues", "entities", false},
	{"/api/v2/routing/wrapupcodes", "entities", false},
	{"/api/v2/routing/skills", "entities", false},
	{"/api/v2/routing/languages", "entities", false},
	{"/api/v2/presence/definitions", "entities", false},
	{"/api/v2/authorization/divisions", "entities", false},
}

const ofConversations = "conversations participants sessions segments participant_attributes session_metrics"

// Auto is the name of an endpoint's main table.
const Auto = "auto"

// ForEndpoint returns what to read of an endpoint's pages: the table of that name, or the
// main one for [Auto], and these columns of it. Of an endpoint that is not known, or of
// none, any table can be read, but it has to be named.
func ForEndpoint(endpoint, table string, columns []string) (*Selection, error) {
	names, whole := source(endpoint)
	switch {
	case len(names) == 0 && table == Auto:
		return nil, fmt.Errorf("%s has no table that is known: set `table` to one of %s", about(endpoint), strings.Join(Names(), ", "))
	case table == Auto:
		table = names[0]
	case len(names) > 0 && !slices.Contains(names, table):
		return nil, fmt.Errorf("%s has no table %s: want one of %s", about(endpoint), table, strings.Join(names, ", "))
	}
	t, ok := Lookup(table)
	if !ok {
		return nil, fmt.Errorf("%q is not a table: want one of %s", table, strings.Join(Names(), ", "))
	}
	s, err := t.Select(columns...)
	if err == nil && whole {
		s = s.Whole()
	}
	return s, err
}

// source returns the names of an endpoint's tables.
func source(endpoint string) (names []string, whole bool) {
	for _, s := range sources {
		if ok, _ := path.Match(s.pattern, endpoint); ok {
			return strings.Fields(s.tables), s.whole
		}
	}
	return nil, false
}

func about(endpoint string) string {
	if endpoint == "" {
		return "a message without genesys_endpoint"
	}
	return endpoint
}

// Endpoints returns the patterns of the endpoints that have the table; * stands for one
// segment of a path.
func (t *Table) Endpoints() (patterns []string) {
	for _, s := range sources {
		if slices.Contains(strings.Fields(s.tables), t.Name) {
			patterns = append(patterns, s.pattern)
		}
	}
	return patterns
}
