// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rows

import (
	"encoding/json"
	"slices"
)

// The functions below take JSON that is known to be right, and find where its values begin
// and end. They copy nothing.

// skipSpace returns where the next byte is that is no space.
func skipSpace(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r' {
		i++
	}
	return i
}

// skipString returns where the string that starts at i has ended.
func skipString(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// skipValue returns where the value that starts at i has ended.
func skipValue(b []byte, i int) int {
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipNested(b, i)
	}
	for i < len(b) && !endsScalar[b[i]] {
		i++
	}
	return i
}

var endsScalar = [256]bool{',': true, ']': true, '}': true, ' ': true, '\n': true, '\t': true, '\r': true}

func skipNested(b []byte, i int) int {
	for depth := 0; ; {
		switch b[i] {
		case '"':
			i = skipString(b, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
}

// eachMember calls f with the members of an object. The name is without its quotes.
func eachMember(object []byte, f func(name, value []byte)) {
	for i := skipSpace(object, 1); object[i] != '}'; {
		end := skipString(object, i)
		name := unescaped(object[i:end])
		i = skipSpace(object, end) // the colon
		i = skipSpace(object, i+1) // the value
		end = skipValue(object, i) // after it
		f(name, object[i:end])
		if i = skipSpace(object, end); object[i] == ',' {
			i = skipSpace(object, i+1)
		}
	}
}

// eachElement calls f with the elements of a list.
func eachElement(list []byte, f func(value []byte)) {
	for i := skipSpace(list, 1); list[i] != ']'; {
		end := skipValue(list, i)
		f(list[i:end])
		if i = skipSpace(list, end); list[i] == ',' {
			i = skipSpace(list, i+1)
		}
	}
}

// unescaped returns what a quoted name says.
func unescaped(quoted []byte) []byte {
	if !slices.Contains(quoted, '\\') {
		return quoted[1 : len(quoted)-1]
	}
	var name string
	_ = json.Unmarshal(quoted, &name) // it is a JSON string
	return []byte(name)
}

func isNull(value []byte) bool { return value[0] == 'n' }
