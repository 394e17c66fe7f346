// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package bundle holds what the distribution is made of: import it for its side effects to
// have the same components in a binary of your own.
package bundle

import (
	_ "github.com/redpanda-data/connect/v4/public/components/aws"
	_ "github.com/redpanda-data/connect/v4/public/components/io"
	_ "github.com/redpanda-data/connect/v4/public/components/nats"
	_ "github.com/redpanda-data/connect/v4/public/components/prometheus"
	_ "github.com/redpanda-data/connect/v4/public/components/pure"
	_ "github.com/redpanda-data/connect/v4/public/components/pure/extended"
	_ "github.com/redpanda-data/connect/v4/public/components/redis"

	_ "connect-genesys.example/connect-genesys/plugin"
)
