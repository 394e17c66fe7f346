// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rows

import (
	"slices"
	"strings"
)

// Table is a kind of row.
type Table struct {
	Name    string
	About   string // a sentence
	Columns []Column
	Levels  []Level

	page map[string]binding // by the members of a page
}

// ColumnNames returns the names of the table's columns.
func (t *Table) ColumnNames() (names []string) {
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	return names
}

// pageMembers are of a page's paging, which the message's metadata tells.
const pageMembers = "cursor cursors totalHits total pageSize pageNumber pageCount " +
	"firstUri lastUri selfUri nextUri previousUri dataAvailabilityDate"

// contextMembers are about a page as a whole.
const contextMembers = "aggregations systemToOrganizationMappings entityIdDimension"

// newTable binds the members of the levels to columns.
func newTable(name, about string, levels ...Level) *Table {
	t := &Table{Name: name, About: about, Levels: levels, page: map[string]binding{}}
	for word, known := range map[string]knowledge{pageMembers: paging, contextMembers: context} {
		for member := range strings.FieldsSeq(word) {
			t.page[member] = binding{known: known}
		}
	}
	for i := range t.Levels {
		t.bind(&t.Levels[i], nil)
		t.page[t.Levels[i].List] = binding{level: &t.Levels[i]}
	}
	t.Columns = append(t.Columns, Column{Extra, JSON})
	return t
}

// bind binds the members of a level. Those above it fill the slots of above.
func (t *Table) bind(l *Level, above []int) {
	l.members, l.Below = map[string]binding{}, slices.Clone(l.Below)
	if len(l.Below) > 0 {
		l.prefix = l.List + "."
	}
	for i := range l.Fields {
		slot := t.slot(l.Fields[i])
		l.slots = append(l.slots, slot)
		for n := range l.Fields[i].columns() {
			if slices.Contains(above, slot+n) {
				l.shared = append(l.shared, slot+n)
			} else {
				l.filled = append(l.filled, slot+n)
			}
		}
		if l.Fields[i].Path != "" {
			place(l.members, l.prefix, l.Fields[i].Path, binding{field: &l.Fields[i], slot: slot})
		}
	}
	for _, member := range l.Elsewhere {
		name, entries := strings.CutSuffix(member, "{}")
		l.members[name] = binding{known: elsewhere, opens: opens(entries)}
	}
	for i := range l.Below {
		t.bind(&l.Below[i], slices.Concat(above, l.filled))
		l.members[l.Below[i].List] = binding{level: &l.Below[i], opens: opens(l.Below[i].Entries)}
	}
}

func opens(entries bool) byte {
	if entries {
		return '{'
	}
	return '['
}

// slot returns where the columns of a field are: those that another level fills too, or
// new ones.
func (t *Table) slot(f Field) int {
	wanted := f.columns()
	for i, c := range t.Columns {
		if c.Name == wanted[0].Name {
			if c.Type != wanted[0].Type {
				panic("rows: column " + t.Name + "." + c.Name + " has two types")
			}
			return i
		}
	}
	t.Columns = append(t.Columns, wanted...)
	return len(t.Columns) - len(wanted)
}

// place puts a binding into an object, or into one that is in it.
func place(members map[string]binding, prefix, path string, b binding) {
	first, rest, nested := strings.Cut(path, ".")
	if !nested {
		members[first] = b
		return
	}
	prefix += first + "."
	if members[first].object == nil {
		members[first] = binding{object: map[string]binding{}, prefix: prefix}
	}
	place(members[first].object, prefix, rest, b)
}
