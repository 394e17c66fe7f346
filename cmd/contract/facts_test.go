// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package contract

import (
	_ "embed"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/genesys"
)

// What is newer than the SDK's description comes from the vendor's npm package. `make
// facts` draws it anew.
//
//go:embed facts.json
var drawn []byte

// differences are between the two, in what concerns our endpoints.
//
//go:embed differences.txt
var differences string

type facts struct {
	Package    string
	Operations map[string]struct {
		Parameters     map[string]string
		Body, Response string
	}
	Models map[string]map[string]string
}

func readFacts() (f facts, err error) {
	err = json.Unmarshal(drawn, &f)
	return f, err
}

// loadNewest is load of the npm package's facts.
var loadNewest = sync.OnceValues(func() (*description, error) {
	f, err := readFacts()
	if err != nil {
		return nil, err
	}
	return describe(object{"paths": f.paths(), "definitions": f.definitions()})
})

func newest(t *testing.T) *description {
	t.Helper()
	d, err := loadNewest()
	require.NoError(t, err)
	return d
}

// paths are the operations as Swagger has them.
func (f facts) paths() object {
	paths := object{}
	for key, op := range f.Operations {
		verb, path, _ := strings.Cut(key, " ")
		verbs, ok := paths[path].(object)
		if !ok {
			verbs = object{}
			paths[path] = verbs
		}
		parameters := []any{}
		for name, where := range op.Parameters {
			parameter := object{"name": name, "in": where}
			if where == "body" {
				parameter["schema"] = schemaOf(op.Body)
			}
			parameters = append(parameters, parameter)
		}
		answer := object{}
		if op.Response != "" {
			answer["schema"] = schemaOf(op.Response)
		}
		verbs[verb] = object{"parameters": parameters, "responses": object{"200": answer, "202": answer}}
	}
	return paths
}

// definitions are the models as Swagger has them.
func (f facts) definitions() object {
	definitions := object{}
	for name, fields := range f.Models {
		properties, required := object{}, []any{}
		for field, text := range fields {
			optional := strings.HasPrefix(text, "?")
			properties[field] = schemaOf(strings.TrimPrefix(text, "?"))
			if !optional {
				required = append(required, field)
			}
		}
		definitions[name] = object{"type": "object", "properties": properties}
		if len(required) > 0 { // Draft 4 wants one
			definitions[name].(object)["required"] = required
		}
	}
	return definitions
}

// schemaOf is a type of index.d.ts. What it calls an object may be anything.
func schemaOf(text string) object {
	if item, ok := strings.CutPrefix(text, "Array<"); ok {
		return object{"type": "array", "items": schemaOf(strings.TrimSuffix(item, ">"))}
	}
	if value, ok := strings.CutPrefix(text, "{ [key: string]: "); ok {
		return object{"type": "object", "additionalProperties": schemaOf(strings.TrimSuffix(value, "; }"))}
	}
	switch text {
	case "string", "number", "boolean":
		return object{"type": text}
	case "object":
		return object{}
	case "Record<string, string>":
		return object{"type": "object"}
	}
	return object{"$ref": "#/definitions/" + text}
}

// nowhere are the endpoints of the table that no description has.
var nowhere = map[string]string{
	analytics + "queues/summary": "the listing that the project was asked for",
}

// later are reads of the newest description that the table does not have.
var later = map[string]string{
	"POST dataextraction/downloads/bulk":        "it names files, which are fetched from elsewhere",
	"GET dataextraction/downloads/metadata":     "it names files, which are fetched from elsewhere",
	"GET dataextraction/downloads/{downloadId}": "it leads to a file on another origin",
}

func TestTheFactsAreOfTheNewestPackage(t *testing.T) {
	f, err := readFacts()
	require.NoError(t, err)
	assert.Equal(t, "purecloud-platform-client-v2 262.0.0", f.Package)
	assert.Less(t, len(drawn), 300_000)
}

func TestEachEndpointIsInTheNewestDescription(t *testing.T) {
	d := newest(t)
	for _, e := range genesys.Endpoints() {
		t.Run(strings.TrimPrefix(e.Path, "/api/v2/"), func(t *testing.T) {
			op, ok := d.paths[e.Path][e.Method]
			if _, excused := nowhere[e.Path]; excused {
				assert.False(t, ok, "it is described by now")
				return
			}
			if !assert.True(t, ok, "%s %s has left the API", e.Method, e.Path) {
				return
			}
			checkSent(t, d, e, op)
			checkList(t, d, e, op)
			if e.Paging == genesys.PagingJob {
				checkJob(t, d, e)
			}
			_, lags := d.paths[e.Path+"/availability"]
			assert.Equal(t, lags, e.HasWatermark, "availability")
		})
	}
}

func TestNoReadOfTheNewestDescriptionIsMissing(t *testing.T) {
	known := map[string]bool{}
	for _, e := range genesys.Endpoints() {
		known[e.Method+" "+e.Path] = true
	}
	for path, verbs := range newest(t).paths {
		name, ok := strings.CutPrefix(path, analytics)
		if !ok || ofAJob(path) {
			continue
		}
		for verb := range verbs {
			_, excused := left[verb+" "+name]
			_, other := later[verb+" "+name]
			assert.Equal(t, !excused && !other, known[verb+" "+path], "%s %s", verb, path)
		}
	}
}

// TestWhatLeftTheAPI has a successor, and is not in the table.
func TestWhatLeftTheAPI(t *testing.T) {
	const gone = analytics + "conversations/transcripts/query"
	assert.Contains(t, described(t).paths, gone)
	assert.NotContains(t, newest(t).paths, gone)
	_, known := genesys.KnownEndpoint(gone)
	assert.False(t, known)
	_, known = genesys.KnownEndpoint(genesys.Successor(gone))
	assert.True(t, known)
}

// TestTheDescriptionsDifferInWhatIsKnown: a new difference is worth a look, and then a
// line in differences.txt: "+" is in the newest only, "-" in the SDK's only, and "~" in
// both, as two different things.
func TestTheDescriptionsDifferInWhatIsKnown(t *testing.T) {
	c := comparison{old: described(t), now: newest(t), seen: map[string]bool{}}
	for _, e := range genesys.Endpoints() {
		c.path(e.Path)
		if e.Paging == genesys.PagingJob {
			c.path(e.Path + "/{jobId}")
			c.path(e.Path + "/{jobId}/results")
		}
	}
	slices.Sort(c.lines)
	want := strings.Split(strings.TrimSpace(differences), "\n")
	for _, line := range c.lines {
		assert.True(t, slices.Contains(want, line), "new: %s", line)
	}
	for _, line := range want {
		assert.True(t, slices.Contains(c.lines, line), "no more: %s", line)
	}
}

// comparison is of what two descriptions say of the same.
type comparison struct {
	old, now *description
	seen     map[string]bool // models
	lines    []string
}

func (c *comparison) path(path string) {
	for _, verb := range both(c.old.paths[path], c.now.paths[path]) {
		what := verb + " " + path
		old, had := c.old.paths[path][verb]
		now, has := c.now.paths[path][verb]
		if !c.both(what, had, has) {
			continue
		}
		for _, name := range both(old.params, now.params) {
			if name != "body" {
				c.texts(what+" "+name, old.params[name], now.params[name])
			}
		}
		c.models(what+" takes", old.body, now.body)
		c.models(what+" answers", answerOf(old), answerOf(now))
	}
}

func answerOf(op operation) string {
	if name := op.responses["200"]; name != "" {
		return name
	}
	return op.responses["202"]
}

// both reports whether both have something, and notes where only one does.
func (c *comparison) both(what string, had, has bool) bool {
	switch {
	case !had:
		c.lines = append(c.lines, "+ "+what)
	case !has:
		c.lines = append(c.lines, "- "+what)
	}
	return had && has
}

func (c *comparison) texts(what, old, now string) bool {
	if c.both(what, old != "", now != "") && old != now {
		c.lines = append(c.lines, "~ "+what+": "+old+", now "+now)
	}
	return old == now
}

// models compares two models of one name, and what they refer to.
func (c *comparison) models(what, old, now string) {
	if old == "" && now == "" || !c.texts(what, old, now) || c.seen[old] {
		return
	}
	c.seen[old] = true
	before, after := fieldsOf(c.old, old), fieldsOf(c.now, now)
	for _, name := range both(before, after) {
		was, had := before[name].(object)
		is, has := after[name].(object)
		if !c.both(old+"."+name, had, has) {
			continue
		}
		c.texts(old+"."+name, typeOf(was), typeOf(is))
		if refersTo(was) == refersTo(is) {
			c.models(old+"."+name, refersTo(was), refersTo(is))
		}
	}
}

func fieldsOf(d *description, name string) object {
	definition, _ := d.named[name].(object)
	fields, _ := definition["properties"].(object)
	return fields
}

// typeOf is the type of a schema, as index.d.ts has it.
func typeOf(schema object) string {
	switch name, _ := schema["$ref"].(string); {
	case name != "" && name != "#/definitions/ArrayNode":
		return strings.TrimPrefix(name, "#/definitions/")
	case schema["type"] == "array":
		return "Array<" + typeOf(schema["items"].(object)) + ">"
	case schema["type"] == "integer":
		return "number"
	case schema["type"] == nil, schema["type"] == "object":
		return "object"
	}
	return schema["type"].(string)
}

// refersTo is the model that a schema is of, or is a list or a map of.
func refersTo(schema object) string {
	for _, inner := range []string{"items", "additionalProperties"} {
		if s, ok := schema[inner].(object); ok {
			return refersTo(s)
		}
	}
	name, _ := schema["$ref"].(string)
	return strings.TrimPrefix(name, "#/definitions/")
}

// both are the keys of two maps, sorted.
func both[T any](a, b map[string]T) []string {
	keys := map[string]bool{}
	for key := range a {
		keys[key] = true
	}
	for key := range b {
		keys[key] = true
	}
	return slices.Sorted(maps.Keys(keys))
}
