// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"fmt"
	"maps"
	"strings"

	"github.com/redpanda-data/benthos/v4/public/bloblang"
)

const (
	inputKind     = "input"
	processorKind = "processor"
	rateLimitKind = "rate_limit"
)

// kinds are what a lint rule can name. Set by registerLint, since some of the
// checks lead back here.
var kinds map[string]kind

const lintFunction = "genesys_analytics_lint"

// lintRule is Bloblang that calls back into here, so that each rule is written
// once, in Go. Without a field it is the rule for all of them together.
func lintRule(kind, field string) string {
	return fmt.Sprintf("root = %s(%q, %q, this)", lintFunction, kind, field)
}

// registerLint makes the checks callable from a lint rule. It must come before
// the rules are parsed.
func registerLint() {
	kinds = map[string]kind{
		inputKind:     inputChecks(),
		processorKind: processorChecks(),
		rateLimitKind: {checks: rateLimitChecks, defaults: rateLimitDefaults},
	}
	spec := bloblang.NewPluginSpec().
		Category("Genesys Cloud").
		Description("Internal: checks a field of the genesys_analytics components for `lint`, and gives what is wrong.").
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
		return func() (any, error) { return kinds[kind].lint(field, value), nil }, nil
	})
}

// lint gives the text of what is wrong, empty where nothing is. Fields that are
// wrong by themselves are told by their own rule, and missing ones by Benthos.
func (k kind) lint(field string, value any) string {
	if field != "" {
		if check, ok := k.checks[field]; ok && !isUnset(field, value) {
			return errorText(named(field, check(value)))
		}
		return ""
	}
	written, ok := value.(map[string]any)
	if !ok || k.together == nil {
		return ""
	}
	raw := maps.Clone(k.defaults)
	maps.Copy(raw, present(written))
	for field, value := range raw {
		if check, ok := k.checks[field]; ok && check(value) != nil {
			return ""
		}
	}
	if _, ok := raw[fieldEndpoint]; !ok {
		return ""
	}
	return errorText(k.together(raw))
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}
