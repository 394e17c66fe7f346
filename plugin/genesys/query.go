// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Query is what is asked of an endpoint for each interval.
type Query struct {
	Endpoint Endpoint
	// Params is the JSON body of a POST, the query string of a GET.
	Params map[string]any
	// Granularity is an ISO 8601 duration, empty for none; TimeZone an IANA name.
	Granularity, TimeZone string
	// PageSize is in records, for endpoints that page. With tokens 0 leaves it to the
	// service; where pages have numbers it must be set.
	PageSize int
}

// depthLimited reports whether the service limits how many records it pages through.
func (q *Query) depthLimited() bool {
	return q.Endpoint.Paging == PagingBody && q.Endpoint.Interval != Nowhere && q.PageSize > 0
}

// Refused reports whether err is the service's refusal of a query for its size, which
// half of the interval may pass: paging that goes too deep, or too long an interval.
func (q *Query) Refused(err error) bool {
	api, ok := errors.AsType[*Error](err)
	if !ok || q.Endpoint.Interval == Nowhere || api.Status != http.StatusBadRequest {
		return false
	}
	text := strings.ToLower(api.Message)
	return strings.Contains(text, "pagination may not exceed") ||
		strings.Contains(text, "search interval") && strings.Contains(text, "does not exceed")
}

// TimedOutTwice reports whether err is a second 504 to the same request, and before the
// first: the query may be too large for the service. A job runs for as long as it takes,
// so a 504 says nothing about its size.
func (q *Query) TimedOutTwice(err, before error) bool {
	now, _ := errors.AsType[*Error](err)
	first, _ := errors.AsType[*Error](before)
	return q.Endpoint.Interval != Nowhere && q.Endpoint.Paging != PagingJob && now != nil && first != nil &&
		now.Status == http.StatusGatewayTimeout && first.Status == http.StatusGatewayTimeout && now.asked == first.asked
}

// token returns the token of the next page that a response has; empty after the last.
func (q *Query) token(s *summary) (string, error) {
	if q.Endpoint.Paging != PagingAfter {
		return s.cursor, s.readable("cursor")
	}
	if s.after != "" || s.nextURI == "" {
		return s.after, s.readable("after", "nextUri")
	}
	u, err := url.Parse(s.nextURI) // in which the token is escaped
	if err != nil || u.Query().Get("after") == "" {
		return "", fmt.Errorf("nextUri %s has no after: %w", s.redactor.quote(s.nextURI), errNoContinuation)
	}
	return u.Query().Get("after"), nil
}
