// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

//go:build race

package world_test

// slowness: under the race detector a world takes ten times as long.
const slowness = 5
