// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"encoding/base64"
	"encoding/binary"
	"hash/maphash"
	"time"

	"github.com/cespare/xxhash/v2"
)

// Page is one page of an interval.
type Page struct {
	Number  int    // from 1
	Last    bool   // no page of the interval follows
	Body    []byte // as the server sent it, but for compression
	Records int    // the length of its list
	Total   *int64 // records of all pages as the service counts them, nil if it does not
	// Next is the cursor of the page after it; undefined for the last.
	Next          Cursor
	CorrelationID string    // ININ-Correlation-Id
	FetchedAt     time.Time // when its response arrived
}

// fetchedPage is a page with what is known of it and of the one after it.
type fetchedPage struct {
	Page
	at       Cursor // its own
	final    bool   // no page follows it
	unlisted bool   // it has no list, of an unknown endpoint: it may have records all the same
	digest   string // of its body; empty until it is compared with others
	circling circling
	response *response
	summary  *summary
}

// sum sets what the page is compared with others by, unless that is set.
func (p *fetchedPage) sum(before circling) {
	if p.digest == "" {
		p.digest, p.circling = digest(p.Body), before.with(p.summary)
	}
}

// empty reports whether the page is known to have no records.
func (p *fetchedPage) empty() bool { return p.Records == 0 && !p.unlisted }

// lack says for an error what an empty page lacks.
func (p *fetchedPage) lack() string {
	if p.summary.listed {
		return "no records"
	}
	return "no list of records"
}

// emitted gives back the memory of a page that has been emitted, unless that is kept.
func (p *fetchedPage) emitted() {
	if !p.response.place.keeps {
		p.response.release()
	}
}

// maxAlike is how many pages in a row may have the same records, or the same nextUri,
// when their bodies differ otherwise, by a new cursor or the time of day. A body that
// repeats byte for byte is an error at once.
const maxAlike = 100

// circling counts the pages in a row that are alike.
type circling struct {
	records, uri uint64 // of the page before
	sameRecords  int
	sameURI      int
}

// with returns the counts after one more page.
func (c circling) with(s *summary) circling {
	records, uri := hashOf(s.content), hashOf([]byte(s.nextURI))
	after := circling{records: records, uri: uri}
	if s.records > 0 && records == c.records {
		after.sameRecords = c.sameRecords + 1
	}
	if s.nextURI != "" && uri == c.uri {
		after.sameURI = c.sameURI + 1
	}
	return after
}

// check returns an error if a page is like too many before it.
func (c circling) check(number int) error {
	switch {
	case c.sameRecords >= maxAlike:
		return contradiction("page %d has the same records as the %d before it", number, c.sameRecords)
	case c.sameURI >= maxAlike:
		return contradiction("page %d has the same nextUri as the %d before it", number, c.sameURI)
	}
	return nil
}

// digest returns a digest of a body. Checkpoints have it, so it must not change from one
// process to the next.
func digest(body []byte) string {
	sum := binary.BigEndian.AppendUint64(nil, xxhash.Sum64(body))
	return base64.RawURLEncoding.EncodeToString(sum[:digestLength*6/8])
}

var hashSeed = maphash.MakeSeed()

func hashOf(data []byte) uint64 { return maphash.Bytes(hashSeed, data) }
