// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"sync"
	"time"
)

// reportInterval is how often a wait is reported while it lasts.
const reportInterval = time.Second

// waitMeter measures the time during which at least one request waits: eight requests
// that wait for the end of one hold of a minute are a pause of one minute. All of it
// is reported once, by flush or at most reportInterval late. A nil waitMeter measures
// nothing.
//
// start and stop are called with the gate locked, and so they do not call report, which
// may use the gate.
type waitMeter struct {
	report func(time.Duration)

	reporting sync.Mutex // held while reporting; taken before mu

	mu         sync.Mutex
	waiting    int           // requests
	since      time.Time     // up to here, waits are in unreported
	unreported time.Duration // measured and not yet reported
	timer      *time.Timer   // nil: stopped
}

func (m *waitMeter) start(now time.Time) {
	if m == nil || m.report == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.waiting == 0 {
		m.since = now
	}
	m.waiting++
	if m.timer == nil {
		m.timer = time.AfterFunc(reportInterval, m.tick)
	}
}

func (m *waitMeter) stop(now time.Time) {
	if m == nil || m.report == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.countLocked(now)
	m.waiting--
}

func (m *waitMeter) countLocked(now time.Time) {
	if m.waiting > 0 {
		m.unreported += now.Sub(m.since)
		m.since = now
	}
}

// tick reports every reportInterval while a request waits, and once after that.
func (m *waitMeter) tick() {
	m.mu.Lock()
	m.timer = nil
	if m.waiting > 0 {
		m.timer = time.AfterFunc(reportInterval, m.tick)
	}
	m.mu.Unlock()
	m.flush()
}

// flush reports what has been measured so far.
func (m *waitMeter) flush() {
	if m == nil || m.report == nil {
		return
	}
	m.reporting.Lock()
	defer m.reporting.Unlock()
	m.mu.Lock()
	m.countLocked(time.Now())
	passed := m.unreported
	m.unreported = 0
	if m.waiting == 0 && m.timer != nil {
		m.timer.Stop()
		m.timer = nil
	}
	m.mu.Unlock()
	if passed > 0 {
		m.report(passed)
	}
}
