// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// Room limits the memory that the bodies of a tenant's responses take in one process:
// of those that are being read, and of those that are not delivered yet.
//
// Each reader has a [Seat]. The seats of one [Line] deliver in order: only what the
// first of them has read can leave, and the others keep what they have read until it is
// their turn. So a limit alone would deadlock, with the room full of what waits for the
// first seat, and the first seat waiting for room. The invariants:
//
//   - No more is taken than the limit, except by the elder. That is the oldest of those
//     seats that are first in their lines and fetching, and it never waits.
//   - The other seats get at most half of the limit, so that the elder has the other
//     half, and stays within the limit while its responses are no larger.
//
// Why it does not deadlock: consider the oldest seat that waits for room. If it is first
// in its line it is the elder, unless an older one is fetching, which does not wait and
// so ends, by its time limit at the latest. If it is not first in its line, then the
// first one is fetching, for which the same holds, or is waiting for something else than
// room: a pause, or the delivery of its pages.
type Room struct {
	mu      sync.Mutex
	lines   []*Line
	came    uint64 // seats so far
	used    int64
	changed chan struct{} // closed when there may be room for a waiting seat; nil: none waits
}

// NewRoom returns an empty Room.
func NewRoom() *Room { return &Room{} }

// Line is seats that deliver in the order in which they came.
type Line struct {
	room  *Room
	limit int64
	seats []*Seat
}

// Line returns a new line, whose seats keep to a limit in bytes.
func (r *Room) Line(limit int64) *Line { return &Line{room: r, limit: limit} }

// Seat is a reader of responses. It is for one goroutine.
type Seat struct {
	line     *Line
	number   uint64
	held     int64
	fetching bool
}

// Seat returns a new seat at the end of the line. Callers must Leave it.
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

// Leave returns all that the seat has taken, and removes it from its line.
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

// Fetch says that the seat starts to fetch a response, its waits included. Callers call
// end once it has.
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
			return fmt.Errorf("waiting for room for %d bytes of a response: %w", n, context.Cause(ctx))
		}
	}
}

// TryTake takes n bytes if there is room for them now, and reports whether there is.
func (s *Seat) TryTake(n int64) bool { return s.take(n) == nil }

func (s *Seat) take(n int64) (changed <-chan struct{}) {
	r := s.line.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.used+n > s.line.limit/2 && r.elderLocked() != s {
		if r.changed == nil {
			r.changed = make(chan struct{})
		}
		return r.changed
	}
	r.used += n
	s.held += n
	return nil
}

// Give returns n bytes, or all that the seat has if those are fewer.
func (s *Seat) Give(n int64) {
	r := s.line.room
	r.mu.Lock()
	defer r.mu.Unlock()
	n = min(n, s.held)
	r.used -= n
	s.held -= n
	r.changeLocked()
}

// elderLocked returns the seat that never waits, nil where no first seat is fetching.
func (r *Room) elderLocked() (elder *Seat) {
	for _, l := range r.lines {
		if first := l.seats[0]; first.fetching && (elder == nil || first.number < elder.number) {
			elder = first
		}
	}
	return elder
}

func (r *Room) changeLocked() {
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}

// Used returns how many bytes are taken.
func (r *Room) Used() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.used
}
