// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package settings is the config of a component, checked: what its user wrote, read
// once into what the code works with. Each field is one row of a table, with its
// name, its default and how its value is read; lint, the constructors, the command
// `plan` and genesys_intervals read by the same rows. Nothing here knows Benthos.
package settings

import (
	"errors"
	"fmt"
	"strings"
)

// Component is the name that all components have.
const Component = "genesys_analytics"

// Schema is the fields of a component, which are read into a T.
type Schema[T any] struct {
	rows func(*T) []row
	// check finds what is wrong between fields that are right by themselves, and fills
	// in what follows from several. It may be nil.
	check func(*T) error
}

// row is one field of a config. It may use what the rows before it have read.
type row struct {
	name string
	// value is the default; nil where the field is required, and [unset] where it is
	// optional.
	value any
	// read puts a value that is not nil into the config.
	read func(any) error
}

// unset is the value of an optional field that stands for none: it is what `create`
// prints, and what a variable without a value leaves.
type unset struct{ value any }

// Parse reads a config as it is written, with or without its defaults. Its error
// names every field that is wrong, its value and what would be right; what is wrong
// between fields it tells only where each is right by itself.
func (s Schema[T]) Parse(values map[string]any) (*T, error) {
	config := new(T)
	var wrong []error
	for _, row := range s.rows(config) {
		wrong = append(wrong, row.readFrom(values))
	}
	err := errors.Join(wrong...)
	if err == nil && s.check != nil {
		err = s.check(config)
	}
	if err != nil {
		return nil, err
	}
	return config, nil
}

// Default returns what a field is where it is not written, for an optional one what
// stands for none; false where it is required.
func (s Schema[T]) Default(name string) (value any, ok bool) {
	for _, row := range s.rows(new(T)) {
		if row.name == name {
			value = row.value
		}
	}
	if none, optional := value.(unset); optional {
		value = none.value
	}
	return value, value != nil
}

// Lint returns what is wrong with one field, whatever the others are.
func (s Schema[T]) Lint(name string, value any) error {
	for _, row := range s.rows(new(T)) {
		if row.name == name {
			return row.readFrom(map[string]any{name: value})
		}
		if row.value != nil {
			_ = row.readFrom(nil) // a default is right, as a test knows
		}
	}
	return nil
}

// LintBetween returns what is wrong between fields. Of a field that is wrong by
// itself, or missing, it says nothing: that has a lint of its own.
func (s Schema[T]) LintBetween(values map[string]any) error {
	fields := s
	fields.check = nil
	config, err := fields.Parse(values)
	if err != nil || s.check == nil {
		return nil //nolint:nilerr // as the comment says
	}
	return s.check(config)
}

// Names returns the fields.
func (s Schema[T]) Names() (names []string) {
	for _, row := range s.rows(new(T)) {
		names = append(names, row.name)
	}
	return names
}

// readFrom reads the field from a config, or takes its default.
func (r row) readFrom(values map[string]any) error {
	value, written := values[r.name]
	switch none := r.value.(type) {
	case nil:
		if !written {
			return fmt.Errorf("field `%s` is required", r.name)
		}
	case unset:
		if !written || none.is(value) {
			return nil
		}
	default:
		if !written {
			value = r.value
		}
	}
	return Named(r.name, r.read(value))
}

func (u unset) is(value any) bool {
	if value == nil {
		return true
	}
	text := strings.TrimSpace(asText(value))
	return text == "" || text == asText(u.value)
}

// Named puts the field's name before what is wrong with it.
func Named(field string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("field `%s`: %w", field, err)
}
