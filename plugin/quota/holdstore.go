// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// HoldStore is where the gates of one tenant, in several processes or before and
// after a restart, tell each other of holds. It holds one value.
type HoldStore interface {
	// Read returns the value, nil where there is none.
	Read(ctx context.Context) ([]byte, error)
	// Write replaces it. It may be forgotten after ttl.
	Write(ctx context.Context, value []byte, ttl time.Duration) error
}

const (
	// skewMargin is how much longer than its end a hold of another process is
	// kept at most. It absorbs what the clocks of two machines may differ by; a
	// machine whose clock is ahead by more can be early by the rest.
	skewMargin = time.Second
	// storeTimeout bounds an exchange with a store: one that hangs must not
	// hold everybody up.
	storeTimeout = 2 * time.Second
	// lookEvery is how often a gate that is held looks at the store: for orders
	// that other processes got meanwhile, and for lines that were lost.
	lookEvery = 250 * time.Millisecond
	// readAgainAfter is how soon a store is read again that has never been read:
	// nothing is sent before.
	readAgainAfter = time.Second
	// illegibleFor is how long what is on a store may make no sense before it
	// counts as nothing: it may be half of a write that is going on, or of one that
	// nobody will ever finish.
	illegibleFor = 10 * time.Second
	// maxTTL is the longest time that an entry is asked to live: memcached takes a
	// longer one for a date, and others overflow. It is written again while the
	// hold lasts.
	maxTTL = 30 * 24 * time.Hour
	// endedFor is how long it is remembered that a person ended a hold: nobody who has
	// read it before may write it back.
	endedFor = maxTTL
)

// ErrStoreUnread says that a store has never been read since the gate was made:
// there may be a hold on it, so no request starts.
var ErrStoreUnread = errors.New("no request is sent before the shared hold has been read once")

// processHold is the longest hold that one process was ordered, as it is on the
// store: its line there.
type processHold struct {
	Until time.Time `json:"until"`
	At    time.Time `json:"at"` // when it was written, by the same clock
	// Owner it is, for people.
	Owner string `json:"whose,omitempty"`
	// Ended is when a person ended it. It stays on the store, for those who know it.
	Ended time.Time `json:"ended,omitzero"`
}

// endsAt is when the hold of a line that was first seen at the given time is over
// for certain. What was left of it as it was written is left at most as it is
// seen, whatever the clocks say; where they agree to within skewMargin, its end by
// the writer's clock is the better bound for callers that see it late.
func (l processHold) endsAt(seen time.Time) time.Time {
	left := min(l.Until.Sub(l.At), sumSaturating(l.Until.Sub(seen), skewMargin))
	return seen.Add(left)
}

// known is a processHold, and when it is over by this process's clock. That is
// reckoned once: what is left must not start anew at each look.
type known struct {
	processHold
	ends time.Time
}

// sharedHolds is a gate's dealings with its store, which has a line for each
// process: ends of different clocks cannot be compared, so none takes another's
// place. What a process has read it hands on, for stores know no compare-and-swap,
// and two that write at the same moment can lose a line.
type sharedHolds struct {
	store  HoldStore
	failed func(error)
	owner  string // this process

	mu        sync.Mutex
	name      string           // of this gate's own line
	lines     map[string]known // by name
	looked    time.Time        // at the store, last
	down      map[string]bool
	wasRead   bool
	illegible time.Time // since when what is there makes no sense; zero: it does
}

func newSharedHolds(store HoldStore, failed func(error)) *sharedHolds {
	if store == nil {
		return nil
	}
	return &sharedHolds{store: store, failed: failed, owner: thisProcess(), name: rand.Text(), lines: map[string]known{}, down: map[string]bool{}}
}

// thisProcess names it for people who look at a hold.
func thisProcess() string {
	host, _ := os.Hostname() // or none
	return fmt.Sprintf("%s (pid %d) on %s", filepath.Base(os.Args[0]), os.Getpid(), host)
}

// outlook is what all known holds come to, of this process and of others.
type outlook struct {
	until time.Time // when the last one is over
	owner string    // that one is
	ended bool      // a person ended one just now
}

// look reads the store, and writes down what it lacks.
func (p *sharedHolds) look(ctx context.Context) (outlook, error) {
	there, err := p.read(ctx)
	err = p.reportHealth("reading", err)
	p.mu.Lock()
	now := time.Now()
	p.looked = now
	ended := p.learnLocked(there, now)
	live, out, last := p.liveLocked(now)
	_, own := live[p.name]
	p.mu.Unlock()
	out.ended = ended
	if err == nil && lacks(there, live) || err != nil && own {
		p.write(ctx, live, min(sumSaturating(last.Sub(now), skewMargin), maxTTL))
	}
	return out, err
}

// due reports whether the last look was long enough ago for another one, and takes
// that as done: one of all who wait has to look.
func (p *sharedHolds) due() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	due := now.Sub(p.looked) >= lookEvery
	if due {
		p.looked = now
	}
	return due
}

// nextLook is when the next look is due.
func (p *sharedHolds) nextLook() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.looked.Add(lookEvery)
}

// order takes in a hold that this gate's own answers ordered, and reports whether
// it is longer than those before.
func (p *sharedHolds) order(until time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	longer := until.After(p.lines[p.name].ends)
	if longer {
		p.lines[p.name] = known{processHold{Until: until.UTC(), Owner: p.owner}, until}
	}
	return longer
}

// learnLocked takes in what is on the store, and forgets what is over and gone
// from it. It reports whether a hold was ended.
func (p *sharedHolds) learnLocked(there map[string]processHold, now time.Time) (ended bool) {
	for name, l := range there {
		before := p.lines[name]
		switch {
		case !before.Ended.IsZero(): // whatever somebody has written back
		case !l.Ended.IsZero():
			ended = ended || now.Before(before.ends)
			p.lines[name] = known{l, earlier(l.Ended, now).Add(endedFor)}
			if name == p.name { // what is ordered from now on is another hold
				p.name = rand.Text()
			}
		case name != p.name && l.Until.After(before.Until):
			p.lines[name] = known{l, l.endsAt(now)}
		}
	}
	for name, l := range p.lines {
		if _, ok := there[name]; !ok && !now.Before(l.ends) {
			delete(p.lines, name)
		}
	}
	return ended
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// liveLocked are the lines that are not over, as they would be written now, what
// they come to, and when the last of all is over, those that were ended too.
func (p *sharedHolds) liveLocked(now time.Time) (live map[string]processHold, out outlook, last time.Time) {
	live = map[string]processHold{}
	for name, l := range p.lines {
		if name == p.name {
			l.At = now.UTC()
		}
		if now.Before(l.ends) {
			live[name] = l.processHold
		}
		if l.ends.After(last) {
			last = l.ends
		}
		if l.Ended.IsZero() && l.ends.After(out.until) {
			out.until, out.owner = l.ends, l.Owner
		}
	}
	return live, out, last
}

// lacks reports whether a store is without a line, or has an earlier one.
func lacks(there, live map[string]processHold) bool {
	for name, l := range live {
		if there[name].Until.Before(l.Until) || there[name].Ended.IsZero() && !l.Ended.IsZero() {
			return true
		}
	}
	return false
}

// read returns what is on the store.
func (p *sharedHolds) read(ctx context.Context) (map[string]processHold, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	value, err := p.store.Read(ctx)
	var there map[string]processHold
	if err == nil {
		there, err = p.decode(value)
	}
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wasRead = true
	return there, nil
}

// decode reads a store's value. One that makes no sense for long holds nobody up
// for ever: it is read as empty, and written over by the next hold.
func (p *sharedHolds) decode(value []byte) (there map[string]processHold, err error) {
	if value != nil {
		err = json.Unmarshal(value, &there)
	}
	for _, l := range there {
		if err == nil && l.Until.IsZero() {
			err = errors.New("it names no time")
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch now := time.Now(); {
	case err == nil:
		p.illegible = time.Time{}
	case p.illegible.IsZero():
		p.illegible = now
	case !p.wasRead && now.Sub(p.illegible) >= illegibleFor:
		p.wasRead, p.down["reading"] = true, false // to be reported once more, as what it is now
	}
	return there, err
}

// unread reports whether the store has never been read.
func (p *sharedHolds) unread() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.wasRead
}

func (p *sharedHolds) write(ctx context.Context, lines map[string]processHold, ttl time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	value, err := json.Marshal(lines)
	if err == nil {
		err = p.store.Write(ctx, value, ttl)
	}
	_ = p.reportHealth("writing", err)
}

// reportHealth reports a store that cannot be read, or written, once until it can
// be again. Where it has been read before, the gate goes on with what it knows
// itself. It returns the error as it is reported.
func (p *sharedHolds) reportHealth(doing string, err error) error {
	switch {
	case err == nil:
		p.setDown(doing, false)
		return nil
	case errors.Is(err, context.Canceled):
		return err
	}
	err = fmt.Errorf("%s the shared hold: %w", doing, err)
	if p.unread() {
		err = fmt.Errorf("%w: %w", ErrStoreUnread, err)
	}
	if p.setDown(doing, true) && p.failed != nil {
		p.failed(err)
	}
	return err
}

// setDown notes whether something fails, and reports whether it did not before.
func (p *sharedHolds) setDown(doing string, down bool) (changed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	changed = p.down[doing] != down
	p.down[doing] = down
	return changed
}
