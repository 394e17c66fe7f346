// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rows

import (
	"fmt"
	"maps"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rowsOf returns a page's rows, without the columns that are null.
func rowsOf(t *testing.T, table, page string) (all []map[string]any) {
	t.Helper()
	tab, ok := Lookup(table)
	require.True(t, ok, table)
	s, err := tab.Select()
	require.NoError(t, err)
	require.NoError(t, s.Read([]byte(page), func(row map[string]any) {
		assert.Len(t, row, len(tab.Columns), "a row has every column")
		all = append(all, told(row))
	}))
	return all
}

func told(row map[string]any) map[string]any {
	for name, value := range row {
		if value == nil {
			delete(row, name)
		}
	}
	return row
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339Nano, s)
	require.NoError(t, err)
	return when.UTC()
}

// The pages below are the vendor's own examples, or made by its definitions.

func TestAggregatesHaveARowForEachGroupBucketAndMetric(t *testing.T) {
	got := rowsOf(t, "aggregates", `{"results":[
	 {"group":{"mediaType":"voice","queueId":"c6fc6f57"},
	  "data":[
	   {"interval":"2026-08-01T09:00:00.000Z/2026-08-01T09:05:00.000Z",
	    "metrics":[
	     {"metric":"oServiceLevel","stats":{"ratio":0.9166667,"numerator":11,"denominator":12,"target":0.8}},
	     {"metric":"tHandle","stats":{"max":611204,"min":60122,"count":9,"sum":9007199254740993}}],
	    "views":[{"name":"short","stats":{"count":3}}]},
	   {"interval":"2026-08-01T18:10:00.000+09:00/2026-08-01T18:15:00.000+09:00",
	    "metrics":[{"metric":"nOffered","qualifier":"x","stats":{"count":3}}]}]},
	 {"data":[{"interval":"2026-08-01T09:05:00.000Z/2026-08-01T09:10:00.000Z",
	    "metrics":[{"metric":"nOffered","stats":{"count":1}}]}]}]}`)
	start, end := at(t, "2026-08-01T09:00:00Z"), at(t, "2026-08-01T09:05:00Z")
	assert.Equal(t, []map[string]any{
		{"media_type": "voice", "queue_id": "c6fc6f57", "interval_start": start, "interval_end": end, "metric": "oServiceLevel", "ratio": "0.9166667", "numerator": "11", "denominator": "12", "target": "0.8"},
		{"media_type": "voice", "queue_id": "c6fc6f57", "interval_start": start, "interval_end": end, "metric": "tHandle", "max": "611204", "min": "60122", "count": int64(9), "sum": "9007199254740993"},
		{"media_type": "voice", "queue_id": "c6fc6f57", "interval_start": start, "interval_end": end, "view": "short", "count": int64(3)},
		{"media_type": "voice", "queue_id": "c6fc6f57", "interval_start": at(t, "2026-08-01T09:10:00Z"), "interval_end": at(t, "2026-08-01T09:15:00Z"), "metric": "nOffered", "qualifier": "x", "count": int64(3)},
		{"interval_start": end, "interval_end": at(t, "2026-08-01T09:10:00Z"), "metric": "nOffered", "count": int64(1)},
	}, got)
}

func TestAgentStatusIsOfAggregatesAndOfDetails(t *testing.T) {
	got := rowsOf(t, "agent_status", `{"systemToOrganizationMappings":{"AVAILABLE":["6a3af858"]},
	 "results":[{"group":{"userId":"8b67e4d1"},
	  "data":[{"interval":"2026-08-01T08:00:00.000Z/2026-08-01T08:30:00.000Z",
	   "metrics":[
	    {"metric":"tAgentRoutingStatus","qualifier":"INTERACTING","stats":{"sum":912340}},
	    {"metric":"tSystemPresence","qualifier":"ON_QUEUE","stats":{"sum":9007199254740993,"count":2}}]}]}]}`)
	span := map[string]any{"user_id": "8b67e4d1", "interval_start": at(t, "2026-08-01T08:00:00Z"), "interval_end": at(t, "2026-08-01T08:30:00Z")}
	assert.Equal(t, []map[string]any{
		merged(span, map[string]any{"metric": "tAgentRoutingStatus", "status": "INTERACTING", "seconds": "912.34", "extra": `{"page.systemToOrganizationMappings":{"AVAILABLE":["6a3af858"]}}`}),
		merged(span, map[string]any{"metric": "tSystemPresence", "status": "ON_QUEUE", "seconds": "9007199254740.993", "extra": `{"stats.count":2}`}),
	}, got)

	got = rowsOf(t, "agent_status", `{"totalHits":1,"userDetails":[{"userId":"u1",
	 "routingStatus":[{"startTime":"2026-08-01T08:00:00.000Z","routingStatus":"IDLE"}],
	 "primaryPresence":[{"startTime":"2026-08-01T08:00:00.000Z","endTime":"2026-08-01T08:00:01.250Z","systemPresence":"BREAK","organizationPresenceId":"p"}]}]}`)
	assert.Equal(t, []map[string]any{
		{"user_id": "u1", "metric": "tSystemPresence", "interval_start": at(t, "2026-08-01T08:00:00Z"), "interval_end": at(t, "2026-08-01T08:00:01.25Z"), "status": "BREAK", "organization_presence_id": "p", "seconds": "1.25"},
		{"user_id": "u1", "metric": "tAgentRoutingStatus", "interval_start": at(t, "2026-08-01T08:00:00Z"), "status": "IDLE"},
	}, got, "a status that lasts has no end and no length")
}

func merged(some ...map[string]any) map[string]any {
	all := map[string]any{}
	for _, m := range some {
		maps.Copy(all, m)
	}
	return all
}

const conversationPage = `{"conversations":[{"participants":[
	{"participantId":"p1","purpose":"customer","attributes":{"a\"b":"1","empty":"","n":5},"sessions":[
	 {"metrics":[{"name":"nConnected","value":1,"emitDate":"2026-08-01T00:04:11.130Z"}],
	  "sessionId":"s1","mediaType":"voice","ani":"tel:+1",
	  "flow":{"flowId":"f"},"activeSkillIds":["x","y"],
	  "segments":[{"segmentType":"ivr"},{"segmentType":"interact","queueId":"q","conference":false,"sipResponseCodes":[200]}]}]},
	{"participantId":"p2","userId":"u"}],
	"conversationId":"c1","conversationStart":"2026-08-01T00:04:11.120Z","mediaStatsMinConversationMos":4.88,
	"divisionIds":["d1","d2"]},
	{"conversationId":"c2"}],"totalHits":2}`

func TestConversationsAreFiveTablesAndOneOfMetrics(t *testing.T) {
	start := at(t, "2026-08-01T00:04:11.120Z")
	of := map[string]any{"conversation_id": "c1", "conversation_start": start}
	inSession := merged(of, map[string]any{"participant_id": "p1", "session_id": "s1"})
	for table, want := range map[string][]map[string]any{
		"conversations": {
			merged(of, map[string]any{"media_stats_min_conversation_mos": 4.88, "division_ids": `["d1","d2"]`}),
			{"conversation_id": "c2"},
		},
		"participants": {
			merged(of, map[string]any{"participant_id": "p1", "purpose": "customer"}),
			merged(of, map[string]any{"participant_id": "p2", "user_id": "u"}),
		},
		"sessions": {
			merged(inSession, map[string]any{"media_type": "voice", "ani": "tel:+1", "flow": `{"flowId":"f"}`, "active_skill_ids": `["x","y"]`}),
		},
		"segments": {
			merged(inSession, map[string]any{"segment_number": int64(1), "segment_type": "ivr"}),
			merged(inSession, map[string]any{"segment_number": int64(2), "segment_type": "interact", "queue_id": "q", "conference": false, "sip_response_codes": "[200]"}),
		},
		"participant_attributes": {
			merged(of, map[string]any{"participant_id": "p1", "attribute_name": `a"b`, "attribute_value": "1"}),
			merged(of, map[string]any{"participant_id": "p1", "attribute_name": "empty", "attribute_value": ""}),
			merged(of, map[string]any{"participant_id": "p1", "attribute_name": "n", "extra": `{"value":5}`}),
		},
		"session_metrics": {
			merged(inSession, map[string]any{"metric_number": int64(1), "metric": "nConnected", "value": int64(1), "emit_date": at(t, "2026-08-01T00:04:11.130Z")}),
		},
	} {
		assert.Equal(t, want, rowsOf(t, table, conversationPage), table)
	}
}

func TestAQueueSummaryHasItsOwnRowsAndThoseOfItsBuckets(t *testing.T) {
	got := rowsOf(t, "queue_summary", `{"entities":[{"id":"q","name":"Billing","interval":"2026-08-01T00:00:00Z/2026-08-01T00:10:00Z","granularity":"PT5M",
	 "data":[{"interval":"2026-08-01T00:05:00Z/2026-08-01T00:10:00Z","metrics":[{"metric":"nOffered","stats":{"count":2}}]}],
	 "metrics":[{"metric":"nOffered","stats":{"count":3}}],"new":{"a":[1]}}],"pageCount":1,"total":1}`)
	of := map[string]any{"queue_id": "q", "queue_name": "Billing", "granularity": "PT5M", "metric": "nOffered", "interval_end": at(t, "2026-08-01T00:10:00Z")}
	assert.Equal(t, []map[string]any{
		merged(of, map[string]any{"bucket": false, "interval_start": at(t, "2026-08-01T00:00:00Z"), "count": int64(3), "extra": `{"entities.new":{"a":[1]}}`}),
		merged(of, map[string]any{"bucket": true, "interval_start": at(t, "2026-08-01T00:05:00Z"), "count": int64(2)}),
	}, got)
}

func TestObservationsAndActivitiesAreOneTable(t *testing.T) {
	got := rowsOf(t, "observations", `{"results":[{"group":{"queueId":"q"},"truncated":true,
	 "data":[{"metric":"oWaiting","stats":{"count":2},"truncated":false,"observations":[{"conversationId":"c"}]},
	         {"metric":"oOnQueueUsers","qualifier":"IDLE","count":3}],
	 "entities":[{"metric":"oWaiting","activityDate":"2026-08-01T09:14:02.117Z","userId":"u","queueId":"q"},{"queueId":"other"},{}]}]}`)
	of := map[string]any{"queue_id": "q", "group_truncated": true}
	assert.Equal(t, []map[string]any{
		merged(of, map[string]any{"metric": "oWaiting", "count": int64(2), "truncated": false, "observations": `[{"conversationId":"c"}]`}),
		merged(of, map[string]any{"metric": "oOnQueueUsers", "qualifier": "IDLE", "count": int64(3)}),
		merged(of, map[string]any{"metric": "oWaiting", "activity_date": at(t, "2026-08-01T09:14:02.117Z"), "user_id": "u"}),
		merged(of, map[string]any{"extra": `{"queueId":"other"}`}),
		of,
	}, got)
}

func TestEntitiesAreListed(t *testing.T) {
	assert.Equal(t, []map[string]any{
		{"id": "1", "name": "Hälp", "division_id": "d", "division_name": "Home", "member_count": int64(7), "extra": `{"division.selfUri":"/x","acwSettings":{"timeoutMs":1}}`},
		{"id": "2", "division_id": "d2", "extra": `{"version":"3"}`},
	}, rowsOf(t, "entities", `{"entities":[
		{"id":"1","name":"H\u00e4lp","division":{"id":"d","name":"Home","selfUri":"/x"},"memberCount":7,"acwSettings":{"timeoutMs":1}},
		{"id":"2","divisionId":"d2","version":"3"}],"total":2,"pageCount":1,"selfUri":"/"}`))
}

// TestNothingIsLostAndNothingIsGuessed: what a table does not know, or cannot hold, is in
// extra as it was.
func TestNothingIsLostAndNothingIsGuessed(t *testing.T) {
	const bucket = `{"results":[{"group":{"queueId":"q"},"data":[{"interval":"2026-08-01T00:00:00Z/2026-08-01T00:05:00Z","metrics":[%s]}]}]}`
	tests := []struct {
		name, table, page string
		want              []string // extra of each row; - for none
	}{
		{"a member that is not known", "aggregates", fmt.Sprintf(bucket, `{"metric":"m","stats":{"count":1,"p50":2.50},"new":[1, 2]}`), []string{`{"stats.p50":2.50,"new":[1, 2]}`}},
		{"another type", "aggregates", fmt.Sprintf(bucket, `{"metric":5,"stats":{"count":"1","sum":true,"max":{}}}`), []string{`{"metric":5,"stats.count":"1","stats.sum":true,"stats.max":{}}`}},
		{"no object", "aggregates", fmt.Sprintf(bucket, `{"stats":[]}, 7, null, "x"`), []string{`{"stats":[]}`, `{"metrics":7}`, `{"metrics":null}`, `{"metrics":"x"}`}},
		{"a whole number with a part", "aggregates", fmt.Sprintf(bucket, `{"stats":{"count":1.5}}, {"stats":{"count":2.0}}, {"stats":{"count":2e3}}, {"stats":{"count":9223372036854775808}}`), []string{`{"stats.count":1.5}`, "-", "-", `{"stats.count":9223372036854775808}`}},
		{"too many digits", "aggregates", fmt.Sprintf(bucket, `{"stats":{"sum":123456789012345678901, "max":0.1234567890123456789, "min":1e999999999}}`), []string{`{"stats.sum":123456789012345678901,"stats.max":0.1234567890123456789,"stats.min":1e999999999}`}},
		{"a dimension without a column", "aggregates", `{"results":[{"group":{"formId":"f","queueId":1},"data":[{"interval":"never","metrics":[{}]}]}]}`, []string{`{"results.group.formId":"f","results.group.queueId":1,"data.interval":"never"}`}},
		{"a group with neither data nor rows", "aggregates", `{"results":[{"group":{"queueId":"q"},"figures":[1]},{"group":{},"data":[]},{"data":"none"}]}`, []string{`{"results.figures":[1]}`, `{"results.data":"none"}`}},
		{"a page that is strange", "aggregates", `{"results":"none"}`, []string{`{"page.results":"none"}`}},
		{"a page with news", "aggregates", `{"news":1,` + fmt.Sprintf(bucket, `{}, {}`)[1:], []string{`{"page.news":1}`, "-"}},
		{"a page with news alone", "conversations", `{"conversations":[],"news":1}`, []string{`{"page.news":1}`}},
		{"paging of another type", "conversations", `{"totalHits":{"value":1}}`, []string{`{"page.totalHits":{"value":1}}`}},
		{"an empty page", "conversations", `{"conversations":[],"totalHits":0,"aggregations":[],"cursor":"x"}`, nil},
		{"a page without a list", "agent_status", `{"systemToOrganizationMappings":{}}`, nil},
		{"lists that are null", "conversations", `{"conversations":null}`, nil},
		{"a list that is none", "conversations", `{"conversations":[{"participants":"none","conversationId":"c"}]}`, []string{`{"participants":"none"}`}},
		{"attributes that are a list", "participants", `{"conversations":[{"participants":[{"attributes":[1]}]}]}`, []string{`{"attributes":[1]}`}},
		{"what is around several rows", "aggregates", `{"results":[{"group":{"formId":"f"},"more":[1],"data":[{"metrics":[{},{}]},{"metrics":[{}],"long":"` + strings.Repeat("x", 300) + `"}]}]}`, []string{`{"results.group.formId":"f","results.more":[1]}`, `{"results.group.formId":"f"}`, `{"results.group.formId":"f","data.long":"` + strings.Repeat("x", 300) + `"}`}},
		{"a key of another type", "segments", `{"conversations":[{"conversationId":1,"new":1,"participants":[{"sessions":[{"segments":[{}, 3]}]}]}]}`, []string{`{"conversations.conversationId":1}`, `{"conversations.conversationId":1,"segments":3}`}},
		{"a time too fine", "conversations", `{"conversations":[{"conversationStart":"2026-08-01T00:00:00.0000001Z","conversationEnd":"2026-08-01 00:00"}]}`, []string{`{"conversationStart":"2026-08-01T00:00:00.0000001Z","conversationEnd":"2026-08-01 00:00"}`}},
		{"a number twice", "conversations", `{"conversations":[{"conversationId":"a","conversationId":"b","conversationId":"a"}]}`, []string{`{"conversationId":"b"}`}},
		{"half a character", "conversations", `{"conversations":[{"conversationId":"\ud800"},{"conversationId":"\ufffd\ud83d\ude00"}]}`, []string{`{"conversationId":"\ud800"}`, "-"}},
		{"a double of too many digits", "conversations", `{"conversations":[{"mediaStatsMinConversationMos":1.234567890123456789},{"mediaStatsMinConversationMos":1e400},{"mediaStatsMinConversationMos":0.10000000000000001}]}`, []string{`{"mediaStatsMinConversationMos":1.234567890123456789}`, `{"mediaStatsMinConversationMos":1e400}`, "-"}},
		{"null is null", "conversations", `{"conversations":[{"conversationId":null,"divisionIds":null,"participants":null}]}`, []string{"-"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, row := range rowsOf(t, test.table, test.page) {
				extra, ok := row[Extra].(string)
				if !ok {
					extra = "-"
				}
				got = append(got, extra)
			}
			assert.Equal(t, test.want, got)
		})
	}
}

// TestARowTellsNothingOfTheOneBefore it.
func TestARowTellsNothingOfTheOneBefore(t *testing.T) {
	got := rowsOf(t, "segments", `{"conversations":[
	 {"conversationId":"c","participants":[{"participantId":"p","sessions":[{"sessionId":"s","segments":[{"queueId":"q","x":1},{}]}]},{"sessions":[{"segments":[{}]}]}]},
	 {"participants":[{"sessions":[{"segments":[{}]}]}]}]}`)
	assert.Equal(t, []map[string]any{
		{"conversation_id": "c", "participant_id": "p", "session_id": "s", "queue_id": "q", "segment_number": int64(1), "extra": `{"x":1}`},
		{"conversation_id": "c", "participant_id": "p", "session_id": "s", "segment_number": int64(2)},
		{"conversation_id": "c", "segment_number": int64(1)},
		{"segment_number": int64(1)},
	}, got)
	got = rowsOf(t, "aggregates", `{"results":[{"data":[{"interval":"2026-08-01T00:00:00Z/2026-08-01T00:05:00Z","metrics":[{"metric":"m"}],"views":[{"name":"v"}]},{"metrics":[{}]}]}]}`)
	assert.Equal(t, "v", got[1]["view"])
	assert.NotContains(t, got[1], "metric")
	assert.Empty(t, got[2], "nor of an interval")
}

func TestWhatIsNoPageIsAnError(t *testing.T) {
	tab, _ := Lookup("conversations")
	s, err := tab.Select()
	require.NoError(t, err)
	for _, page := range []string{"", " ", "{", "[]", "null", `"x"`, "7", `{"conversations":[{]}`, `{"conversations":[{"conversationId":"c"}]`, `{}{}`, strings.Repeat("[", 100_000)} {
		require.Error(t, s.Read([]byte(page), func(map[string]any) { t.Error("a row of", page) }))
	}
}

func TestColumnsAreSelected(t *testing.T) {
	tab, _ := Lookup("conversations")
	s, err := tab.Select("conversation_end", "conversation_id")
	require.NoError(t, err)
	assert.Equal(t, []Column{{"conversation_end", Time}, {"conversation_id", Text}}, s.Columns)
	require.NoError(t, s.Read([]byte(conversationPage), func(row map[string]any) {
		assert.Len(t, row, 2)
		assert.Contains(t, row, "conversation_end")
		assert.NotNil(t, row["conversation_id"])
	}))
	_, err = tab.Select("nonsense")
	require.ErrorContains(t, err, `"nonsense" is not a column of conversations: want some of conversation_id, conversation_start`)
	_, err = tab.Select("extra", "extra")
	require.ErrorContains(t, err, "twice")
}

func TestTablesOfEndpoints(t *testing.T) {
	for _, test := range []struct{ endpoint, table, want string }{
		{"/api/v2/analytics/conversations/aggregates/query", Auto, "aggregates"},
		{"/api/v2/analytics/users/aggregates/jobs", Auto, "aggregates"},
		{"/api/v2/analytics/users/aggregates/jobs", "agent_status", "agent_status"},
		{"/api/v2/analytics/users/details/query", Auto, "agent_status"},
		{"/api/v2/analytics/conversations/details/jobs", Auto, "conversations"},
		{"/api/v2/analytics/conversations/details/jobs", "session_metrics", "session_metrics"},
		{"/api/v2/analytics/queues/observations/query", Auto, "observations"},
		{"/api/v2/presence/definitions", Auto, "entities"},
		{"", "segments", "segments"},
		{"/api/v2/new/things", "entities", "entities"},
		{"", Auto, "! a message without genesys_endpoint has no table that is known: set `table` to one of queue_summary, "},
		{"/api/v2/new/things", Auto, "! /api/v2/new/things has no table that is known"},
		{"/api/v2/users", "segments", "! /api/v2/users has no table segments: want one of entities"},
		{"", "nonsense", "! \"nonsense\" is not a table"},
	} {
		s, err := ForEndpoint(test.endpoint, test.table, nil)
		if says, wrong := strings.CutPrefix(test.want, "! "); wrong {
			require.ErrorContains(t, err, says)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, test.want, s.Table.Name)
	}
	one, err := ForEndpoint("/api/v2/analytics/conversations/c1/details", "participants", []string{"conversation_id", "purpose"})
	require.NoError(t, err)
	var got []map[string]any
	require.NoError(t, one.Read([]byte(`{"conversationId":"c1","participants":[{"purpose":"acd"}]}`), func(row map[string]any) { got = append(got, row) }))
	assert.Equal(t, []map[string]any{{"conversation_id": "c1", "purpose": "acd"}}, got)
}

// TestAPageIsReadAsItLies: what the table does not read is not copied, and of the page no
// tree is made.
func TestAPageIsReadAsItLies(t *testing.T) {
	participants := `[` + strings.Repeat(`{"sessions":[{"segments":[{"queueId":"q"},{"queueId":"q"}]}]},`, 20_000) + `{}]`
	page := []byte(`{"conversations":[` + strings.Repeat(`{"conversationId":"c","participants":`+participants+`},`, 5) + `{}]}`)
	tab, _ := Lookup("conversations")
	s, err := tab.Select("conversation_id")
	require.NoError(t, err)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n := 0
	require.NoError(t, s.Read(page, func(map[string]any) { n++ }))
	runtime.ReadMemStats(&after)
	assert.Equal(t, 6, n)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(len(page)/20), "of a page of %d bytes", len(page))
}
