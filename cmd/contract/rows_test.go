// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/rows"
)

// inExtra are members of listed entities that have no column: what only one kind has and
// sets it up, and what two kinds have with two types.
var inExtra = strings.Fields(`version
	autoAnswerOnly callingPartyName callingPartyNumber defaultMediaLanguage enableAudioMonitoring
	enableManualAssignment enableTranscription lastAgentRoutingMode peerId scoringMethod
	skillEvaluationMethod suppressInQueueCallRecording
	callsEnabled includeOwners rolesEnabled rulesVisible`)

// eachLevel calls f with each level of each table that is described.
func eachLevel(f func(t *rows.Table, l rows.Level)) {
	var visit func(t *rows.Table, levels []rows.Level)
	visit = func(t *rows.Table, levels []rows.Level) {
		for _, l := range levels {
			if len(l.Models) > 0 {
				f(t, l)
			}
			visit(t, l.Below)
		}
	}
	for _, t := range rows.Tables() {
		visit(t, t.Levels)
	}
}

// TestEachColumnIsAsDescribed: each field of a row is a member of what the vendor says
// the row is made of, with the type that it says.
func TestEachColumnIsAsDescribed(t *testing.T) {
	sdk, now := described(t), newest(t)
	dims := sdk.dimensions()
	eachLevel(func(table *rows.Table, l rows.Level) {
		for _, f := range l.Fields {
			if f.Path == "" {
				continue
			}
			if name, ok := strings.CutPrefix(f.Path, "group."); ok {
				assert.True(t, dims[name], "%s: nothing can be grouped by %s", table.Name, name)
				assert.Equal(t, rows.Text, f.Kind)
			}
			found := false
			for _, model := range l.Models {
				if schema := sdk.member(model, f.Path); schema != nil {
					found = true
					assert.Contains(t, kindsOf(schema, true), string(f.Kind), "%s: %s of %s", table.Name, f.Path, model)
				}
				if schema := now.member(model, f.Path); schema != nil {
					found = true
					assert.Contains(t, kindsOf(schema, false), string(f.Kind), "%s: %s of the newest %s", table.Name, f.Path, model)
				}
			}
			assert.True(t, found, "%s: %s is no member of %v", table.Name, f.Path, l.Models)
		}
	})
}

// TestNoMemberIsMissing: what the vendor describes has a column, or rows of its own. What
// comes later is in extra, and fails here, so that it gets one.
func TestNoMemberIsMissing(t *testing.T) {
	for name, d := range map[string]*description{"the SDK's": described(t), "the newest": newest(t)} {
		eachLevel(func(table *rows.Table, l rows.Level) {
			if l.Of {
				return
			}
			for _, model := range l.Models {
				definition, ok := d.named[model].(object)
				if !ok {
					continue // the others have it
				}
				for member, schema := range definition["properties"].(object) {
					assert.True(t, tells(table, l, member) || isLeft(table, member, schema.(object)), "%s: %s of %s %s has no column", table.Name, member, name, model)
				}
			}
		})
	}
}

// tells reports whether a level has a column for a member, or rows.
func tells(table *rows.Table, l rows.Level, member string) bool {
	if table.Name == "agent_status" && l.List == "metrics" {
		return true // of its statistics the sum is the status' time, and the others are in extra
	}
	isIt := func(path string) bool { return path == member || strings.HasPrefix(path, member+".") }
	return slices.ContainsFunc(l.Fields, func(f rows.Field) bool { return isIt(f.Path) }) ||
		slices.ContainsFunc(l.Elsewhere, func(name string) bool { return strings.TrimSuffix(name, "{}") == member }) ||
		slices.ContainsFunc(l.Below, func(below rows.Level) bool { return below.List == member })
}

// isLeft reports whether a member of an entity is left to extra.
func isLeft(table *rows.Table, member string, schema object) bool {
	if table.Name != "entities" {
		return false
	}
	return slices.Contains(inExtra, member) || slices.Equal(kindsOf(schema, true), []string{"json"})
}

// TestNoTableIsInvented: each model that a table names is described, and each endpoint
// that it is read of is known.
func TestNoTableIsInvented(t *testing.T) {
	sdk, now := described(t), newest(t)
	eachLevel(func(table *rows.Table, l rows.Level) {
		for _, model := range l.Models {
			assert.True(t, sdk.named[model] != nil || now.named[model] != nil, "%s: %s", table.Name, model)
		}
	})
	for _, e := range genesys.Endpoints() {
		s, err := rows.ForEndpoint(e.Path, rows.Auto, nil)
		if err != nil {
			assert.NotContains(t, []string{"results", "conversations", "userDetails"}, strings.TrimPrefix(e.List, rowless[e.Path]), "%s has no rows", e.Path)
			continue
		}
		if e.List != genesys.WholeDocument {
			assert.True(t, slices.ContainsFunc(s.Table.Levels, func(l rows.Level) bool { return l.List == e.List }), "%s is not in %s", e.List, e.Path)
		}
	}
	for _, table := range rows.Tables() {
		require.NotEmpty(t, table.Endpoints(), table.Name)
	}
}

// rowless are endpoints with a list that is none of the tables'.
var rowless = map[string]string{
	analytics + "taskmanagement/metrics/query":          "results", // one of its own kind, of what cases are at
	"/api/v2/speechandtextanalytics/transcripts/search": "results", // whatever the search is told to return
}

// dimensions are those that any query groups by.
func (d *description) dimensions() map[string]bool {
	all := map[string]bool{}
	for name, definition := range d.named {
		if !strings.HasSuffix(name, "AggregationQuery") {
			continue
		}
		properties, _ := definition.(object)["properties"].(object)
		by, _ := properties["groupBy"].(object)
		items, _ := by["items"].(object)
		for _, value := range list(items["enum"]) {
			all[value.(string)] = true
		}
	}
	return all
}

// member returns the schema of a path in a definition; nil if there is none.
func (d *description) member(model, path string) object {
	schema, _ := d.named[model].(object)
	for name := range strings.SplitSeq(path, ".") {
		if ref, ok := schema["$ref"].(string); ok {
			schema, _ = d.named[strings.TrimPrefix(ref, "#/definitions/")].(object)
		}
		properties, _ := schema["properties"].(object)
		next, ok := properties[name].(object)
		if !ok {
			next, _ = schema["additionalProperties"].(object) // the group
		}
		schema = next
	}
	if len(schema) == 0 {
		return nil
	}
	return schema
}

// kindsOf returns how a row may read what a schema describes. The newest description does
// not tell one number from another, or a time from text.
func kindsOf(schema object, formats bool) []string {
	format, _ := schema["format"].(string)
	switch kind := schema["type"]; {
	case kind == "string" && !formats:
		return []string{"text", "time", "interval"}
	case kind == "string" && format == "date-time":
		return []string{"time"}
	case kind == "string":
		return []string{"text", "interval"}
	case kind == "boolean":
		return []string{"boolean"}
	case kind == "integer":
		return []string{"integer"}
	case kind == "number" && !formats:
		return []string{"integer", "decimal", "double", "millis"}
	case kind == "number" && format != "":
		return []string{"double"}
	case kind == "number":
		return []string{"decimal", "millis"}
	}
	return []string{"json"}
}
