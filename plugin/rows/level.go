// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rows

import "strings"

// Level is a list of a page, or a list in the elements of one: results, in each of them
// data, in each of these metrics. The elements of the lowest are the rows.
type Level struct {
	// List is the member that holds the list.
	List string
	// Models are the definitions of its elements in the vendor's description.
	Models []string
	Fields []Field
	// Elsewhere are members of the elements that are lists too, and rows of other tables;
	// with {} after the name, an object that is read as a list of its entries.
	Elsewhere []string
	// Of is true of a level that only names what the rows belong to: what else its
	// elements hold is in the rows of another table.
	Of bool
	// Entries is true of an object that is read as the list of its entries, {name, value}.
	Entries bool
	Below   []Level

	members map[string]binding
	prefix  string // before the names of what is strange in the elements
	slots   []int  // of Fields: the first that each fills
	filled  []int  // all that they fill, but those of shared
	shared  []int  // those that a level above fills too
}

// Field is a member of an element, and the column that it fills.
type Field struct {
	// Path is the member's name; stats.count is count of the object in stats. Empty for a
	// field that follows from others.
	Path string
	Kind Kind
	// Column is its name; that of an interval is where the two columns' names start.
	Column string
}

// Kind is how a member is read: the name of a [Type], or one of those below.
type Kind = Type

const (
	interval Kind = "interval" // two times, start/end: two columns
	millis   Kind = "millis"   // a number of milliseconds; the column holds seconds
	elapsed  Kind = "elapsed"  // the seconds from start_time to end_time, where both are known
	position Kind = "position" // the element's place in its list, from 1
)

// constant is the kind of a column that has the same text in all rows of a level.
func constant(kind Kind) (value string, ok bool) { return strings.CutPrefix(string(kind), "=") }

// binding is what becomes of a member: it is a field, an object with fields, a level below,
// or known and not needed.
type binding struct {
	field  *Field
	slot   int
	object map[string]binding
	prefix string // before the names of what is strange in the object
	level  *Level
	known  knowledge
	opens  byte // what starts the list
}

// knowledge is about a member that fills no column.
type knowledge int

const (
	unknown   knowledge = iota
	elsewhere           // a list, whose elements other tables have
	paging              // of a page: what the message's metadata tells
	context             // of a page: goes into the first row, if there is one
)

// fields parses lines of "path kind column"; without a column, its name is the path's.
func fields(lines string) (all []Field) {
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		f := Field{Path: words[0], Kind: Kind(words[1]), Column: snake(words[0])}
		if f.Path == "-" {
			f.Path = ""
		}
		if len(words) > 2 {
			f.Column = words[2]
		}
		all = append(all, f)
	}
	return all
}

// split returns the words of a text.
func split(words string) []string { return strings.Fields(words) }

// snake returns media_type for mediaType, and count for stats.count.
func snake(path string) string {
	var b strings.Builder
	name := path[strings.LastIndexByte(path, '.')+1:]
	lower := false
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			if lower {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
			lower = false
		} else {
			lower = true
		}
		b.WriteRune(r)
	}
	return b.String()
}

// only returns the level as one that rows of another table belong to, with these of its
// fields.
func (l Level) only(paths string, below ...Level) Level {
	of := Level{List: l.List, Models: l.Models, Of: true, Below: below}
	for _, f := range l.Fields {
		for path := range strings.FieldsSeq(paths) {
			if f.Path == path {
				of.Fields = append(of.Fields, f)
			}
		}
	}
	return of
}

// columns returns what a field fills.
func (f Field) columns() []Column {
	switch f.Kind {
	case interval:
		return []Column{{f.Column + "_start", Time}, {f.Column + "_end", Time}}
	case millis, elapsed:
		return []Column{{f.Column, Decimal}}
	case position:
		return []Column{{f.Column, Integer}}
	}
	if value, ok := constant(f.Kind); ok {
		if value == "true" || value == "false" {
			return []Column{{f.Column, Boolean}}
		}
		return []Column{{f.Column, Text}}
	}
	return []Column{{f.Column, f.Kind}}
}
