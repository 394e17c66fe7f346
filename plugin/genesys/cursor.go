// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Cursor is a position between the pages of an interval: where the next page is. The
// zero value is the start of the interval. It is kept in checkpoints, so its JSON must
// stay readable.
type Cursor struct {
	// Page is the number of the next page; 0 stands for 1.
	Page int `json:"page,omitempty"`
	// Token is the service's own name for that page, where it has one.
	Token string `json:"cursor,omitempty"`
	// Job is the id of the job whose results the page belongs to, if any.
	Job string `json:"job,omitempty"`
	// Records is how many records the pages before it have; 0 where that is not known.
	Records int64 `json:"records,omitempty"`
	// Seen are the digests of the last pages before it, so that a page that repeats is
	// recognized after a restart too.
	Seen string `json:"seen,omitempty"`
}

const (
	// maxToken is how many bytes of a checkpoint a token takes at most, which keeps
	// checkpoints small whatever the tenant answers.
	maxToken = 8 << 10
	// digestLength is how many bytes of a cursor a digest takes: 48 bits in base64. That
	// tells the pages of one interval apart.
	digestLength = 8
	// maxSeen is how many digests a cursor has at most.
	maxSeen = 64
)

// Check returns an error for a cursor that no service would have returned: one that is
// too long for a checkpoint, or whose job leads to another path. Cursors come from the
// tenant, and from a cache that others may write to.
func (c Cursor) Check() error {
	token, err := json.Marshal(c.Token) // as in the checkpoint, where an escape takes six bytes
	switch {
	case err != nil || len(token) > maxToken:
		return fmt.Errorf("its cursor has %d bytes: want at most %d", len(token), maxToken)
	case c.Job != "" && !IsSegment(c.Job):
		return fmt.Errorf("its job %s is not the id of one", quoted(c.Job))
	case len(c.Seen) > maxSeen*digestLength:
		return fmt.Errorf("its digests of earlier pages have %d bytes: want at most %d", len(c.Seen), maxSeen*digestLength)
	case c.Page < 0 || c.Records < 0:
		return errors.New("its page or number of records is negative")
	}
	return nil
}

// IsZero reports whether c is the start of the interval.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// number returns the number of the next page, from 1.
func (c Cursor) number() int { return max(1, c.Page) }
