// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import "strings"

// route is one operation of the API.
type route struct {
	method      string
	path        string // with {id} for one segment
	permissions []string
	rule        *rule // of the body; nil when there is none
	serve       func(*call) (reply, *apiError)
}

// match returns the segment that stands for {id}.
func (rt *route) match(path string) (id string, ok bool) {
	head, tail, hole := strings.Cut(rt.path, "{id}")
	if !hole {
		return "", path == rt.path
	}
	rest, ok := strings.CutPrefix(path, head)
	if !ok || len(rest) <= len(tail) || !strings.HasSuffix(rest, tail) {
		return "", false
	}
	id = strings.TrimSuffix(rest, tail)
	return id, !strings.Contains(id, "/")
}

const analytics = "/api/v2/analytics"
