// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package contract

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

// sdk is the vendor's module, which brings the description along.
const sdk = "github.com/mypurecloud/platform-client-sdk-go/v150"

// object is JSON's.
type object = map[string]any

// description is the vendor's public API description, Swagger 2.0.
type description struct {
	paths    map[string]map[string]operation // by template, then verb
	named    object                          // the definitions
	compiler *jsonschema.Compiler

	mu      sync.Mutex // guards schemas and compiler
	schemas map[string]*jsonschema.Schema
}

// operation is one verb of one path.
type operation struct {
	params      map[string]string // name → where: path, query, body
	body        string            // the definition of the request, if it has one
	responses   map[string]string // status → definition
	permissions []string
}

// load reads the 18 MB of the SDK once.
var load = sync.OnceValues(func() (*description, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", sdk).Output()
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", sdk, err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "swagger.json"))
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("reading swagger.json: %w", err)
	}
	return describe(doc.(object))
})

func described(t *testing.T) *description {
	t.Helper()
	d, err := load()
	require.NoError(t, err)
	return d
}

const schemaURL = "https://description.invalid/swagger.json"

func describe(doc object) (*description, error) {
	definitions := doc["definitions"].(object)
	if _, ok := definitions["ArrayNode"]; ok {
		definitions["ArrayNode"] = object{"type": "array"} // Jackson's, whatever is said of it
	}
	for _, d := range definitions {
		tighten(d)
	}
	d := &description{paths: map[string]map[string]operation{}, named: definitions, compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	d.compiler.DefaultDraft(jsonschema.Draft4) // of which a Swagger 2.0 definition is a subset
	d.compiler.AssertFormat()
	for path, verbs := range doc["paths"].(object) {
		d.paths[path] = map[string]operation{}
		for verb, op := range verbs.(object) {
			d.paths[path][strings.ToUpper(verb)] = read(op.(object))
		}
	}
	return d, d.compiler.AddResource(schemaURL, object{"definitions": definitions})
}

// tighten lets an object have no properties but those that are described: what is
// sent and is not there is a mistake, and what the simulator adds is invented.
func tighten(schema any) {
	s, ok := schema.(object)
	if !ok {
		return
	}
	properties, _ := s["properties"].(object)
	if _, open := s["additionalProperties"]; properties != nil && !open {
		s["additionalProperties"] = false
	}
	if s["format"] == "uri" {
		s["format"] = "uri-reference" // the service's own are relative, whatever is said of them
	}
	for _, p := range properties {
		tighten(p)
	}
	tighten(s["items"])
	tighten(s["additionalProperties"])
}

func read(op object) operation {
	o := operation{params: map[string]string{}, responses: map[string]string{}}
	for _, p := range list(op["parameters"]) {
		param := p.(object)
		o.params[param["name"].(string)] = param["in"].(string)
		if param["in"] == "body" {
			o.body = definition(param)
		}
	}
	for status, r := range op["responses"].(object) {
		o.responses[status] = definition(r.(object))
	}
	if required, ok := op["x-inin-requires-permissions"].(object); ok {
		for _, p := range list(required["permissions"]) {
			o.permissions = append(o.permissions, p.(string))
		}
	}
	return o
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// definition is the name that a schema refers to; empty for none.
func definition(of object) string {
	schema, _ := of["schema"].(object)
	ref, _ := schema["$ref"].(string)
	return strings.TrimPrefix(ref, "#/definitions/")
}

// validate holds a document against a definition.
func (d *description) validate(name string, document []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	schema, ok := d.schemas[name]
	if !ok {
		if schema, err = d.compiler.Compile(schemaURL + "#/definitions/" + name); err != nil {
			return err
		}
		d.schemas[name] = schema
	}
	return schema.Validate(value)
}

// has tells whether a definition has a property.
func (d *description) has(definition, property string) bool {
	named, _ := d.named[definition].(object)
	properties, _ := named["properties"].(object)
	_, ok := properties[property]
	return ok
}

// find gives the operation that serves a path. A path without names comes first:
// jobs/availability is not the job of that name.
func (d *description) find(verb, path string) (operation, bool) {
	if op, ok := d.paths[path][verb]; ok {
		return op, true
	}
	for template, verbs := range d.paths {
		if op, ok := verbs[verb]; ok && matches(template, path) {
			return op, true
		}
	}
	return operation{}, false
}

func matches(template, path string) bool {
	return slices.EqualFunc(strings.Split(template, "/"), strings.Split(path, "/"), func(want, got string) bool {
		return want == got || strings.HasPrefix(want, "{")
	})
}
