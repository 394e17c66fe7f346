// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/rows"
)

// awkward are texts that something on the way may not take as they are.
var awkward = []string{
	"", " ", "null", "0012", "9007199254740993", "2026-11-21T15:00:00Z", "한국어 상담 😀", "\"quoted\" and \\back\\slashed",
	"<b>&amp;</b>", "two\nlines\tand a tab\r", "\u0000 and \u001f", "\ufffd \u2028", `{"no":"object"`, "a,b;c|d", strings.Repeat("long ", 400),
}

// filler gives members values that depend on nothing but what they are of and their names, so that
// the test and the pipeline are told the same.
type filler string

func (of filler) number(name string) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, of, "|", name)
	return h.Sum64() >> 1
}

// value is what a member of a kind may be; the kinds are those of the vendor's description.
func (of filler) value(name string, kind rows.Kind) any {
	n := of.number(name)
	switch kind {
	case rows.Integer:
		return json.Number(fmt.Sprint(int64(n) - 1<<62))
	case rows.Double:
		return json.Number(fmt.Sprintf("%d.%02d5", n%5, n/5%100))
	case rows.Boolean:
		return n%2 == 0
	case rows.Time:
		return fmt.Sprintf("2026-11-%02dT%02d:%02d:%02d.%sZ", 1+n%28, n/28%24, n%60, n/60%60, []string{"000", "009", "120457"}[n%3])
	case rows.JSON:
		return []any{name, json.Number("1e2"), json.Number("12345678901234567890.10"), nil, map[string]any{"in": awkward[n%uint64(len(awkward))]}}
	}
	text := awkward[n%uint64(len(awkward))]
	if n%3 > 0 {
		text += fmt.Sprint(n % 97) // so that two columns can be told apart
	}
	return text
}

// fill gives an object of a table each member that the table knows and the object does not have: a
// third of them, a null for another, and one member that nobody knows.
func (of filler) fill(object map[string]any, table string) {
	described, _ := rows.Lookup(table)
	level := described.Levels[0]
	for len(level.Below) > 0 {
		level = level.Below[0]
	}
	for _, field := range level.Fields {
		if _, there := object[field.Path]; there || field.Path == "" {
			continue
		}
		switch of.number(table+field.Path) % 3 {
		case 0:
			object[field.Path] = of.value(field.Path, field.Kind)
		case 1:
			object[field.Path] = nil
		}
	}
	if of.number(table)%4 == 0 {
		object[newMember+table] = of.value(newMember, rows.JSON)
	}
}

// edited is a page of the job after each of its conversations was changed, nil if it is none.
func edited(page []byte, change func(conversation map[string]any)) []byte {
	answer := map[string]any{}
	decoder := json.NewDecoder(bytes.NewReader(page))
	decoder.UseNumber()
	if decoder.Decode(&answer) != nil {
		return nil
	}
	for _, c := range list(answer["conversations"]) {
		change(c)
	}
	page, _ = json.Marshal(answer)
	return page
}

// full is a page of the job in which everything has all that it may have, and some have nothing.
func full(page []byte) []byte {
	return edited(page, func(c map[string]any) {
		of := filler(c["conversationId"].(string))
		of.fill(c, "conversations")
		for i, p := range list(c["participants"]) {
			of.participant(i, p)
		}
		switch of.number("has nobody") % 20 {
		case 0:
			delete(c, "participants")
		case 1:
			c["participants"] = []any{}
		case 2:
			delete(c, "conversationEnd") // it is still going on
		}
	})
}

func (of filler) participant(i int, p map[string]any) {
	of += filler(fmt.Sprint(" participant ", i))
	of.fill(p, "participants")
	attributes, _ := p["attributes"].(map[string]any)
	for n := range attributes {
		attributes[n] = of.value(n, rows.Text)
	}
	if attributes != nil {
		attributes[strings.TrimSpace(awkward[of.number("attribute")%7]+" of it")] = of.value("of it", rows.Text)
		attributes["a number"], attributes["nothing"] = of.value("a number", rows.Integer), nil
	}
	for j, s := range list(p["sessions"]) {
		of := of + filler(fmt.Sprint(" session ", j))
		of.fill(s, "sessions")
		segments, _ := s["segments"].([]any)
		for k := range of.number("segments") % 3 {
			segments = append(segments, map[string]any{"segmentType": fmt.Sprint("more ", k)})
		}
		s["segments"] = segments
		for k, g := range list(segments) {
			(of + filler(fmt.Sprint(" segment ", k))).fill(g, "segments")
		}
	}
}

// fillConversations puts a front before the tenant that serves such pages.
func (w *world) fillConversations(t *testing.T) {
	t.Helper()
	w.putFront(t, func(req *http.Request, body []byte) []byte {
		if strings.HasSuffix(req.URL.Path, "/results") {
			return full(body)
		}
		return nil
	})
}

// TestConversationsOfEveryColumn: each column of each table holds what the job says, to the last digit
// and the last character, and what has no column is in extra.
func TestConversationsOfEveryColumn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--conversations=300")
	w.fillConversations(t)
	status, log := w.toEnd(t, conversations, lastDays("PAGE_SIZE=100", "POLL_EVERY=20ms")...)
	require.Zero(t, status, log)
	assertConversations(t, w)
	for table := range keysOf {
		described, _ := rows.Lookup(table)
		got := parquetRows(t, w.objects(t, "genesys/"+table+"/year=2026/month=11/day=2"))
		assertFull(t, table, described.ColumnNames(), got)
		w.measured(t, fmt.Sprint(table, ", ", len(described.Columns), " columns"), len(got))
	}
}
