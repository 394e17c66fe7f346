// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package rig sets up the small world that the shipped pipeline runs in: a strict tenant, an S3
// server over a folder, and the distribution's binary between them. All of it is real: real
// processes, real sockets, the user's own pipeline file.
package rig

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/proc"
)

const (
	// startLimit is how long a server may take until it answers, on a busy machine.
	startLimit = 30 * time.Second
	// stopGrace is how long a process may take to end by itself when the rig is closed.
	stopGrace = 3 * time.Second
)

// Rig owns what it starts. It is for one goroutine.
type Rig struct {
	// Storage is the S3 server, with the bucket made.
	Storage *Storage

	root    string
	dir     string
	running []*proc.Process
	broker  *Broker  // nil until it is started
	closers []func() // of the servers in this process
}

// Root is the repository's root, seen from dir or any directory above it.
func Root(dir string) (string, error) {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, DailyExport)); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("looking for %s in %s and above it: not found", DailyExport, dir)
		}
	}
}

// New starts the storage under dir. root is the repository, with its binaries built.
func New(ctx context.Context, root, dir string) (*Rig, error) {
	r := &Rig{root: root, dir: dir}
	for _, sub := range []string{"objects", "attributes", "checkpoint", "home"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, fmt.Errorf("making the rig's folders: %w", err)
		}
	}
	if err := r.startStorage(ctx); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Close ends everything the rig started, the last process first and the servers that are in this
// process, the broker among them, at the end.
func (r *Rig) Close() {
	for i := len(r.running) - 1; i >= 0; i-- {
		r.running[i].Stop(stopGrace)
	}
	r.running = nil
	if r.broker != nil {
		r.broker.close()
		r.broker = nil
	}
	for i := len(r.closers) - 1; i >= 0; i-- {
		r.closers[i]()
	}
	r.closers = nil
}

// Root is the repository's root.
func (r *Rig) Root() string { return r.root }

// Processes are those the rig started and has not ended.
func (r *Rig) Processes() []*proc.Process { return r.running }

// Forget is for a process that has ended: there may be many, and the ids of those that ended long
// ago are others' by the time that the rig is closed.
func (r *Rig) Forget(p *proc.Process) {
	r.running = slices.DeleteFunc(r.running, func(q *proc.Process) bool { return q == p })
}

// start starts one of the binaries that `make build` left in bin, with no environment but what
// every process needs and env, in the repository's root: paths in pipelines are relative to it.
func (r *Rig) start(name string, args, env []string) (*proc.Process, error) {
	path := filepath.Join(r.root, "bin", name)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("starting %s: bin/%s is not there: run `make build` first", name, name)
	}
	p, err := proc.Start(proc.Spec{Name: name, Path: path, Args: args, Dir: r.root, Env: append([]string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + filepath.Join(r.dir, "home"), // not the user's own AWS profile
		"TMPDIR=" + r.dir,
	}, env...)})
	if err != nil {
		return nil, err
	}
	r.running = append(r.running, p)
	return p, nil
}
