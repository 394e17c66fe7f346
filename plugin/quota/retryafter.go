// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"math"
	"net/http"
	"strings"
	"time"
)

// forever is what an unrepresentably long wait saturates to: about 292 years.
const forever = time.Duration(math.MaxInt64)

// retryAfter reads Retry-After (RFC 9110, section 10.2.3): delay-seconds, or an
// HTTP-date in any of its three forms, measured from date, which is the server's clock.
// Of several values, repeated or joined by commas, it returns the longest that can be
// read, and reports false where none can.
func retryAfter(values []string, date time.Time) (wait time.Duration, ok bool) {
	return longest(values, date, delay)
}

// longest returns the longest time that the elements of a field's values name, each
// without its parameters.
func longest(values []string, date time.Time, read func(string, time.Time) (time.Duration, bool)) (wait time.Duration, ok bool) {
	for _, value := range values {
		for _, element := range listElements(value) {
			element, _, _ = strings.Cut(element, ";")
			if d, legible := read(strings.TrimSpace(element), date); legible {
				wait, ok = max(wait, d), true
			}
		}
	}
	return wait, ok
}

// delay reads one number of seconds or one HTTP-date. A date in the past is a wait of
// zero, not an unreadable value.
func delay(s string, date time.Time) (time.Duration, bool) {
	if d, ok := seconds(s); ok {
		return d, true
	}
	at, err := http.ParseTime(s)
	if err != nil {
		return 0, false
	}
	return max(0, at.Sub(date)), true
}

// seconds reads a non-negative decimal number of seconds. A fraction rounds up: a wait
// that is shorter than the one ordered can be punished by a longer one.
func seconds(s string) (time.Duration, bool) {
	whole, fraction, dotted := strings.Cut(s, ".")
	n, ok := digits(whole)
	if !ok {
		return 0, false
	}
	if dotted {
		f, ok := digits(fraction)
		if !ok {
			return 0, false
		}
		if f > 0 {
			n = addSaturating(n, 1)
		}
	}
	return durationOf(n, time.Second), true
}

// digits reads an unsigned decimal integer of any length; too large ones
// saturate. [strconv] does not fit: it accepts signs, and fails on overflow.
func digits(s string) (int64, bool) {
	if s == "" {
		return 0, false
	}
	var n int64
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n > (math.MaxInt64-9)/10 {
			n = math.MaxInt64 // keep reading: a later letter makes it unreadable
			continue
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// addSaturating adds b, which is not negative, to a.
func addSaturating[N ~int64](a, b N) N {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

func durationOf(n int64, unit time.Duration) time.Duration {
	if n > int64(forever/unit) {
		return forever
	}
	return time.Duration(n) * unit
}

// listElements splits a field value at its commas (RFC 9110, section 5.6.1) and
// keeps the comma after the day name of an HTTP-date: "2, Fri, 31 Dec 1999
// 23:59:59 GMT" has two elements.
func listElements(value string) []string {
	var elements []string
	for part := range strings.SplitSeq(value, ",") {
		part = strings.TrimSpace(part)
		if n := len(elements); n > 0 && isDayName(elements[n-1]) {
			elements[n-1] += ", " + part
			continue
		}
		elements = append(elements, part)
	}
	return elements
}

// isDayName reports whether s is "Fri" or "Friday" or another day's name, which is the
// start of a date and never an element by itself.
func isDayName(s string) bool {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if s == day.String() || s == day.String()[:3] {
			return true
		}
	}
	return false
}
