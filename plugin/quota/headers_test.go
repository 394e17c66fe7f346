// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newYear is the instant of go-retryablehttp's own table.
var newYear = time.Date(1999, 12, 31, 23, 59, 57, 0, time.UTC)

func TestRetryAfterIsReadAsRFC9110HasIt(t *testing.T) {
	tests := []struct {
		name   string
		values []string
		want   time.Duration
		absent bool
	}{
		{name: "delay-seconds", values: []string{"2"}, want: 2 * time.Second},
		{name: "zero is an order too", values: []string{"0"}, want: 0},
		{name: "IMF-fixdate", values: []string{"Fri, 31 Dec 1999 23:59:59 GMT"}, want: 2 * time.Second},
		{name: "RFC 850 date", values: []string{"Friday, 31-Dec-99 23:59:59 GMT"}, want: 2 * time.Second},
		{name: "asctime date", values: []string{"Fri Dec 31 23:59:59 1999"}, want: 2 * time.Second},
		{name: "a date that has passed is no wait", values: []string{"Fri, 31 Dec 1999 23:59:00 GMT"}, want: 0},
		{name: "none", values: nil, absent: true},
		{name: "empty", values: []string{""}, absent: true},
		{name: "negative", values: []string{"-2"}, absent: true},
		{name: "signed", values: []string{"+2"}, absent: true},
		{name: "a day that does not exist", values: []string{"Fri, 32 Dec 1999 23:59:59 GMT"}, absent: true},
		{name: "no number at all", values: []string{"badbadbad"}, absent: true},
		{name: "exponent", values: []string{"1e3"}, absent: true},
		{name: "a unit", values: []string{"2s"}, absent: true},
		{name: "digits and then a letter, beyond 64 bits", values: []string{"99999999999999999999x"}, absent: true},
		{name: "surrounding space", values: []string{"  7 "}, want: 7 * time.Second},
		{name: "a fraction rounds up", values: []string{"1.2"}, want: 2 * time.Second},
		{name: "the smallest fraction rounds up", values: []string{"0.001"}, want: time.Second},
		{name: "a fraction of nothing does not", values: []string{"2.000"}, want: 2 * time.Second},
		{name: "two fractions are none", values: []string{"1.2.3"}, absent: true},
		{name: "repeated: the longest, in any place", values: []string{"2", "3"}, want: 3 * time.Second},
		{name: "repeated the other way round", values: []string{"3", "2"}, want: 3 * time.Second},
		{name: "comma-joined numbers", values: []string{"2, 30,4"}, want: 30 * time.Second},
		{name: "comma-joined number and date", values: []string{"1, Fri, 31 Dec 1999 23:59:59 GMT"}, want: 2 * time.Second},
		{name: "comma-joined date and number", values: []string{"Fri, 31 Dec 1999 23:59:59 GMT, 9"}, want: 9 * time.Second},
		{name: "comma-joined dates", values: []string{"Fri, 31 Dec 1999 23:59:58 GMT, Friday, 31-Dec-99 23:59:59 GMT"}, want: 2 * time.Second},
		{name: "the readable one among unreadable ones", values: []string{"soon", "-1", "5"}, want: 5 * time.Second},
		{name: "with a parameter, which it has not", values: []string{"120; reason=quota"}, want: 2 * time.Minute},
		{name: "an hour", values: []string{"3600"}, want: time.Hour},
		{name: "the largest 64-bit integer saturates", values: []string{"9223372036854775807"}, want: forever},
		{name: "a number beyond 64 bits saturates", values: []string{strings.Repeat("9", 40)}, want: forever},
		{name: "a fraction on top of that saturates", values: []string{"9223372036854775807.5"}, want: forever},
		{name: "a date in the year 9999 saturates", values: []string{"Fri, 31 Dec 9999 23:59:59 GMT"}, want: forever},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, ok := retryAfter(test.values, newYear)
			assert.Equal(t, !test.absent, ok)
			assert.Equal(t, test.want, got)
		})
	}
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func TestDatesAreMeasuredAgainstTheServersClock(t *testing.T) {
	local := newYear.Add(7 * time.Hour) // our clock is far ahead
	date := newYear.Format(http.TimeFormat)
	tests := []struct {
		name   string
		header http.Header
		want   time.Duration
	}{
		{"Retry-After against Date", header("Date", date, "Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT"), 2 * time.Second},
		{"Retry-After without Date: the local clock", header("Retry-After", local.Add(3*time.Second).Format(http.TimeFormat)), 3 * time.Second},
		{"an unreadable Date is none", header("Date", "today", "Retry-After", local.Add(4*time.Second).Format(http.TimeFormat)), 4 * time.Second},
		{"seconds need no clock", header("Date", date, "Retry-After", "9"), 9 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := ReadInfo(http.StatusTooManyRequests, test.header, local)
			require.True(t, n.HasRetryAfter)
			assert.Equal(t, test.want, n.RetryAfter)
		})
	}
	n := ReadInfo(http.StatusOK, header("Date", date, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "946684800"), local)
	assert.Equal(t, 3*time.Second, n.Reset, "946684800 is midnight, three seconds after Date")
}

func TestResetIsSecondsOrAnInstant(t *testing.T) {
	now := time.Unix(1604582732, 0)
	tests := []struct {
		name  string
		value string
		want  time.Duration
		ok    bool
	}{
		{"seconds from now", "61", 61 * time.Second, true},
		{"a fraction rounds up", "0.2", time.Second, true},
		{"Unix seconds", "1604582832", 100 * time.Second, true},
		{"Unix seconds with a fraction round up", "1604582832.25", 101 * time.Second, true},
		{"Unix milliseconds", "1604582732500", 500 * time.Millisecond, true},
		{"Unix milliseconds of a server that counts from 0", "1604582832000", 100 * time.Second, true},
		{"an instant that has passed", "1581658643", 0, true},
		{"an HTTP-date", "Thu, 05 Nov 2020 13:25:42 GMT", 10 * time.Second, true},
		{"beyond 64 bits saturates", strings.Repeat("9", 30), forever, true},
		{"negative", "-1", 0, false},
		{"words", "soon", 0, false},
		{"Unix seconds and words", "1604582832.x", 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, ok := reset([]string{test.value}, now)
			assert.Equal(t, test.ok, ok)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestRateLimitHeaderFamilies(t *testing.T) {
	tests := []struct {
		name   string
		header http.Header
		want   Info
	}{
		{"none is the normal case", header("Content-Type", "application/json"), Info{}},
		{
			"X-RateLimit", header("X-RateLimit-Limit", "120", "X-RateLimit-Remaining", "118", "X-RateLimit-Reset", "60"),
			Info{Limit: 120, Remaining: 118, HasRemaining: true, Reset: time.Minute, HasReset: true},
		},
		{
			"remaining alone", header("x-ratelimit-remaining", "0"),
			Info{Remaining: 0, HasRemaining: true},
		},
		{
			"reset alone", header("x-ratelimit-reset", "7"),
			Info{Reset: 7 * time.Second, HasReset: true},
		},
		{
			"the draft's structured field", header("RateLimit", `"default";r=50;t=30`),
			Info{Remaining: 50, HasRemaining: true, Reset: 30 * time.Second, HasReset: true},
		},
		{
			"several policies: the tightest", header("RateLimit", `"day";r=900;t=3600, "burst";r=0;t=10, "minute";r=0;t=60`),
			Info{Remaining: 0, HasRemaining: true, Reset: time.Minute, HasReset: true},
		},
		{
			"the structured field without t", header("RateLimit", `"default";r=3`),
			Info{Remaining: 3, HasRemaining: true},
		},
		{
			"the dictionary of the earlier drafts", header("RateLimit", "limit=100, remaining=9, reset=5"),
			Info{Limit: 100, Remaining: 9, HasRemaining: true, Reset: 5 * time.Second, HasReset: true},
		},
		{
			"RateLimit-Remaining", header("RateLimit-Limit", "100, 100;w=60", "RateLimit-Remaining", "12", "RateLimit-Reset", "8"),
			Info{Limit: 100, Remaining: 12, HasRemaining: true, Reset: 8 * time.Second, HasReset: true},
		},
		{
			"inin counts what is used", header("inin-ratelimit-allowed", "180", "inin-ratelimit-count", "179", "inin-ratelimit-reset", "61"),
			Info{Limit: 180, Remaining: 1, HasRemaining: true, Reset: 61 * time.Second, HasReset: true},
		},
		{
			"inin overdrawn", header("inin-ratelimit-allowed", "180", "inin-ratelimit-count", "190", "inin-ratelimit-reset", "3"),
			Info{Limit: 180, Remaining: -10, HasRemaining: true, Reset: 3 * time.Second, HasReset: true},
		},
		{
			"X-RateLimit before the others", header("RateLimit-Remaining", "0", "X-RateLimit-Remaining", "5", "inin-ratelimit-allowed", "1", "inin-ratelimit-count", "1"),
			Info{Remaining: 5, HasRemaining: true},
		},
		{
			"an unreadable family leaves room for the next", header("X-RateLimit-Remaining", "many", "RateLimit-Remaining", "4"),
			Info{Remaining: 4, HasRemaining: true},
		},
		{
			"a gateway's and the service's own: the smaller", header("X-RateLimit-Remaining", "40", "X-RateLimit-Remaining", "2"),
			Info{Remaining: 2, HasRemaining: true},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, ReadInfo(http.StatusOK, test.header, newYear))
		})
	}
}

func TestTheBodyOrdersWhereTheHeaderDoesNot(t *testing.T) {
	tests := []struct {
		name, body string
		want       time.Duration
		ok         bool
	}{
		{"Genesys' normalized 429", `{"message":"Rate limit exceeded the maximum. Retry the request in [42] seconds","status":429}`, 42 * time.Second, true},
		{"without brackets", `Retry the request in 7 seconds`, 7 * time.Second, true},
		{"a fraction rounds up", `retry the request in [0.5] seconds`, time.Second, true},
		{"the older wording names the window, not the wait", `Rate limit exceeded the maximum [300] requests within [60] seconds`, 0, false},
		{"no JSON", `<html>429</html>`, 0, false},
		{"nothing", ``, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, ok := bodyDelay([]byte(test.body))
			assert.Equal(t, test.ok, ok)
			assert.Equal(t, test.want, got)
		})
	}
}

// FuzzReadNotice: whatever a header holds, reading it does not panic, orders no
// negative pause, and never one shorter than a plain number in it says.
func FuzzReadNotice(f *testing.F) {
	f.Add("2", "0", "60", `"default";r=0;t=9`, "Fri, 31 Dec 1999 23:59:57 GMT")
	f.Add("Fri, 31 Dec 1999 23:59:59 GMT, 3", "-1", "1604582832", "limit=1, remaining=0", "")
	f.Add("9223372036854775807", "99999999999999999999", "1604582732500.5", `();r=1`, "never")
	f.Fuzz(func(t *testing.T, retryAfter, remaining, reset, structured, date string) {
		h := header("Retry-After", retryAfter, "X-RateLimit-Remaining", remaining, "X-RateLimit-Reset", reset,
			"RateLimit", structured, "Date", date)
		n := ReadInfo(http.StatusTooManyRequests, h, newYear)
		if n.RetryAfter < 0 || n.Reset < 0 {
			t.Fatalf("a negative pause: %+v", n)
		}
		h.Add("Retry-After", "17")
		if again := ReadInfo(http.StatusTooManyRequests, h, newYear); !again.HasRetryAfter || again.RetryAfter < 17*time.Second {
			t.Fatalf("one more value shortened the pause: %+v", again)
		}
	})
}
