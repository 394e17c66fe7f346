// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"testing"
	"time"
)

// FuzzThrottleBody: whatever the body of a throttled response says, reading it orders
// no negative pause, and what follows the order does not change it.
func FuzzThrottleBody(f *testing.F) {
	f.Add([]byte(`{"message":"Rate limit exceeded the maximum. Retry the request in [37] seconds","status":429}`))
	f.Add([]byte("retry the request in 0.5 second"))
	f.Add([]byte("Retry the request in 99999999999999999999.9 seconds"))
	f.Fuzz(func(t *testing.T, body []byte) {
		if wait, ok := bodyDelay(body); wait < 0 || !ok && wait != 0 {
			t.Fatalf("%s, %t", wait, ok)
		}
		order := append([]byte("Retry the request in [17] seconds."), body...)
		if wait, ok := bodyDelay(order); !ok || wait != 17*time.Second {
			t.Fatalf("%s, %t", wait, ok)
		}
	})
}

// entry is a store that has one value.
type entry struct{ value []byte }

func (e *entry) Read(context.Context) ([]byte, error) { return e.value, nil }

func (e *entry) Write(_ context.Context, value []byte, _ time.Duration) error {
	e.value = value
	return nil
}

// FuzzSharedHold: whatever is in a store, a gate that reads it does not panic, and
// holds for no longer than the longest entry was written for. What it cannot read
// stops it, and what it can, people are shown too.
func FuzzSharedHold(f *testing.F) {
	f.Add([]byte(`{"a":{"until":"2100-01-01T00:00:00Z","at":"2099-12-31T00:00:00Z","whose":"x"}}`))
	f.Add([]byte(`{"a":{"until":"2100-01-01T00:00:00Z","at":"2000-01-01T00:00:00Z","ended":"2020-01-01T00:00:00Z"},"b":{"until":"2000-01-01T00:00:00Z"}}`))
	f.Add([]byte(`{"a":{"until":"9999-12-31T23:59:59Z","at":"0000-01-01T00:00:00Z"}}`))
	f.Add([]byte(`{"a":{}}`))
	f.Add([]byte(`null`))
	f.Add([]byte(`{"a":`))
	f.Fuzz(func(t *testing.T, value []byte) {
		s := &entry{value}
		gate := NewGate(Config{FallbackPause: time.Second, Store: s})
		err := gate.ReadStore(t.Context())
		held := gate.Held()
		holds, illegible := SharedHolds(t.Context(), s)
		var longest time.Duration
		for _, hold := range holds {
			longest = max(longest, hold.Until.Sub(hold.At))
		}
		switch {
		case err != nil && held > 0:
			t.Fatalf("held for %s by what it could not read: %v", held, err)
		case (err == nil) != (illegible == nil):
			t.Fatalf("a gate reads it with %v, people with %v", err, illegible)
		case held > longest:
			t.Fatalf("held for %s by holds of %s at most", held, longest)
		}
		if wait := gate.TryAcquireUnseen(t.Context()); err != nil && wait <= 0 {
			t.Fatal("a request went before the store had been read")
		}
		again := NewGate(Config{FallbackPause: time.Second, Store: s})
		if err2 := again.ReadStore(t.Context()); (err == nil) != (err2 == nil) || again.Held()-held > time.Second {
			t.Fatalf("what the gate left in the store holds the next for %s, and not %s (%v)", again.Held(), held, err2)
		}
	})
}
