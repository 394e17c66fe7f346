// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Command docs writes what the components' own specs say: the table of fields in
// README.md and the reference in config/REFERENCE.md. Run it from the top of the
// repository, as `make docs` does.
package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/redpanda-data/benthos/v4/public/service"

	_ "connect-genesys.example/connect-genesys/plugin"
)

// components are the names of ours.
var components = []string{"genesys_analytics", "genesys_rows"}

//go:embed reference.md.tmpl
var referenceTemplate string

func main() {
	if err := run("README.md", "config/REFERENCE.md"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(readme, reference string) error {
	described, err := describe()
	if err != nil {
		return err
	}
	text, err := render(described)
	if err != nil {
		return err
	}
	if err := os.WriteFile(reference, text, 0o644); err != nil { //nolint:gosec // a document, for everybody to read
		return fmt.Errorf("writing the reference: %w", err)
	}
	old, err := os.ReadFile(readme)
	if err != nil {
		return fmt.Errorf("reading the README: %w", err)
	}
	text, err = replaceTable(old, described[0])
	if err != nil {
		return err
	}
	if err := os.WriteFile(readme, text, 0o644); err != nil { //nolint:gosec // likewise
		return fmt.Errorf("writing the README: %w", err)
	}
	return nil
}

// typeOf returns what a field wants. Benthos takes any type for all that is not text,
// so that lint sees a value as it is written.
func typeOf(f service.TemplateDataPluginField) string {
	switch {
	case f.Type != "unknown":
		return f.Type
	case f.IsSecret:
		return "string"
	case f.DefaultMarshalled == "true" || f.DefaultMarshalled == "false":
		return "bool"
	case f.DefaultMarshalled == "[]":
		return "array"
	}
	if _, err := strconv.Atoi(f.DefaultMarshalled); err == nil {
		return "int"
	}
	return f.Type
}

// describe gives the data of each component, the input first.
func describe() (all []service.TemplateDataPlugin, err error) {
	take := func(name string, view *service.ConfigView) {
		if !slices.Contains(components, name) || err != nil {
			return
		}
		var data service.TemplateDataPlugin
		data, err = view.TemplateData()
		for i, f := range data.Fields {
			data.Fields[i].Type = typeOf(f)
		}
		all = append(all, data)
	}
	env := service.GlobalEnvironment()
	env.WalkInputs(take)
	env.WalkProcessors(take)
	env.WalkRateLimits(take)
	for _, name := range components {
		if err == nil && !slices.ContainsFunc(all, func(d service.TemplateDataPlugin) bool { return d.Name == name }) {
			err = fmt.Errorf("%s is not registered", name)
		}
	}
	return all, err
}

func render(components []service.TemplateDataPlugin) ([]byte, error) {
	t, err := template.New("reference").Funcs(template.FuncMap{
		"trim": strings.TrimSpace,
		"line": oneLine,
	}).Parse(referenceTemplate)
	if err != nil {
		return nil, fmt.Errorf("parsing the template: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, components); err != nil {
		return nil, fmt.Errorf("writing the reference: %w", err)
	}
	return b.Bytes(), nil
}

// oneLine fits a text into a cell of a table.
func oneLine(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", `\|`)
}

const (
	tableBegins = "<!-- fields: written by `make docs` -->"
	tableEnds   = "<!-- end of fields -->"
)

// replaceTable puts the table of fields between its two marks.
func replaceTable(readme []byte, data service.TemplateDataPlugin) ([]byte, error) {
	before, rest, ok := bytes.Cut(readme, []byte(tableBegins))
	_, after, closed := bytes.Cut(rest, []byte(tableEnds))
	if !ok || !closed {
		return nil, fmt.Errorf("finding %q and %q in the README", tableBegins, tableEnds)
	}
	var b bytes.Buffer
	b.Write(before)
	b.WriteString(tableBegins + "\n\n| field | type, default | meaning |\n|---|---|---|\n")
	for _, f := range data.Fields {
		if strings.Contains(f.FullName, ".") { // the parts of tls are Benthos' own
			continue
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.FullName, typeAndDefault(f), oneLine(f.Description))
	}
	b.WriteString("\n" + tableEnds)
	b.Write(after)
	return b.Bytes(), nil
}

// required are those without a default that are not optional either. The data
// for templates does not tell them apart.
var required = map[string]bool{"client_id": true, "client_secret": true, "endpoint": true, "start": true}

func typeAndDefault(f service.TemplateDataPluginField) string {
	s := f.Type
	if len(f.AnnotatedOptions) > 0 {
		var options []string
		for _, o := range f.AnnotatedOptions {
			options = append(options, "`"+o[0]+"`")
		}
		s = strings.Join(options, `, `)
	}
	if f.IsSecret {
		s += ", secret"
	}
	if required[f.FullName] {
		s += ", required"
	}
	if f.DefaultMarshalled == `""` {
		return s + "; unset"
	}
	if f.DefaultMarshalled != "" && f.Type != "object" || f.DefaultMarshalled == "{}" {
		s += "; `" + strings.Trim(f.DefaultMarshalled, `"`) + "`"
	}
	return s
}
