// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package proc

import (
	"context"
	"fmt"
	"time"
)

// pollEvery is how often Until looks: short beside what a process takes to start, long beside
// what a look costs.
const pollEvery = 20 * time.Millisecond

// Until waits for a condition that a running process is to bring about. It gives up when the
// process ends, with what it wrote last, when limit has passed, and with ctx. An error of cond
// is final.
func (p *Process) Until(
	ctx context.Context, limit time.Duration, what string, cond func(context.Context) (bool, error),
) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for ended := false; ; {
		ok, err := cond(ctx)
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("waiting for %s: %w\n%s", what, ctx.Err(), p.Tail())
		case err != nil:
			return fmt.Errorf("waiting for %s: %w", what, err)
		case ok:
			return nil
		case ended:
			return fmt.Errorf("waiting for %s: %s ended with status %d\n%s",
				what, p.name, p.ExitCode(), p.Tail())
		}
		select {
		case <-p.exited:
			ended = true // and a last look: it may have done it on its way out
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// Wait waits for the process to end and gives its exit status.
func (p *Process) Wait(ctx context.Context, limit time.Duration) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case <-p.exited:
		return p.ExitCode(), nil
	case <-ctx.Done():
		return 0, fmt.Errorf("waiting for %s to end: %w\n%s", p.name, ctx.Err(), p.Tail())
	}
}

// tail is how much of the output an error shows.
const tail = 4096

// Tail is the end of the output, for an error.
func (p *Process) Tail() string {
	s := p.Output()
	if len(s) > tail {
		s = "..." + s[len(s)-tail:]
	}
	return fmt.Sprintf("--- %s wrote ---\n%s", p.name, s)
}
