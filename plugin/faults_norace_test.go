// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

//go:build !race

package plugin_test

// sample is which part of the table is run.
const sample = 1
