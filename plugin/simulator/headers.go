// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// rateHeaders shows the budget and the hold, each in the configured form.
func rateHeaders(h http.Header, cfg Config, v verdict, now time.Time) {
	if !v.wait.IsZero() {
		switch cfg.RetryAfter {
		case "seconds":
			h.Set("Retry-After", strconv.Itoa(wholeSeconds(v.wait.Sub(now))))
		case "date":
			h.Set("Retry-After", v.wait.UTC().Format(http.TimeFormat))
		}
	}
	b := v.shown
	if b.limit == 0 {
		return
	}
	limit, remaining, reset := strconv.Itoa(b.limit), strconv.Itoa(b.remaining), strconv.Itoa(b.reset)
	switch cfg.RateHeaders {
	case "x":
		h.Set("X-RateLimit-Limit", limit)
		h.Set("X-RateLimit-Remaining", remaining)
		h.Set("X-RateLimit-Reset", reset)
	case "inin":
		h.Set("inin-ratelimit-allowed", limit)
		h.Set("inin-ratelimit-count", strconv.Itoa(b.limit-b.remaining))
		h.Set("inin-ratelimit-reset", reset)
	case "ratelimit":
		window := wholeSeconds(cfg.Window)
		h.Set("RateLimit", fmt.Sprintf(`"default";r=%s;t=%s`, remaining, reset))
		h.Set("RateLimit-Policy", fmt.Sprintf(`"default";q=%s;w=%d`, limit, window))
	}
}

// throttled is the body of the verdict's response: for a 429 the one that Genesys
// Cloud announced for all of its API in November 2021.
func throttled(v verdict, cfg Config, now time.Time) *apiError {
	const order = " Retry the request in [%d] seconds"
	switch v.status {
	case http.StatusForbidden:
		return &apiError{Status: v.status, Code: "not.authorized", Message: "The client is blocked: it kept coming before it was allowed."}
	case http.StatusServiceUnavailable:
		e := &apiError{
			Status: v.status, Code: "service.unavailable",
			Message: "Service Unavailable - The server is currently unavailable (because it is overloaded or down for maintenance).",
		}
		if cfg.RetryAfter == "body" {
			e.Message += fmt.Sprintf(order, wholeSeconds(v.wait.Sub(now)))
		}
		return e
	}
	if v.wait.IsZero() {
		return &apiError{Status: v.status, Code: "too.many.requests", Message: "Rate limit exceeded the maximum."}
	}
	return &apiError{
		Status:  v.status,
		Code:    "too.many.requests.retry.after",
		Message: fmt.Sprintf("Rate limit exceeded the maximum."+order, wholeSeconds(v.wait.Sub(now))),
	}
}
