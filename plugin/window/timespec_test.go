// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTimeSpecResolves(t *testing.T) {
	const now = "2026-11-21T15:07:31.5Z"
	for _, row := range []struct{ name, in, zone, step, want string }{
		{"a time is itself", "2026-11-21T15:00:00Z", "UTC", "PT5M", "2026-11-21T15:00:00Z"},
		{"off the grid too", "2026-11-21T15:01:02Z", "UTC", "PT5M", "2026-11-21T15:01:02Z"},
		{"with an offset it is UTC", "2026-11-22T00:00:00+09:00", "UTC", "PT5M", "2026-11-21T15:00:00Z"},
		{"a fraction of nothing is a whole second", "2026-11-21T15:00:00.000Z", "UTC", "PT5M", "2026-11-21T15:00:00Z"},
		{"a date is its midnight", "2026-11-22", "Asia/Seoul", "PT5M", "2026-11-21T15:00:00Z"},
		{"a date without a midnight begins when it begins", "2018-11-04", "America/Sao_Paulo", "PT5M", "2018-11-04T03:00:00Z"},
		{"an hour back is floored to five minutes", "-1h", "UTC", "PT5M", "2026-11-21T14:05:00Z"},
		{"a day back is floored to midnight", "-P1D", "Asia/Seoul", "P1D", "2026-11-20T15:00:00Z"},
		{"24 hours back are floored to the grid", "-24h", "UTC", "PT15M", "2026-11-20T15:00:00Z"},
		{"a month back goes by the calendar", "-P1M", "UTC", "P1D", "2026-10-21T00:00:00Z"},
		{"now is this second", "now", "Asia/Seoul", "P1D", "2026-11-21T15:07:31Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			i, err := ParseTimeSpec(row.in)
			require.NoError(t, err)
			got := i.Resolve(at(now), Grid{duration(row.step), zone(row.zone)})
			assert.Equal(t, row.want, got.Format(time.RFC3339Nano))
			assert.Equal(t, time.UTC, got.Location())
		})
	}
}

func TestTimeSpecTellsWhatItNeeds(t *testing.T) {
	for _, row := range []struct {
		name, in      string
		absolute, now bool
	}{
		{"a time needs no clock", "2026-11-21T15:00:00Z", true, false},
		{"a date needs no clock", "2026-11-21", true, false},
		{"a duration does", "-P1D", false, false},
		{"and so does now", "now", false, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			i := must(ParseTimeSpec(row.in))
			assert.Equal(t, row.absolute, i.Absolute())
			assert.Equal(t, row.now, i.IsNow())
		})
	}
}

func TestParseTimeSpecRefuses(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"a word", "tuesday", `parsing time "tuesday": want RFC 3339 with its offset (2026-11-21T15:00:00Z), a date (2026-11-21), a duration back from now (-P1D, -24h) or now`},
		{"nothing", "", "want RFC 3339"},
		{"a time without an offset", "2026-11-21T15:00:00", "want RFC 3339 with its offset"},
		{"a day that does not exist", "2026-02-30", "want RFC 3339"},
		{"a fraction of a second", "2026-11-21T15:00:00.5Z", "want whole seconds"},
		{"a fraction of a second back", "-1.5s", "want whole seconds"},
		{"a duration ahead", "P1D", `parsing time "P1D": want a negative duration to go back from now: -P1D`},
		{"no time back", "0s", "want now, or a negative duration"},
		{"a century and more", "-P200Y", "want RFC 3339"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := ParseTimeSpec(row.in)
			assert.ErrorContains(t, err, row.want)
		})
	}
}

// TestTheZeroTimeSpecIsOfNoKind: an `end` that is not set neither is a time nor now.
func TestTheZeroTimeSpecIsOfNoKind(t *testing.T) {
	assert.False(t, TimeSpec{}.Absolute())
	assert.False(t, TimeSpec{}.IsNow())
}
