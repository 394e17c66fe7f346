// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// job is the name that the scrapes go by.
const job = "genesys-export"

// A tenant that shows its budget, and one that does not and has its troubles.
var tenants = [][]string{
	{"--bucket", "50", "--window", "5s", "--rate-headers", "x", "--latency", "30ms"},
	{"--bucket", "50", "--window", "5s", "--rate-headers", "none", "--latency", "60ms", "--faults", "5xx=0.02"},
}

// A day of five minutes from each of them.
const dayPipeline = `
http: { address: "%[1]s" }
metrics: { prometheus: {} }
input:
  broker:
    inputs:
      - label: queues
        genesys_analytics:
          api_url: %[2]s
          login_url: %[2]s
          client_id: demo-client
          client_secret: demo-secret
          endpoint: /api/v2/analytics/queues/summary
          start: -P1D
          end: now
          fallback_pause: 1s
          checkpoint_cache: position
          checkpoint_cache_key: queues
      - label: conversations
        genesys_analytics:
          api_url: %[3]s
          login_url: %[3]s
          client_id: demo-client
          client_secret: demo-secret
          endpoint: /api/v2/analytics/conversations/aggregates/query
          query: { groupBy: [ queueId ], metrics: [ nOffered, tHandle ] }
          start: -P1D
          end: now
          fallback_pause: 1s
          checkpoint_cache: position
          checkpoint_cache_key: conversations
output: { drop: {} }
cache_resources: [ { label: position, memory: {} } ]
`

// runLimit is how long a day may take: some windows of five seconds.
const runLimit = 3 * time.Minute

// recordDay exports a day, and scrapes it once a second while that lasts.
func recordDay(ctx context.Context, root, dir string, into *store) (from, to time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, runLimit)
	defer cancel()
	var urls []string
	for i, flags := range tenants {
		t, err := startTenant(ctx, root, filepath.Join(dir, fmt.Sprint("tenant", i)), flags...)
		if err != nil {
			return from, to, err
		}
		defer t.stop()
		urls = append(urls, t.url)
	}
	address, err := freeAddress()
	if err != nil {
		return from, to, err
	}
	p, err := startPipeline(ctx, root, filepath.Join(dir, "pipeline"), fmt.Sprintf(dayPipeline, address, urls[0], urls[1]))
	if err != nil {
		return from, to, err
	}
	defer p.stop()
	ended, stopScrapes := context.WithCancel(ctx)
	defer stopScrapes()
	go func() { <-p.exited; stopScrapes() }()
	for now := range every(ended, time.Second) {
		scrape, err := get(ctx, "http://"+address+"/metrics")
		if err != nil {
			return from, to, err
		}
		if scrape == nil {
			continue
		}
		if err := into.add(ctx, now, job, scrape); err != nil {
			return from, to, err
		}
		if to = now; from.IsZero() {
			from = now
		}
	}
	if <-p.exited; p.cmd.ProcessState.ExitCode() != 0 {
		return from, to, fmt.Errorf("exporting a day: exit status %d\n%s", p.cmd.ProcessState.ExitCode(), p.output)
	}
	return from, to, nil
}
