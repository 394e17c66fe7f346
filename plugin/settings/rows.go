// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package settings

import (
	"fmt"
	"slices"
	"strings"

	"connect-genesys.example/connect-genesys/plugin/rows"
)

// RowsConfig is the config of the processor that makes rows of pages.
type RowsConfig struct {
	Table   string   // or [rows.Auto]
	Columns []string // nil: all
}

// Rows is that processor's fields.
var Rows = Schema[RowsConfig]{
	rows: func(c *RowsConfig) []row {
		return []row{
			{"table", rows.Auto, into(&c.Table, oneOf(slices.Concat([]string{rows.Auto}, rows.Names())...))},
			{"columns", unset{[]any{}}, names(&c.Columns)},
		}
	},
	check: func(c *RowsConfig) error { return Named("columns", c.checkColumns()) },
}

// checkColumns reports a column that the table does not have, or that no table has where
// the endpoint decides which it is.
func (c *RowsConfig) checkColumns() error {
	if t, ok := rows.Lookup(c.Table); ok {
		_, err := t.Select(c.Columns...)
		return err
	}
	var known []string
	for _, t := range rows.Tables() {
		known = append(known, t.ColumnNames()...)
	}
	slices.Sort(known)
	for _, name := range c.Columns {
		if !slices.Contains(known, name) {
			return fmt.Errorf("%q is not a column of any table: want some of %s", name, strings.Join(slices.Compact(known), ", "))
		}
	}
	return nil
}

// names returns a reader that stores a list of text.
func names(place *[]string) func(any) error {
	return func(v any) error {
		var list []any
		if err := exactly(&list, "is none: want a list of names")(v); err != nil {
			return err
		}
		all := make([]string, len(list))
		for i, name := range list {
			if err := into(&all[i], notEmpty)(name); err != nil {
				return err
			}
		}
		*place = all
		return nil
	}
}
