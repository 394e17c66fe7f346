// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"sync"
	"time"
)

// WatermarkAge is how old a watermark may be: it is asked for no more often.
const WatermarkAge = time.Minute

// watermarks are up to when the data of each endpoint that lags is complete, as
// last told.
type watermarks struct {
	mu     sync.Mutex // guards byPath
	byPath map[string]*watermark
}

type watermark struct {
	turn  chan struct{} // has room for who asks; the others wait for the answer
	until time.Time
	asked time.Time
}

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
