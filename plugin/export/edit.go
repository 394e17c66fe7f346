// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"errors"
	"fmt"
)

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
