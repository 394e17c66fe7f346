// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"fmt"
	"runtime"
	"sync"
	"weak"

	"github.com/redpanda-data/benthos/v4/public/service"
)

// claims are the checkpoints that inputs of this process write. They are held
// weakly, since the engine does not close an input whose pipeline could not be
// built: such a one must not lock out the next.
type claims struct {
	mu   sync.Mutex
	held map[checkpointName]weak.Pointer[claim]
}

type checkpointName struct{ cache, key string }

// claim is an input's on its checkpoint. It lasts as long as the input refers to it.
type claim struct {
	on   checkpointName
	with *claims
}

type claimsKey struct{}

// claimCheckpoint refuses a second input with the same checkpoint: each would go
// on where the other one is. The claim is held until release.
func claimCheckpoint(res *service.Resources, cache, key string) (*claim, error) {
	shared, _ := res.GetOrSetGeneric(claimsKey{}, &claims{held: map[checkpointName]weak.Pointer[claim]{}})
	c, name := shared.(*claims), checkpointName{cache, key}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held[name].Value() != nil {
		runtime.GC() // so that one which nobody has any more is gone
	}
	if c.held[name].Value() != nil {
		return nil, fmt.Errorf("field `checkpoint_cache_key`: another input keeps its checkpoint as %q in the cache %q: give each input a key of its own", key, cache)
	}
	mine := &claim{on: name, with: c}
	c.held[name] = weak.Make(mine)
	return mine, nil
}

// release gives a claim up. That of nobody is none.
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
