// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Command operations draws the Grafana dashboard's panels from a real run: it exports a day
// from two simulated tenants with the built distribution, scrapes it once a second as Prometheus
// would, and evaluates the dashboard's own queries over that with Prometheus' own engine.
//
// Its tests check that every metric which the dashboard and the alert rules name is exported, and
// that the Kubernetes manifests are right.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	root := flag.String("root", "../..", "the repository, with its binaries built")
	out := flag.String("out", "", "where to write the picture (config/observability/dashboard.svg in the repository)")
	flag.Parse()
	if *out == "" {
		*out = filepath.Join(*root, folder, "dashboard.svg")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := picture(ctx, *root, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("wrote", *out)
}

// picture runs an export and draws the dashboard.
func picture(ctx context.Context, root, out string) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return fmt.Errorf("looking for the repository: %w", err)
	}
	dir, err := os.MkdirTemp("", "operations-")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	d, err := readDashboard(root)
	if err != nil {
		return err
	}
	s, err := newStore(filepath.Join(dir, "tsdb"))
	if err != nil {
		return err
	}
	defer s.Close()
	from, to, err := recordDay(ctx, root, dir, s)
	if err != nil {
		return err
	}
	svg, err := draw(ctx, d, s, from, to)
	if err != nil {
		return err
	}
	if err := os.WriteFile(out, svg, 0o644); err != nil {
		return fmt.Errorf("writing the picture: %w", err)
	}
	return nil
}
