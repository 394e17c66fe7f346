// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"fmt"
	"regexp"
	"strings"
)

// Paging is how an endpoint hands out a long answer.
type Paging string

// The kinds of paging.
const (
	PagingNone  Paging = "none"  // one response has everything
	PagingBody  Paging = "body"  // paging: {pageSize, pageNumber} in the body
	PagingQuery Paging = "query" // pageSize and pageNumber in the query string

	// What follows hands out a token with each page but the last, and takes it back for the next.
	PagingCursor Paging = "cursor" // cursor in the query string
	PagingAfter  Paging = "after"  // after in the query string; nextUri may have it
	PagingJob    Paging = "job"    // the query is submitted and polled; its results go by cursor
)

// Place is where an endpoint takes its interval.
type Place string

// The places.
const (
	InBody  Place = "body"
	InQuery Place = "query"
	Nowhere Place = "none" // a snapshot of now
)

// Endpoint is one read of the public API description.
type Endpoint struct {
	// Path begins with /api/v2/; {name} stands for one segment.
	Path       string
	Method     string
	Paging     Paging
	Interval   Place
	Granular   bool   // takes granularity
	TimeZone   bool   // takes timeZone
	MaxPage    int    // the largest pageSize; 0 where it does not page
	List       string // the name of the page's list; empty: the longest at the top
	Permission string // or one of several
	// Flat: pageSize and pageNumber stand at the top of the body, not in paging.
	Flat bool
	// PageSizeOnSubmit: a job takes pageSize with the query, not with its results.
	PageSizeOnSubmit bool
	// HasWatermark: the data is complete only up to what Path + "/availability"
	// says.
	HasWatermark bool
	// LooseTotal: the total counts entries that the pages leave out ("detail/
	// user-query" of the vendor's guide), so fewer records than that can be all.
	LooseTotal bool
}

// WholeDocument is a List: the document is the one record.
const WholeDocument = "."

// CheckPath refuses what is not the path of an endpoint as Genesys documents it.
func CheckPath(path string) error {
	switch {
	case strings.Contains(path, "://"):
		return fmt.Errorf("endpoint %s has a host: want only the path, from /api/v2/; region or api_url gives the host", quoted(path))
	case !strings.HasPrefix(path, "/api/v2/") || path == "/api/v2/":
		return fmt.Errorf("endpoint %s is not a path of the API: want one like /api/v2/analytics/conversations/aggregates/query", quoted(path))
	case len(path) > MaxName:
		return fmt.Errorf("endpoint %s has %d characters: want at most %d", quoted(path), len(path), MaxName)
	}
	for segment := range strings.SplitSeq(path[1:], "/") {
		if !IsSegment(segment) {
			return fmt.Errorf("endpoint %s is more than a path: parameters belong into query, {names} are to be filled in, and between two slashes are only letters, digits and the characters ._~-, not dots alone", quoted(path))
		}
	}
	return nil
}

// MaxName is the longest name that a path of a request or a key of a page is made
// of. The keys of S3 may have 1024 bytes.
const MaxName = 256

var segments = regexp.MustCompile(`^[A-Za-z0-9._~-]+$`)

// IsSegment reports whether a text can stand between two slashes of a path, or of
// a key, and mean nothing but itself: nothing in it is to be escaped, and it does
// not climb.
func IsSegment(text string) bool {
	return len(text) <= MaxName && segments.MatchString(text) && strings.Trim(text, ".") != ""
}

func quoted(text string) string { return (*words)(nil).quote(text) }

// Slug is a path-safe name of an endpoint: queues-summary.
func Slug(path string) string {
	rest, ok := strings.CutPrefix(path, "/api/v2/analytics/")
	if !ok {
		rest = strings.TrimPrefix(path, "/api/v2/")
	}
	return strings.ReplaceAll(rest, "/", "-")
}
