// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rows

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Selection is what is read of a page: the columns of a table.
type Selection struct {
	Table   *Table
	Columns []Column

	slots []int // of the columns, without extra
	extra bool
	whole bool // the page itself is the only element
}

// Select returns the columns with these names, in their order; without names, all of them.
func (t *Table) Select(names ...string) (*Selection, error) {
	if len(names) == 0 {
		names = t.ColumnNames()
	}
	s := &Selection{Table: t}
	for i, name := range names {
		slot := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
		switch {
		case slot < 0:
			return nil, fmt.Errorf("%q is not a column of %s: want some of %s", name, t.Name, strings.Join(t.ColumnNames(), ", "))
		case slices.Contains(names[:i], name):
			return nil, fmt.Errorf("%q is named twice", name)
		}
		s.Columns = append(s.Columns, t.Columns[slot])
		if name == Extra {
			s.extra = true
		} else {
			s.slots = append(s.slots, slot)
		}
	}
	return s, nil
}

// Whole returns the selection for pages that are one element of the table's list, and not
// a page with a list of them.
func (s *Selection) Whole() *Selection {
	whole := *s
	whole.whole = true
	return &whole
}

// Read calls emit with the rows of a page, in the order of the page. A row is a new map,
// with a nil for each column that it has no value of. Read returns an error, and calls
// nothing, if the page is not a JSON object.
func (s *Selection) Read(page []byte, emit func(row map[string]any)) error {
	if !json.Valid(page) {
		return errors.New("reading a page: it is not JSON")
	}
	page = bytes.TrimSpace(page)
	if page[0] != '{' {
		return errors.New("reading a page: it is not a JSON object")
	}
	r := &reader{Selection: s, row: make([]any, len(s.Table.Columns)), emit: emit}
	if s.whole {
		r.element(&s.Table.Levels[0], page, 1)
		return nil
	}
	r.page(page)
	return nil
}

// reader is the state of one Read.
type reader struct {
	*Selection
	row   []any // by slot
	extra []member
	about []member // of the page, until a row has it
	rows  int
	emit  func(map[string]any)
}

// member is one of an object, whose name has those of the objects around it.
type member struct {
	name  string
	value []byte
	told  bool // by a row, and not to be told again
}

// page reads the lists of a page after everything else of it: the first row tells what is
// not known.
func (r *reader) page(page []byte) {
	var lists []member
	strange := false
	eachMember(page, func(name, value []byte) {
		b := r.Table.page[string(name)]
		switch {
		case isNull(value) && (b.level != nil || b.known != unknown), b.known == paging && value[0] != '{' && value[0] != '[':
		case b.level != nil && value[0] == '[':
			lists = append(lists, member{name: string(name), value: value})
		default:
			strange = strange || b.known != context && !isNull(value)
			r.about = append(r.about, member{name: "page." + string(name), value: value})
		}
	})
	for _, list := range lists {
		r.list(r.Table.page[list.name].level, list.value)
	}
	if r.rows == 0 && strange {
		r.emitRow()
	}
}

// list reads the elements of a list, or the entries of an object.
func (r *reader) list(l *Level, list []byte) {
	n := 0
	if l.Entries {
		eachMember(list, func(name, value []byte) {
			n++
			r.entry(l, name, value, n)
		})
		return
	}
	eachElement(list, func(value []byte) {
		n++
		r.element(l, value, n)
	})
}

// entry reads one as {name, value}.
func (r *reader) entry(l *Level, name, value []byte, n int) {
	quoted, _ := json.Marshal(string(name)) // text always can be
	r.element(l, slices.Concat([]byte(`{"name":`), quoted, []byte(`,"value":`), value, []byte(`}`)), n)
}

// element reads one of a list: the row that it is, or those of the lists in it.
func (r *reader) element(l *Level, value []byte, n int) {
	mark, before, outer := len(r.extra), r.rows, r.save(l.shared)
	var lists []found
	if value[0] == '{' {
		r.members(l, l.members, l.prefix, value, &lists)
	} else if !l.Of {
		r.note(l.List, value)
	}
	r.derive(l, n)
	for i := range l.Below {
		for _, list := range lists {
			if list.level == &l.Below[i] {
				r.list(list.level, list.value)
			}
		}
	}
	// What has no rows in it and is worth one: it says something that no other row does.
	if len(l.Below) == 0 || r.rows == before && !l.Of && len(r.extra) > mark {
		r.emitRow()
	}
	r.extra = r.extra[:mark]
	for _, slot := range l.filled {
		r.row[slot] = nil
	}
	for i, slot := range l.shared {
		r.row[slot] = outer[i]
	}
}

// save returns what is in slots; nothing is made of none.
func (r *reader) save(slots []int) (values []any) {
	for _, slot := range slots {
		values = append(values, r.row[slot])
	}
	return values
}

// found is a list of an element.
type found struct {
	level *Level
	value []byte
}

// members reads those of an element, or of an object in it.
func (r *reader) members(l *Level, known map[string]binding, prefix string, object []byte, lists *[]found) {
	eachMember(object, func(name, value []byte) {
		b, ok := known[string(name)]
		switch {
		case !ok:
			if !l.Of {
				r.note(prefix+string(name), value)
			}
		case isNull(value):
		case b.field != nil:
			if !r.set(b, value) {
				r.note(prefix+string(name), value)
			}
		case b.object != nil && value[0] == '{':
			r.members(l, b.object, b.prefix, value, lists)
		case b.level != nil && value[0] == b.opens:
			*lists = append(*lists, found{b.level, value})
		case b.known == elsewhere && value[0] == b.opens:
		case !l.Of || b.level == nil:
			r.note(prefix+string(name), value)
		}
	})
}

func (r *reader) note(name string, value []byte) {
	r.extra = append(r.extra, member{name: name, value: value})
}

// set fills the columns of a field; false if they cannot hold the value, or hold another.
func (r *reader) set(b binding, value []byte) bool {
	if b.field.Kind == interval {
		return r.setInterval(b.slot, value)
	}
	v, ok := convert(b.field.Kind, value)
	if !ok || r.row[b.slot] != nil && r.row[b.slot] != v {
		return false
	}
	r.row[b.slot] = v
	return true
}

// setInterval fills two columns. An interval inside another one takes its place, as that
// of a bucket does.
func (r *reader) setInterval(slot int, value []byte) bool {
	s, ok := text(value)
	from, to, cut := strings.Cut(s, "/")
	if !ok || !cut {
		return false
	}
	start, ok := parseTime(from)
	if !ok {
		return false
	}
	end, ok := parseTime(to)
	if !ok {
		return false
	}
	r.row[slot], r.row[slot+1] = start, end
	return true
}

// derive fills the columns that follow from others.
func (r *reader) derive(l *Level, n int) {
	for i, f := range l.Fields {
		slot := l.slots[i]
		switch value, ok := constant(f.Kind); {
		case ok && r.Table.Columns[slot].Type == Boolean:
			r.row[slot] = value == "true"
		case ok:
			r.row[slot] = value
		case f.Kind == position:
			r.row[slot] = int64(n)
		case f.Kind == elapsed:
			r.row[slot] = r.elapsed()
		}
	}
}

// elapsed returns the seconds of the row's interval, if both ends are known.
func (r *reader) elapsed() any {
	start, ok := r.value("interval_start").(time.Time)
	end, closed := r.value("interval_end").(time.Time)
	if !ok || !closed {
		return nil
	}
	micros := decimalOf(end.UnixMicro() - start.UnixMicro())
	micros.point -= 6
	seconds, _ := micros.text()
	return seconds
}

func (r *reader) value(column string) any {
	for i, c := range r.Table.Columns {
		if c.Name == column {
			return r.row[i]
		}
	}
	return nil
}

func (r *reader) emitRow() {
	row := make(map[string]any, len(r.Columns))
	for _, slot := range r.slots {
		row[r.Table.Columns[slot].Name] = r.row[slot]
	}
	if r.Selection.extra {
		row[Extra] = asObject(r.extra, r.about)
	}
	r.about = nil
	for i, m := range r.extra {
		r.extra[i].told = len(m.value) > longest || m.value[0] == '{' || m.value[0] == '['
	}
	r.rows++
	r.emit(row)
}

// longest is how long a value can be that is told in each row that it is around. Of a
// longer one, or a list, a page of rows could become many times the page.
const longest = 256

// asObject returns members as a JSON object's text; nil for none.
func asObject(members ...[]member) any {
	var b bytes.Buffer
	for _, m := range slices.Concat(members...) {
		switch {
		case m.told:
			continue
		case b.Len() == 0:
			b.WriteByte('{')
		default:
			b.WriteByte(',')
		}
		name, _ := json.Marshal(m.name) // text always can be
		b.Write(name)
		b.WriteByte(':')
		b.Write(bytes.ToValidUTF8(m.value, []byte("\ufffd")))
	}
	if b.Len() == 0 {
		return nil
	}
	b.WriteByte('}')
	return b.String()
}
