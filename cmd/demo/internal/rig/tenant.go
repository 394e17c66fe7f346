// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/proc"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// The OAuth client that every tenant of a rig has.
const (
	ClientID     = "demo-client"
	ClientSecret = "demo-secret"
)

// Tenant is a running genesys-simulator.
type Tenant struct {
	// URL is its API's and its login's origin.
	URL string

	process *proc.Process
}

// StartTenant starts a tenant with the simulator's flags.
func (r *Rig) StartTenant(ctx context.Context, flags ...string) (*Tenant, error) {
	dir, err := os.MkdirTemp(r.dir, "tenant-")
	if err != nil {
		return nil, fmt.Errorf("making the tenant's folder: %w", err)
	}
	portFile := filepath.Join(dir, "port")
	p, err := r.start("genesys-simulator", append([]string{
		"--listen", "127.0.0.1:0", "--port-file", portFile,
		"--client-id", ClientID, "--client-secret", ClientSecret,
	}, flags...), nil)
	if err != nil {
		return nil, err
	}
	t := &Tenant{process: p}
	err = p.Until(ctx, startLimit, "the simulator's address", func(context.Context) (bool, error) {
		b, err := os.ReadFile(portFile)
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		t.URL = "http://" + strings.TrimSpace(string(b))
		return err == nil, err
	})
	return t, err
}

// Stop ends the tenant, so that another one can have its address.
func (t *Tenant) Stop() { t.process.Stop(time.Second) }

// Report is what the tenant saw so far.
func (t *Tenant) Report(ctx context.Context) (simulator.Report, error) {
	var report simulator.Report
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.URL+"/_simulator/report", nil)
	if err != nil {
		return report, fmt.Errorf("asking the simulator for its report: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return report, fmt.Errorf("asking the simulator for its report: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return report, fmt.Errorf("asking the simulator for its report: status %s", res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(&report); err != nil {
		return report, fmt.Errorf("reading the simulator's report: %w", err)
	}
	return report, nil
}
