// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"math"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"
)

// Info is what one response says about the tenant's quota. Times are relative
// to the arrival of the response's headers.
type Info struct {
	// Throttled reports whether the status is 429 or 503: the request was not served.
	Throttled bool
	// RetryAfter is the pause that the server orders, if HasRetryAfter.
	RetryAfter time.Duration
	// HasRetryAfter reports whether there is a readable Retry-After. A 200 can have one.
	HasRetryAfter bool
	// Remaining is the number of requests left, if HasRemaining. It is negative when
	// the tenant has sent more than its limit.
	Remaining int64
	// HasRemaining reports whether there is a readable rate limit header for it.
	HasRemaining bool
	// Limit is the size of the bucket, 0 where no header has it.
	Limit int64
	// Reset is the time until the bucket is full again, if HasReset.
	Reset time.Duration
	// HasReset reports whether there is a readable rate limit header for it.
	HasReset bool
}

// ReadInfo reads the status and the header of a response that arrived at now.
//
// The rate limit headers are looked for in this order, and the first family that is
// present counts: X-RateLimit-Limit, -Remaining and -Reset; RateLimit
// (draft-ietf-httpapi-ratelimit-headers, parameters r and t); RateLimit-Limit,
// -Remaining and -Reset (the same draft up to -06); inin-ratelimit-allowed,
// -count and -reset (Genesys Cloud until 2021). Usually there is none.
func ReadInfo(status int, header http.Header, now time.Time) Info {
	n := Info{Throttled: status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable}
	if !informs(header) {
		return n
	}
	date := now
	if sent, err := http.ParseTime(header.Get("Date")); err == nil {
		date = sent
	}
	n.RetryAfter, n.HasRetryAfter = retryAfter(header.Values("Retry-After"), date)
	for _, read := range []func(*Info, http.Header, time.Time) bool{
		readTriple("X-Ratelimit-", "Remaining", "Limit"),
		readStructured,
		readTriple("Ratelimit-", "Remaining", "Limit"),
		readInin,
	} {
		if read(&n, header, date) {
			break
		}
	}
	return n
}

// informs reports whether a header may have one of those fields at all, which is looked
// for in each answer.
func informs(header http.Header) bool {
	for name := range header {
		if name == "Retry-After" || strings.Contains(name, "Ratelimit") {
			return true
		}
	}
	return false
}

// readTriple reads the three headers of one prefix.
func readTriple(prefix, remaining, limit string) func(*Info, http.Header, time.Time) bool {
	return func(n *Info, header http.Header, date time.Time) bool {
		n.Remaining, n.HasRemaining = smallest(header.Values(prefix + remaining))
		n.Limit, _ = smallest(header.Values(prefix + limit))
		n.Reset, n.HasReset = reset(header.Values(prefix+"Reset"), date)
		return n.HasRemaining || n.HasReset
	}
}

// readInin reads the headers that Genesys Cloud sent until 2021: they count
// what has been used, not what is left.
func readInin(n *Info, header http.Header, date time.Time) bool {
	allowed, ok := smallest(header.Values("Inin-Ratelimit-Allowed"))
	used, counted := smallest(header.Values("Inin-Ratelimit-Count"))
	n.Reset, n.HasReset = reset(header.Values("Inin-Ratelimit-Reset"), date)
	if ok && counted {
		n.Limit, n.Remaining, n.HasRemaining = allowed, allowed-used, true
	}
	return n.HasRemaining || n.HasReset
}

// readStructured reads the IETF draft's RateLimit field. It lists a service
// limit for each policy, of which the tightest counts: the one with the fewest left,
// and among equals the one with the longest reset. An earlier draft wrote
// the same name as a dictionary (limit=10, remaining=0, reset=30).
func readStructured(n *Info, header http.Header, date time.Time) bool {
	values := header.Values("Ratelimit")
	if len(values) == 0 {
		return false
	}
	list, err := httpsfv.UnmarshalList(values)
	if err != nil {
		return readDictionary(n, values, date)
	}
	for _, member := range list {
		item, isItem := member.(httpsfv.Item)
		if !isItem || item.Params == nil {
			continue
		}
		left, counted := parameter(item, "r")
		if !counted {
			continue
		}
		t, resets := parameter(item, "t")
		wait := durationOf(max(0, t), time.Second)
		if !n.HasRemaining || left < n.Remaining || left == n.Remaining && wait > n.Reset {
			n.Remaining, n.HasRemaining, n.Reset, n.HasReset = left, true, wait, resets
		}
	}
	return n.HasRemaining
}

func parameter(item httpsfv.Item, name string) (int64, bool) {
	value, _ := item.Params.Get(name) // nil where there is none
	n, ok := value.(int64)
	return n, ok
}

// readDictionary reads the form of the drafts before -07.
func readDictionary(n *Info, values []string, date time.Time) bool {
	header := http.Header{}
	for _, value := range values {
		for part := range strings.SplitSeq(value, ",") {
			if name, v, ok := strings.Cut(strings.TrimSpace(part), "="); ok {
				header.Add("Ratelimit-"+name, v)
			}
		}
	}
	return readTriple("Ratelimit-", "Remaining", "Limit")(n, header, date)
}

// smallest reads the leading integer of each element, "100, 100;w=60" being
// usual for a limit, and returns the smallest.
func smallest(values []string) (n int64, ok bool) {
	for _, value := range values {
		for part := range strings.SplitSeq(value, ",") {
			part, _, _ = strings.Cut(part, ";")
			number, negative := strings.CutPrefix(strings.TrimSpace(part), "-")
			v, read := digits(number)
			if !read {
				continue
			}
			if negative {
				v = -v
			}
			if !ok || v < n {
				n, ok = v, true
			}
		}
	}
	return n, ok
}

// A reset below the first of these is a number of seconds from now, one below the
// second a Unix time in seconds, and any other a Unix time in milliseconds. Both stand
// for a day in 1973, and as plain seconds the first is three years, which no window
// lasts.
const (
	firstUnixSecond = int64(1e8)
	firstUnixMilli  = int64(1e11)
)

// reset reads a reset header: a number of seconds, a Unix time in seconds or
// milliseconds, or an HTTP-date; the longest of several.
func reset(values []string, date time.Time) (wait time.Duration, ok bool) {
	return longest(values, date, resetIn)
}

func resetIn(s string, date time.Time) (time.Duration, bool) {
	whole, _, _ := strings.Cut(s, ".")
	n, isNumber := digits(whole)
	if !isNumber || n < firstUnixSecond {
		return delay(s, date)
	}
	if _, ok := seconds(s); !ok {
		return 0, false
	}
	if whole != s { // a fraction rounds up
		n = addSaturating(n, 1)
	}
	if n == math.MaxInt64 {
		return forever, true
	}
	at := time.Unix(n, 0)
	if n >= firstUnixMilli {
		at = time.UnixMilli(n)
	}
	return max(0, at.Sub(date)), true
}

// orderInBody is how Genesys words a 429 ("Normalized Platform API 429
// responses", 2021).
var orderInBody = regexp.MustCompile(`(?i)retry the request in \[?([0-9]+(?:\.[0-9]+)?)\]? seconds?`)

// bodyDelay returns the pause that the text of a throttled response orders.
func bodyDelay(body []byte) (time.Duration, bool) {
	match := orderInBody.FindSubmatch(body)
	if match == nil {
		return 0, false
	}
	return seconds(string(match[1]))
}
