// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"fmt"
	"strings"
	"time"
)

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
