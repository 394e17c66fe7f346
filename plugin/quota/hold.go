// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"fmt"
	"time"
)

// Hold is a pause that the server ordered.
type Hold struct {
	// Wait is the whole length, from the arrival of the response.
	Wait time.Duration
	// Until is when it ends.
	Until time.Time
	// Cause says what ordered it, for a log line.
	Cause string
	// Owner is the process that was ordered to wait, in its own words; empty: this one.
	Owner string
	// Notable reports whether it is new, or longer than the hold before it by enough
	// to be reported: the answers to requests that were throttled together differ by
	// the milliseconds between them.
	Notable bool
}

// noticeable is by how much a hold must grow to be reported again.
const noticeable = time.Second

// HoldError says that a hold outlasts the caller's deadline: waiting for it
// would be in vain.
type HoldError struct{ Until time.Time }

func (e *HoldError) Error() string {
	return fmt.Sprintf("the server ordered a pause until %s, which is past the deadline",
		e.Until.UTC().Format(time.RFC3339))
}

// Is makes a HoldError a [context.DeadlineExceeded] that came early.
func (*HoldError) Is(target error) bool { return target == context.DeadlineExceeded }
