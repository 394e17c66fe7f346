// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package endure

import (
	"sync"
	"syscall"
	"time"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/proc"
)

// Member is one of the processes, in all its lives, as the servers in front of it know it.
type Member struct {
	// Name is what it is called.
	Name string
	// Orders are told when it dies: what it alone has heard, nobody knows any more. Nil for one that
	// asks the tenant nothing.
	Orders *Orders

	mu      sync.Mutex
	process *proc.Process // nil between two lives
	life    Life
	began   time.Time
	woke    time.Time // when it sent its first request, zero: it has not
	number  int       // of the life
	seen    int       // of its moments
	struck  time.Time // when it was ended, zero: it was not
	gentle  bool      // it was struck by a SIGTERM
}

// Begin starts a life.
func (m *Member) Begin(p *proc.Process, life Life) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.process, m.life, m.began, m.seen = p, life, time.Now(), 0
	m.woke, m.struck = time.Time{}, time.Time{}
	m.number++
}

// Number is that of the present life.
func (m *Member) Number() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.number
}

// lives reports whether a life has not been ended.
func (m *Member) lives(number int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.number == number && m.process != nil && m.struck.IsZero()
}

// Spare lets the present life go on to its own end.
func (m *Member) Spare() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.life = Life{Endless: true}
}

// Reach says that a moment has come, and ends the life if it is the one.
func (m *Member) Reach(moment Moment) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if moment == Asked && m.woke.IsZero() {
		m.woke = time.Now()
	}
	if m.life.Moment != moment || m.life.Count == 0 {
		return
	}
	if m.seen++; m.seen == m.life.Count {
		m.strike()
	}
}

// Look ends the life if its time has come, and returns how it ended once it has.
func (m *Member) Look() (end End, ended bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.process == nil {
		return End{}, false
	}
	if m.overLocked() {
		m.strike()
	}
	select {
	case <-m.process.Exited():
	default:
		return End{}, false
	}
	end = m.endLocked()
	m.buryLocked()
	m.process = nil
	return end, true
}

// overLocked reports whether the life has had its time. One that does not wake up has it too.
func (m *Member) overLocked() bool {
	switch {
	case m.life.Endless:
		return false
	case m.life.Awake && m.woke.IsZero():
		return time.Since(m.began) >= atLatest+m.life.After
	case m.life.Awake:
		return time.Since(m.woke) >= m.life.After
	}
	return time.Since(m.began) >= m.life.After
}

func (m *Member) endLocked() End {
	end := End{Name: m.Name, Struck: !m.struck.IsZero(), Gentle: m.gentle, Code: m.process.ExitCode()}
	if m.life.Count > 0 && m.seen >= m.life.Count {
		end.Moment = m.life.Moment
	}
	if end.Struck {
		end.Took = time.Since(m.struck)
	}
	return end
}

// Process is that of the present life, nil between two.
func (m *Member) Process() *proc.Process {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.process
}

func (m *Member) strike() {
	if !m.struck.IsZero() || m.process == nil {
		return
	}
	select {
	case <-m.process.Exited():
		return // by itself
	default:
	}
	m.struck, m.gentle = time.Now(), m.life.Gentle // the life may be another before it ends
	m.buryLocked()                                 // what it has not written down by now it may not
	if m.gentle {
		_ = m.process.Signal(syscall.SIGTERM)
		return
	}
	m.process.Kill()
}

func (m *Member) buryLocked() {
	if m.Orders != nil {
		m.Orders.Die(m, time.Now())
	}
}

// End is how a life ended.
type End struct {
	Name string
	// Struck is by a signal of ours, and else by itself. Gentle was it a SIGTERM.
	Struck, Gentle bool
	// Moment is which one it was ended at, none where its time was over first.
	Moment Moment
	// Code is the exit status, -1 after a signal.
	Code int
	// Took is how long it lived after the signal.
	Took time.Duration
	// Unkept is one that ended because its position could not be kept, when it started or when all was
	// delivered, while the cache was away: that is promised to be an error.
	Unkept bool
}

// Killed reports whether a SIGKILL ended it.
func (e End) Killed() bool { return e.Struck && !e.Gentle && e.Code == -1 }
