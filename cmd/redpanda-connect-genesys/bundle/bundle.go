// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package bundle holds what the distribution is made of: import it for its side effects to
// have the same components in a binary of your own.
package bundle

import (
	// The drivers of the sql components: the bundle sql brings eight more.
	_ "github.com/go-sql-driver/mysql"
	_ "github.com/lib/pq"

	_ "github.com/redpanda-data/connect/v4/public/components/aws" // and Kafka, OpenSearch
	_ "github.com/redpanda-data/connect/v4/public/components/azure"
	_ "github.com/redpanda-data/connect/v4/public/components/io"
	_ "github.com/redpanda-data/connect/v4/public/components/jaeger"
	_ "github.com/redpanda-data/connect/v4/public/components/nats"
	_ "github.com/redpanda-data/connect/v4/public/components/prometheus"
	_ "github.com/redpanda-data/connect/v4/public/components/pure"
	_ "github.com/redpanda-data/connect/v4/public/components/pure/extended"
	_ "github.com/redpanda-data/connect/v4/public/components/redis"
	_ "github.com/redpanda-data/connect/v4/public/components/sftp"
	_ "github.com/redpanda-data/connect/v4/public/components/sql/base"

	_ "connect-genesys.example/connect-genesys/plugin"
)
