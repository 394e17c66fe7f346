// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"sync/atomic"
	"time"
)

// Status is how far the bounded runs of this process are, all of them together.
type Status struct {
	// Done and Planned are intervals. Planned is 0 while there is no bounded run.
	Done, Planned              int64
	Pages, Requests, Throttled int64
	// HeldFor is what is left of the present hold, 0 without one.
	HeldFor time.Duration
}

// progress is what Snapshot tells. The input keeps it.
var progress struct {
	done, planned, pages, requests, throttled atomic.Int64
	heldUntil                                 atomic.Int64 // Unix nanoseconds; 0: no hold
}

// Snapshot is the present status. It costs next to nothing, so that a display
// can ask several times a second.
func Snapshot() Status {
	s := Status{
		Done: progress.done.Load(), Planned: progress.planned.Load(), Pages: progress.pages.Load(),
		Requests: progress.requests.Load(), Throttled: progress.throttled.Load(),
	}
	if until := progress.heldUntil.Load(); until != 0 {
		s.HeldFor = max(0, time.Until(time.Unix(0, until)))
	}
	return s
}
