// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"fmt"
	"runtime"
	"sync"
	"weak"

	"github.com/redpanda-data/benthos/v4/public/service"
)

// checkpointName is the key of a checkpoint's ownership among the generic values of
// [service.Resources].
type checkpointName struct{ cache, key string }

// ownership is which input of this process writes a checkpoint. The pointer is weak, since
// Benthos does not close an input whose pipeline could not be built: its claim must not
// lock out the next input.
type ownership struct {
	mu   sync.Mutex // guards held
	held weak.Pointer[claim]
}

// claim is an input's exclusive right to write a checkpoint. It lasts until release, or
// until the input is garbage.
type claim struct{ to *ownership }

// claimCheckpoint claims a checkpoint. It refuses a second claim on the same one: each
// input would go on where the other is.
func claimCheckpoint(res *service.Resources, cache, key string) (*claim, error) {
	shared, _ := res.GetOrSetGeneric(checkpointName{cache, key}, &ownership{})
	o := shared.(*ownership)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.held.Value() != nil {
		runtime.GC() // clears the pointer to a claim that is garbage
	}
	if o.held.Value() != nil {
		return nil, fmt.Errorf("field `checkpoint_cache_key`: another input keeps its checkpoint as %q in the cache %q: give each input a key of its own", key, cache)
	}
	mine := &claim{o}
	o.held = weak.Make(mine)
	return mine, nil
}

// release ends the claim. It does nothing for nil.
func (c *claim) release() {
	if c == nil {
		return
	}
	c.to.mu.Lock()
	defer c.to.mu.Unlock()
	if c.to.held.Value() == c {
		c.to.held = weak.Pointer[claim]{}
	}
}
