// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

//go:build !race

package world_test

// slowness is by how much fewer worlds are played.
const slowness = 1
