// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Command facts draws from the vendor's npm package what the contract tests need of
// it, and writes it to standard output: the operations under /api/v2/analytics/ and
// those of the endpoints that the project knows, and the models of these.
//
//	go run ./facts DIRECTORY >facts.json
//
// The directory is the package's, unpacked. The output is sorted, so that two of them
// can be compared line by line.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"connect-genesys.example/connect-genesys/plugin/genesys"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: facts DIRECTORY")
	}
	if err := draw(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

// operation is one verb of one path.
type operation struct {
	Parameters map[string]string `json:"parameters,omitempty"` // name → where: path, query, header, form, body
	Body       string            `json:"body,omitempty"`
	Response   string            `json:"response,omitempty"`
}

// model has the fields of an object: name → type as in index.d.ts, with a "?" before
// that of a field that may be absent.
type model map[string]string

func draw(directory string) error {
	declared, err := os.ReadFile(filepath.Join(directory, "index.d.ts"))
	if err != nil {
		return err
	}
	version, err := versionOf(directory)
	if err != nil {
		return err
	}
	operations, err := operationsOf(directory, signatures(declared))
	if err != nil {
		return err
	}
	used := map[string]model{}
	all := models(declared)
	follow(all, used, "ErrorBody")
	for key, op := range operations {
		_, path, _ := strings.Cut(key, " ")
		if known(path) {
			follow(all, used, op.Body+" "+op.Response)
		}
	}
	return write(version, operations, used)
}

func versionOf(directory string) (string, error) {
	data, err := os.ReadFile(filepath.Join(directory, "package.json"))
	if err != nil {
		return "", err
	}
	var p struct{ Name, Version string }
	err = json.Unmarshal(data, &p)
	return p.Name + " " + p.Version, err
}

// known reports whether the project asks for a path, as an endpoint or for its job.
func known(path string) bool {
	return slices.ContainsFunc(genesys.Endpoints(), func(e genesys.Endpoint) bool {
		job := e.Path + "/{jobId}"
		return path == e.Path || e.Paging == genesys.PagingJob && (path == job || path == job+"/results")
	})
}

var (
	call = regexp.MustCompile(`(?s)\n\t(\w+)\([^\n]*\) \{ .*?callApi\(\s*'([^']+)',\s*'([A-Z]+)',\s*` +
		`\{([^\n]*)\},\s*\{([^\n]*)\},\s*\{([^\n]*)\},\s*\{([^\n]*)\},\s*(\w+)`)
	parameter = regexp.MustCompile(`'(\w+)': `)
	signature = regexp.MustCompile(`(?m)^\s+(\w+)\((?:.*?body\??: (?:Models\.)?([^,)]+))?.*\): Promise<(?:Models\.)?(.+)>;`)
	iface     = regexp.MustCompile(`(?s)export interface (\w+) \{(.*?)\n\t\}`)
	field     = regexp.MustCompile(`"([^"]+)"(\??): ([^\n]+);\n`)
	word      = regexp.MustCompile(`\w+`)
)

// signatures are the bodies and responses of the package's methods, by name.
func signatures(declared []byte) map[string][2]string {
	found := map[string][2]string{}
	for _, m := range signature.FindAllSubmatch(declared, -1) {
		found[string(m[1])] = [2]string{string(m[2]), string(m[3])}
	}
	return found
}

func operationsOf(directory string, types map[string][2]string) (map[string]operation, error) {
	files, err := filepath.Glob(filepath.Join(directory, "src/*/api/*Api.js"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s has no src/*/api/*Api.js: %w", directory, err)
	}
	found := map[string]operation{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, m := range call.FindAllStringSubmatch(string(source), -1) {
			if path := m[2]; strings.HasPrefix(path, "/api/v2/analytics/") || known(path) {
				found[m[3]+" "+path] = operationOf(m, types[m[1]])
			}
		}
	}
	return found, nil
}

func operationOf(m []string, types [2]string) operation {
	op := operation{Parameters: map[string]string{}, Response: clean(types[1])}
	for i, where := range []string{"path", "query", "header", "form"} {
		for _, p := range parameter.FindAllStringSubmatch(m[4+i], -1) {
			op.Parameters[p[1]] = where
		}
	}
	if m[8] != "null" {
		op.Parameters["body"], op.Body = "body", clean(types[0])
	}
	return op
}

func clean(text string) string {
	return strings.TrimPrefix(strings.ReplaceAll(text, "Models.", ""), "void")
}

func models(declared []byte) map[string]model {
	found := map[string]model{}
	for _, m := range iface.FindAllStringSubmatch(string(declared), -1) {
		fields := model{}
		for _, f := range field.FindAllStringSubmatch(m[2]+"\n", -1) {
			fields[f[1]] = f[2] + clean(f[3])
		}
		found[m[1]] = fields
	}
	return found
}

// follow takes the models that a type names, and those that they name.
func follow(all, used map[string]model, named string) {
	for _, name := range word.FindAllString(named, -1) {
		m, ok := all[name]
		if _, done := used[name]; !ok || done {
			continue
		}
		used[name] = m
		for _, t := range m {
			follow(all, used, t)
		}
	}
}

// write gives each operation and each model a line.
func write(version string, operations map[string]operation, used map[string]model) error {
	fmt.Printf("{\n\"package\": %q,\n", version)
	if err := lines("operations", operations); err != nil {
		return err
	}
	fmt.Println(",")
	if err := lines("models", used); err != nil {
		return err
	}
	fmt.Println("\n}")
	return nil
}

func lines[T any](name string, of map[string]T) error {
	fmt.Printf("%q: {", name)
	between := "\n"
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	for _, key := range slices.Sorted(maps.Keys(of)) {
		line.Reset()
		if err := encoder.Encode(of[key]); err != nil {
			return err
		}
		fmt.Printf("%s%q: %s", between, key, bytes.TrimSpace(line.Bytes()))
		between = ",\n"
	}
	fmt.Print("\n}")
	return nil
}
