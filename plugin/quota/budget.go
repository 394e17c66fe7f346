// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import "time"

// budget is what the server last said is left, as far as that can be relied on.
// Its invariant: while it is known, and until reset, the server has no less than
// low left, less what the requests in flight may take. So low is the smallest
// remaining of the window, since answers overtake each other. Each request that the
// server may have counted without an answer lowers it, and only the answer to a request
// that was alone in flight raises it.
type budget struct {
	reserve int64 // of what is left, for others

	known   bool
	low     int64
	reset   time.Time // the earliest of all answers; zero: none had one
	crowded bool      // requests overlap
}

// hasRoom reports whether one more request may start beside those in flight.
func (b *budget) hasRoom(inFlight int64) bool {
	return !b.known || inFlight < b.low-b.reserve
}

// expired reports whether the window has ended: nothing is known of the next one.
func (b *budget) expired(now time.Time) bool {
	return b.known && !b.reset.IsZero() && !now.Before(b.reset)
}

// learn takes in what an answer says is left, and until when; zero: it does not say.
func (b *budget) learn(left int64, reset time.Time) {
	if b.known && b.crowded {
		left = min(b.low, left)
		if !b.reset.IsZero() && (reset.IsZero() || b.reset.Before(reset)) {
			reset = b.reset
		}
	}
	b.known, b.low, b.reset = true, left, reset
}

// spend counts a request that the server may have counted, and whose answer does not
// say what is left.
func (b *budget) spend() {
	if b.known {
		b.low--
	}
}

// forget makes the budget unknown.
func (b *budget) forget() { *b = budget{reserve: b.reserve} }
