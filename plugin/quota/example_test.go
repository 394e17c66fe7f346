// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"connect-genesys.example/connect-genesys/plugin/quota"
)

// A client behind a gate sees no throttled response: the gate holds all requests for as
// long as the server says, and the request is sent again.
func ExampleTransport() {
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 1 {
			w.WriteHeader(http.StatusTooManyRequests) // and names no time: FallbackPause
		}
	}))
	defer server.Close()

	gate := quota.NewGate(quota.Config{FallbackPause: 20 * time.Millisecond})
	client := &http.Client{Transport: quota.NewTransport(gate, server.Client().Transport, quota.Hooks{
		Held: func(h quota.Hold) { fmt.Println("hold of", h.Wait, "-", h.Cause) },
	})}

	start := time.Now()
	res, err := client.Get(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	fmt.Println(res.StatusCode, "after", requests.Load(), "requests, in 20ms or more:", time.Since(start) >= 20*time.Millisecond)
	// Output:
	// hold of 20ms - throttled without a time, fallback_pause
	// 200 after 2 requests, in 20ms or more: true
}

// Callers that send requests by themselves acquire a permit for each, and pass on what
// its answer says.
func ExampleGate() {
	gate := quota.NewGate(quota.Config{FallbackPause: time.Minute})
	permit, err := gate.Acquire(context.Background(), 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	header := http.Header{"Retry-After": {"3600"}}
	now := time.Now()
	hold, ordered := permit.Answer(context.Background(), quota.ReadInfo(http.StatusTooManyRequests, header, now), now)
	fmt.Println(hold.Wait, ordered)

	// The hold outlasts this caller's deadline, so it need not wait for that.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err = gate.Acquire(ctx, 0)
	var tooLong *quota.HoldError
	fmt.Println(errors.As(err, &tooLong), errors.Is(err, context.DeadlineExceeded))
	// Output:
	// 1h0m0s true
	// true true
}

func ExampleReadInfo() {
	now := time.Date(2026, time.November, 21, 15, 0, 0, 0, time.UTC)
	for _, header := range []http.Header{
		{"Retry-After": {"Sat, 21 Nov 2026 15:00:30 GMT"}},
		{"X-Ratelimit-Remaining": {"42"}, "X-Ratelimit-Reset": {"17"}},
		{"Ratelimit": {`"default";r=42;t=17`}},
	} {
		info := quota.ReadInfo(http.StatusOK, header, now)
		fmt.Println(info.HasRetryAfter, info.RetryAfter, info.HasRemaining, info.Remaining, info.Reset)
	}
	// Output:
	// true 30s false 0 0s
	// false 0s true 42 17s
	// false 0s true 42 17s
}

// memory is a store for the gates of one process. Processes share a cache or a file.
type memory struct{ value []byte }

func (m *memory) Read(context.Context) ([]byte, error) { return m.value, nil }

func (m *memory) Write(_ context.Context, value []byte, _ time.Duration) error {
	m.value = value
	return nil
}

// What one gate is ordered, all gates that share its store keep to.
func ExampleHoldStore() {
	store := &memory{}
	first, second := quota.NewGate(quota.Config{Store: store}), quota.NewGate(quota.Config{Store: store})
	permit, err := first.Acquire(context.Background(), 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	permit.Answer(context.Background(), quota.Info{Throttled: true, HasRetryAfter: true, RetryAfter: time.Hour}, time.Now())

	if err := second.ReadStore(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(second.Held().Round(time.Minute))
	holds, err := quota.SharedHolds(context.Background(), store)
	fmt.Println(len(holds), err)
	// Output:
	// 1h0m0s
	// 1 <nil>
}
