// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"time"
)

// quota is the tenant's bucket and the holds it has ordered.
//
// A hold is ordered by a response, from the instant the response is written
// until the instant it names. A request that arrives between the two is early. One that
// arrived before the order was written could not know of it and is not, nor is
// one inside Grace of it. There is no other tolerance.
//
// It is not safe for concurrent use: the simulator's mutex guards it.
type quota struct {
	cfg Config

	windowEnd time.Time // of the open window, or of the last one
	used      int       // requests served in it
	windows   int       // opened so far

	holds       []hold    // announced and perhaps not over
	penalised   time.Time // nothing at all is served before it
	bannedUntil time.Time
	early       int // since the last ban
	report      struct{ throttled, early int }
}

// hold is one order, in force for requests whose number is above seq: those that
// arrived after it was written.
type hold struct {
	seq         uint64
	from, until time.Time
}

// arrival is a request as it came in.
type arrival struct {
	seq uint64
	at  time.Time
}

// verdict says what becomes of a request. Status 0 serves it. Until is the
// instant before which no further request may come, zero when none was ordered.
type verdict struct {
	status int
	wait   time.Time // what Retry-After is to say, zero for nothing
	until  time.Time
	shown  budget
}

// budget is what the rate headers show.
type budget struct {
	limit, remaining int
	reset            int // seconds
}

// earlyUntil is the end of the announced hold that a falls into, or zero.
func (q *quota) earlyUntil(a arrival) time.Time {
	var end time.Time
	for _, h := range q.holds {
		known := h.seq < a.seq && !a.at.Before(h.from.Add(q.cfg.Grace))
		if known && a.at.Before(h.until) && h.until.After(end) {
			end = h.until
		}
	}
	return end
}

// rejectEarly turns an early request away; until is the end of its hold.
func (q *quota) rejectEarly(now, until time.Time) verdict {
	q.report.early++
	q.report.throttled++
	q.early++
	if q.cfg.BanAfter > 0 && q.early >= q.cfg.BanAfter {
		q.early, q.bannedUntil = 0, now.Add(q.cfg.BanFor)
		return verdict{status: http.StatusForbidden}
	}
	if !q.cfg.Penalty {
		return q.throttle(http.StatusTooManyRequests, now, until)
	}
	doubled := wholeSeconds(2 * until.Sub(now))
	q.penalised = later(q.penalised, now.Add(time.Duration(doubled)*time.Second))
	return q.throttle(http.StatusServiceUnavailable, now, q.penalised)
}

// admit takes a request that is not early.
func (q *quota) admit(now time.Time) verdict {
	switch {
	case q.cfg.Bucket == 0 && !now.Before(q.penalised):
		return verdict{}
	case now.Before(q.penalised):
		q.report.throttled++
		return q.throttle(http.StatusTooManyRequests, now, q.penalised)
	}
	if !now.Before(q.windowEnd) {
		q.windowEnd, q.used = now.Add(q.cfg.Window), 0
		q.windows++
	}
	if q.used >= q.cfg.Bucket {
		q.report.throttled++
		return q.throttle(http.StatusTooManyRequests, now, q.windowEnd)
	}
	q.used++
	v := verdict{shown: q.show(now, q.windowEnd)}
	if v.shown.remaining == 0 && q.cfg.RateHeaders != "none" {
		v.until = now.Add(time.Duration(v.shown.reset) * time.Second)
	}
	return v
}

// throttle orders a hold until at least end. What is told is in whole seconds,
// rounded up, and it is what was told that holds.
func (q *quota) throttle(status int, now, end time.Time) verdict {
	v := verdict{status: status, wait: end, shown: q.show(now, end)}
	seconds := now.Add(time.Duration(wholeSeconds(end.Sub(now))) * time.Second)
	switch q.cfg.RetryAfter {
	case "seconds", "body":
		v.wait, v.until = seconds, seconds
	case "date":
		v.wait = ceilSecond(end)
		v.until = v.wait
	case "none":
		v.wait = time.Time{}
		if q.cfg.RateHeaders != "none" {
			v.until = seconds
		}
	}
	return v
}

func (q *quota) show(now, reset time.Time) budget {
	return budget{
		limit:     q.cfg.Bucket,
		remaining: max(q.cfg.Bucket-q.used, 0),
		reset:     wholeSeconds(reset.Sub(now)),
	}
}

// announce puts the verdict's hold in force: its response is written.
func (q *quota) announce(v verdict, seq uint64, now time.Time) {
	if v.until.IsZero() {
		return
	}
	kept := q.holds[:0]
	for _, h := range q.holds {
		if !h.until.Before(v.until) {
			return // already ordered, earlier and at least as long
		}
		if h.until.After(now) {
			kept = append(kept, h)
		}
	}
	q.holds = append(kept, hold{seq: seq, from: now, until: v.until})
}

// wholeSeconds rounds up, and is at least 1: "0" would invite the next request
// at once.
func wholeSeconds(d time.Duration) int {
	return max(int((d+time.Second-1)/time.Second), 1)
}

func ceilSecond(t time.Time) time.Time {
	whole := time.Unix(t.Unix(), 0)
	if t.After(whole) {
		return whole.Add(time.Second)
	}
	return whole
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
