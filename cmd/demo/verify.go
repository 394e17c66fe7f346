// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
)

// spreadDay is what there is to look at after several workers shared a day.
type spreadDay struct {
	outcome

	requests []int // of each worker
	left     int   // messages on the queue
	dead     []rig.DeadLetter
}

// takenAlong is the most intervals that the killed worker can have taken with it: those that it
// fetched and wrote (S3_IN_FLIGHT), and as many that waited for either.
const takenAlong = 2 * (threads + 8)

// mostThrottled allows for what three workers can have in flight when a window ends.
func (d spreadDay) mostThrottled() int { return len(d.requests) * threads * d.report.Windows }

// most is the most requests the job may take: each page once, a token for each worker, what is
// throttled, and what the killed worker took along.
func (d spreadDay) most() int {
	return kstDay.Count() + len(d.requests) + d.mostThrottled() + takenAlong
}

func (d spreadDay) print(w io.Writer) {
	row := newTable(w)
	row("objects", len(d.objects), "of %d", kstDay.Count())
	row("queue", d.left, "messages left")
	row("dead letters", len(d.dead), "none expected")
	for i, requests := range d.requests {
		row(fmt.Sprintf("worker %d", i+1), requests, "%s", [...]string{
			"requests", "requests by the tenant's count; then killed", "requests; started late",
		}[i])
	}
	row("requests", d.report.Requests, "at most %d", d.most())
	row("throttled", d.report.Throttled, "in %d windows, at most %d", d.report.Windows, d.mostThrottled())
	row("early requests", d.report.EarlyRequests, "none allowed")
	row("wall time", seconds(d.wall), "seconds")
}

func (d spreadDay) check(ctx context.Context) error {
	problems := []error{d.checkObjects(ctx), d.checkPauses()}
	if d.left != 0 {
		problems = append(problems, fmt.Errorf("counting the queue's messages: %d, want 0", d.left))
	}
	if len(d.dead) != 0 {
		problems = append(problems, fmt.Errorf("counting dead letters: %d, want 0; the first is %+v", len(d.dead), d.dead[0]))
	}
	if d.report.Requests > d.most() {
		problems = append(problems, fmt.Errorf("counting requests: %d, want at most %d", d.report.Requests, d.most()))
	}
	if d.report.Throttled > d.mostThrottled() {
		problems = append(problems, fmt.Errorf("counting throttled requests: %d, want at most %d",
			d.report.Throttled, d.mostThrottled()))
	}
	return errors.Join(problems...)
}
