// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

//go:build google

package bundle

import (
	_ "github.com/redpanda-data/connect/v4/public/components/gcp"
)
