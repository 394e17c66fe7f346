// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/settings"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// Checkpoint is the checkpoint of an input, for the commands that show and change it.
// An export that runs at the same time overwrites the changes.
type Checkpoint struct {
	// Cache is the label of the cache resource, Key the entry's in it.
	Cache, Key string
	Zone       *time.Location
	Grid       window.Grid

	settings *settings.Config
	store    *export.Store
}

// ReadCheckpoint returns the checkpoint of an input from its config as written, nil if
// it keeps none. [Checkpoint.Open] must be called before the other methods.
func ReadCheckpoint(config map[string]any) (*Checkpoint, error) {
	conf, err := parsed(inputSpec(), config)
	if err != nil {
		return nil, err
	}
	s, err := inputSettings(conf)
	if err != nil || s.Checkpoint.Cache == "" {
		return nil, err
	}
	return &Checkpoint{
		Cache: s.Checkpoint.Cache, Key: s.Checkpoint.Key, Zone: s.Window.Grid.Location, Grid: s.Window.Grid, settings: s,
	}, nil
}

// Open finds the cache among the resources of the config.
func (c *Checkpoint) Open(res *service.Resources) error {
	cache, err := openCache(res, "checkpoint_cache", c.Cache)
	if err != nil {
		return err
	}
	c.store = export.NewStore(cache, c.Key, planOf(c.settings))
	return nil
}

// CheckpointState is what is stored under a checkpoint's key.
type CheckpointState struct {
	// Entry is nil where there is none.
	Entry *export.Entry
	// Began is when the first position was written, zero if unknown. An Entry that is
	// nil although Began is set was lost or removed.
	Began time.Time
	// Differs lists what the entry's export and the input's differ in. Rotated reports
	// that they differ in the OAuth client alone.
	Differs []string
	Rotated bool
}

// State reads the entry. Its errors are those of the cache, and [export.ErrUnreadable].
func (c *Checkpoint) State(ctx context.Context) (CheckpointState, error) {
	var state CheckpointState
	state.Began, _, _ = c.store.Marked(ctx)
	entry, ok, err := c.store.Inspect(ctx)
	if err != nil || !ok {
		return state, err
	}
	state.Entry = &entry
	state.Differs = c.store.Differs(entry)
	state.Rotated = c.store.OnlyRotated(entry)
	return state, nil
}

// Own returns the export that the input's config describes.
func (c *Checkpoint) Own() export.Plan { return planOf(c.settings) }

// Adopt rewrites an entry of the same export under another client as the input's own.
func (c *Checkpoint) Adopt(ctx context.Context, state CheckpointState) error {
	if !state.Rotated {
		return errors.New("adopting the checkpoint: it was not written for the same export under another client")
	}
	return c.store.Overwrite(ctx, *state.Entry, state.Entry.Position)
}

// Target parses where to move an entry to: a time, or a date in the input's time zone,
// that is the start of an interval and does not lie in the future.
func (c *Checkpoint) Target(state CheckpointState, text string, now time.Time) (export.Position, error) {
	to, err := window.ParseTimeSpec(text)
	switch {
	case err != nil:
		return export.Position{}, err
	case !to.Absolute():
		return export.Position{}, fmt.Errorf("%q is relative: want a time (2026-11-21T15:00:00Z) or a date (2026-11-21)", text)
	case state.Entry == nil:
		return export.Position{}, errors.New("there is no checkpoint to move: set start instead")
	case state.Differs != nil:
		return export.Position{}, errors.New("the checkpoint belongs to another export")
	}
	at := to.Resolve(now, c.Grid)
	if at.After(now) {
		return export.Position{}, fmt.Errorf("%s lies in the future", at.Format(time.RFC3339))
	}
	return state.Entry.Position.MovedTo(at, c.Grid)
}

// Move overwrites an entry's position.
func (c *Checkpoint) Move(ctx context.Context, state CheckpointState, to export.Position) error {
	return c.store.Overwrite(ctx, *state.Entry, to)
}

// Delete removes the entry, readable or not.
func (c *Checkpoint) Delete(ctx context.Context) error { return c.store.Delete(ctx) }

// Between returns how many intervals there are from one time to another.
func (c *Checkpoint) Between(p export.Position, from, to time.Time) int {
	walk := window.Plan{Grid: c.Grid, Start: cmp.Or(p.Origin, p.At), End: to}
	n := 0
	for iv, ok := walk.At(from); ok; iv, ok = walk.Next(iv) {
		n++
	}
	return n
}
