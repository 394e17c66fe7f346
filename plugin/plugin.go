// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package plugin registers the components with Benthos. To
// build them into a distribution of your own, import it for its side effects.
package plugin

import (
	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/settings"
)

func init() {
	registerTrim()
	registerLint()
	registerIntervals()
	service.MustRegisterInput(settings.Component, inputSpec(), newInputFromParsed)
	service.MustRegisterProcessor(settings.Component, processorSpec(), newProcessorFromParsed)
	service.MustRegisterProcessor(rowsName, rowsSpec(), newRowsFromParsed)
	service.MustRegisterRateLimit(settings.Component, rateLimitSpec(), newRateLimitFromParsed)
}
