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
	"sync/atomic"
	"time"
)

// HoldStore shares holds between the gates of one tenant, in several processes or
// before and after a restart. It stores one value.
type HoldStore interface {
	// Read returns the value, nil where there is none.
	Read(ctx context.Context) ([]byte, error)
	// Write replaces it. The store may forget it after ttl.
	Write(ctx context.Context, value []byte, ttl time.Duration) error
}

const (
	// skewMargin is how long after its end a hold of another process is kept, since
	// the clocks of two machines may differ. Where they differ by more, the one that is
	// ahead can be early by the rest.
	skewMargin = time.Second
	// storeTimeout bounds an exchange with a store: one that hangs must not stop all
	// requests.
	storeTimeout = 2 * time.Second
	// lookEvery is how often a gate reads the store during a hold: for holds of other
	// processes, and for entries that were lost.
	lookEvery = 250 * time.Millisecond
	// readAgainAfter is how soon a store is read again that has never been read, before
	// which no request starts.
	readAgainAfter = time.Second
	// illegibleFor is how long the value of a store may be unreadable before it counts
	// as empty: it may be half of a write that is going on, or of one that was broken
	// off.
	illegibleFor = 10 * time.Second
	// maxTTL is the longest ttl of a value: memcached takes a longer one for a date, and
	// other stores overflow. The value is written again while the hold lasts.
	maxTTL = 30 * 24 * time.Hour
	// endedFor is how long it is kept that a person ended a hold: a process that has
	// read the hold must not write it back.
	endedFor = maxTTL
)

// ErrStoreUnread says that the store has never been read since the gate was made: there
// may be a hold in it, so no request starts.
var ErrStoreUnread = errors.New("no request is sent before the shared hold has been read once")

// ErrIllegible says that the value of a store cannot be read as holds.
var ErrIllegible = errors.New("it makes no sense")

// processHold is the longest hold that one process was ordered: its entry in the store.
type processHold struct {
	Until time.Time `json:"until"`
	At    time.Time `json:"at"` // when it was written, by the same clock
	// Owner names the process, for people.
	Owner string `json:"whose,omitempty"`
	// Ended is when a person ended it. The entry stays in the store, so that processes
	// that have read the hold learn of its end.
	Ended time.Time `json:"ended,omitzero"`
}

// endsAt returns when a hold that was first read at the given time is certainly over,
// by this process's clock. No more of it is left than when it was written, whatever the
// clocks say. Where these agree to within skewMargin, its end by the writer's clock is
// the better bound for a process that reads it late.
func (h processHold) endsAt(seen time.Time) time.Time {
	left := min(h.Until.Sub(h.At), addSaturating(h.Until.Sub(seen), skewMargin))
	return seen.Add(left)
}

// knownHold is a processHold, and when it is over by this process's clock. That is
// computed once: what is left of it must not start anew each time it is read.
type knownHold struct {
	processHold
	ends time.Time
}

// sharedHolds reads and writes the holds in a gate's store. It has an entry for each
// process: ends by different clocks cannot be compared, so none replaces another's. A
// process also writes the entries that it has read, because stores have no
// compare-and-swap, and of two that write at the same moment one can be lost.
type sharedHolds struct {
	store  HoldStore
	failed func(error)
	owner  string      // this process
	isRead atomic.Bool // the store has been read once, or counts as empty

	mu        sync.Mutex
	name      string               // of this gate's own entry
	entries   map[string]knownHold // by name
	looked    time.Time            // when the store was last read
	down      map[string]bool      // whether reading, or writing, fails
	illegible time.Time            // since when the value has been unreadable; zero: it is readable
}

func newSharedHolds(store HoldStore, failed func(error)) *sharedHolds {
	if store == nil {
		return nil
	}
	return &sharedHolds{store: store, failed: failed, owner: thisProcess(), name: rand.Text(), entries: map[string]knownHold{}, down: map[string]bool{}}
}

// thisProcess names the process, for people who look at a hold.
func thisProcess() string {
	host, _ := os.Hostname() // or none
	return fmt.Sprintf("%s (pid %d) on %s", filepath.Base(os.Args[0]), os.Getpid(), host)
}

// last returns when the last of all known holds is over, of this process and of others,
// and whose it is.
func (s *sharedHolds) last() (until time.Time, owner string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, hold := range s.entries {
		if hold.Ended.IsZero() && hold.ends.After(until) {
			until, owner = hold.ends, hold.Owner
		}
	}
	return until, owner
}

// look reads the store, and writes to it what it lacks. It reports whether a person has
// ended a hold since the last look.
func (s *sharedHolds) look(ctx context.Context) (ended bool, err error) {
	stored, err := s.read(ctx)
	err = s.reportHealth("reading", err)
	s.mu.Lock()
	now := time.Now()
	s.looked = now
	ended = s.learnLocked(stored, now)
	live, last := s.liveLocked(now)
	_, own := live[s.name]
	s.mu.Unlock()
	if err == nil && lacks(stored, live) || err != nil && own {
		s.write(ctx, live, min(addSaturating(last.Sub(now), skewMargin), maxTTL))
	}
	return ended, err
}

// due reports whether the last look was long enough ago for another one, and counts
// that as done: of all waiting callers, the one that is told so has to look.
func (s *sharedHolds) due() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	due := now.Sub(s.looked) >= lookEvery
	if due {
		s.looked = now
	}
	return due
}

// nextLook returns when the next look is due.
func (s *sharedHolds) nextLook() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.looked.Add(lookEvery)
}

// order takes in a hold that this gate's own answers ordered, and reports whether
// it is longer than those before.
func (s *sharedHolds) order(until time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	longer := until.After(s.entries[s.name].ends)
	if longer {
		s.entries[s.name] = knownHold{processHold{Until: until.UTC(), Owner: s.owner}, until}
	}
	return longer
}

// learnLocked takes in what is stored, and forgets holds that are over and no longer
// stored. It reports whether a person has ended a hold.
func (s *sharedHolds) learnLocked(stored map[string]processHold, now time.Time) (ended bool) {
	for name, hold := range stored {
		before := s.entries[name]
		switch {
		case !before.Ended.IsZero(): // it stays ended, whatever another process has written back
		case !hold.Ended.IsZero():
			ended = ended || now.Before(before.ends)
			s.entries[name] = knownHold{hold, earlier(hold.Ended, now).Add(endedFor)}
			if name == s.name { // what is ordered from now on is another hold
				s.name = rand.Text()
			}
		case name != s.name && hold.Until.After(before.Until):
			s.entries[name] = knownHold{hold, hold.endsAt(now)}
		}
	}
	for name, hold := range s.entries {
		if _, ok := stored[name]; !ok && !now.Before(hold.ends) {
			delete(s.entries, name)
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

// liveLocked returns the holds that are not over, as they would be written now, and when
// the last is over of all entries, the ended ones included.
func (s *sharedHolds) liveLocked(now time.Time) (live map[string]processHold, last time.Time) {
	live = map[string]processHold{}
	for name, hold := range s.entries {
		if name == s.name {
			hold.At = now.UTC()
		}
		if now.Before(hold.ends) {
			live[name] = hold.processHold
		}
		if hold.ends.After(last) {
			last = hold.ends
		}
	}
	return live, last
}

// lacks reports whether the stored entries lack one of the live ones, or have it as it
// was before.
func lacks(stored, live map[string]processHold) bool {
	for name, hold := range live {
		if stored[name].Until.Before(hold.Until) || stored[name].Ended.IsZero() && !hold.Ended.IsZero() {
			return true
		}
	}
	return false
}

// readEntries returns what is stored, by the names of the gates.
func readEntries(ctx context.Context, store HoldStore) (stored map[string]processHold, err error) {
	value, err := store.Read(ctx)
	if err != nil || value == nil {
		return nil, err
	}
	err = json.Unmarshal(value, &stored)
	for _, hold := range stored {
		if err == nil && hold.Until.IsZero() {
			err = errors.New("it names no time")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIllegible, err)
	}
	return stored, nil
}

func writeEntries(ctx context.Context, store HoldStore, entries map[string]processHold, ttl time.Duration) error {
	value, err := json.Marshal(entries)
	if err == nil {
		err = store.Write(ctx, value, ttl)
	}
	return err
}

// read returns what is stored. A value that stays unreadable does not stop requests for
// ever: after illegibleFor it counts as empty, and the next hold overwrites it.
func (s *sharedHolds) read(ctx context.Context) (map[string]processHold, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	stored, err := readEntries(ctx, s.store)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch now := time.Now(); {
	case err == nil:
		s.illegible = time.Time{}
		s.isRead.Store(true)
	case !errors.Is(err, ErrIllegible):
	case s.illegible.IsZero():
		s.illegible = now
	case now.Sub(s.illegible) >= illegibleFor && s.isRead.CompareAndSwap(false, true):
		s.down["reading"] = false // to be reported once more, no longer as ErrStoreUnread
	}
	return stored, err
}

func (s *sharedHolds) write(ctx context.Context, entries map[string]processHold, ttl time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	_ = s.reportHealth("writing", writeEntries(ctx, s.store, entries, ttl))
}

// reportHealth reports a store that cannot be read, or written, once until it can be
// again. It returns the error as it is reported.
func (s *sharedHolds) reportHealth(doing string, err error) error {
	switch {
	case err == nil:
		s.setDown(doing, false)
		return nil
	case errors.Is(err, context.Canceled):
		return err
	}
	err = fmt.Errorf("%s the shared hold: %w", doing, err)
	if !s.isRead.Load() {
		err = fmt.Errorf("%w: %w", ErrStoreUnread, err)
	}
	if s.setDown(doing, true) && s.failed != nil {
		s.failed(err)
	}
	return err
}

// setDown notes whether something fails, and reports whether it did not before.
func (s *sharedHolds) setDown(doing string, down bool) (changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed = s.down[doing] != down
	s.down[doing] = down
	return changed
}
