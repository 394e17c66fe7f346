// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestASummaryReadsKeysInAnyOrder(t *testing.T) {
	seven, large := int64(7), int64(9007199254740993)
	tests := []struct {
		name, body, list string
		want             summary
	}{
		{"list first", `{"entities":[1,[2],{"x":[3]}],"pageCount":7}`, "entities", summary{records: 3, listed: true, pageCount: &seven}},
		{"list last", `{"total":7,"nextUri":"/n","entities":["a"]}`, "entities", summary{records: 1, listed: true, total: &seven, nextURI: "/n"}},
		{"no list", `{"totalHits":7}`, "conversations", summary{total: &seven}},
		{"null for a list", `{"conversations":null}`, "conversations", summary{}},
		{"the list of an unknown endpoint is the longest", `{"facets":[],"a":{"entities":[1,2,3,4]},"things":[1,2,3],"more":[1,2]}`, "", summary{records: 3, listed: true}},
		{"names inside the records are none of ours", `{"entities":[{"total":1,"cursor":"x"}]}`, "entities", summary{records: 1, listed: true}},
		{"a bare list of an unknown endpoint", `[1,2]`, "", summary{records: 2, listed: true, bare: true}},
		{"a pageCount that is written as a float", `{"pageCount":7.0}`, "x", summary{pageCount: &seven}},
		{"a pageCount that is text", `{"pageCount":"7"}`, "x", summary{pageCount: &seven}},
		{"a pageCount that is no number", `{"pageCount":true}`, "x", summary{malformed: map[string]string{"pageCount": "true"}}},
		{"a cursor that is a number", `{"cursor":12345678901234567890}`, "x", summary{cursor: "12345678901234567890"}},
		{"a cursor of one digit", `{"cursor":0}`, "x", summary{cursor: "0"}},
		{"a cursor of the other last digit", `{"cursor":9}`, "x", summary{cursor: "9"}},
		{"a pageCount that a float may have rounded", `{"pageCount":9007199254740992.0}`, "x", summary{malformed: map[string]string{"pageCount": "9007199254740992.0"}}},
		{"a negative one", `{"pageCount":-9007199254740992.0}`, "x", summary{malformed: map[string]string{"pageCount": "-9007199254740992.0"}}},
		{"a cursor that is an object", `{"cursor":{"a":1}}`, "x", summary{malformed: map[string]string{"cursor": `{"a":1}`}}},
		{"a nextUri that is a list", `{"nextUri":["/x"]}`, "x", summary{malformed: map[string]string{"nextUri": `["/x"]`}}},
		{"a total that is no integer", `{"total":"many","entities":[]}`, "entities", summary{listed: true}},
		{"a cursor that is null", `{"cursor":null}`, "x", summary{}},
		{"a cursor", `{"cursor":"eyJ\u003d"}`, "x", summary{cursor: "eyJ="}},
		{"a cursor between the lists", `{"a":[1],"cursor":"x","results":[1,2],"b":{"cursor":"y"}}`, "results", summary{records: 2, listed: true, cursor: "x"}},
		{"an after", `{"after":"a","entities":[]}`, "entities", summary{listed: true, after: "a"}},
		{"an after in cursors", `{"cursors":{"before":{"after":"x"},"after":"a"},"results":[1]}`, "results", summary{records: 1, listed: true, after: "a"}},
		{"cursors that are null, and others that are a list", `{"cursors":null,"entities":[1],"cursors":["a"]}`, "entities", summary{records: 1, listed: true}},
		{"a job that was submitted", `{"jobId":"j1"}`, "", summary{jobID: "j1"}},
		{"an error's body", `{"message":"m","code":"c","status":500}`, "x", summary{message: "m", code: "c", status: new(int64(500))}},
		{"a job's state", `{"submissionDate":"2026-11-21T15:00:00Z","state":"FAILED","errorMessage":"too \"much\""}`, "", summary{state: "FAILED", errorMessage: `too "much"`}},
		{"a watermark", `{"dataAvailabilityDate":"2026-11-21T15:00:00.000Z"}`, WholeDocument, summary{records: 1, listed: true, available: "2026-11-21T15:00:00.000Z"}},
		{"the document itself, whatever lists it has", `{"sessions":[1,2,3]}`, WholeDocument, summary{records: 1, listed: true}},
		{"of two values of a key the last counts", `{"cursor":"a","total":1,"entities":[1,2],"cursor":"b","total":7,"entities":[1]}`, "entities", summary{records: 1, listed: true, total: &seven, cursor: "b"}},
		{"and null takes a value back", `{"cursor":"a","total":7,"cursor":null,"total":null}`, "entities", summary{}},
		{"a number beyond a float", `{"entities":[9007199254740993,1e400],"total":9007199254740993}`, "entities", summary{records: 2, listed: true, total: &large}},
		{"a number beyond 64 bits is none", `{"total":9223372036854775808}`, "entities", summary{}},
		{"an escaped key", `{"\u0063ursor":"a"}`, "entities", summary{cursor: "a"}},
		{"text that is no UTF-8", "{\"x\":\"\xff\",\"cursor\":\"a\"}", "entities", summary{cursor: "a"}},
		{"space around it", " \n{\"entities\":[ 1 , 2 ]}\n ", "entities", summary{records: 2, listed: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := scanSummary([]byte(test.body), test.list)
			require.NoError(t, err)
			got.content = nil
			assert.Equal(t, &test.want, got)
		})
	}
}

func TestOfListsThatAreAsLongTheFirstIsTaken(t *testing.T) {
	got, err := scanSummary([]byte(`{"a":[1],"b":[2,3],"c":[4,5],"d":[6]}`), "")
	require.NoError(t, err)
	assert.Equal(t, "[2,3]", string(got.content))
}

func TestASummaryRefusesWhatIsNotWhole(t *testing.T) {
	for _, body := range []string{
		"", " ", "{", "[]", "[1,2]", "null", "true", `"text"`, "12", `{"entities":[1,2]`, `{"entities":[1,2}`, `{"entities":[1]}{}`, `{"entities":[1]} x`, "<html>", `{"cursor":"a`, `{"a" 1}`, `{"cursors":{"after":"a"}`,
	} {
		_, err := scanSummary([]byte(body), "entities")
		require.ErrorIs(t, err, errNoJSON, body)
	}
}

// benchmarkPage is a page of 100 conversations as the service writes them.
func benchmarkPage() []byte {
	one := `{"conversationId":"e2f2a4b0-1b1c-4a3e-9f5f-0c2f5d0b7a11","conversationStart":"2026-08-01T00:04:11.120Z","conversationEnd":"2026-08-01T00:12:40.402Z",` +
		`"originatingDirection":"inbound","conversationInitiator":"customer","divisionIds":["f2c9a3c8-0000-4000-8000-000000000000"],"mediaStatsMinConversationMos":4.88,` +
		`"participants":[{"participantId":"x","purpose":"customer","sessions":[{"sessionId":"y","mediaType":"voice","direction":"inbound","ani":"tel:+15551234567",` +
		`"metrics":[{"name":"nConnected","value":1,"emitDate":"2026-08-01T00:04:11.130Z"}],"segments":[{"segmentStart":"2026-08-01T00:04:11.120Z",` +
		`"segmentEnd":"2026-08-01T00:12:40.402Z","segmentType":"interact","disconnectType":"peer","queueId":"c6fc6f57-4c1e-4812-980a-5154f500b5c6","conference":false}]}]}]}`
	return fmt.Appendf(nil, `{"conversations":[%s],"totalHits":1843}`, strings.TrimSuffix(strings.Repeat(one+",", 100), ","))
}

// BenchmarkSummary sets a glance at a page beside decoding it, in one run: the
// metric times-faster is their ratio.
func BenchmarkSummary(b *testing.B) {
	body := benchmarkPage()
	glance := func() {
		if g, err := scanSummary(body, "conversations"); err != nil || g.records != 100 {
			b.Fatal(g, err)
		}
	}
	decode := func() {
		var page map[string]any
		if err := json.Unmarshal(body, &page); err != nil || len(page["conversations"].([]any)) != 100 {
			b.Fatal(err)
		}
	}
	for name, read := range map[string]func(){"glance": glance, "decode": decode} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				read()
			}
		})
	}
	b.Run("side by side", func(b *testing.B) {
		var glanced, decoded time.Duration
		for b.Loop() {
			began := time.Now()
			glance()
			between := time.Now()
			decode()
			glanced, decoded = glanced+between.Sub(began), decoded+time.Since(between)
		}
		b.ReportMetric(float64(decoded)/float64(glanced), "times-faster")
	})
}
