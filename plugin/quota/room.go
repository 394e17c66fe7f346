// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"slices"
	"sync"
)

// Room is the memory that the bodies of a tenant's responses may take in one
// process: those that are being read, and those that wait to leave.
//
// Who reads has a [Seat], and the seats of one [Line] hand on what they read in
// order: only what the first of them has read can leave, and the others hold what
// they have until their turn comes. So a limit alone would lock: the room full of
// what waits for the first, and the first waiting for room. The invariants:
//
//   - What is taken exceeds no one's limit, but for what the elder takes beyond it.
//     It is the seat that came first of those that are first in their lines and
//     are fetching just now, and it is never kept waiting.
//   - Everybody else gets up to half of the limit, so that the elder has the other
//     half, and exceeds nothing as long as its responses are no larger.
//
// Why it cannot lock: of those who wait for room, take the seat that came first. If
// it is first in its line it is the elder, unless an older one is fetching, which
// is not kept waiting and so ends, by its time limit at the latest. If it is not
// first in its line, the first one is fetching (then the same is true of it), or it
// waits for something else than room: a pause, or whoever takes its pages.
type Room struct {
	mu      sync.Mutex
	lines   []*Line
	came    uint64 // seats so far
	used    int64
	changed chan struct{} // closed whenever a waiter should look again
}

// NewRoom returns one in which nothing is.
func NewRoom() *Room { return &Room{changed: make(chan struct{})} }

// Line is seats that hand on in the order in which they came.
type Line struct {
	room  *Room
	limit int64
	seats []*Seat
}

// Line opens one, all of whose seats are to respect a limit.
func (r *Room) Line(limit int64) *Line { return &Line{room: r, limit: limit} }

// Seat is one that reads responses. It is for one goroutine.
type Seat struct {
	line     *Line
	number   uint64
	held     int64
	fetching bool
}

// Seat gives one at the end of the line. It has to be left.
func (l *Line) Seat() *Seat {
	l.room.mu.Lock()
	defer l.room.mu.Unlock()
	if len(l.seats) == 0 {
		l.room.lines = append(l.room.lines, l)
	}
	l.room.came++
	s := &Seat{line: l, number: l.room.came}
	l.seats = append(l.seats, s)
	return s
}

// Leave gives back all that the seat holds.
func (s *Seat) Leave() {
	r, l := s.line.room, s.line
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used -= s.held
	s.held, s.fetching = 0, false
	l.seats = slices.DeleteFunc(l.seats, func(other *Seat) bool { return other == s })
	if len(l.seats) == 0 {
		r.lines = slices.DeleteFunc(r.lines, func(other *Line) bool { return other == l })
	}
	r.changeLocked()
}

// Fetch says that the seat begins to fetch a response, with all the waits of
// that, and returns what ends it.
func (s *Seat) Fetch() (end func()) {
	s.set(true)
	return func() { s.set(false) }
}

func (s *Seat) set(fetching bool) {
	s.line.room.mu.Lock()
	defer s.line.room.mu.Unlock()
	s.fetching = fetching
	s.line.room.changeLocked()
}

// Take waits until there is room for n bytes more. The seat has to be fetching.
func (s *Seat) Take(ctx context.Context, n int64) error {
	for {
		changed := s.take(n)
		if changed == nil {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// TryTake takes n bytes where there is room for them just now.
func (s *Seat) TryTake(n int64) bool { return s.take(n) == nil }

func (s *Seat) take(n int64) (changed <-chan struct{}) {
	r := s.line.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.used+n > s.line.limit/2 && r.elderLocked() != s {
		return r.changed
	}
	r.used += n
	s.held += n
	return nil
}

// Give gives back n bytes.
func (s *Seat) Give(n int64) {
	r := s.line.room
	r.mu.Lock()
	defer r.mu.Unlock()
	n = min(n, s.held)
	r.used -= n
	s.held -= n
	r.changeLocked()
}

// elderLocked is the seat that is never kept waiting, nil where nobody is fetching
// who is first in a line.
func (r *Room) elderLocked() (elder *Seat) {
	for _, l := range r.lines {
		if first := l.seats[0]; first.fetching && (elder == nil || first.number < elder.number) {
			elder = first
		}
	}
	return elder
}

func (r *Room) changeLocked() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// Used is how many bytes are taken.
func (r *Room) Used() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.used
}
