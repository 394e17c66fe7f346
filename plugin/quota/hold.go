// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import "time"

// Hold is a pause that the server ordered.
type Hold struct {
	// Wait is the whole length, from the arrival of the response.
	Wait time.Duration
	// Until is when it ends.
	Until time.Time
	// Cause says what ordered it, for a log line.
	Cause string
	// Owner is the process that was ordered to wait, in its own words; empty: this one.
	Owner string
	// Notable is true of a new hold, and of one that grew by enough to be reported:
	// the answers of one throttled wave differ by the milliseconds between them.
	Notable bool
}

// noticeable is by how much a hold must grow to be worth telling.
const noticeable = time.Second

// orderLocked is how long a response orders to wait, and by what.
func (g *Gate) orderLocked(n Info) (wait time.Duration, cause string) {
	switch {
	case n.HasRetryAfter:
		wait, cause = n.RetryAfter, "Retry-After"
	case n.Throttled && n.HasReset:
		wait, cause = n.Reset, "throttled, rate limit reset"
	case n.Throttled:
		wait, cause = g.config.FallbackPause, "throttled without a time, fallback_pause"
	}
	if n.HasRemaining && n.Remaining <= g.config.MinRemaining {
		if left, by := g.exhaustedWait(n); left > wait {
			wait, cause = left, by
		}
	}
	if n.Throttled && wait == 0 {
		wait, cause = g.zeroLocked()
	} else if n.Throttled {
		g.obeyedZero = false
	}
	return wait, cause
}

func (g *Gate) exhaustedWait(n Info) (time.Duration, string) {
	if n.HasReset {
		return n.Reset, "nothing remaining, rate limit reset"
	}
	return g.config.FallbackPause, "nothing remaining without a reset, fallback_pause"
}

// zeroLocked obeys a throttle that names no positive time once; a second one in
// a row would be a hot loop.
func (g *Gate) zeroLocked() (time.Duration, string) {
	if !g.obeyedZero {
		g.obeyedZero = true
		return 0, "throttled, to be retried at once"
	}
	return g.config.FallbackPause, "throttled again without a positive time, fallback_pause"
}

// holdLocked extends the hold; it never shortens it. It tells what was ordered,
// and whether that is a wait at all: an order that is shorter than the hold can
// still be longer than what other processes know of.
func (g *Gate) holdLocked(arrived time.Time, wait time.Duration, cause string) (Hold, bool) {
	g.doubtLocked()
	hold := Hold{Wait: wait, Until: arrived.Add(wait), Cause: cause}
	_, hold.Notable = g.extendLocked(arrived, hold.Until)
	return hold, wait > 0
}

// extendLocked makes the hold last until the given time, if that is longer. It
// tells whether that is a new hold, or a noticeably longer one.
func (g *Gate) extendLocked(now, until time.Time) (extended, begins bool) {
	if !until.After(g.until) {
		return false, false
	}
	begins = !now.Before(g.until) || until.Sub(g.until) >= noticeable
	g.until = until
	return true, begins
}

// doubtLocked forgets what was known of the quota: the next request is a probe.
func (g *Gate) doubtLocked() {
	g.epoch++
	g.needsProbe = true
	g.budget.forget()
}

// learnLocked takes in a served answer that leaves something, and that cannot
// have seen the requests that passed since it was asked for.
func (g *Gate) learnLocked(n Info, passed int64, arrived time.Time) {
	switch {
	case !n.HasRemaining:
		g.spendLocked()
		return
	case n.Remaining <= g.config.MinRemaining: // the window ends just now
		g.doubtLocked()
		return
	}
	reset := time.Time{}
	if n.HasReset {
		reset = arrived.Add(n.Reset)
	}
	g.budget.learn(n.Remaining-passed, reset)
	g.spentLocked()
}

// spendLocked counts a request whose answer does not tell what it left.
func (g *Gate) spendLocked() {
	g.budget.spend()
	g.spentLocked()
}

// spentLocked sees to a budget that is spent by our own count, not by the
// server's word: it is waited for as if it were, and where no reset is known a
// probe has to tell.
func (g *Gate) spentLocked() {
	if !g.budget.hasRoom(0) && g.budget.reset.IsZero() {
		g.doubtLocked()
	}
}
