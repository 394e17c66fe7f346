// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Board is where the gates of one tenant, in several processes or before and
// after a restart, tell each other of holds. It holds one value.
type Board interface {
	// Read gives the value, nil where there is none.
	Read(ctx context.Context) ([]byte, error)
	// Write replaces it. It may be forgotten after ttl.
	Write(ctx context.Context, value []byte, ttl time.Duration) error
}

const (
	// skewMargin is how much longer than its end a hold of another process is
	// kept at most. It absorbs what the clocks of two machines may differ by; a
	// machine whose clock is ahead by more can be early by the rest.
	skewMargin = time.Second
	// boardTimeout bounds an exchange with a board: one that hangs must not
	// hold everybody up.
	boardTimeout = 2 * time.Second
	// lookEvery is how often a gate that is held looks at the board: for orders
	// that other processes got meanwhile, and for lines that were lost.
	lookEvery = 250 * time.Millisecond
)

// line is the longest hold that one process was ordered, as it is on the board.
type line struct {
	Until time.Time `json:"until"`
	At    time.Time `json:"at"` // when it was written, by the same clock
}

// endsAt is when the hold of a line that was first seen at the given time is over
// for certain. What was left of it as it was written is left at most as it is
// seen, whatever the clocks say; where they agree to within skewMargin, its end by
// the writer's clock is the better bound for who sees it late.
func (l line) endsAt(seen time.Time) time.Time {
	left := min(l.Until.Sub(l.At), l.Until.Sub(seen)+skewMargin)
	return seen.Add(left)
}

// known is a line, and when it is over by this process's clock. That is reckoned
// once: what is left must not begin anew at each look.
type known struct {
	line
	ends time.Time
}

// posts is a gate's dealings with its board, which has a line for each process:
// ends of different clocks cannot be compared, so none takes another's place. What
// a process has read it hands on, for boards know no compare-and-swap, and two
// that write at the same moment can lose a line.
type posts struct {
	board  Board
	failed func(error)
	name   string // of this gate's own line

	mu     sync.Mutex
	lines  map[string]known // by name
	looked time.Time        // at the board, last
	down   map[string]bool
}

func newPosts(board Board, failed func(error)) *posts {
	if board == nil {
		return nil
	}
	return &posts{board: board, failed: failed, name: rand.Text(), lines: map[string]known{}, down: map[string]bool{}}
}

// look reads the board, and writes down what it lacks. It gives until when all
// known holds last, of this process and of others.
func (p *posts) look(ctx context.Context) time.Time {
	there, ok := p.read(ctx)
	p.mu.Lock()
	now := time.Now()
	p.looked = now
	p.learnLocked(there, now)
	live, until := p.liveLocked(now)
	p.mu.Unlock()
	if _, own := live[p.name]; ok && lacks(there, live) || !ok && own {
		p.write(ctx, live, until.Sub(now)+skewMargin)
	}
	return until
}

// due says whether the last look was long enough ago for another one, and takes
// that as done: one of all who wait has to look.
func (p *posts) due() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	due := now.Sub(p.looked) >= lookEvery
	if due {
		p.looked = now
	}
	return due
}

// order takes in a hold that this gate's own answers ordered, and tells whether
// it is longer than those before.
func (p *posts) order(until time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	longer := until.After(p.lines[p.name].ends)
	if longer {
		p.lines[p.name] = known{line{Until: until.UTC()}, until}
	}
	return longer
}

// learnLocked takes in what is on the board, and forgets what is over and gone
// from it.
func (p *posts) learnLocked(there map[string]line, now time.Time) {
	for name, l := range there {
		if name != p.name && l.Until.After(p.lines[name].Until) {
			p.lines[name] = known{l, l.endsAt(now)}
		}
	}
	for name, l := range p.lines {
		if _, ok := there[name]; !ok && !now.Before(l.ends) {
			delete(p.lines, name)
		}
	}
}

// liveLocked are the lines that are not over, as they would be written now, and
// when the last of all is over.
func (p *posts) liveLocked(now time.Time) (live map[string]line, until time.Time) {
	live = map[string]line{}
	for name, l := range p.lines {
		if name == p.name {
			l.At = now.UTC()
		}
		if now.Before(l.ends) {
			live[name] = l.line
		}
		if l.ends.After(until) {
			until = l.ends
		}
	}
	return live, until
}

// lacks says whether a board is without a line, or has an earlier one.
func lacks(there, live map[string]line) bool {
	for name, l := range live {
		if there[name].Until.Before(l.Until) {
			return true
		}
	}
	return false
}

// read gives what is on the board, if it can be read.
func (p *posts) read(ctx context.Context) (there map[string]line, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, boardTimeout)
	defer cancel()
	value, err := p.board.Read(ctx)
	if err == nil && value != nil {
		err = json.Unmarshal(value, &there)
	}
	for _, l := range there {
		if err == nil && l.Until.IsZero() {
			err = errors.New("it names no time")
		}
	}
	p.told("reading", err)
	if err != nil {
		return nil, false
	}
	return there, true
}

func (p *posts) write(ctx context.Context, lines map[string]line, ttl time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, boardTimeout)
	defer cancel()
	value, err := json.Marshal(lines)
	if err == nil {
		err = p.board.Write(ctx, value, ttl)
	}
	p.told("writing", err)
}

// told reports a board that cannot be read, or written, once until it can be
// again. The gate goes on with what it knows itself.
func (p *posts) told(doing string, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	p.mu.Lock()
	begins := err != nil && !p.down[doing]
	p.down[doing] = err != nil
	p.mu.Unlock()
	if begins && p.failed != nil {
		p.failed(fmt.Errorf("%s the shared hold: %w", doing, err))
	}
}
