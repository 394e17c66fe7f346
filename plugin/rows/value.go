// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rows

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// convert returns a JSON value as a column of a type has it; false if the column cannot
// hold it exactly.
func convert(kind Kind, value []byte) (any, bool) {
	switch kind {
	case Text:
		return text(value)
	case Boolean:
		return value[0] == 't', value[0] == 't' || value[0] == 'f'
	case Time:
		s, ok := text(value)
		if !ok {
			return nil, false
		}
		return parseTime(s)
	case JSON:
		return string(value), utf8.Valid(value)
	}
	return number(kind, value)
}

// text returns a JSON string's text. Half of a surrogate pair and bytes that are no UTF-8
// have none.
func text(value []byte) (string, bool) {
	if value[0] != '"' {
		return "", false
	}
	if !utf8.Valid(value) {
		return "", false
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1]), true
	}
	var s string
	err := json.Unmarshal(value, &s)
	replaced := strings.Count(s, "\ufffd") - bytes.Count(value, []byte("\ufffd")) - bytes.Count(bytes.ToLower(value), []byte(`\ufffd`))
	return s, err == nil && replaced == 0
}

// parseTime reads a timestamp that microseconds can tell.
func parseTime(s string) (any, bool) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Nanosecond()%1000 != 0 || strings.ContainsRune(s, ',') {
		return nil, false
	}
	t = t.UTC()
	return t, t.Year() >= 0 && t.Year() <= 9999 && t.Nanosecond()%1000 == 0 && fraction(s) <= 9
}

// fraction returns how many digits the seconds' fraction has: past the ninth they would be
// cut silently.
func fraction(s string) int {
	_, after, _ := strings.Cut(s, ".")
	return len(after) - len(strings.TrimLeft(after, "0123456789"))
}

// number returns a JSON number as one of the types of numbers.
func number(kind Kind, value []byte) (any, bool) {
	if value[0] != '-' && (value[0] < '0' || value[0] > '9') {
		return nil, false
	}
	d, ok := parseDecimal(string(value))
	switch {
	case !ok:
		return nil, false
	case kind == Decimal:
		return d.text()
	case kind == millis:
		d.point -= 3
		return d.text()
	case kind == Integer:
		n, err := strconv.ParseInt(d.whole(), 10, 64)
		return n, err == nil
	case len(d.digits) > 17: // more than a double has
		return nil, false
	}
	f, err := strconv.ParseFloat(string(value), 64)
	return f, err == nil && (f != 0 || d.digits == "")
}

// decimal is a number as it is written: 0.digits times ten to the power of point.
type decimal struct {
	negative bool
	digits   string // without zeros at either end; empty for 0
	point    int
}

func decimalOf(n int64) decimal {
	d, _ := parseDecimal(strconv.FormatInt(n, 10))
	return d
}

// maxExponent is far from what any column holds, and from what an int does not.
const maxExponent = 1_000_000

// parseDecimal reads a JSON number.
func parseDecimal(s string) (d decimal, ok bool) {
	mantissa, power := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.Atoi(s[i+1:])
		if err != nil || n > maxExponent || n < -maxExponent {
			return d, strings.Trim(s[:i], "-0.") == "" // 0, whatever its exponent
		}
		mantissa, power = s[:i], n
	}
	mantissa, d.negative = strings.CutPrefix(mantissa, "-")
	whole, part, _ := strings.Cut(mantissa, ".")
	d.digits = strings.TrimLeft(whole+part, "0")
	d.point = power + len(whole) - (len(whole) + len(part) - len(d.digits))
	d.digits = strings.TrimRight(d.digits, "0")
	if d.digits == "" {
		return decimal{}, true
	}
	return d, true
}

// text returns it without an exponent, if a [Decimal] holds it.
func (d decimal) text() (any, bool) {
	if d.digits == "" {
		return "0", true
	}
	after := len(d.digits) - d.point
	if d.point > DecimalPrecision-DecimalScale || after > DecimalScale {
		return nil, false
	}
	text := d.digits
	if d.point > len(text) {
		text += strings.Repeat("0", d.point-len(text))
	}
	if d.point <= 0 {
		text = strings.Repeat("0", 1-d.point) + text
	}
	if after > 0 {
		text = text[:len(text)-after] + "." + text[len(text)-after:]
	}
	if d.negative {
		text = "-" + text
	}
	return text, true
}

// whole returns the text of an integer, or one that is none.
func (d decimal) whole() string {
	if len(d.digits) > d.point {
		return "none"
	}
	text, _ := d.text()
	s, _ := text.(string)
	return s
}
