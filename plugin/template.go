// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"errors"
	"fmt"

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
		how := compile
		if name == "query" {
			how = compileQuery
		} else if text, _ := raw[name].(string); !settings.Interpolated(text) {
			continue
		}
		var err error
		if t[name], err = how(raw[name]); err != nil {
			return nil, settings.Named(name, err)
		}
	}
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
	compiled, err := replaced(value, func(leaf any) (any, error) {
		if text, ok := leaf.(string); ok && settings.Interpolated(text) {
			return service.NewInterpolatedString(text)
		}
		return leaf, nil
	})
	return func(msg *service.Message) (any, error) {
		return replaced(compiled, func(leaf any) (any, error) {
			if text, ok := leaf.(*service.InterpolatedString); ok {
				return text.TryString(msg)
			}
			return leaf, nil
		})
	}, err
}

// replaced returns a copy of a value whose leaves, however deep in maps and lists, are
// replaced.
func replaced(value any, by func(any) (any, error)) (_ any, err error) {
	switch v := value.(type) {
	case map[string]any:
		parts := make(map[string]any, len(v))
		for name, part := range v {
			if parts[name], err = replaced(part, by); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		return parts, nil
	case []any:
		parts := make([]any, len(v))
		for i, part := range v {
			if parts[i], err = replaced(part, by); err != nil {
				return nil, fmt.Errorf("%d: %w", i, err)
			}
		}
		return parts, nil
	}
	return by(value)
}
