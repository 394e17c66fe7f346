// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"errors"
	"fmt"

	"github.com/redpanda-data/benthos/v4/public/bloblang"
	"github.com/redpanda-data/benthos/v4/public/service"
)

// queryMaker makes a query of a message: by a mapping, or by filling in a map.
func queryMaker(value any) (func(*service.Message) (map[string]any, error), error) {
	mapping, ok := value.(string)
	if !ok {
		return filler(value)
	}
	executor, err := bloblang.Parse(mapping)
	if err != nil {
		return nil, err
	}
	return func(msg *service.Message) (map[string]any, error) {
		result, err := msg.BloblangQuery(executor) // which, unlike BloblangQueryValue, sees metadata
		if err != nil {
			return nil, err
		}
		if result == nil {
			return nil, errors.New("the mapping deletes the message: want an object")
		}
		value, err := result.AsStructured()
		if err != nil {
			return nil, err
		}
		query, ok := value.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("the mapping gives %T: want an object", value)
		}
		return query, nil
	}, nil
}

// filler fills the interpolated texts of a map, however deep.
func filler(value any) (func(*service.Message) (map[string]any, error), error) {
	root, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("want a map or a mapping, got %T", value)
	}
	return func(msg *service.Message) (map[string]any, error) {
		filled, err := fill(root, msg)
		if err != nil {
			return nil, err
		}
		return filled.(map[string]any), nil
	}, nil
}

func fill(value any, msg *service.Message) (any, error) {
	switch v := value.(type) {
	case string:
		if !dynamic(v) {
			return v, nil
		}
		text, err := service.NewInterpolatedString(v)
		if err != nil {
			return nil, err
		}
		return text.TryString(msg)
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, element := range v {
			filled, err := fill(element, msg)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			out[name] = filled
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			filled, err := fill(element, msg)
			if err != nil {
				return nil, fmt.Errorf("%d: %w", i, err)
			}
			out[i] = filled
		}
		return out, nil
	default:
		return v, nil
	}
}
