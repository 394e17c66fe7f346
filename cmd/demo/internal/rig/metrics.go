// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rig

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
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

// metric sums a metric over its labels, as it was at the end.
func (p *Pipeline) metric(name string) (float64, error) {
	text, err := os.ReadFile(p.metrics)
	if err != nil {
		return 0, fmt.Errorf("reading the pipeline's metrics: %w", err)
	}
	return sum(text, name)
}

// Scrape gives the metrics as they are now, each summed over its labels.
func (p *Pipeline) Scrape(ctx context.Context, names ...string) (map[string]float64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.address+"/metrics", http.NoBody)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("scraping the pipeline: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("scraping the pipeline: %w", err)
	}
	all := map[string]float64{}
	for _, name := range names {
		if all[name], err = sum(text, name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func sum(text []byte, name string) (float64, error) {
	sample := regexp.MustCompile(`(?m)^` + name + `(?:\{.*\})? ([^ \n]+)`)
	total := 0.0
	for _, found := range sample.FindAllSubmatch(text, -1) {
		value, err := strconv.ParseFloat(string(bytes.TrimSpace(found[1])), 64)
		if err != nil {
			return 0, fmt.Errorf("reading the pipeline's metric %s: %w", name, err)
		}
		total += value
	}
	return total, nil
}
