// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// keysOf are what the rows of each of the five tables are told apart by.
var keysOf = map[string][]string{
	"conversations":          {"conversation_id"},
	"participants":           {"conversation_id", "participant_id"},
	"sessions":               {"conversation_id", "participant_id", "session_id"},
	"segments":               {"conversation_id", "participant_id", "session_id", "segment_number"},
	"participant_attributes": {"conversation_id", "participant_id", "attribute_name"},
}

// conversationTables are conversations as the test understands their JSON, without any list of columns:
// each member that is not null is the column of its name, and there are no others.
type conversationTables struct {
	rows  map[string]map[string]map[string]string // by table and key, the columns that are not NULL
	whole map[string]any                          // by id, all of it
}

func inTables(conversations []map[string]any) conversationTables {
	all := conversationTables{rows: map[string]map[string]map[string]string{}, whole: map[string]any{}}
	for table := range keysOf {
		all.rows[table] = map[string]map[string]string{}
	}
	for _, c := range conversations {
		all.add(c)
	}
	return all
}

func (all conversationTables) add(c map[string]any) {
	id := c["conversationId"].(string)
	all.whole[id] = c
	start := map[string]string{}
	if c["conversationStart"] != nil {
		start["conversation_start"] = c["conversationStart"].(string)
	}
	put := func(table, at string, row map[string]string) {
		maps.Copy(row, start)
		all.rows[table][at] = row
	}
	put("conversations", id, columnsOf(c, "conversationId", "participants"))
	for _, p := range list(c["participants"]) {
		participant := id + " " + p["participantId"].(string)
		put("participants", participant, columnsOf(p, "participantId", "sessions", "attributes"))
		attributes, _ := p["attributes"].(map[string]any)
		for name, value := range attributes {
			put("participant_attributes", participant+" "+name, attributeRow(value))
		}
		for _, s := range list(p["sessions"]) {
			session := participant + " " + s["sessionId"].(string)
			put("sessions", session, columnsOf(s, "sessionId", "segments", "metrics"))
			for i, g := range list(s["segments"]) {
				put("segments", fmt.Sprint(session, " ", i+1), columnsOf(g))
			}
		}
	}
}

// attributeRow is what a row says of an attribute: a text, and anything else in extra.
func attributeRow(value any) map[string]string {
	switch value := value.(type) {
	case nil:
		return map[string]string{}
	case string:
		return map[string]string{"attribute_value": value}
	}
	return map[string]string{"extra": cell(map[string]any{"value": value})}
}

// newMember begins the names of members that the vendor does not have yet: extra keeps them.
const newMember = "newOf"

// columnsOf are an object's own members, without those that are its key or have tables of their own.
func columnsOf(object map[string]any, without ...string) map[string]string {
	columns, extra := map[string]string{}, map[string]any{}
	for name, value := range object {
		switch {
		case slices.Contains(without, name):
		case strings.HasPrefix(name, newMember):
			extra[name] = value
		case value != nil:
			columns[snake(name)] = cell(value)
		}
	}
	if len(extra) > 0 {
		columns["extra"] = cell(extra)
	}
	return columns
}

var humps = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// snake is a member's name as a column's.
func snake(name string) string { return strings.ToLower(humps.ReplaceAllString(name, "${1}_${2}")) }

// cell is a value as the comparison has it: a text as it is, a list or an object as JSON.
func cell(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case []any, map[string]any:
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(value) // it was JSON
		return strings.TrimSpace(b.String())
	}
	return fmt.Sprint(value)
}

// canonical has the JSON texts among a row's columns as [cell] has them. A text that only begins like one
// stays as it is.
func canonical(row map[string]string) {
	for column, value := range row {
		if value == "" || !strings.ContainsAny(value[:1], "[{") {
			continue
		}
		decoder := json.NewDecoder(strings.NewReader(value))
		decoder.UseNumber()
		var decoded any
		if decoder.Decode(&decoded) == nil && !decoder.More() {
			row[column] = cell(decoded)
		}
	}
}

// assertTable compares every column of every row of a table.
func (all conversationTables) assertTable(t *testing.T, table string, got []map[string]string) {
	t.Helper()
	for _, row := range got {
		canonical(row)
	}
	t.Run(table, func(t *testing.T) { assertRows(t, all.rows[table], keyed(t, got, keysOf[table]...)) })
}

// assertFull says that each column of the tables has a value somewhere, so that none went untested.
func assertFull(t *testing.T, table string, columns []string, rows []map[string]string) {
	t.Helper()
	seen := map[string]bool{}
	for _, row := range rows {
		for column := range row {
			seen[column] = true
		}
	}
	for _, column := range columns {
		assert.True(t, seen[column], "%s.%s has no value in any row", table, column)
	}
}
