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

// ErrNoEntry is the error of a [Cache] for a key that it does not have.
var ErrNoEntry = errors.New("no such key")

// ErrUnreadable says that there is a checkpoint and neither of its entries can be read.
// Starting over without it would deliver again what is delivered, so somebody has to
// decide.
var ErrUnreadable = errors.New("the checkpoint cannot be read")

// Cache is where a [Store] writes.
type Cache interface {
	Get(ctx context.Context, key string) ([]byte, error) // ErrNoEntry if there is none
	Set(ctx context.Context, key string, value []byte) error
	Delete(ctx context.Context, key string) error // ErrNoEntry, or no error, if there is none
}

// Store saves positions as the checkpoint of an export, in two entries of a cache that
// are written in turn, the second one first: a crash in the middle of a write costs the
// entry that is being written, and the one before it stays. It is for one goroutine at a
// time.
type Store struct {
	cache    Cache
	keys     [2]string
	plan     Plan
	sequence uint64 // of the newest entry, whose key is keys[sequence%2]
}

// NewStore returns the store of a plan's position, which has the keys key and key + "_2".
func NewStore(cache Cache, key string, plan Plan) *Store {
	return &Store{cache: cache, keys: [2]string{key, key + "_2"}, plan: plan}
}

// Entry is a checkpoint as it was written, by the store's export or another one.
type Entry struct {
	Position Position
	Plan     Plan
	// Spoilt says why the other of the two entries cannot be read; nil if it can, or if
	// there is none.
	Spoilt error

	sequence uint64
}

// Inspect returns the newest entry that can be read, whatever export wrote it; false if
// there is none at all. Its errors are [ErrUnreadable] and those of the cache.
func (s *Store) Inspect(ctx context.Context) (Entry, bool, error) {
	written, err := s.entries(ctx)
	if err != nil || s.firstWriteTorn(written) {
		return Entry{}, false, err
	}
	newest, spoilt := s.newest(written)
	switch {
	case newest != nil:
		newest.Spoilt = spoilt
		return *newest, true, nil
	case spoilt == nil:
		return Entry{}, false, nil
	}
	return Entry{}, false, fmt.Errorf("%w: %w: restore it, or remove it with `checkpoint --delete` to begin at start", ErrUnreadable, spoilt)
}

// newest returns the newest of the entries that can be read, nil if none can, and why the
// others cannot.
func (s *Store) newest(written map[string][]byte) (newest *Entry, spoilt error) {
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
	return newest, spoilt
}

// Differs lists the parts in which the plan of an entry differs from the store's.
func (s *Store) Differs(e Entry) []string { return s.plan.differs(e.Plan) }

// Load returns the newest position that can be read; false if there is none at all. Its
// errors are [ErrUnreadable], a [PlanError] for the checkpoint of another export, and those
// of the cache, which may pass.
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

// entries returns the entries that there are, by key.
func (s *Store) entries(ctx context.Context) (map[string][]byte, error) {
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

// firstWriteTorn reports whether a crash cut short the very first write. That is to the
// second key while there is no first one, so no position is lost.
func (s *Store) firstWriteTorn(written map[string][]byte) bool {
	data, ok := written[s.keys[1]]
	return ok && len(written) == 1 && cutShort(data)
}

// cutShort reports whether data is the beginning of a JSON text, or empty.
func cutShort(data []byte) bool {
	err := json.NewDecoder(bytes.NewReader(data)).Decode(new(json.RawMessage))
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// Save writes a position over the older of the two entries. After an error the next call
// writes the same entry again, since the error may have left a part of it.
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

// Probe returns an error if the cache cannot be written. It writes an entry beside the
// checkpoint, and removes it again.
func (s *Store) Probe(ctx context.Context) error {
	key := s.keys[0] + "_probe"
	if err := s.cache.Set(ctx, key, []byte("{}")); err != nil {
		return fmt.Errorf("writing beside the checkpoint %q: %w", s.keys[0], err)
	}
	_ = s.cache.Delete(ctx, key) // nothing reads it
	return nil
}

// marker is the JSON of an entry that says that there was a checkpoint. It tells one that
// was lost from one that never was.
type marker struct {
	Began time.Time `json:"began"`
}

func (s *Store) markerKey() string { return s.keys[0] + "_began" }

// Mark records that a checkpoint has been written, unless that is recorded already: a
// crash in the middle of a second write would cost the record.
func (s *Store) Mark(ctx context.Context, now time.Time) error {
	if _, ok, _ := s.Marked(ctx); ok {
		return nil
	}
	data, err := json.Marshal(marker{now.UTC()})
	if err == nil {
		err = s.cache.Set(ctx, s.markerKey(), data)
	}
	if err != nil {
		return fmt.Errorf("writing beside the checkpoint %q: %w", s.keys[0], err)
	}
	return nil
}

// Marked returns when the checkpoint was first written; false if it never was, as far as
// the cache knows. An error says that the cache cannot be read.
func (s *Store) Marked(ctx context.Context) (began time.Time, ok bool, err error) {
	data, err := s.cache.Get(ctx, s.markerKey())
	var m marker
	switch {
	case err != nil && !errors.Is(err, ErrNoEntry):
		return began, false, fmt.Errorf("reading beside the checkpoint %q: %w", s.keys[0], err)
	case err != nil || json.Unmarshal(data, &m) != nil:
		return began, false, nil
	}
	return m.Began, true, nil
}

// OnlyRotated reports whether the plan of an entry differs from the store's in nothing but
// the client.
func (s *Store) OnlyRotated(e Entry) bool {
	return e.Plan.ClientID != s.plan.ClientID && len(s.plan.differs(e.Plan)) == 1
}

// Overwrite replaces an entry by a position of the store's export. It is an error if there
// is a newer entry by now, which an export that is running has written.
func (s *Store) Overwrite(ctx context.Context, e Entry, p Position) error {
	now, ok, err := s.Inspect(ctx)
	switch {
	case err != nil:
		return err
	case !ok || now.sequence != e.sequence:
		return fmt.Errorf("writing the checkpoint %q: it has been written meanwhile: stop the export that uses it first", s.keys[0])
	}
	s.sequence = e.sequence
	return s.Save(ctx, p)
}

// Delete removes the checkpoint and its marker, whatever they contain. It is no error if
// there are none.
func (s *Store) Delete(ctx context.Context) error {
	for _, key := range []string{s.keys[0], s.keys[1], s.markerKey()} {
		// Some caches return an error for the removal of a key that they do not have.
		_, err := s.cache.Get(ctx, key)
		if err == nil {
			err = s.cache.Delete(ctx, key)
		}
		if err != nil && !errors.Is(err, ErrNoEntry) {
			return fmt.Errorf("removing the checkpoint %q: %w", key, err)
		}
	}
	return nil
}
