// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package proc runs child processes that cannot outlive their parent's interest in them.
//
// Each child leads a process group of its own, so that a Ctrl-C in a terminal reaches the
// parent alone and the parent decides what ends when, and so that ending a child ends all it
// started. Where the system can (Linux), a child is killed when its parent dies, whatever the
// parent died of.
package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Spec says what to start. Nothing is inherited from the parent's environment.
type Spec struct {
	// Name is what the process is called in errors.
	Name string
	// Path is the binary, Args what follows it.
	Path string
	Args []string
	// Env is the whole environment, KEY=value.
	Env []string
	// Dir is the folder that it runs in, the parent's where it is empty.
	Dir string
}

// Process is a started child.
type Process struct {
	name   string
	cmd    *exec.Cmd
	output *output
	exited chan struct{}
}

// Start starts a child.
func Start(spec Spec) (*Process, error) {
	out := &output{}
	cmd := exec.Command(spec.Path, spec.Args...)
	cmd.Env, cmd.Dir = spec.Env, spec.Dir
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = attributes()
	// A grandchild that kept the pipe open would otherwise hold Wait for ever.
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", spec.Name, err)
	}
	p := &Process{name: spec.Name, cmd: cmd, output: out, exited: make(chan struct{})}
	go func() {
		defer close(p.exited)
		_ = cmd.Wait() // the exit code says it all
	}()
	return p, nil
}

// Name is the name the process was started under.
func (p *Process) Name() string { return p.name }

// PID is the process id, which is the id of its group too.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Exited is closed once the process has ended.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// ExitCode is the exit status, -1 after a signal. It waits for the process to end.
func (p *Process) ExitCode() int {
	<-p.exited
	return p.cmd.ProcessState.ExitCode()
}

// PeakMemory is the most bytes of memory that the process, which has ended, had at a time.
func (p *Process) PeakMemory() int64 {
	<-p.exited
	usage, ok := p.cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return usage.Maxrss << 10 // Linux counts in KiB
}

// Output is what the process has written so far, to stdout and stderr.
func (p *Process) Output() string { return p.output.String() }

// Signal sends sig to the process alone, as a supervisor does. One that has ended is no error.
func (p *Process) Signal(sig os.Signal) error {
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signalling %s: %w", p.name, err)
	}
	return nil
}

// Kill ends the process and all it started at once, and waits until it has ended.
func (p *Process) Kill() {
	// The group can outlive its leader, so it is killed even after the leader ended.
	_ = syscall.Kill(-p.PID(), syscall.SIGKILL)
	<-p.exited
}

// Stop asks the process to end, kills it if it has not within grace, and waits until it has.
func (p *Process) Stop(grace time.Duration) {
	_ = p.Signal(syscall.SIGTERM)
	t := time.NewTimer(grace)
	defer t.Stop()
	select {
	case <-p.exited:
	case <-t.C:
	}
	p.Kill()
}

// output keeps what a child writes. The child's two streams are copied by goroutines of their
// own.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
