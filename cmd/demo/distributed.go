// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"syscall"
	"time"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
)

const (
	threads = 4 // of each worker
	// ackWait is longer than a hold, so that only what a worker died over is delivered again.
	ackWait = 2 * window
	// grace is how old an order may be before a request counts as early. Another process learns
	// of a hold from the broker, so what it sent while the order was on its way there was sent
	// in good faith: some milliseconds, more on a machine as busy as this one.
	grace = 100 * time.Millisecond

	// latency is what a tenant takes to answer. One that answers at once is emptied by the first
	// worker that looks, before the others have begun.
	latency = 200 * time.Millisecond

	lateAt = 72 // intervals done when the third worker starts
	// killAt is how many requests are served when the second one is killed, with requests on their
	// way: some, but not most, of the third window. At the end of a window it could take an order
	// along that nobody else has heard, and then the others cannot keep it.
	killAt = 2*bucket + 2*threads
)

// distributed runs the day through a queue and three workers, and checks it.
func distributed(ctx context.Context, w io.Writer, verbose bool) error {
	return show(ctx, w, verbose, func(r *rig.Rig) (result, string, error) {
		f, err := newFleet(ctx, w, r)
		if err != nil {
			return nil, "", err
		}
		out, err := f.export(ctx)
		return out, f.logs(), err
	})
}

// fleet is a tenant, a queue, and the workers between them.
type fleet struct {
	w       io.Writer
	rig     *rig.Rig
	tenant  *rig.Tenant
	broker  *rig.Broker
	workers []*rig.Pipeline
	began   time.Time
	told    time.Time
}

func newFleet(ctx context.Context, w io.Writer, r *rig.Rig) (*fleet, error) {
	f := &fleet{w: w, rig: r}
	var err error
	f.tenant, err = r.StartTenant(ctx,
		"--seed", strconv.Itoa(seed),
		"--bucket", strconv.Itoa(bucket), "--window", window.String(), "--grace", grace.String(),
		"--latency", latency.String(),
		"--rate-headers", "none", "--penalty")
	if err != nil {
		return nil, err
	}
	if f.broker, err = r.StartBroker(ctx, ackWait); err != nil {
		return nil, err
	}
	introduce(w, r)
	return f, nil
}

// export plans the day, twice, and has it done: by two workers, then three, then two again.
func (f *fleet) export(ctx context.Context) (spreadDay, error) {
	f.began = time.Now()
	planned, err := f.plan(ctx)
	if err != nil {
		return spreadDay{}, err
	}
	for range 2 {
		if err := f.hire(); err != nil {
			return spreadDay{}, err
		}
	}
	if err := f.until(ctx, planned, lateAt); err != nil {
		return spreadDay{}, err
	}
	if err := f.hire(); err != nil {
		return spreadDay{}, err
	}
	if err := f.kill(ctx); err != nil {
		return spreadDay{}, err
	}
	if err := f.until(ctx, planned, planned); err != nil {
		return spreadDay{}, err
	}
	wall := time.Since(f.began)
	if err := f.dismiss(ctx); err != nil {
		return spreadDay{}, err
	}
	return f.collect(ctx, wall)
}

// plan runs the planner twice, which has to be the same as once.
func (f *fleet) plan(ctx context.Context) (int, error) {
	for range 2 {
		planner, err := f.rig.Plan(kstDay.Start, kstDay.End)
		if err != nil {
			return 0, err
		}
		switch code, err := planner.Wait(ctx, runLimit); {
		case err != nil:
			return 0, err
		case code != 0:
			return 0, fmt.Errorf("planning: the planner ended with status %d\n%s", code, planner.Tail())
		}
	}
	left, err := f.broker.Left(ctx)
	if err == nil && left != kstDay.Count() {
		err = fmt.Errorf("planning twice: %d messages on the queue, want %d", left, kstDay.Count())
	}
	fmt.Fprintf(f.w, "  planned twice: %d intervals on the queue\n", left)
	return left, err
}

func (f *fleet) hire() error {
	worker, err := f.rig.Work(rig.Hand{Tenant: f.tenant, Threads: strconv.Itoa(threads)})
	if err != nil {
		return err
	}
	f.workers = append(f.workers, worker)
	started(f.w, worker.Process)
	return nil
}

// until waits until so many of the planned intervals are done, and tells how far it is.
func (f *fleet) until(ctx context.Context, planned, done int) error {
	return f.workers[0].Until(ctx, runLimit, "the workers", func(ctx context.Context) (bool, error) {
		left, err := f.broker.Left(ctx)
		if time.Since(f.told) >= tellEach {
			f.told = time.Now()
			fmt.Fprintf(f.w, "  %3d of %d intervals done\n", planned-left, planned)
		}
		return planned-left >= done, err
	})
}

// kill ends the second worker in the middle of its requests.
func (f *fleet) kill(ctx context.Context) error {
	err := f.workers[1].Until(ctx, runLimit, "the third window", func(ctx context.Context) (bool, error) {
		report, err := f.tenant.Report(ctx)
		return report.RequestsByStatus["200"] >= killAt, err
	})
	if err != nil {
		return err
	}
	f.workers[1].Kill()
	fmt.Fprintln(f.w, "  killed worker 2 with SIGKILL")
	return nil
}

// dismiss ends the workers that are left, as a supervisor does.
func (f *fleet) dismiss(ctx context.Context) error {
	for i, worker := range f.workers {
		if f.killed(i) {
			continue
		}
		if err := worker.Signal(syscall.SIGTERM); err != nil {
			return err
		}
		switch code, err := worker.Wait(ctx, runLimit); {
		case err != nil:
			return err
		case code != 0:
			return fmt.Errorf("ending worker %d: it ended with status %d\n%s", i+1, code, worker.Tail())
		}
	}
	return nil
}

func (*fleet) killed(i int) bool { return i == 1 }

func (f *fleet) logs() string {
	var all strings.Builder
	for i, worker := range f.workers {
		fmt.Fprintf(&all, "--- worker %d ---\n%s", i+1, worker.Output())
	}
	return all.String()
}

func (f *fleet) collect(ctx context.Context, wall time.Duration) (spreadDay, error) {
	out := spreadDay{outcome: outcome{wall: wall}, requests: make([]int, len(f.workers))}
	var err error
	if out.report, err = f.tenant.Report(ctx); err != nil {
		return out, err
	}
	if out.objects, err = f.rig.Storage.Objects(ctx); err != nil {
		return out, err
	}
	if out.left, err = f.broker.Left(ctx); err != nil {
		return out, err
	}
	if out.dead, err = f.broker.DeadLetters(ctx); err != nil {
		return out, err
	}
	rest := out.report.Requests
	for i, worker := range f.workers {
		if f.killed(i) {
			continue
		}
		if out.requests[i], err = worker.Requests(); err != nil {
			return out, err
		}
		rest -= out.requests[i]
	}
	out.requests[1] = rest // it told nobody
	return out, nil
}
