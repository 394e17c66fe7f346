// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package plugin registers the genesys_analytics components with Benthos. To
// build them into a distribution of your own, import it for its side effects.
package plugin

import (
	"github.com/redpanda-data/benthos/v4/public/service"
)

const componentName = "genesys_analytics"

func init() {
	registerTrim()
	registerLint()
	registerIntervals()
	service.MustRegisterInput(componentName, inputSpec(), newInputFromParsed)
	service.MustRegisterProcessor(componentName, processorSpec(), newProcessorFromParsed)
	service.MustRegisterRateLimit(componentName, rateLimitSpec(), newRateLimitFromParsed)
}
