// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"fmt"
	"runtime"
	"sync"
	"weak"

	"github.com/redpanda-data/benthos/v4/public/service"
)

// claims are the checkpoints that inputs of this process write. The pointers are weak,
// since Benthos does not close an input whose pipeline could not be built: its claim
// must not lock out the next input.
type claims struct {
	mu   sync.Mutex
	held map[checkpointName]weak.Pointer[claim]
}

type checkpointName struct{ cache, key string }

// claim is an input's exclusive right to write a checkpoint. It lasts until release, or
// until the input is garbage.
type claim struct {
	on   checkpointName
	with *claims
}

type claimsKey struct{}

// claimCheckpoint claims a checkpoint. It refuses a second claim on the same one: each
// input would go on where the other is.
func claimCheckpoint(res *service.Resources, cache, key string) (*claim, error) {
	shared, _ := res.GetOrSetGeneric(claimsKey{}, &claims{held: map[checkpointName]weak.Pointer[claim]{}})
	c, name := shared.(*claims), checkpointName{cache, key}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held[name].Value() != nil {
		runtime.GC() // clears the pointer to a claim that is garbage
	}
	if c.held[name].Value() != nil {
		return nil, fmt.Errorf("field `checkpoint_cache_key`: another input keeps its checkpoint as %q in the cache %q: give each input a key of its own", key, cache)
	}
	mine := &claim{on: name, with: c}
	c.held[name] = weak.Make(mine)
	return mine, nil
}

// release ends the claim. It does nothing for nil.
func (c *claim) release() {
	if c == nil {
		return
	}
	c.with.mu.Lock()
	defer c.with.mu.Unlock()
	if c.with.held[c.on].Value() == c {
		delete(c.with.held, c.on)
	}
}
