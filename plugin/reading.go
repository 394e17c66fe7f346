// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// readerConfig is how the pages of an interval are obtained. The input and the
// processor read alike.
func readerConfig(s *settings, client *genesys.Client, log *service.Logger) export.ReaderConfig {
	query := &s.query
	config := export.ReaderConfig{
		PageSize: query.PageSize, Granularity: bucket(query.Granularity),
		RetryPolicy: s.retryPolicy(log),
		Open: func(iv window.Interval, retry genesys.Retry) export.Source {
			return client.Source(query, iv.String(), retry)
		},
		Refused: query.Refused, TimedOut: query.TimedOutTwice,
		Halved: func(iv window.Interval, err error) { log.Infof("Splitting %s in two: %v", iv, err) },
	}
	if query.Endpoint.HasWatermark {
		config.Available = func(ctx context.Context) (time.Time, error) { return client.Available(ctx, query) }
	}
	return config
}

// bucket is the length of a granularity; 0 where that depends on the calendar.
func bucket(granularity string) time.Duration {
	d, err := window.ParseDuration(granularity)
	if err != nil || d.Calendar() {
		return 0
	}
	return d.Approx()
}
