// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// entryVersion is the form of an entry; a reader refuses those it cannot know.
const entryVersion = 1

// entry is a position as it is written. Unknown fields are left alone, so that
// a later version can add some without locking out this one.
type entry struct {
	Version     int             `json:"version"`
	Sequence    uint64          `json:"sequence"` // the newer of two entries has the higher
	Plan        Plan            `json:"plan"`
	At          time.Time       `json:"at"`
	End         *time.Time      `json:"end,omitempty"`
	Cursor      *genesys.Cursor `json:"cursor,omitempty"`
	PageSize    int             `json:"page_size,omitempty"`
	Parent      *span           `json:"of,omitempty"`
	Origin      *time.Time      `json:"origin,omitempty"`
	FirstRunEnd *time.Time      `json:"since,omitempty"`
	Run         *Run            `json:"run,omitempty"`
}

// span is an interval as it is written.
type span struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

func encode(sequence uint64, plan Plan, p Position) ([]byte, error) {
	e := entry{
		Version: entryVersion, Sequence: sequence, Plan: plan, At: p.At,
		Origin: unlessZero(p.Origin), FirstRunEnd: unlessZero(p.FirstRunEnd), Run: p.Run,
	}
	if _, ok := p.begun(); ok {
		e.End, e.Cursor, e.PageSize = &p.End, &p.Cursor, p.PageSize
		if p.Parent != (window.Interval{}) {
			e.Parent = &span{p.Parent.Start, p.Parent.End}
		}
	}
	return json.Marshal(e)
}

func unlessZero(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// decode reads an entry and refuses one that no writer would have left whole.
func decode(data []byte) (entry, error) {
	var e entry
	if err := json.Unmarshal(data, &e); err != nil {
		return entry{}, fmt.Errorf("it is not whole: %w", err)
	}
	switch {
	case e.Version > entryVersion:
		return entry{}, fmt.Errorf("it has the form %d of a newer release, this one knows %d", e.Version, entryVersion)
	case e.Version < 1:
		return entry{}, errors.New("it has no version")
	case e.At.IsZero():
		return entry{}, errors.New("it names no time")
	case e.End != nil && !e.End.After(e.At):
		return entry{}, errors.New("its interval ends before it starts")
	case e.Parent != nil && (e.End == nil || e.Parent.Start.After(e.At) || e.Parent.End.Before(*e.End)):
		return entry{}, errors.New("its interval is no part of the one it is said to be")
	case e.Run != nil && (e.Run.Start.After(e.At) || e.Run.End.Before(e.At) || e.Run.From.After(e.Run.End)):
		return entry{}, errors.New("it lies outside of its run")
	}
	if e.Cursor != nil {
		if err := e.Cursor.Check(); err != nil {
			return entry{}, err
		}
	}
	return e, nil
}

func (e entry) position() Position {
	p := Position{At: e.At.UTC(), Origin: orZero(e.Origin), FirstRunEnd: orZero(e.FirstRunEnd), Run: e.Run}
	if e.End != nil {
		p.End, p.PageSize = e.End.UTC(), e.PageSize
		if e.Cursor != nil {
			p.Cursor = *e.Cursor
		}
		if e.Parent != nil {
			p.Parent = window.Interval{Start: e.Parent.Start.UTC(), End: e.Parent.End.UTC()}
		}
	}
	return p
}
