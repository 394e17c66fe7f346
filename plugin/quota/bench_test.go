// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func BenchmarkGate(b *testing.B) {
	gate := NewGate(Config{FallbackPause: fallback})
	info := Info{HasRemaining: true, Remaining: 1 << 40, HasReset: true, Reset: time.Hour}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			p, err := gate.Acquire(b.Context(), 0)
			if err != nil {
				b.Error(err)
				return
			}
			p.Answer(b.Context(), info, time.Now())
		}
	})
}

// BenchmarkGateWithWaiters has 64 callers go through a gate that lets 8 at a time.
func BenchmarkGateWithWaiters(b *testing.B) {
	gate := NewGate(Config{FallbackPause: fallback})
	info := Info{HasRemaining: true, Remaining: 8, HasReset: true, Reset: time.Hour}
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for range 64 {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				p, err := gate.Acquire(b.Context(), 0)
				if err != nil {
					b.Error(err)
					return
				}
				runtime.Gosched() // its request
				p.Answer(b.Context(), info, time.Now())
			}
		})
	}
	wg.Wait()
}

// BenchmarkGateUncontended is one caller's.
func BenchmarkGateUncontended(b *testing.B) {
	gate := NewGate(Config{FallbackPause: fallback})
	info := Info{HasRemaining: true, Remaining: 1 << 40, HasReset: true, Reset: time.Hour}
	b.ReportAllocs()
	for b.Loop() {
		p, err := gate.Acquire(b.Context(), 0)
		if err != nil {
			b.Fatal(err)
		}
		p.Answer(b.Context(), info, time.Now())
	}
}

func BenchmarkReadNotice(b *testing.B) {
	h := header("Date", newYear.Format(http.TimeFormat), "Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT",
		"RateLimit", `"burst";r=0;t=10, "day";r=900;t=3600`)
	for b.Loop() {
		ReadInfo(http.StatusTooManyRequests, h, newYear)
	}
}
