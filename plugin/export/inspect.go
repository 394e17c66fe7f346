// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"errors"
	"fmt"
	"time"

	"connect-genesys.example/connect-genesys/plugin/window"
)

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

// OnlyRotated reports whether an entry was written for the store's own export, but
// under another client.
func (s *Store) OnlyRotated(e Entry) bool {
	return e.Plan.ClientID != s.plan.ClientID && len(s.plan.differs(e.Plan)) == 1
}

// Overwrite writes a position of the store's export in the place of an entry, if
// that is still the newest: an export that is running moves it.
func (s *Store) Overwrite(ctx context.Context, e Entry, p Position) error {
	now, ok, err := s.Inspect(ctx)
	switch {
	case err != nil:
		return err
	case !ok || now.sequence != e.sequence:
		return fmt.Errorf("writing the checkpoint %q: it has moved meanwhile: stop the export that uses it first", s.keys[0])
	}
	s.sequence = e.sequence
	return s.Save(ctx, p)
}

// Delete removes the position and the marker that there was one, whatever they
// are. What is there no more is no error.
func (s *Store) Delete(ctx context.Context) error {
	for _, key := range []string{s.keys[0], s.keys[1], s.markerKey()} {
		// Not every cache forgives the removal of what it does not have.
		_, err := s.cache.Get(ctx, key)
		if errors.Is(err, ErrNoEntry) {
			continue
		}
		if err == nil {
			err = s.cache.Delete(ctx, key)
		}
		if err != nil {
			return fmt.Errorf("removing the checkpoint %q: %w", key, err)
		}
	}
	return nil
}

// MovedTo is the position between two runs at the start of an interval, of the
// export that p is of. What p says of a run is of another window: it is left out.
func (p Position) MovedTo(at time.Time, grid window.Grid) (Position, error) {
	walk := window.Plan{Grid: grid, Start: p.origin()}
	before := walk.Floor(at)
	after, _ := walk.At(before)
	switch {
	case at.Before(p.Origin):
		return Position{}, fmt.Errorf("%s lies before %s, where this export started: remove the checkpoint and set start instead",
			at.UTC().Format(time.RFC3339), p.Origin.Format(time.RFC3339))
	case !before.Equal(at):
		return Position{}, fmt.Errorf("%s is not the start of an interval: those next to it are %s and %s",
			at.UTC().Format(time.RFC3339), before.Format(time.RFC3339), after.End.Format(time.RFC3339))
	}
	moved := Position{At: before, Origin: p.Origin, FirstRunEnd: p.FirstRunEnd}
	if before.Before(p.FirstRunEnd) {
		// The run that starts here is the first of those that read what follows again,
		// as revisions are counted.
		moved.FirstRunEnd = before
	}
	return moved, nil
}

// origin is where the export's intervals are counted from.
func (p Position) origin() time.Time {
	if p.Origin.IsZero() {
		whole, _ := p.whole()
		return whole.Start
	}
	return p.Origin
}
