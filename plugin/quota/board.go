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
	// skewMargin is how much longer a hold that another process wrote down is
	// kept. It absorbs what the clocks of two machines may differ by; a machine
	// whose clock is ahead by more can be early by the rest. A clock that is
	// behind costs no more than the hold's own length, which is written beside
	// its end.
	skewMargin = time.Second
	// waveMargin is how much longer a gate with a board keeps its own holds. The
	// orders of one throttled wave differ by what their answers took, and the
	// process that heard the longest of them may be gone.
	waveMargin = 500 * time.Millisecond
	// boardTimeout bounds an exchange with a board: one that hangs must not
	// hold everybody up.
	boardTimeout = 2 * time.Second
	// mendEvery is how often a gate that is held looks whether the board still
	// says so. Boards know no compare-and-swap, so a shorter hold that was
	// written at the same moment can have replaced a longer one.
	mendEvery = time.Second
)

// notice board entries are JSON, for people to read.
type boardEntry struct {
	Until time.Time     `json:"until"`
	Wait  time.Duration `json:"wait_ns"`
	By    string        `json:"by"`
}

// posts is a gate's dealings with its board.
type posts struct {
	board  Board
	failed func(error)
	name   string // tells a gate's own entries from others'

	mu      sync.Mutex
	ordered boardEntry // the longest hold that this gate's own answers ordered
	mended  time.Time
	seen    boardEntry // the last of another process, and
	keep    time.Time  // until when it is kept
	down    map[string]bool
}

func newPosts(board Board, failed func(error)) *posts {
	if board == nil {
		return nil
	}
	return &posts{board: board, failed: failed, name: rand.Text(), down: map[string]bool{}}
}

// foreign is until when another process says to hold; zero: none does.
func (p *posts) foreign(ctx context.Context) time.Time {
	entry, ok := p.read(ctx)
	if !ok || entry.By == p.name {
		return time.Time{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if entry != p.seen { // reckoned once: a clock that is behind must not begin anew
		now := time.Now()
		p.seen, p.keep = entry, now.Add(min(entry.Until.Sub(now), entry.Wait)+skewMargin)
	}
	return p.keep
}

func (p *posts) read(ctx context.Context) (entry boardEntry, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, boardTimeout)
	defer cancel()
	value, err := p.board.Read(ctx)
	if err == nil && value != nil {
		if err = json.Unmarshal(value, &entry); err == nil && (entry.Wait < 0 || entry.Until.IsZero()) {
			err = errors.New("it names no time")
		}
	}
	p.told("reading", err)
	return entry, err == nil && value != nil
}

// post writes a hold down, unless the board has a longer one.
func (p *posts) post(ctx context.Context, hold Hold) {
	p.mu.Lock()
	if hold.Until.After(p.ordered.Until) {
		p.ordered = boardEntry{Until: hold.Until.Round(0), Wait: hold.Wait, By: p.name}
	}
	p.mended = time.Now()
	entry := p.ordered
	p.mu.Unlock()
	p.put(ctx, entry)
}

// mend writes this gate's own hold down once more where it is gone. It looks at
// most once every mendEvery.
func (p *posts) mend(ctx context.Context) {
	p.mu.Lock()
	entry, now := p.ordered, time.Now()
	due := now.Sub(p.mended) >= mendEvery && now.Before(entry.Until)
	if due {
		p.mended = now
	}
	p.mu.Unlock()
	if due {
		p.put(ctx, entry)
	}
}

func (p *posts) put(ctx context.Context, entry boardEntry) {
	if there, ok := p.read(ctx); ok && !there.Until.Before(entry.Until) {
		return
	}
	value, err := json.Marshal(entry)
	if err == nil {
		// The one who was throttled may be closing; the others need to know.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), boardTimeout)
		defer cancel()
		err = p.board.Write(ctx, value, time.Until(entry.Until)+skewMargin)
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
