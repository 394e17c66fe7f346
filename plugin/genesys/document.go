// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"
)

// document is a JSON text (RFC 8259) that is read in one pass, without building what
// it says. It refuses what [json.Valid] refuses, and like that takes invalid UTF-8
// and names that come twice: a page leaves as it came, so nothing in it is judged
// beyond its form.
type document struct {
	text []byte
	at   int
	// grow returns the text once it has so many bytes, or is whole; nil where text is.
	grow func(bytes int) []byte
}

// growStep is how much longer the text gets at least each time.
const growStep = 64 << 10

// more waits until there is more of the text, so much that a value that is scanned again
// from its start takes no more than twice its time in all. It is false at the end.
func (d *document) more() bool {
	if d.grow == nil {
		return false
	}
	have := len(d.text)
	d.text = d.grow(have + max(have-d.at, growStep))
	return len(d.text) > have
}

// peek returns the first byte of what comes next; 0 at the end.
func (d *document) peek() byte {
	for {
		d.at = skipSpace(d.text, d.at)
		if d.at < len(d.text) {
			return d.text[d.at]
		}
		if !d.more() {
			return 0
		}
	}
}

// value returns the value that comes next, as it is written.
func (d *document) value() ([]byte, error) {
	d.peek()
	start := d.at
	err := d.skip()
	return d.text[start:d.at], err
}

// skip goes on to the end of the value that comes next. One that ends where the text does
// so far may go on, as a number.
func (d *document) skip() error {
	d.peek()
	for {
		at := skipValue(d.text, d.at, 0)
		if max(at, ^at) < len(d.text) || !d.more() {
			return d.accept(at)
		}
	}
}

// accept goes on to an index that a skip function returned.
func (d *document) accept(at int) error {
	if at >= 0 {
		d.at = at
		return nil
	}
	if at = ^at; at >= len(d.text) {
		return io.ErrUnexpectedEOF
	}
	return fmt.Errorf("byte %d is %q", at, d.text[at])
}

// members calls each before each value of the object that comes next, with its name.
// Each has to read the value.
func (d *document) members(each func(name string) error) error {
	return d.list('{', '}', func() error {
		if d.peek() != '"' {
			return d.accept(^d.at)
		}
		name, err := d.value()
		if err != nil {
			return err
		}
		if d.peek() != ':' {
			return d.accept(^d.at)
		}
		d.at++
		return each(unquote(name))
	})
}

// elements reads the array that comes next, and returns how many values it has, and
// the bytes that they are written in.
func (d *document) elements() (n int, content []byte, err error) {
	d.peek()
	start := d.at
	err = d.list('[', ']', func() error {
		n++
		return d.skip()
	})
	return n, d.text[start:d.at], err
}

// list calls each before each of what stands between two brackets.
func (d *document) list(opening, closing byte, each func() error) error {
	if d.peek() != opening {
		return d.accept(^d.at)
	}
	d.at++
	for first := true; ; first = false {
		switch c := d.peek(); {
		case c == closing:
			d.at++
			return nil
		case !first && c != ',':
			return d.accept(^d.at)
		case !first:
			d.at++
		}
		if err := each(); err != nil {
			return err
		}
	}
}

// end is an error where more than space follows.
func (d *document) end() error {
	if d.peek() != 0 || d.at < len(d.text) {
		return fmt.Errorf("more follows after the document: %w", d.accept(^d.at))
	}
	return nil
}

// unquote returns the text of a string.
func unquote(value []byte) string {
	if !bytes.ContainsFunc(value, func(r rune) bool { return r == '\\' || r >= utf8.RuneSelf }) {
		return string(value[1 : len(value)-1])
	}
	var text string
	_ = json.Unmarshal(value, &text) // it was read, so it is well formed
	return text
}
