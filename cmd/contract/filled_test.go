// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/rows"
)

// TestAWholePageFillsEachColumn: of each endpoint, a page with every member that the
// description has. Its rows have a value in every column, and nothing is left over that
// could have one.
func TestAWholePageFillsEachColumn(t *testing.T) {
	d := described(t)
	filled := map[string]map[string]bool{} // table → column
	for _, e := range genesys.Endpoints() {
		model := d.pageOf(e)
		main, err := rows.ForEndpoint(e.Path, rows.Auto, nil)
		if err != nil || model == "" {
			continue // it has no table, or this description does not have it
		}
		page, err := json.Marshal(filler{d, groupOf(e.Path)}.fill(object{"$ref": "#/definitions/" + model}, "", nil))
		require.NoError(t, err)
		require.NoError(t, d.validate(model, page), "what is filled in is as described")
		for _, table := range rows.Names() {
			s, err := rows.ForEndpoint(e.Path, table, nil)
			if err != nil {
				continue
			}
			n := 0
			require.NoError(t, s.Read(page, func(row map[string]any) {
				n++
				for column, value := range row {
					if filled[table] == nil {
						filled[table] = map[string]bool{}
					}
					filled[table][column] = filled[table][column] || value != nil
				}
				assertLeft(t, e.Path, table, row[rows.Extra])
			}))
			assert.True(t, n > 0 || table == "participant_attributes", "%s of %s", table, e.Path) // which only the job has
		}
		assert.NotNil(t, main)
	}
	for _, table := range rows.Tables() {
		if table.Name == "queue_summary" {
			continue // no description has it
		}
		for _, column := range table.ColumnNames() {
			assert.True(t, filled[table.Name][column] || column == rows.Extra || sinceThen[column], "%s.%s is never filled", table.Name, column)
		}
	}
}

// sinceThen are columns of members that came after this description.
var sinceThen = func() map[string]bool {
	names := map[string]bool{}
	for name := range strings.FieldsSeq(`calculated_metric_value secondary_qualifier entity_ids
		access_attributes associated_conversation_id consultation_conversation_ids inactivity_timeout originating_social_media_public
		delivery_pushed engagement_source error_code_description screen_monitored_user_id skill_expression_id snippet_recording
		date_welcome_sent`) {
		names[name] = true
	}
	return names
}()

// assertLeft: extra has what is of the page, what is known to have no column, and objects
// of entities.
func assertLeft(t *testing.T, endpoint, table string, extra any) {
	t.Helper()
	text, ok := extra.(string)
	if !ok {
		return
	}
	left := map[string]any{}
	require.NoError(t, json.Unmarshal([]byte(text), &left))
	for name, value := range left {
		_, list := value.([]any)
		_, nested := value.(object)
		switch {
		case strings.HasPrefix(name, "page."):
		case table == "entities" && (list || nested || strings.Contains(name, ".")):
		case table == "entities":
			assert.Contains(t, inExtra, name, endpoint)
		case table == "agent_status":
			assert.True(t, strings.HasPrefix(name, "stats."), "%s: %s", endpoint, name)
		default:
			t.Errorf("%s: %s is left of %s", table, name, endpoint)
		}
	}
}

// pageOf is the definition of an endpoint's pages.
func (d *description) pageOf(e genesys.Endpoint) string {
	if e.Paging == genesys.PagingJob {
		return d.paths[e.Path+"/{jobId}/results"][http.MethodGet].responses["200"]
	}
	return d.paths[e.Path][e.Method].responses["200"]
}

// filler makes values of schemas.
type filler struct {
	*description
	group object // what stands for a group
}

// fill returns a value of a schema with everything in it, and a model at most once in
// itself.
func (d filler) fill(schema object, name string, inside []string) any {
	if ref, ok := schema["$ref"].(string); ok {
		if strings.Count(strings.Join(inside, " ")+" ", ref+" ") > 1 {
			return nil
		}
		return d.fill(d.named[strings.TrimPrefix(ref, "#/definitions/")].(object), name, append(inside, ref))
	}
	if values := list(schema["enum"]); len(values) > 0 {
		return values[0]
	}
	switch schema["type"] {
	case "array":
		element := d.fill(schema["items"].(object), name, inside)
		if element == nil {
			return nil
		}
		return []any{element}
	case "boolean":
		return true
	case "integer":
		return 7
	case "number":
		return json.Number("1.5")
	case "string":
		return textOf(schema, name)
	}
	whole := object{}
	if of, ok := schema["additionalProperties"].(object); ok {
		whole["name"] = d.fill(of, "name", inside)
	}
	if name == "group" {
		return d.group
	}
	properties, _ := schema["properties"].(object)
	for member, of := range properties {
		if value := d.fill(of.(object), member, inside); value != nil {
			whole[member] = value
		}
	}
	return whole
}

func textOf(schema object, name string) string {
	switch {
	case schema["format"] == "date-time":
		return "2026-08-01T09:00:00.123Z"
	case schema["format"] == "date":
		return "2026-08-01"
	case schema["format"] == "uri-reference":
		return "/x"
	case name == "interval":
		return "2026-08-01T09:00:00.000Z/2026-08-01T09:05:00.000Z"
	}
	return "text of " + name
}

// groupOf is a group by every dimension that has a column: of users by the one that there
// is, and of observations by none that what is behind one says of itself.
func groupOf(path string) object {
	if strings.Contains(path, "/users/aggregates/") {
		return object{"userId": "a user"}
	}
	group, own := object{}, map[string]bool{}
	eachLevel(func(table *rows.Table, l rows.Level) {
		for _, f := range l.Fields {
			if name, ok := strings.CutPrefix(f.Path, "group."); ok {
				group[name] = "a " + name
			}
			own[f.Path] = own[f.Path] || table.Name == "observations" && l.List == "entities"
		}
	})
	if !strings.Contains(path, "/aggregates/") {
		maps.DeleteFunc(group, func(name string, _ any) bool { return own[name] })
	}
	return group
}
