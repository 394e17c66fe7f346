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

// mariaDB speaks MySQL's protocol.
const mariaDB = "servers/mariadb"

// StartMySQL starts MariaDB without accounts, and returns where clients connect.
func (r *Rig) StartMySQL(ctx context.Context) (dsn string, err error) {
	dir, err := os.MkdirTemp(r.dir, "mysql-")
	if err != nil {
		return "", fmt.Errorf("making MySQL's folder: %w", err)
	}
	data := filepath.Join(dir, "data")
	if err := os.MkdirAll(filepath.Join(data, "genesys"), 0o700); err != nil { // a database is a folder
		return "", fmt.Errorf("making MySQL's folder: %w", err)
	}
	address, err := proc.FreeAddress()
	if err != nil {
		return "", err
	}
	host, port, _ := net.SplitHostPort(address)
	p, err := r.start(mariaDB, []string{
		"--datadir=" + data, "--plugin-dir=" + dir, "--socket=" + filepath.Join(dir, "s"), "--pid-file=" + filepath.Join(dir, "pid"),
		"--skip-grant-tables", "--bind-address=" + host, "--port=" + port, "--character-set-server=utf8mb4", "--innodb-flush-method=fsync",
	}, nil)
	if err != nil {
		return "", err
	}
	return "genesys@tcp(" + address + ")/genesys?parseTime=true", p.Until(ctx, startLimit, "MySQL", answers(address))
}
