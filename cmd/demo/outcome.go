// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/day"
	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// outcome is what there is to look at after a run.
type outcome struct {
	objects map[string][]byte
	report  simulator.Report
	paused  time.Duration
	wall    time.Duration
	log     string
}

func collect(
	ctx context.Context, s *rig.Storage, tenant *rig.Tenant, pipeline *rig.Pipeline, wall time.Duration,
) (outcome, error) {
	out := outcome{wall: wall, log: pipeline.Output()}
	var err error
	if out.paused, err = pipeline.Paused(); err != nil {
		return out, err
	}
	if out.report, err = tenant.Report(ctx); err != nil {
		return out, err
	}
	out.objects, err = s.Objects(ctx)
	return out, err
}

// print writes the table.
func (o outcome) print(w io.Writer) {
	row := newTable(w)
	row("objects", len(o.objects), "of %d", kstDay.Count())
	row("requests", o.report.Requests, "at most %d", o.most())
	row("throttled", o.report.Throttled, "in %d windows", o.report.Windows)
	row("early requests", o.report.EarlyRequests, "none allowed")
	row("seconds paused", seconds(o.paused), "by the pipeline's own account")
	row("wall time", seconds(o.wall), "seconds")
}

// newTable begins a table, whose rows are a name, a value and what to know about it.
func newTable(w io.Writer) (row func(name string, value any, note string, args ...any)) {
	fmt.Fprintln(w)
	return func(name string, value any, note string, args ...any) {
		fmt.Fprintf(w, "  %-15s %6v  "+note+"\n", append([]any{name, value}, args...)...)
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }

// most is the most requests the job may take: each page once, one throttled request a window,
// the token, and one to spare.
func (o outcome) most() int { return kstDay.Count() + o.report.Windows + 2 }

// check says everything that is off.
func (o outcome) check(ctx context.Context) error {
	problems := []error{o.checkObjects(ctx), o.checkPauses()}
	if o.report.Requests > o.most() {
		problems = append(problems, fmt.Errorf("counting requests: %d, want at most %d", o.report.Requests, o.most()))
	}
	return errors.Join(problems...)
}

func (o outcome) checkObjects(ctx context.Context) error {
	want, err := day.Expected(ctx, seed, kstDay)
	if err != nil {
		return err
	}
	return errors.Join(
		day.Check(o.objects, want),
		day.Covered(slices.Collect(maps.Keys(o.objects)), kstDay),
	)
}

func (o outcome) checkPauses() error {
	if o.report.EarlyRequests > 0 {
		return fmt.Errorf("counting early requests: %d, want 0", o.report.EarlyRequests)
	}
	// Without this the demo would show nothing.
	if o.report.Throttled == 0 {
		return errors.New("counting throttled requests: none, so no pause was shown")
	}
	return nil
}
