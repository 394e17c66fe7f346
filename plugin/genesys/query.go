// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
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

// Longest returns the longest interval that the query may ask for at once, 0 where none is
// documented.
func (q *Query) Longest() time.Duration {
	for name, value := range q.Params {
		if filters, ok := value.([]any); ok && len(filters) > 0 && strings.HasSuffix(name, "Filters") {
			return q.Endpoint.Limits.LongestFiltered
		}
	}
	return q.Endpoint.Limits.Longest
}

// checkLimits returns an error for a query that asks for more than the service answers.
func (q *Query) checkLimits() error {
	limits, path := q.Endpoint.Limits, q.Endpoint.Path
	if n := userIDs(q.Params["filter"]); limits.UserIDs > 0 && n > limits.UserIDs {
		return fmt.Errorf("query names %d user ids: %s takes at most %d: ask for as many at a time, each with a query of its own", n, path, limits.UserIDs)
	}
	if views, _ := q.Params["views"].([]any); limits.Views > 0 && len(views) > limits.Views {
		return fmt.Errorf("query has %d views: %s takes at most %d: leave the others to a second input with a dataset of its own", len(views), path, limits.Views)
	}
	dimensions, _ := q.Params["groupBy"].([]any)
	for _, dimension := range dimensions {
		if limits.GroupBy != "" && dimension != limits.GroupBy {
			return fmt.Errorf("query groups by %s: %s takes %s only", quoted(fmt.Sprint(dimension)), path, limits.GroupBy)
		}
	}
	return nil
}

// userIDs counts the predicates of a filter, however deep, that are about a userId.
func userIDs(filter any) (n int) {
	switch v := filter.(type) {
	case map[string]any:
		if v["dimension"] == "userId" {
			n++
		}
		for _, part := range v {
			n += userIDs(part)
		}
	case []any:
		for _, part := range v {
			n += userIDs(part)
		}
	}
	return n
}
