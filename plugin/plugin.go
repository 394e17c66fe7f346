// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package plugin registers the genesys_analytics components with Benthos. To
// build them into a distribution of your own, import it for its side effects.
package plugin

import (
	"sync/atomic"

	"github.com/redpanda-data/benthos/v4/public/service"
)

const componentName = "genesys_analytics"

func init() {
	registerLint()
	registerIntervals()
	service.MustRegisterInput(componentName, inputSpec(), newInputFromParsed)
	service.MustRegisterProcessor(componentName, processorSpec(), newProcessorFromParsed)
	service.MustRegisterRateLimit(componentName, rateLimitSpec(), newRateLimitFromParsed)
}

var failed atomic.Bool

// ExitStatus is what a process should exit with that ran pipelines with these
// components: 1 after one of them has ended with a fatal error, else 0. Benthos
// itself knows only inputs that end, not why.
func ExitStatus() int {
	if failed.Load() {
		return 1
	}
	return 0
}
