// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

//go:build race

package plugin_test

// sample: under the race detector a row takes ten times as long, and finds no
// more than one like it. The whole table is run without.
const sample = 7
