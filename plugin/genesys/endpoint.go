// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Paging is how an endpoint divides a long answer into pages.
type Paging string

// The kinds of paging.
const (
	PagingNone  Paging = "none"  // one response has everything
	PagingBody  Paging = "body"  // paging: {pageSize, pageNumber} in the body
	PagingQuery Paging = "query" // pageSize and pageNumber in the query string

	// With these, each page but the last has a token with which the next is requested.
	PagingCursor Paging = "cursor" // cursor in the query string
	PagingAfter  Paging = "after"  // after in the query string; the answer may have it in nextUri
	PagingJob    Paging = "job"    // the query is submitted and polled; its results page by cursor
)

// Place is where a request carries its interval.
type Place string

// The places.
const (
	InBody  Place = "body"
	InQuery Place = "query"
	Nowhere Place = "none" // the endpoint takes no interval: it answers with the present state
)

// Endpoint describes an operation of the public API description that reads data.
type Endpoint struct {
	// Path starts with /api/v2/; {name} stands for one segment.
	Path       string
	Method     string
	Paging     Paging
	Interval   Place
	Granular   bool   // takes granularity
	TimeZone   bool   // takes timeZone
	MaxPage    int    // the largest pageSize; 0 where it takes none
	List       string // the member with the records; empty: the longest list at the top
	Permission string // that the OAuth client needs, or one of several
	// Flat: pageSize and pageNumber are members of the body itself, not of its paging.
	Flat bool
	// PageSizeOnSubmit: a job takes pageSize when it is submitted, not with its results.
	PageSizeOnSubmit bool
	// HasWatermark: the data is complete only up to the dataAvailabilityDate that Path +
	// "/availability" returns.
	HasWatermark bool
	// Usual is the query string of a GET that is sent unless the query names its parameters.
	Usual url.Values
	// LooseTotal: the total counts entries that the pages leave out ("detail/
	// user-query" of the vendor's guide), so fewer records than that can be all.
	LooseTotal bool
	// Limits bound what one query may ask for.
	Limits Limits
}

// Limits are those of one query that the vendor's guide documents; zero: it documents none.
type Limits struct {
	// Longest is the longest interval, LongestFiltered the longest of a query that has a
	// filter. They are whole days: the service goes by days in UTC.
	Longest, LongestFiltered time.Duration
	UserIDs                  int    // predicates about a userId
	Views                    int    // derived metrics
	GroupBy                  string // the only dimension that it groups by
}

// WholeDocument as an Endpoint's List says that the document is the only record.
const WholeDocument = "."

// CheckPath returns an error that says what is wrong with the path of an endpoint: it is
// not one as Genesys documents them, from /api/v2/ on.
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
			return fmt.Errorf("endpoint %s is not a plain path: put parameters into query, have {names} filled in, and use only letters, digits and ._~- between two slashes, not dots alone", quoted(path))
		}
	}
	return nil
}

// MaxName is how many bytes a name may have that a request's path or a page's key is
// made of. Keys of S3 may have 1024.
const MaxName = 256

var segments = regexp.MustCompile(`^[A-Za-z0-9._~-]+$`)

// IsSegment reports whether a text can be a segment of a path or of a key: nothing in it
// needs escaping, and it is not ".." or the like.
func IsSegment(text string) bool {
	return len(text) <= MaxName && segments.MatchString(text) && strings.Trim(text, ".") != ""
}

// Slug returns a name for an endpoint's data that can be a segment: queues-summary for
// /api/v2/analytics/queues/summary.
func Slug(path string) string {
	rest, ok := strings.CutPrefix(path, "/api/v2/analytics/")
	if !ok {
		rest = strings.TrimPrefix(path, "/api/v2/")
	}
	return strings.ReplaceAll(rest, "/", "-")
}
