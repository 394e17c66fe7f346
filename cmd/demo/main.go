// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Command demo exports one day of queue summaries from a strict tenant to a real S3 server with
// the shipped pipeline, and then checks every object and every request. It exits non-zero if
// anything is off. With -distributed it spreads the same day over three workers behind a queue,
// kills one in the middle and starts one late.
//
// It runs the binaries that `make build` left in bin; `make demo` does both.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	verbose := flag.Bool("v", false, "show the pipelines' logs")
	spread := flag.Bool("distributed", false, "spread the day over three workers, one of which is killed")
	flag.Parse()
	show := demo
	if *spread {
		show = distributed
	}
	// The first signal ends the run in good order, a second one at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(status(ctx, show(ctx, os.Stdout, *verbose), os.Stderr))
}

// status is the exit status for an error, which it prints.
func status(ctx context.Context, err error, w io.Writer) int {
	const interrupted = 130
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil:
		fmt.Fprintln(w, "interrupted: all that was started has ended")
		return interrupted
	default:
		fmt.Fprintln(w, "demo:", err)
		return 1
	}
}
