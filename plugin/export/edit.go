// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"errors"
	"fmt"
)

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
