// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"sync"
	"sync/atomic"
	"time"
)

// failed reports whether an input of this process has ended with a fatal error.
var failed atomic.Bool

// unfinished are the inputs that have an end and have not reached it.
var unfinished sync.Map // *input → struct{}

const (
	statusFailed = 1
	// StatusTryAgain is the status of a bounded run that was stopped before its
	// end, EX_TEMPFAIL of sysexits.h: the next run goes on.
	StatusTryAgain = 75
)

// ExitStatus returns the status with which a process should exit that ran pipelines with
// these components: 1 if an input ended with a fatal error, [StatusTryAgain] if a bounded
// run was stopped before its end, else 0. Benthos knows that an input ended, not why.
func ExitStatus() int {
	if failed.Load() {
		return statusFailed
	}
	status := 0
	unfinished.Range(func(_, _ any) bool {
		status = StatusTryAgain
		return false
	})
	return status
}

// Status is how far the runs of this process are, added up.
type Status struct {
	// Done and Planned count intervals. Planned is 0 while there is no run.
	Done, Planned              int64
	Pages, Requests, Throttled int64
	// HeldFor is the rest of the present hold, 0 without one.
	HeldFor time.Duration
}

// tracked are the runs of the inputs, for Snapshot.
var tracked sync.Map // interface{ addTo(*Status) } → struct{}

// Snapshot returns the present status. It is cheap: a display may call it several times
// a second.
func Snapshot() (s Status) {
	tracked.Range(func(key, _ any) bool {
		key.(interface{ addTo(*Status) }).addTo(&s)
		return true
	})
	return s
}
