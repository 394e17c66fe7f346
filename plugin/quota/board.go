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
	// that other processes got meanwhile, and for its own. Boards know no
	// compare-and-swap, so a shorter hold that was written at the same moment
	// can have replaced a longer one.
	lookEvery = 250 * time.Millisecond
)

// boardEntry is what is on the board: JSON, for people to read.
type boardEntry struct {
	Until time.Time `json:"until"`
	At    time.Time `json:"at"` // when it was written, by the same clock
	By    string    `json:"by"`
}

// endsAt is when the hold of an entry that was first seen at the given time is
// over for certain. What was left of it as it was written is left at most as it
// is seen, whatever the clocks say; where they agree to within skewMargin, its
// end by the writer's clock is the better bound for who sees it late.
func (e boardEntry) endsAt(seen time.Time) time.Time {
	left := min(e.Until.Sub(e.At), e.Until.Sub(seen)+skewMargin)
	return seen.Add(left)
}

// posts is a gate's dealings with its board.
type posts struct {
	board  Board
	failed func(error)
	name   string // tells a gate's own entries from others'

	mu     sync.Mutex
	own    time.Time  // the end of the longest hold that this gate's own answers ordered
	looked time.Time  // at the board, last
	seen   boardEntry // the last of another process, and
	keep   time.Time  // until when it is kept
	down   map[string]bool
}

func newPosts(board Board, failed func(error)) *posts {
	if board == nil {
		return nil
	}
	return &posts{board: board, failed: failed, name: rand.Text(), down: map[string]bool{}}
}

// look reads the board, and writes this gate's own hold down where the board
// has less. It gives until when other processes say to hold, zero where none
// ever did.
func (p *posts) look(ctx context.Context) time.Time {
	there, ok := p.read(ctx)
	keep, own := p.note(there)
	if time.Now().Before(own) && (!ok || there.Until.Before(own)) {
		p.write(ctx, own)
	}
	return keep
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
	until = until.Round(0) // wall clock, as others will read it
	longer := until.After(p.own)
	if longer {
		p.own = until
	}
	return longer
}

// note takes in what is on the board.
func (p *posts) note(there boardEntry) (keep, own time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.looked = time.Now()
	if there != p.seen && there.By != p.name && !there.Until.IsZero() {
		// Reckoned once: what is left must not begin anew at each look.
		p.seen, p.keep = there, there.endsAt(p.looked)
	}
	return p.keep, p.own
}

// read gives what is on the board, if it can be read.
func (p *posts) read(ctx context.Context) (there boardEntry, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, boardTimeout)
	defer cancel()
	value, err := p.board.Read(ctx)
	if err == nil && value != nil {
		if err = json.Unmarshal(value, &there); err == nil && there.Until.IsZero() {
			err = errors.New("it names no time")
		}
	}
	p.told("reading", err)
	if err != nil {
		return boardEntry{}, false
	}
	there.Until, there.At = there.Until.UTC(), there.At.UTC() // to be compared
	return there, value != nil
}

func (p *posts) write(ctx context.Context, until time.Time) {
	ctx, cancel := context.WithTimeout(ctx, boardTimeout)
	defer cancel()
	now := time.Now()
	value, err := json.Marshal(boardEntry{Until: until.UTC(), At: now.UTC(), By: p.name})
	if err == nil {
		err = p.board.Write(ctx, value, until.Sub(now)+skewMargin)
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
