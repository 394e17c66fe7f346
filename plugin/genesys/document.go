// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// document is a JSON text (RFC 8259) that is read in one pass, without building what
// it says. It refuses what [json.Valid] refuses, and like that takes invalid UTF-8
// and names that come twice: a page leaves as it came, so nothing in it is judged
// beyond its form.
//
// A page takes most of its time here, which is why strings are looked at eight bytes
// at a time. The skip functions return the index after what they skip, and the
// complement of the index at which they gave up where that is malformed.
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

// maxDepth is how deep values may be nested, as in encoding/json.
const maxDepth = 10_000

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

func skipSpace(t []byte, i int) int {
	for i < len(t) && t[i] <= ' ' && (t[i] == ' ' || t[i] == '\n' || t[i] == '\r' || t[i] == '\t') {
		i++
	}
	return i
}

func skipValue(t []byte, i, depth int) int {
	if i >= len(t) {
		return ^i
	}
	switch c := t[i]; {
	case c == '"':
		return skipString(t, i+1)
	case (c == '{' || c == '[') && depth == maxDepth:
		return ^i
	case c == '{':
		return skipObject(t, i+1, depth+1)
	case c == '[':
		return skipArray(t, i+1, depth+1)
	case c == 't':
		return skipLiteral(t, i, "true")
	case c == 'f':
		return skipLiteral(t, i, "false")
	case c == 'n':
		return skipLiteral(t, i, "null")
	}
	return skipNumber(t, i)
}

func skipObject(t []byte, i, depth int) int {
	i = skipSpace(t, i)
	if i < len(t) && t[i] == '}' {
		return i + 1
	}
	for {
		if i >= len(t) || t[i] != '"' {
			return ^i
		}
		if i = skipString(t, i+1); i < 0 {
			return i
		}
		if i = skipSpace(t, i); i >= len(t) || t[i] != ':' {
			return ^i
		}
		if i = skipSpace(t, i+1); i < len(t) && t[i] == '"' { // as most are: this saves a call
			i = skipString(t, i+1)
		} else {
			i = skipValue(t, i, depth)
		}
		if i < 0 {
			return i
		}
		if i = skipSpace(t, i); i >= len(t) || t[i] != ',' {
			return closed(t, i, '}')
		}
		i = skipSpace(t, i+1)
	}
}

func skipArray(t []byte, i, depth int) int {
	i = skipSpace(t, i)
	if i < len(t) && t[i] == ']' {
		return i + 1
	}
	for {
		if i = skipValue(t, i, depth); i < 0 {
			return i
		}
		if i = skipSpace(t, i); i >= len(t) || t[i] != ',' {
			return closed(t, i, ']')
		}
		i = skipSpace(t, i+1)
	}
}

func closed(t []byte, i int, by byte) int {
	if i < len(t) && t[i] == by {
		return i + 1
	}
	return ^i
}

const (
	eachByte = 0x0101010101010101
	highBits = 0x8080808080808080
)

// special marks the bytes of a word that a string cannot simply go on with: a quote,
// a backslash, and control characters. Marks after the first may be wrong.
func special(word uint64) uint64 {
	// Of all bytes, b^2 is less than '"'-1 for the quote and control characters.
	quote, escape := word^eachByte*2-eachByte*('"'-1), word^eachByte*'\\'-eachByte
	return (quote | escape) &^ word & highBits
}

// skipString skips what follows a string's opening quote.
func skipString(t []byte, i int) int {
	for {
		for ; i+16 <= len(t); i += 16 { // the end of the text goes byte by byte
			word := (*[16]byte)(t[i : i+16 : i+16])
			low, high := special(binary.LittleEndian.Uint64(word[:])), special(binary.LittleEndian.Uint64(word[8:]))
			if low|high == 0 {
				continue
			}
			if low == 0 {
				i, low = i+8, high
			}
			if i += bits.TrailingZeros64(low) / 8; t[i] == '"' {
				return i + 1
			}
			break
		}
		switch {
		case i >= len(t), t[i] < ' ':
			return ^i
		case t[i] == '"':
			return i + 1
		case t[i] != '\\':
			i++
		default:
			if i = skipEscape(t, i+1); i < 0 {
				return i
			}
		}
	}
}

// skipEscape skips what follows a backslash.
func skipEscape(t []byte, i int) int {
	if i >= len(t) {
		return ^i
	}
	switch t[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1
	case 'u':
		for end := i + 4; i < end; {
			if i++; i >= len(t) || strings.IndexByte("0123456789abcdefABCDEF", t[i]) < 0 {
				return ^i
			}
		}
		return i + 1
	}
	return ^i
}

func skipLiteral(t []byte, i int, word string) int {
	for j := range len(word) {
		if i+j >= len(t) || t[i+j] != word[j] {
			return ^(i + j)
		}
	}
	return i + len(word)
}

func skipNumber(t []byte, i int) int {
	if i < len(t) && t[i] == '-' {
		i++
	}
	if i < len(t) && t[i] == '0' {
		i++
	} else if i = skipDigits(t, i); i < 0 {
		return i
	}
	if i < len(t) && t[i] == '.' {
		if i = skipDigits(t, i+1); i < 0 {
			return i
		}
	}
	if i < len(t) && (t[i] == 'e' || t[i] == 'E') {
		if i++; i < len(t) && (t[i] == '+' || t[i] == '-') {
			i++
		}
		return skipDigits(t, i)
	}
	return i
}

// skipDigits skips one or more.
func skipDigits(t []byte, i int) int {
	start := i
	for i < len(t) && '0' <= t[i] && t[i] <= '9' {
		i++
	}
	if i == start {
		return ^i
	}
	return i
}
