// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rig

import "time"

// The pipelines for more than one machine as they are shipped, from the repository's root.
const (
	Planner = "config/distributed/planner.yaml"
	Worker  = "config/distributed/worker.yaml"
)

// Plan starts the planner over a window.
func (r *Rig) Plan(start, end time.Time) (*Pipeline, error) {
	return r.run(Planner, nil, []string{
		"NATS_URL=" + r.broker.URL,
		"PLAN_START=" + start.Format(time.RFC3339),
		"PLAN_END=" + end.Format(time.RFC3339),
	})
}

// Hand is one worker, as a supervisor would start it.
type Hand struct {
	// Tenant is the account to read.
	Tenant *Tenant
	// Threads is how many intervals it fetches at once.
	Threads string
	// Secret is the client secret, the tenant's own where it is empty.
	Secret string
	// StorageURL is the S3 server, the rig's own where it is empty.
	StorageURL string
}

// Work starts a worker. As with [Rig.Run], the pipeline is the user's and only the servers are
// elsewhere.
func (r *Rig) Work(hand Hand) (*Pipeline, error) {
	const fetch = "pipeline.processors.0.try_catch.processors.1.genesys_analytics."
	const s3 = "output.retry.output.switch.cases.1.output.aws_s3."
	storage := r.Storage.URL
	if hand.StorageURL != "" {
		storage = hand.StorageURL
	}
	return r.run(Worker, []string{
		fetch + "api_url=" + hand.Tenant.URL,
		fetch + "login_url=" + hand.Tenant.URL,
		s3 + "endpoint=" + storage,
		s3 + "force_path_style_urls=true",
	}, append(account(hand.Secret), "NATS_URL="+r.broker.URL, "THREADS="+hand.Threads))
}
