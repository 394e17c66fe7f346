// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rig

import (
	"cmp"
	"fmt"
	"time"
)

// The pipelines for more than one machine as they are shipped, from the repository's root.
const (
	Planner      = "config/distributed/planner.yaml"
	Worker       = "config/distributed/worker.yaml"
	KafkaPlanner = "config/distributed/planner_kafka.yaml"
	KafkaWorker  = "config/distributed/worker_kafka.yaml"
	SQSPlanner   = "config/distributed/planner_sqs.yaml"
	SQSWorker    = "config/distributed/worker_sqs.yaml"
)

// Plan starts the planner over a window.
func (r *Rig) Plan(start, end time.Time) (*Pipeline, error) {
	return r.run(Planner, nil, append(window(start, end), "NATS_URL="+r.broker.URL))
}

// PlanKafka starts Kafka's.
func (r *Rig) PlanKafka(k *Kafka, start, end time.Time) (*Pipeline, error) {
	return r.run(KafkaPlanner, nil, append(window(start, end), "KAFKA_BROKERS="+k.Address))
}

func window(start, end time.Time) []string {
	return []string{"PLAN_START=" + start.Format(time.RFC3339), "PLAN_END=" + end.Format(time.RFC3339)}
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
	// Set are further overrides of the pipeline, path=value.
	Set []string
	// Env is more of the environment, KEY=value.
	Env []string
	// File is the pipeline, NATS' as it is shipped where it is empty.
	File string
}

// Work starts a worker. As with [Rig.Run], the pipeline is the user's and only the servers are
// elsewhere.
func (r *Rig) Work(hand Hand) (*Pipeline, error) {
	return r.work(cmp.Or(hand.File, Worker), 1, hand, "NATS_URL="+r.broker.URL)
}

// WorkKafka starts one of Kafka's.
func (r *Rig) WorkKafka(k *Kafka, redis *Redis, hand Hand) (*Pipeline, error) {
	return r.work(KafkaWorker, 0, hand, "KAFKA_BROKERS="+k.Address, "REDIS_URL="+redis.URL)
}

// work starts a worker whose pipeline fetches in the processor at a place.
func (r *Rig) work(file string, place int, hand Hand, env ...string) (*Pipeline, error) {
	fetch := fmt.Sprintf("pipeline.processors.0.try_catch.processors.%d.genesys_analytics.", place)
	const s3 = "output.switch.cases.1.output.retry.output.aws_s3."
	storage := r.Storage.URL
	if hand.StorageURL != "" {
		storage = hand.StorageURL
	}
	return r.run(file, append([]string{
		fetch + "api_url=" + hand.Tenant.URL,
		fetch + "login_url=" + hand.Tenant.URL,
		s3 + "endpoint=" + storage,
		s3 + "force_path_style_urls=true",
	}, hand.Set...), append(append(account(hand.Secret), "THREADS="+hand.Threads), append(env, hand.Env...)...))
}
