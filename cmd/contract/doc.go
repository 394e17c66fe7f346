// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package contract holds this project to the vendor's own words: the public API
// description (swagger.json) of the vendor's Go SDK, and that SDK as a client.
//
// The table of endpoints is checked against the description; every request that
// the input sends and every response that the simulator gives is validated by it;
// and the SDK finds in the simulator what it expects of the service. The same is held
// to facts.json, which the vendor's npm package says of what came after the SDK: `make
// facts` draws it, and differences.txt lists where the two differ. It has tests only,
// in a module of its own.
package contract
