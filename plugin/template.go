// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/redpanda-data/benthos/v4/public/bloblang"
	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/settings"
)

// template is the fields of a processor that depend on the message, compiled.
type template map[string]filler

// filler returns a value as a message fills it in.
type filler func(*service.Message) (any, error)

// newTemplate compiles what of a config depends on the message.
func newTemplate(raw map[string]any) (template, error) {
	t := template{}
	for _, name := range settings.FromMessage() {
		if s, ok := raw[name].(string); !ok || name == "query" || !settings.Interpolated(s) {
			continue
		}
		var err error
		if t[name], err = compile(raw[name]); err != nil {
			return nil, settings.Named(name, err)
		}
	}
	query, err := compileQuery(raw["query"])
	if err != nil {
		return nil, settings.Named("query", err)
	}
	t["query"] = query
	return t, nil
}

// fill returns the fields as a message has them.
func (t template) fill(msg *service.Message) (map[string]any, error) {
	values := make(map[string]any, len(t))
	for name, fill := range t {
		value, err := fill(msg)
		if err != nil {
			return nil, settings.Named(name, err)
		}
		values[name] = value
	}
	return values, nil
}

// compileQuery compiles a mapping, or a map with interpolated texts.
func compileQuery(value any) (filler, error) {
	mapping, ok := value.(string)
	if !ok {
		return compile(value)
	}
	executor, err := bloblang.Parse(mapping)
	if err != nil {
		return nil, err
	}
	return func(msg *service.Message) (any, error) {
		result, err := msg.BloblangQuery(executor) // which, unlike BloblangQueryValue, sees metadata
		if err != nil {
			return nil, err
		}
		if result == nil {
			return nil, errors.New("the mapping deletes the message: want an object")
		}
		value, err := result.AsStructured()
		if _, ok := value.(map[string]any); err == nil && !ok {
			err = fmt.Errorf("the mapping returns %T: want an object", value)
		}
		return value, err
	}, nil
}

// compile compiles the interpolated texts of a value, however deep.
func compile(value any) (filler, error) {
	switch v := value.(type) {
	case string:
		if !settings.Interpolated(v) {
			break
		}
		text, err := service.NewInterpolatedString(v)
		return func(msg *service.Message) (any, error) { return text.TryString(msg) }, err
	case map[string]any:
		return compileParts(maps.All(v), func() map[string]any { return make(map[string]any, len(v)) },
			func(filled map[string]any, name string, part any) { filled[name] = part })
	case []any:
		return compileParts(slices.All(v), func() []any { return make([]any, len(v)) },
			func(filled []any, i int, part any) { filled[i] = part })
	}
	return func(*service.Message) (any, error) { return value, nil }, nil
}

// compileParts compiles the parts of a map or a list. The filler puts them, filled in,
// into a new one.
func compileParts[K comparable, C any](parts iter.Seq2[K, any], empty func() C, put func(C, K, any)) (filler, error) {
	fillers := map[K]filler{}
	for at, part := range parts {
		var err error
		if fillers[at], err = compile(part); err != nil {
			return nil, fmt.Errorf("%v: %w", at, err)
		}
	}
	return func(msg *service.Message) (any, error) {
		filled := empty()
		for at, fill := range fillers {
			part, err := fill(msg)
			if err != nil {
				return nil, fmt.Errorf("%v: %w", at, err)
			}
			put(filled, at, part)
		}
		return filled, nil
	}, nil
}
