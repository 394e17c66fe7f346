// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"fmt"
	"hash/fnv"
	"time"
)

// chance draws what is decided while a world runs. A draw depends on the seed and on
// what it is for, never on what was drawn before: goroutines that run in another
// order draw the same.
type chance uint64

func (c chance) draw(what ...any) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, uint64(c), what)
	x := h.Sum64() // FNV alone is too even in its low bits
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return x
}

// below returns a number from 0 to n-1.
func (c chance) below(n int, what ...any) int { return int(c.draw(what...) % uint64(n)) }

// share reports whether one of so many per cent is drawn.
func (c chance) share(percent int, what ...any) bool { return c.below(100, what...) < percent }

// span returns a time between two, with nanoseconds of its own: no two events of a
// world happen at one instant by accident.
func (c chance) span(lo, hi time.Duration, what ...any) time.Duration {
	if hi <= lo {
		return lo
	}
	return lo + time.Duration(c.draw(what...)%uint64(hi-lo))
}
