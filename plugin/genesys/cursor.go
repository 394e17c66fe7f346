// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Cursor is where in an interval the next page is. The zero value is its start.
type Cursor struct {
	// Page is the number of the next page; 0 stands for 1.
	Page int `json:"page,omitempty"`
	// Token is the service's own name of that page, where it has one.
	Token string `json:"cursor,omitempty"`
	// Job has the page, where it is a job's.
	Job string `json:"job,omitempty"`
	// Records is how many records the pages before it have; 0 where that is not
	// known.
	Records int64 `json:"records,omitempty"`
	// Seen are digests of the last pages before it, so that one of them is known
	// again after a restart too.
	Seen string `json:"seen,omitempty"`
}

// maxToken is how many bytes of a checkpoint a token takes at most: entries are
// small, whatever the tenant says.
const maxToken = 8 << 10

// Check refuses a cursor that no service would have given: one that is too long to
// be kept, or of a job whose name leads somewhere else in a path. It may come from
// a tenant, or from whoever can write to the cache of the checkpoint.
func (c Cursor) Check() error {
	token, err := json.Marshal(c.Token) // as it is kept: an escape takes six bytes
	switch {
	case err != nil || len(token) > maxToken:
		return fmt.Errorf("its cursor has %d bytes, and may have %d", len(token), maxToken)
	case c.Job != "" && !IsSegment(c.Job):
		return fmt.Errorf("its job %s is no name of one", quoted(c.Job))
	case len(c.Seen) > maxSeen*digestLength:
		return fmt.Errorf("it remembers %d bytes of pages, and may %d", len(c.Seen), maxSeen*digestLength)
	case c.Page < 0 || c.Records < 0:
		return errors.New("its page is negative")
	}
	return nil
}

// Start reports whether nothing of the interval has been passed.
func (c Cursor) Start() bool { return c == Cursor{} }

// number is the page's, from 1.
func (c Cursor) number() int { return max(1, c.Page) }

const (
	// digestLength is that of a digest as text: 48 bits are enough to tell the
	// pages of one interval apart, and short enough to be kept with the position.
	digestLength = 8
	// maxSeen is how many digests a cursor remembers.
	maxSeen = 64
)
