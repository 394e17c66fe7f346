// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	startLimit = 30 * time.Second
	stopGrace  = 10 * time.Second
	pollPeriod = 50 * time.Millisecond
)

// process is one of the repository's binaries, running.
type process struct {
	cmd    *exec.Cmd
	output *bytes.Buffer // read it once the process has exited
	exited chan struct{}
}

// start starts one of the binaries that `make build` left in bin. It ends with ctx.
func start(ctx context.Context, root, name string, args ...string) (*process, error) {
	p := &process{output: &bytes.Buffer{}, exited: make(chan struct{})}
	p.cmd = exec.CommandContext(ctx, filepath.Join(root, "bin", name), args...)
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = stopGrace
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s (`make build` builds it): %w", name, err)
	}
	go func() {
		defer close(p.exited)
		_ = p.cmd.Wait() // the exit code says it all
	}()
	return p, nil
}

// stop ends the process in good order.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	<-p.exited
}

// tenant is a running simulator.
type tenant struct {
	*process

	url string
}

func startTenant(ctx context.Context, root, dir string, flags ...string) (*tenant, error) {
	portFile := filepath.Join(dir, "port")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the tenant's folder: %w", err)
	}
	p, err := start(ctx, root, "genesys-simulator", append([]string{"--listen", "127.0.0.1:0", "--port-file", portFile}, flags...)...)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for range every(ctx, pollPeriod) {
		if address, err := os.ReadFile(portFile); err == nil && len(address) > 0 {
			return &tenant{p, "http://" + strings.TrimSpace(string(address))}, nil
		}
	}
	p.stop()
	return nil, fmt.Errorf("waiting for the simulator's address: %w\n%s", ctx.Err(), p.output)
}

// startPipeline starts the distribution with a config.
func startPipeline(ctx context.Context, root, dir, config string) (*process, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the pipeline's folder: %w", err)
	}
	path := filepath.Join(dir, "pipeline.yaml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		return nil, fmt.Errorf("writing the pipeline: %w", err)
	}
	return start(ctx, root, "redpanda-connect-genesys", "run", path)
}

// every yields at once and then once a period, until ctx ends.
func every(ctx context.Context, period time.Duration) func(func(time.Time) bool) {
	return func(yield func(time.Time) bool) {
		ticker := time.NewTicker(period)
		defer ticker.Stop()
		for now := time.Now(); yield(now); {
			select {
			case now = <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	}
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("looking for a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// get reads a page; nothing, without an error, where nobody listens yet or any more.
func get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("asking for %s: %w", url, err)
	}
	res, err := http.DefaultClient.Do(req)
	var refused *net.OpError
	switch {
	case errors.As(err, &refused):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("asking for %s: %w", url, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", url, err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("asking for %s: status %s", url, res.Status)
	}
	return body, nil
}
