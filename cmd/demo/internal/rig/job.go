// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rig

import (
	"fmt"
	"os"
	"path/filepath"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/proc"
)

// DailyExport is the pipeline as it is shipped, from the repository's root.
const DailyExport = "config/daily_queue_summary_to_s3.yaml"

// Job is one run of the daily export, as a user's cron would start it.
type Job struct {
	// Tenant is the account to read.
	Tenant *Tenant
	// Start and End are the window.
	Start, End string
	// Secret is the client secret, the tenant's own where it is empty.
	Secret string
	// Set are further overrides of the pipeline, path=value.
	Set []string
	// Env is more of the environment, KEY=value.
	Env []string
	// File is the pipeline, the daily export as it is shipped where it is empty.
	File string
}

// Pipeline is a run of the distribution.
type Pipeline struct {
	*proc.Process

	address string // where they are served
	metrics string // where they are written at the end
}

// Run starts the daily export. The pipeline file is the user's, unchanged: a user says the rest
// in the environment too, except where the servers are (what a private gateway or an
// S3-compatible store would override) and where the metrics go at the end.
func (r *Rig) Run(job Job) (*Pipeline, error) {
	file := job.File
	if file == "" {
		file = DailyExport
	}
	return r.run(file, append([]string{
		"input.genesys_analytics.api_url=" + job.Tenant.URL,
		"input.genesys_analytics.login_url=" + job.Tenant.URL,
		"output.aws_s3.endpoint=" + r.Storage.URL,
		"output.aws_s3.force_path_style_urls=true",
	}, job.Set...), append(append(account(job.Secret),
		"EXPORT_START="+job.Start,
		"EXPORT_END="+job.End,
		"CHECKPOINT_DIR="+filepath.Join(r.dir, "checkpoint"),
	), job.Env...))
}

// account is what a pipeline has to know of the tenant's client and of the bucket.
func account(secret string) []string {
	if secret == "" {
		secret = ClientSecret
	}
	return []string{
		"GENESYS_CLIENT_ID=" + ClientID,
		"GENESYS_CLIENT_SECRET=" + secret,
		"S3_BUCKET=" + bucket,
		"AWS_REGION=" + awsRegion,
		"AWS_ACCESS_KEY_ID=" + accessKey,
		"AWS_SECRET_ACCESS_KEY=" + secretKey,
		"AWS_EC2_METADATA_DISABLED=true",
	}
}

// Ship starts the distribution with pipelines as they stand on disk, `run FILE` or `streams FILE...`
// from the repository's root: all that they are told is in the environment, env last.
func (r *Rig) Ship(tenant *Tenant, args []string, env ...string) (*Pipeline, error) {
	address, err := proc.FreeAddress()
	if err != nil {
		return nil, err
	}
	p, err := r.start("redpanda-connect-genesys", args, append(append(account(""),
		"GENESYS_API_URL="+tenant.URL,
		"GENESYS_LOGIN_URL="+tenant.URL,
		"AWS_ENDPOINT_URL_S3="+r.Storage.URL,
		"CHECKPOINT_DIR="+filepath.Join(r.dir, "checkpoint"),
		"HTTP_ADDRESS="+address,
	), env...))
	if err != nil {
		return nil, err
	}
	return &Pipeline{Process: p, address: address}, nil
}

// run starts the distribution with a shipped pipeline.
func (r *Rig) run(file string, set, env []string) (*Pipeline, error) {
	address, err := proc.FreeAddress()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(r.dir, "run-")
	if err != nil {
		return nil, fmt.Errorf("making the run's folder: %w", err)
	}
	metrics := filepath.Join(dir, "metrics")
	args := []string{"run"}
	for _, set := range append([]string{"metrics.prometheus.file_output_path=" + metrics}, set...) {
		args = append(args, "--set", set)
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(r.root, file)
	}
	p, err := r.start("redpanda-connect-genesys", append(args, file),
		append(env, "HTTP_ADDRESS="+address))
	if err != nil {
		return nil, err
	}
	return &Pipeline{Process: p, address: address, metrics: metrics}, nil
}
