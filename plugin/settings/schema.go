// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package settings parses and checks the configs of the components. Each field is one row
// of a table: its name, its default and how its value is read. Lint, the constructors, the
// command `plan` and genesys_intervals use the same rows, and a value is parsed once. The
// package does not know Benthos.
package settings

import (
	"errors"
	"fmt"
	"strings"
)

// Component is the name that the components have that talk to the tenant.
const Component = "genesys_analytics"

// Schema is the fields of a component, which are parsed into a T.
type Schema[T any] struct {
	rows func(*T) []row
	// check finds what is wrong between fields that are right by themselves, and sets
	// what follows from several of them. It may be nil.
	check func(*T) error
}

// row is one field of a config. It may use what the rows before it have read, which is
// nothing where the field is looked at by itself.
type row struct {
	name string
	// value is the default; nil where the field is required, and [unset] where it is
	// optional.
	value any
	// read puts a value that is not nil into the config.
	read func(any) error
}

// unset is the value of an optional field that counts as not written: what `create`
// prints, and what a variable without a value leaves.
type unset struct{ value any }

// Parse parses a config, with or without its defaults. Its error names every field that
// is wrong, its value and what would be right. What is wrong between fields is reported
// only if each field is right by itself.
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

// Default returns a field's default, for an optional field the value that counts as not
// written; false for a required field.
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

// Lint returns what is wrong with a field by itself.
func (s Schema[T]) Lint(name string, value any) error {
	for _, row := range s.rows(new(T)) {
		if row.name == name {
			return row.readFrom(map[string]any{name: value})
		}
	}
	return nil
}

// LintBetween returns what is wrong between fields, nil if one is missing or wrong by
// itself, which has a lint of its own.
func (s Schema[T]) LintBetween(values map[string]any) error {
	fields := s
	fields.check = nil
	config, err := fields.Parse(values)
	if err != nil || s.check == nil {
		return nil //nolint:nilerr // see above
	}
	return s.check(config)
}

// Names returns the names of the fields.
func (s Schema[T]) Names() []string { return namesOf(s.rows(new(T))) }

func namesOf(rows []row) (names []string) {
	for _, row := range rows {
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
