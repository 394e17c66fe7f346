// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"sync"
	"time"
)

// WatermarkAge is how old a watermark may be: no more often is it requested.
const WatermarkAge = time.Minute

// watermarks has the watermark of each job endpoint.
type watermarks struct {
	mu     sync.Mutex // guards byPath
	byPath map[string]*watermark
}

// watermark is the time up to which an endpoint's data is complete.
type watermark struct {
	turn  chan struct{} // taken by the caller that requests it; the others wait for that
	until time.Time
	asked time.Time // when until was received, zero if never
}

// of returns the watermark of an endpoint.
func (w *watermarks) of(path string) *watermark {
	w.mu.Lock()
	defer w.mu.Unlock()
	mark, ok := w.byPath[path]
	if !ok {
		mark = &watermark{turn: make(chan struct{}, 1)}
		w.byPath[path] = mark
	}
	return mark
}
