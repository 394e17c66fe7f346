// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/proc"
)

// postgresServer runs a program of PostgreSQL's as somebody who is not root.
const postgresServer = "servers/postgres"

// nobody is who PostgreSQL runs as where the tests run as root.
const nobody = 65534

// StartPostgres starts a PostgreSQL server and returns where clients connect.
func (r *Rig) StartPostgres(ctx context.Context) (dsn string, err error) {
	dir, err := r.postgresFolder()
	if err != nil {
		return "", fmt.Errorf("making PostgreSQL's folder: %w", err)
	}
	data := filepath.Join(dir, "data")
	setup, err := r.start(postgresServer, []string{"initdb", "-D", data, "-U", "genesys", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"}, nil)
	if err != nil {
		return "", err
	}
	defer r.Forget(setup)
	if code, err := setup.Wait(ctx, startLimit); err != nil || code != 0 {
		return "", fmt.Errorf("making a PostgreSQL database: status %d: %w\n%s", code, err, setup.Tail())
	}
	address, err := proc.FreeAddress()
	if err != nil {
		return "", err
	}
	host, port, _ := net.SplitHostPort(address)
	p, err := r.start(postgresServer, []string{"postgres", "-D", data, "-h", host, "-p", port, "-k", ""}, nil)
	if err != nil {
		return "", err
	}
	return "postgres://genesys@" + address + "/postgres?sslmode=disable", p.Until(ctx, startLimit, "PostgreSQL", answers(address))
}

// postgresFolder makes one that is not below the rig's own, into which nobody but its owner may look.
func (r *Rig) postgresFolder() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "postgres-"); err != nil {
		return "", err
	}
	r.closers = append(r.closers, func() { _ = os.RemoveAll(dir) })
	if os.Geteuid() == 0 {
		err = os.Chown(dir, nobody, nobody)
	}
	return dir, err
}
