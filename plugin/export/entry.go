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

// entryVersion is the version of the format; entries of a higher one are refused.
const entryVersion = 1

// entry is the JSON of a checkpoint. Unknown members are ignored, so that a later release
// can add some and an earlier one still reads them.
type entry struct {
	Version     int             `json:"version"`
	Sequence    uint64          `json:"sequence"` // the newer of two entries has the higher one
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

// span is the JSON of an interval.
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

// decode reads an entry. It refuses one that is not whole, and one that encode could not
// have written.
func decode(data []byte) (entry, error) {
	var e entry
	if err := json.Unmarshal(data, &e); err != nil {
		return entry{}, fmt.Errorf("it is not whole: %w", err)
	}
	switch {
	case e.Version > entryVersion:
		return entry{}, fmt.Errorf("it has version %d of the format, written by a newer release: this one reads up to %d", e.Version, entryVersion)
	case e.Version < 1:
		return entry{}, errors.New("it has no version")
	case e.At.IsZero():
		return entry{}, errors.New("it has no time")
	case e.End != nil && !e.End.After(e.At):
		return entry{}, errors.New("its interval ends before it starts")
	case e.Parent != nil && (e.End == nil || e.Parent.Start.After(e.At) || e.Parent.End.Before(*e.End)):
		return entry{}, errors.New("its interval is not inside the one that was split")
	case e.Run != nil && (e.Run.Start.After(e.At) || e.Run.End.Before(e.At) || e.Run.From.After(e.Run.End)):
		return entry{}, errors.New("it lies outside its run")
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
