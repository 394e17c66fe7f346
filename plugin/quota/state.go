// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import "time"

// Config is how a gate fills the gaps that the server leaves.
type Config struct {
	// MinRemaining is how many requests are left to the tenant's other
	// applications: the gate holds at or below it.
	MinRemaining int64
	// FallbackPause is how long to hold when the server throttles, or shows
	// that nothing is left, and names no time at all.
	FallbackPause time.Duration
	// Pace is the least time between the starts of two requests; 0 is off.
	Pace time.Duration
	// Store shares holds with other processes; nil: they are not shared. It is
	// read before each request and while a hold lasts, and written at each hold.
	// No request starts before it has been read once.
	Store HoldStore
	// StoreHeld is called with the holds that other processes wrote; it may be nil.
	StoreHeld func(Hold)
	// StoreFailed is called when the store starts to fail, with an error that is
	// [ErrStoreUnread] while requests wait for it; it may be nil.
	StoreFailed func(error)
}

// state is what a gate knows of its tenant, and what follows from that for the
// next request. It knows of no queue. All of it is guarded by the gate's lock.
type state struct {
	config        Config
	until         time.Time // no request starts before
	readingBodies int       // throttled responses whose order is in the body
	inFlight      int64
	unseen        int64   // requests so far whose answers cannot be seen
	needsProbe    bool    // a hold or a window has ended and no answer came since
	probe         *ticket // the request that goes first while needsProbe
	epoch         uint64  // counts the holds; answers to older requests prove nothing
	obeyedZero    bool    // the last throttle named no positive time and was obeyed
	budget        budget
	reserved      time.Time // of the last ticket, be it one that waits for the store
	started       time.Time // of the last ticket that did not have to wait any more
	unread        error     // why the store has never been read; nil: it has, or has not been tried
	unreadUntil   time.Time // no request starts before: the store has never been read
}

// claim is what a request that wants to start has to find room beside.
type claim struct {
	inFlight int64     // requests
	unproven bool      // one of them may yet become the probe
	last     time.Time // the start of the request before
}

// waitReason is why no request may start now.
type waitReason struct {
	blocked bool
	far     bool      // until a known time: a hold, or a window that is used up
	paced   bool      // the request before started just now
	until   time.Time // check again then; zero: only after a change
}

// checkLocked returns what stands against a request that starts now, by the
// invariants of [Gate].
func (s *state) checkLocked(now time.Time, c claim) waitReason {
	s.expireLocked(now, c.inFlight)
	switch wait := (waitReason{blocked: true}); {
	case now.Before(s.until):
		wait.far, wait.until = true, s.until
		return wait
	case now.Before(s.unreadUntil):
		wait.far, wait.until = true, s.unreadUntil
		return wait
	case s.readingBodies > 0:
		return wait
	case s.needsProbe && (c.unproven || s.probe != nil && s.probe.epoch == s.epoch):
		return wait
	case !s.budget.hasRoom(c.inFlight):
		wait.until = s.budget.reset
		wait.far = !s.budget.hasRoom(0) && !wait.until.IsZero()
		return wait
	case s.config.Pace > 0 && now.Before(c.last.Add(s.config.Pace)):
		wait.paced, wait.until = true, c.last.Add(s.config.Pace)
		return wait
	}
	return waitReason{}
}

// issueLocked starts a request, which is the probe where one is needed.
func (s *state) issueLocked() *ticket {
	t := &ticket{epoch: s.epoch, unseen: s.unseen}
	if s.needsProbe {
		s.probe = t
	}
	s.budget.crowded = s.inFlight > 0
	s.inFlight++
	return t
}

// confirmLocked reports whether a request that was issued may still be written.
func (s *state) confirmLocked(now time.Time, t *ticket) bool {
	s.expireLocked(now, s.inFlight-1)
	return !now.Before(s.until) && s.readingBodies == 0 && t.epoch == s.epoch &&
		s.budget.hasRoom(s.inFlight-1)
}

// endLocked ends a request. Each is ended once.
func (s *state) endLocked(t *ticket) {
	s.inFlight--
	if s.probe == t {
		s.probe = nil
	}
	if t.reading {
		s.readingBodies--
	}
}

// answerLocked ends a request with what its response says. Where that orders a
// hold, it returns which.
func (s *state) answerLocked(t *ticket, n Info, arrived time.Time) (hold Hold, ordered bool) {
	s.endLocked(t)
	wait, cause := s.orderLocked(n)
	fresh := t.epoch == s.epoch // else asked before the last hold: it proves nothing
	if fresh && !n.Throttled {
		s.obeyedZero = false
	}
	switch {
	case n.Throttled || wait > 0:
		return s.holdLocked(arrived, wait, cause)
	case fresh:
		s.needsProbe = false
		s.learnLocked(n, s.unseen-t.unseen, arrived)
	}
	return Hold{}, false
}

// passLocked ends a request whose answer cannot be seen. It may have taken one of the
// remaining, and it may have been throttled: it proves nothing, so a probe is still
// needed where it stood in for one, and obeyedZero stays as it is.
func (s *state) passLocked(t *ticket) {
	s.endLocked(t)
	if t.epoch == s.epoch {
		s.budget.spend()
	}
	s.unseen++
}

// orderLocked returns how long a response orders to wait, and by what.
func (s *state) orderLocked(n Info) (wait time.Duration, cause string) {
	switch {
	case n.HasRetryAfter:
		wait, cause = n.RetryAfter, "Retry-After"
	case n.Throttled && n.HasReset:
		wait, cause = n.Reset, "throttled, rate limit reset"
	case n.Throttled:
		wait, cause = s.config.FallbackPause, "throttled without a time, fallback_pause"
	}
	if n.HasRemaining && n.Remaining <= s.config.MinRemaining {
		if left, by := s.exhaustedWait(n); left > wait {
			wait, cause = left, by
		}
	}
	if n.Throttled && wait == 0 {
		wait, cause = s.zeroLocked()
	} else if n.Throttled {
		s.obeyedZero = false
	}
	return wait, cause
}

func (s *state) exhaustedWait(n Info) (time.Duration, string) {
	if n.HasReset {
		return n.Reset, "nothing remaining, rate limit reset"
	}
	return s.config.FallbackPause, "nothing remaining without a reset, fallback_pause"
}

// zeroLocked obeys a throttle that names no positive time once; a second one in
// a row would be a hot loop.
func (s *state) zeroLocked() (time.Duration, string) {
	if !s.obeyedZero {
		s.obeyedZero = true
		return 0, "throttled, to be retried at once"
	}
	return s.config.FallbackPause, "throttled again without a positive time, fallback_pause"
}

// holdLocked extends the hold; it never shortens it. It returns what was ordered,
// and reports whether that is a wait at all: an order that is shorter than the hold
// can still be longer than what other processes know of.
func (s *state) holdLocked(arrived time.Time, wait time.Duration, cause string) (Hold, bool) {
	s.doubtLocked()
	hold := Hold{Wait: wait, Until: arrived.Add(wait), Cause: cause}
	_, hold.Notable = s.extendLocked(arrived, hold.Until)
	return hold, wait > 0
}

// extendLocked makes the hold last until the given time, if that is longer. It
// reports whether it is, and whether that is worth reporting.
func (s *state) extendLocked(now, until time.Time) (extended, notable bool) {
	if !until.After(s.until) {
		return false, false
	}
	notable = !now.Before(s.until) || until.Sub(s.until) >= noticeable
	s.until = until
	return true, notable
}

// doubtLocked forgets what was known of the quota: the next request is a probe.
func (s *state) doubtLocked() {
	s.epoch++
	s.needsProbe = true
	s.budget.forget()
}

// expireLocked ends a window whose reset has come. One that has no reset, and is spent
// by our own count and not by the server's word, ends once nothing else is in flight:
// then only a probe can tell what is left.
func (s *state) expireLocked(now time.Time, inFlight int64) {
	if s.budget.expired(now) || inFlight == 0 && s.budget.reset.IsZero() && !s.budget.hasRoom(0) {
		s.doubtLocked()
	}
}

// learnLocked takes in a served answer that leaves something, and that cannot
// have seen the requests that passed since it was asked for.
func (s *state) learnLocked(n Info, passed int64, arrived time.Time) {
	switch {
	case !n.HasRemaining:
		s.budget.spend()
		return
	case n.Remaining <= s.config.MinRemaining: // the window ends just now
		s.doubtLocked()
		return
	}
	reset := time.Time{}
	if n.HasReset {
		reset = arrived.Add(n.Reset)
	}
	s.budget.learn(n.Remaining-passed, reset)
}
