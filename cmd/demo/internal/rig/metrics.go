// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rig

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"time"
)

// Paused is how long a run that ended in good order paused, by its own account.
func (p *Pipeline) Paused() (time.Duration, error) {
	nanoseconds, err := p.metric("genesys_analytics_paused_ns_total")
	return time.Duration(nanoseconds), err
}

// Requests is how many requests a run that ended in good order sent, by its own account.
func (p *Pipeline) Requests() (int, error) {
	n, err := p.metric("genesys_analytics_requests_total")
	return int(n), err
}

// metric sums a metric over its labels.
func (p *Pipeline) metric(name string) (float64, error) {
	text, err := os.ReadFile(p.metrics)
	if err != nil {
		return 0, fmt.Errorf("reading the pipeline's metrics: %w", err)
	}
	sample := regexp.MustCompile(`(?m)^` + name + `(?:\{.*\})? ([^ \n]+)`)
	sum := 0.0
	for _, found := range sample.FindAllSubmatch(text, -1) {
		value, err := strconv.ParseFloat(string(bytes.TrimSpace(found[1])), 64)
		if err != nil {
			return 0, fmt.Errorf("reading the pipeline's metric %s: %w", name, err)
		}
		sum += value
	}
	return sum, nil
}
