// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package endure

import (
	"fmt"
	"io"
	"net/http"
	"time"
)

// slowness is how much longer a slow S3 takes.
const slowness = 700 * time.Millisecond

// Bucket stands in front of an S3 server.
type Bucket struct {
	Weather

	behind upstream
}

// NewBucket stands in front of the S3 server at a host and port.
func NewBucket(host string) *Bucket { return &Bucket{behind: newUpstream(host)} }

func (b *Bucket) serve(w http.ResponseWriter, r *http.Request, from *Member) {
	if r.Method == http.MethodPut {
		from.Reach(Storing)
	}
	fault := b.Now()
	if b.spoilt(w, r, fault) {
		return
	}
	a, err := b.behind.send(r)
	switch {
	case err != nil:
		if fault == S3Killed {
			b.hit(fault)
		}
		hangUp(w, err)
	case fault == S3Mute && r.Method == http.MethodPut:
		b.hit(fault)
		hangUp(w, nil)
	default:
		if r.Method == http.MethodPut && a.status == http.StatusOK {
			from.Reach(Stored)
		}
		a.write(w)
	}
}

// spoilt answers a request by itself, where the weather has it so.
func (b *Bucket) spoilt(w http.ResponseWriter, r *http.Request, fault Fault) bool {
	switch {
	case fault == S3Failing && b.hit(fault)%2 == 0:
		refusal(http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again.").write(w)
	case fault == S3Failing:
		refusal(http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.").write(w)
	case fault == S3ReadOnly && r.Method == http.MethodPut:
		b.hit(fault)
		refusal(http.StatusForbidden, "AccessDenied", "Access Denied").write(w)
	case fault == S3Resets:
		b.hit(fault)
		_, _ = io.CopyN(io.Discard, r.Body, r.ContentLength/2)
		hangUp(w, nil)
	case fault == S3Slow:
		b.hit(fault)
		stall(r, slowness)
		return false
	default:
		return false
	}
	return true
}

func refusal(status int, code, message string) *answer {
	return said(status, "application/xml", fmt.Sprintf(
		`<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, message))
}
