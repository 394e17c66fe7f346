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

// reading is how the pages of an interval are had. The input and the processor
// read alike.
func reading(s *settings, client *genesys.Client, log *service.Logger) export.Config {
	query := &s.query
	config := export.Config{
		PageSize: query.PageSize, Granularity: bucket(query.Granularity),
		Patience: s.patience(log),
		Open: func(iv window.Interval, from genesys.Cursor) export.Pages {
			return client.Pages(query, iv.String(), from)
		},
		Halved: func(iv window.Interval, err error) { log.Infof("Asking for the halves of %s: %v", iv, err) },
	}
	config.Oversized = query.Oversized
	if query.Endpoint.Lags {
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
