// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"sync"
	"time"
)

// waitMeter measures the time during which anybody waits: eight requests behind
// one hold of a minute are a minute's pause, not eight. A nil one measures
// nothing.
type waitMeter struct {
	report func(time.Duration)

	mu      sync.Mutex
	waiting int
	since   time.Time
}

func (s *waitMeter) start() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == 0 {
		s.since = time.Now()
	}
	s.waiting++
}

func (s *waitMeter) stop() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting--
	now := time.Now()
	if s.report != nil {
		s.report(now.Sub(s.since))
	}
	s.since = now
}
