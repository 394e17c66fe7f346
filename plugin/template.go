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
	for _, name := range []string{"endpoint", "interval", "granularity", "page_size"} {
		if s, ok := raw[name].(string); !ok || !settings.Interpolated(s) {
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

// compileQuery takes a mapping, or a map with interpolated texts in it.
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
		if err != nil {
			return nil, err
		}
		return func(msg *service.Message) (any, error) { return text.TryString(msg) }, nil
	case map[string]any:
		return compileMap(v)
	case []any:
		return compileList(v)
	}
	return func(*service.Message) (any, error) { return value, nil }, nil
}

func compileMap(m map[string]any) (filler, error) {
	parts := make(template, len(m))
	for name, element := range m {
		var err error
		if parts[name], err = compile(element); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return func(msg *service.Message) (any, error) {
		filled := make(map[string]any, len(parts))
		for name, fill := range parts {
			var err error
			if filled[name], err = fill(msg); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		return filled, nil
	}, nil
}

func compileList(list []any) (filler, error) {
	parts := make([]filler, len(list))
	for i, element := range list {
		var err error
		if parts[i], err = compile(element); err != nil {
			return nil, fmt.Errorf("%d: %w", i, err)
		}
	}
	return func(msg *service.Message) (any, error) {
		filled := make([]any, len(parts))
		for i, fill := range parts {
			var err error
			if filled[i], err = fill(msg); err != nil {
				return nil, fmt.Errorf("%d: %w", i, err)
			}
		}
		return filled, nil
	}, nil
}
