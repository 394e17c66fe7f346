// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/day"
	"connect-genesys.example/connect-genesys/cmd/demo/internal/proc"
	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
)

const (
	seed   = 20261122
	bucket = 50
	window = 5 * time.Second
	// runLimit is a minute for the holds and as much again for a busy machine.
	runLimit = 2 * time.Minute
	tellEach = 5 * time.Second
)

// kstDay is midnight to midnight in Seoul, November 22.
var kstDay = day.Span{
	Start:    time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC),
	End:      time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC),
	Interval: 5 * time.Minute,
}

// demo runs the export and checks it.
func demo(ctx context.Context, w io.Writer, verbose bool) error {
	return show(ctx, w, verbose, func(r *rig.Rig) (result, string, error) {
		out, err := export(ctx, w, r)
		return out, out.log, err
	})
}

// result is what a demo has come to.
type result interface {
	print(w io.Writer)
	check(ctx context.Context) error
}

// show does something in a rig, and tells and checks what has come of it. It has a log, too, if it
// failed.
func show(ctx context.Context, w io.Writer, verbose bool, do func(*rig.Rig) (result, string, error)) error {
	return inRig(ctx, func(r *rig.Rig) error {
		out, log, err := do(r)
		if verbose {
			fmt.Fprintln(w, log)
		}
		if err != nil {
			return err
		}
		out.print(w)
		if err := out.check(ctx); err != nil {
			return err
		}
		fmt.Fprintln(w, allThere)
		return nil
	})
}

const allThere = "\nEvery object is what the tenant serves, and every 300 s of the day is there once."

// inRig does something in a rig of its own, of which nothing is left afterwards.
func inRig(ctx context.Context, do func(*rig.Rig) error) error {
	root, err := repository()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "genesys-demo-")
	if err != nil {
		return fmt.Errorf("making the demo's folder: %w", err)
	}
	defer os.RemoveAll(dir)
	r, err := rig.New(ctx, root, dir)
	if err != nil {
		return err
	}
	defer r.Close()
	return do(r)
}

func repository() (string, error) {
	at, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the repository: %w", err)
	}
	return rig.Root(at)
}

// export runs the pipeline once over the day.
func export(ctx context.Context, w io.Writer, r *rig.Rig) (outcome, error) {
	tenant, err := r.StartTenant(ctx,
		"--seed", strconv.Itoa(seed),
		"--bucket", strconv.Itoa(bucket), "--window", window.String(),
		"--rate-headers", "none", "--penalty")
	if err != nil {
		return outcome{}, err
	}
	began := time.Now()
	pipeline, err := r.Run(rig.Job{
		Tenant: tenant,
		Start:  kstDay.Start.Format(time.RFC3339),
		End:    kstDay.End.Format(time.RFC3339),
	})
	if err != nil {
		return outcome{}, err
	}
	introduce(w, r)
	if err := follow(ctx, w, r.Storage, pipeline); err != nil {
		return outcome{log: pipeline.Output()}, err
	}
	return collect(ctx, r.Storage, tenant, pipeline, time.Since(began))
}

// introduce says what runs. The end-to-end test reads the process ids off it.
func introduce(w io.Writer, r *rig.Rig) {
	fmt.Fprintf(w, "One day of queue summaries, %d intervals, from a tenant that allows %d requests in %s:\n",
		kstDay.Count(), bucket, window)
	for _, p := range r.Processes() {
		started(w, p)
	}
}

func started(w io.Writer, p *proc.Process) {
	fmt.Fprintf(w, "  started %-25s pid %d\n", p.Name(), p.PID())
}

// follow waits for the pipeline to end by itself and tells how far it is.
func follow(ctx context.Context, w io.Writer, s *rig.Storage, pipeline *rig.Pipeline) error {
	var told time.Time
	err := pipeline.Until(ctx, runLimit, "the export", func(ctx context.Context) (bool, error) {
		select {
		case <-pipeline.Exited():
			return true, nil
		default:
		}
		if time.Since(told) < tellEach {
			return false, nil
		}
		told = time.Now()
		keys, err := s.Keys(ctx)
		fmt.Fprintf(w, "  %3d of %d objects\n", len(keys), kstDay.Count())
		return false, err
	})
	if err != nil {
		return err
	}
	if code := pipeline.ExitCode(); code != 0 {
		return fmt.Errorf("exporting: the pipeline ended with status %d\n%s", code, pipeline.Tail())
	}
	return nil
}
