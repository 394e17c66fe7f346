// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"fmt"
	"strings"

	"github.com/redpanda-data/benthos/v4/public/bloblang"

	"connect-genesys.example/connect-genesys/plugin/settings"
)

// schema is a component's fields as package settings has them.
type schema interface {
	Default(field string) (value any, ok bool)
	Lint(field string, value any) error
	LintBetween(values map[string]any) error
}

// schemas are the kinds of component, by the names that lint rules use.
var schemas = map[string]schema{
	"input": settings.Input, "processor": settings.Processor, "rate_limit": settings.RateLimit, "rows": settings.Rows,
}

// lintFunction is used by the specs only, and says so: Benthos lists every function.
const lintFunction = "internal_genesys_analytics_lint"

// lintRule returns a mapping that calls lintOf. Without a field it is the rule for what
// is wrong between fields.
func lintRule(kind, field string) string {
	return fmt.Sprintf("root = %s(%q, %q, this)", lintFunction, kind, field)
}

// registerLint registers the function that lint rules call. It must be called before a
// spec is built, which parses its rules.
func registerLint() {
	spec := bloblang.NewPluginSpec().
		Category("Genesys Cloud").
		Description("Internal, not for mappings: returns what is wrong with a field of a component.").
		Param(bloblang.NewStringParam("kind")).
		Param(bloblang.NewStringParam("field")).
		Param(bloblang.NewAnyParam("value"))
	bloblang.MustRegisterFunctionV2(lintFunction, spec, func(args *bloblang.ParsedParams) (bloblang.Function, error) {
		in := args.AsSlice()
		return func() (any, error) { return lintOf(in[0].(string), in[1].(string), in[2]), nil }, nil
	})
}

// lintOf returns what is wrong, empty if nothing is.
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
