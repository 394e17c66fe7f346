// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Command genesys-simulator is a Genesys Cloud tenant to try things on: the token
// endpoint and the analytics API on a local port, with a quota that notices who
// comes too early.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	_ "time/tzdata" // timeZone in queries, wherever the command runs

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run serves until ctx ends. Its result is the exit status: 0, 1 when it could
// not serve, 2 for a mistake on the command line.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return 0
	}
	if err != nil {
		fmt.Fprintf(stderr, "genesys-simulator: %v\nSee genesys-simulator --help.\n", err)
		return 2
	}
	sim, err := simulator.New(opts.config)
	if err != nil {
		fmt.Fprintf(stderr, "genesys-simulator: %v\nSee genesys-simulator --help.\n", err)
		return 2
	}
	if err := serve(ctx, sim, opts, stdout); err != nil {
		fmt.Fprintf(stderr, "genesys-simulator: %v\n", err)
		return 1
	}
	return 0
}

func serve(ctx context.Context, sim *simulator.Simulator, opts options, stdout io.Writer) error {
	listener, err := net.Listen("tcp", opts.listen)
	if err != nil {
		return fmt.Errorf("listening on --listen %q: %w", opts.listen, err)
	}
	address := listener.Addr().String()
	if err := writeFile(opts.portFile, []byte(address+"\n")); err != nil {
		listener.Close()
		return fmt.Errorf("writing --port-file: %w", err)
	}
	greet(stdout, address, opts.config)

	server := newServer(sim, time.Minute)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving on %s: %w", address, err)
	case <-ctx.Done():
	}
	closeGently(server)
	report := sim.Report()
	if err := printReport(stdout, report); err != nil {
		return fmt.Errorf("printing the report: %w", err)
	}
	raw, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the report: %w", err)
	}
	if err := writeFile(opts.reportFile, append(raw, '\n')); err != nil {
		return fmt.Errorf("writing --report: %w", err)
	}
	return nil
}

// newServer waits for a request, its body included, no longer than patience.
func newServer(handler http.Handler, patience time.Duration) *http.Server {
	return &http.Server{Handler: handler, ReadTimeout: patience, IdleTimeout: 2 * patience, MaxHeaderBytes: 64 << 10}
}

// closeGently lets what is being answered finish, for a moment.
func closeGently(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		server.Close()
	}
}

// writeFile appears whole: whoever waits for a port file must not read half of it.
func writeFile(path string, content []byte) error {
	if path == "" {
		return nil
	}
	if err := os.WriteFile(path+".tmp", content, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}

func greet(w io.Writer, address string, cfg simulator.Config) {
	fmt.Fprintf(w, "genesys-simulator is a tenant at http://%s\n", address)
	id := cfg.ClientID
	secret := "the given --client-secret"
	if cfg.ClientSecret == defaultSecret {
		secret = defaultSecret
	}
	fmt.Fprintf(w, "use api_url and login_url http://%s, client_id %s, client_secret %s; report: http://%s/_simulator/report\n",
		address, id, secret, address)
}
