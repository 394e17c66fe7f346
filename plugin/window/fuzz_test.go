// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package window

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzParseInterval: what reads well is read the same as Genesys is told it.
func FuzzParseInterval(f *testing.F) {
	for _, s := range []string{
		"2026-11-21T15:00:00Z/2026-11-21T15:05:00Z", "2026-11-22T00:00:00+09:00/2026-11-22T00:00:01.000+09:00",
		"0001-01-01T00:00:00Z/9999-12-31T23:59:59Z", "2026-11-21T15:00:00Z/PT5M", "/", "2024-02-29T24:00:00Z/2024-03-01T00:00:00Z",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		iv, err := ParseInterval(s)
		if err != nil {
			require.Equal(t, Interval{}, iv)
			return
		}
		require.True(t, iv.Start.Before(iv.End))
		again, err := ParseInterval(iv.String())
		require.NoError(t, err)
		require.Equal(t, iv, again)
		if a, b, ok := iv.Halves(); ok {
			require.Equal(t, []time.Time{iv.Start, a.End, iv.End}, []time.Time{a.Start, b.Start, b.End})
		}
	})
}

// FuzzParseTimeSpec: what reads well means a whole second, and the same one however
// long it is kept if it needs no clock.
func FuzzParseTimeSpec(f *testing.F) {
	for _, s := range []string{"now", "-P1D", "-24h", "2026-11-21", "2026-11-21T15:00:00Z", "2026-11-22T00:00:00+09:00", "-P9999Y", "-PT0.5S", "0000-01-01"} {
		f.Add(s)
	}
	seoul := Grid{Step: duration("PT5M"), Location: zone("Asia/Seoul")}
	f.Fuzz(func(t *testing.T, s string) {
		spec, err := ParseTimeSpec(s)
		if err != nil {
			require.Equal(t, TimeSpec{}, spec)
			return
		}
		now := at("2026-11-21T15:02:03.4Z")
		one := spec.Resolve(now, seoul)
		require.Zero(t, one.Nanosecond())
		require.Equal(t, time.UTC, one.Location())
		if spec.Absolute() {
			require.Equal(t, one, spec.Resolve(now.Add(time.Hour), seoul))
			return
		}
		require.False(t, one.After(now))
	})
}
