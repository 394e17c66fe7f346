// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"sync"
	"time"
)

// timeLimit is the time limit of an exchange. It is paused while the body waits for
// memory, which is not the server's fault. It is made before the exchange starts.
type timeLimit struct {
	mu    sync.Mutex // guards what follows
	timer *time.Timer
	ends  time.Time
	left  time.Duration // of a paused timer
}

// timeLimitKey is the context key of an exchange's *timeLimit.
type timeLimitKey struct{}

func (l *timeLimit) start(timer *time.Timer, limit time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timer, l.ends = timer, time.Now().Add(limit)
}

func (l *timeLimit) pause() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil && l.timer.Stop() {
		l.left = max(time.Until(l.ends), 1)
	}
}

func (l *timeLimit) resume() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil && l.left > 0 {
		l.ends = time.Now().Add(l.left)
		l.timer.Reset(l.left)
		l.left = 0
	}
}
