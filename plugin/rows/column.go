// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package rows makes flat, typed rows of a page. What the tables and their columns are is
// data (see tables.go), read from the vendor's description.
//
// Nothing of a page is lost and nothing is guessed. A column holds a value exactly or not
// at all: a member of another type, or one that the column cannot hold to the last digit,
// leaves the column null and is kept, as it was, in the column extra, beside the members
// that the table does not know. A page is read as it lies: no tree is made of it.
package rows

// Type is what a column holds.
type Type string

// The types, and the Go types of their values. A null is nil.
const (
	Text    Type = "text"    // string
	Integer Type = "integer" // int64
	Decimal Type = "decimal" // string: a number with at most 20 digits before the point and 18 after it
	Double  Type = "double"  // float64
	Boolean Type = "boolean" // bool
	Time    Type = "time"    // time.Time in UTC, to the microsecond
	JSON    Type = "json"    // string: a JSON text, of what is a list or an object
)

// The precision and the scale of a [Decimal].
const (
	DecimalPrecision = 38
	DecimalScale     = 18
)

// Column is one of a table.
type Column struct {
	Name string
	Type Type
}

// Extra is the last column of each table: a JSON object of what the other columns do not
// hold. Its members are named by where they were: `foo` of the row's own object, `stats.foo`
// of an object in it, `results.foo` of one around it, `page.foo` of the page. What is of the
// page, and what is a list, an object or long, is in the first row only that it is around.
const Extra = "extra"
