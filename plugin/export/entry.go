// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"encoding/json"
	"errors"
	"fmt"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// entryVersion is the version of the format; entries of a higher one are refused.
const entryVersion = 1

// entry is the JSON of a checkpoint. Unknown members are ignored, so that a later release
// can add some and an earlier one still reads them.
type entry struct {
	Version  int    `json:"version"`
	Sequence uint64 `json:"sequence"` // the newer of two entries has the higher one
	Plan     Plan   `json:"plan"`
	Position
}

func encode(sequence uint64, plan Plan, p Position) ([]byte, error) {
	return json.Marshal(entry{entryVersion, sequence, plan, p})
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
	case !e.End.IsZero() && !e.End.After(e.At):
		return entry{}, errors.New("its interval ends before it starts")
	case e.Parent != window.Interval{} && (e.End.IsZero() || e.Parent.Start.After(e.At) || e.Parent.End.Before(e.End)):
		return entry{}, errors.New("its interval is not inside the one that was split")
	case e.Run != nil && (e.Run.Start.After(e.At) || e.Run.End.Before(e.At) || e.Run.From.After(e.Run.End)):
		return entry{}, errors.New("it lies outside its run")
	}
	if err := e.Cursor.Check(); err != nil {
		return entry{}, err
	}
	return e, nil
}

func (e entry) position() Position {
	p := e.Position
	inUTC(&p.At, &p.End, &p.Parent.Start, &p.Parent.End, &p.Origin, &p.FirstRunEnd)
	if _, ok := p.begun(); !ok {
		p.Cursor, p.PageSize = genesys.Cursor{}, 0
	}
	return p
}
