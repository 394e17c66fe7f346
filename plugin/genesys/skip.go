// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"encoding/binary"
	"math/bits"
	"strings"
)

// A page takes most of its time in what follows, which is why strings are looked at
// sixteen bytes at a time. The skip functions return the index after what they skip, and
// the complement of the index at which they gave up where that is malformed.

// maxDepth is how deep values may be nested, as in encoding/json.
const maxDepth = 10_000

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
