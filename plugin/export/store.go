// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// ErrNoEntry is what a [Cache] answers for a key that it does not have.
var ErrNoEntry = errors.New("no such key")

// ErrUnreadable says that there is a checkpoint and none of it can be read. To
// begin anew in its place would be to guess.
var ErrUnreadable = errors.New("the checkpoint cannot be read")

// Cache is where a position is kept.
type Cache interface {
	Get(ctx context.Context, key string) ([]byte, error) // ErrNoEntry where there is none
	Set(ctx context.Context, key string, value []byte) error
	Delete(ctx context.Context, key string) error // no error where there is none
}

// Store writes positions to two keys of a cache in turn, the second one first, so
// that a crash in the middle of a write costs the entry that was being written,
// never the one before. It is for one goroutine at a time.
type Store struct {
	cache    Cache
	keys     [2]string
	plan     Plan
	sequence uint64 // of the newest entry; it lies under keys[sequence%2]
}

// NewStore keeps the position of a plan under key, and under key with "_2".
func NewStore(cache Cache, key string, plan Plan) *Store {
	return &Store{cache: cache, keys: [2]string{key, key + "_2"}, plan: plan}
}

// Load finds the newest position that reads well; false where there is none at
// all. [ErrUnreadable] and a [PlanError] are for a person to solve; other errors
// are the cache's, and may pass.
func (s *Store) Load(ctx context.Context) (Position, bool, error) {
	e, ok, err := s.Inspect(ctx)
	if err != nil || !ok {
		return Position{}, false, err
	}
	if differs := s.Differs(e); differs != nil {
		return Position{}, false, &PlanError{Key: s.keys[0], Differs: differs}
	}
	s.sequence = e.sequence
	return e.Position, true, nil
}

// read gives the entries that are there, by key.
func (s *Store) read(ctx context.Context) (map[string][]byte, error) {
	written := map[string][]byte{}
	for _, key := range s.keys {
		data, err := s.cache.Get(ctx, key)
		switch {
		case err == nil:
			written[key] = data
		case !errors.Is(err, ErrNoEntry):
			return nil, fmt.Errorf("reading the checkpoint %q: %w", key, err)
		}
	}
	return written, nil
}

// firstWriteTorn reports whether a crash cut short the first write of all, which
// goes to the second key: the other one is not there yet, and no position is lost.
func (s *Store) firstWriteTorn(written map[string][]byte) bool {
	data, ok := written[s.keys[1]]
	return ok && len(written) == 1 && cutShort(data)
}

// cutShort tells the beginning of a JSON text, an empty one too, from other text.
func cutShort(data []byte) bool {
	err := json.NewDecoder(bytes.NewReader(data)).Decode(new(json.RawMessage))
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// Save writes a position over the older of the two entries. After an error the
// same one is written again, since it may be in pieces.
func (s *Store) Save(ctx context.Context, p Position) error {
	next := s.sequence + 1
	data, err := encode(next, s.plan, p)
	if err != nil {
		return fmt.Errorf("encoding the checkpoint: %w", err)
	}
	key := s.keys[next%2]
	if err := s.cache.Set(ctx, key, data); err != nil {
		return fmt.Errorf("writing the checkpoint %q: %w", key, err)
	}
	s.sequence = next
	return nil
}

// Probe reports whether the cache can be written, by an entry that it removes
// again. A position that could not be kept is better known before the first
// request than after the last.
func (s *Store) Probe(ctx context.Context) error {
	key := s.keys[0] + "_probe"
	if err := s.cache.Set(ctx, key, []byte("{}")); err != nil {
		return fmt.Errorf("writing beside the checkpoint %q: %w", s.keys[0], err)
	}
	_ = s.cache.Delete(ctx, key) // an entry that stays harms nobody
	return nil
}

// marker says that there was a position once, to tell one that was lost from one
// that never was.
type marker struct {
	Began time.Time `json:"began"`
}

func (s *Store) markerKey() string { return s.keys[0] + "_began" }

// Mark notes that a position is about to be written for the first time.
func (s *Store) Mark(ctx context.Context, now time.Time) error {
	data, err := json.Marshal(marker{now.UTC()})
	if err == nil {
		err = s.cache.Set(ctx, s.markerKey(), data)
	}
	if err != nil {
		return fmt.Errorf("writing beside the checkpoint %q: %w", s.keys[0], err)
	}
	return nil
}

// Marked returns when the first position was written; false where none ever was,
// as far as the cache knows.
func (s *Store) Marked(ctx context.Context) (time.Time, bool) {
	data, err := s.cache.Get(ctx, s.markerKey())
	var m marker
	if err != nil || json.Unmarshal(data, &m) != nil {
		return time.Time{}, false
	}
	return m.Began, true
}

// Entry is a checkpoint as it is written, whatever export wrote it.
type Entry struct {
	Position Position
	Plan     Plan
	// Spoilt is what is wrong with the older of the two entries, nil where nothing is.
	Spoilt error

	sequence uint64
}

// Inspect returns the newest entry that reads well; false where there is none at
// all. Unlike [Store.Load] it takes one of another export too. Its errors are the
// cache's, and [ErrUnreadable].
func (s *Store) Inspect(ctx context.Context) (Entry, bool, error) {
	written, err := s.read(ctx)
	if err != nil || s.firstWriteTorn(written) {
		return Entry{}, false, err
	}
	var newest *Entry
	var spoilt error
	for _, key := range s.keys {
		data, ok := written[key]
		if !ok {
			continue
		}
		e, err := decode(data)
		switch {
		case err != nil:
			spoilt = errors.Join(spoilt, fmt.Errorf("%q: %w", key, err))
		case newest == nil || e.Sequence > newest.sequence:
			newest = &Entry{Position: e.position(), Plan: e.Plan, sequence: e.Sequence}
		}
	}
	switch {
	case newest != nil:
		newest.Spoilt = spoilt
		return *newest, true, nil
	case spoilt == nil:
		return Entry{}, false, nil
	}
	return Entry{}, false, fmt.Errorf("%w: %w: restore it, or remove it with `checkpoint --delete` to begin at start", ErrUnreadable, spoilt)
}

// Differs lists in what an entry was written for another export than the store's.
func (s *Store) Differs(e Entry) []string { return s.plan.differs(e.Plan) }
