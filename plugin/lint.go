// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"fmt"
	"strings"

	"github.com/redpanda-data/benthos/v4/public/bloblang"

	"connect-genesys.example/connect-genesys/plugin/settings"
)

// schema is what Benthos is told of a component's fields.
type schema interface {
	Default(field string) (value any, ok bool)
	Lint(field string, value any) error
	LintBetween(values map[string]any) error
}

// schemas are those of the kinds of component, by what lint rules call these.
var schemas = map[string]schema{
	"input": settings.Input, "processor": settings.Processor, "rate_limit": settings.RateLimit,
}

// lintFunction is for the specs alone. Benthos lists every function that it knows.
const lintFunction = "internal_genesys_analytics_lint"

// lintRule is Bloblang that calls back into here, so that each rule is written
// once, in Go. Without a field it is the rule for all of them together.
func lintRule(kind, field string) string {
	return fmt.Sprintf("root = %s(%q, %q, this)", lintFunction, kind, field)
}

// registerLint makes the checks callable from a lint rule. It must come before
// the rules are parsed.
func registerLint() {
	spec := bloblang.NewPluginSpec().
		Category("Genesys Cloud").
		Description("Internal, not for mappings: returns what is wrong with a field of a genesys_analytics component.").
		Param(bloblang.NewStringParam("kind")).
		Param(bloblang.NewStringParam("field")).
		Param(bloblang.NewAnyParam("value"))
	bloblang.MustRegisterFunctionV2(lintFunction, spec, func(args *bloblang.ParsedParams) (bloblang.Function, error) {
		kind, err := args.GetString("kind")
		if err != nil {
			return nil, err
		}
		field, err := args.GetString("field")
		if err != nil {
			return nil, err
		}
		value, err := args.Get("value")
		if err != nil {
			return nil, err
		}
		return func() (any, error) { return lintOf(kind, field, value), nil }, nil
	})
}

// lintOf returns the text of what is wrong, empty where nothing is.
func lintOf(kind, field string, value any) string {
	if field != "" {
		return oneLine(schemas[kind].Lint(field, value))
	}
	values, _ := value.(map[string]any)
	return oneLine(schemas[kind].LintBetween(values))
}

func oneLine(err error) string {
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}
