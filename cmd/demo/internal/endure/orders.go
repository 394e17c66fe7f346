// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package endure

import (
	"slices"
	"sync"
	"time"
)

const (
	// HeardAfter is how long what is sent can be on its way, on a machine as busy as this one: a request
	// that was sent before the order was heard, or read.
	HeardAfter = 500 * time.Millisecond
	// sharedAfter is how long a process that lives has to write an order down.
	sharedAfter = 2 * time.Second
	// transit is by how much an order may end earlier by the clock of who was told.
	transit = 50 * time.Millisecond
)

// Orders knows which orders of the tenant a process can know of. One that has died with the only
// process that had heard it, and one that could not be shared while the cache was away, the others
// cannot keep; of them the tenant itself must not count what comes as early. So the next request is
// answered as a tenant answers it, with the order, and is not passed on. Whatever can be known is
// passed on, and the tenant judges it.
type Orders struct {
	mu      sync.Mutex
	orders  []*order
	cacheUp time.Time // since when it has been there, zero while it is away
	untold  int
	kept    int // orders that were not shared, though they could be
}

type order struct {
	until  time.Time
	told   map[*Member]time.Time // of those that live, since when
	shared time.Time             // since when it has been on the cache, zero: it is not
	kept   bool
}

// NewOrders makes one for a cache that is there.
func NewOrders() *Orders { return &Orders{cacheUp: time.Now()} }

// Tell notes that an answer told one life of a process to wait.
func (o *Orders) Tell(to *Member, life int, until, now time.Time) {
	o.tell(to, to.lives(life), until, now)
	if !to.lives(life) {
		o.Die(to, now) // meanwhile, or before
	}
}

func (o *Orders) tell(to *Member, alive bool, until, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settleLocked(now)
	at := slices.IndexFunc(o.orders, func(known *order) bool { return known.until.Equal(until) })
	if at < 0 {
		at = len(o.orders)
		o.orders = append(o.orders, &order{until: until, told: map[*Member]time.Time{}})
	}
	if _, told := o.orders[at].told[to]; alive && !told {
		o.orders[at].told[to] = now
	}
}

// Untold returns the end of an order that a process is in and cannot know of, zero where there is none
// or it knows one that is in force.
func (o *Orders) Untold(m *Member, now time.Time) (until time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settleLocked(now)
	readable := !o.cacheUp.IsZero() && now.Sub(o.cacheUp) >= HeardAfter
	for _, order := range o.orders {
		if _, told := order.told[m]; told || readable && !order.shared.IsZero() && now.Sub(order.shared) >= HeardAfter {
			return time.Time{}
		}
		if order.until.After(until) {
			until = order.until
		}
	}
	if !until.IsZero() {
		o.untold++
	}
	return until
}

// Die forgets what a process has heard.
func (o *Orders) Die(m *Member, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settleLocked(now)
	for _, order := range o.orders {
		delete(order.told, m)
	}
}

// Board says until when the cache has processes wait. An order that somebody who lives has had for long
// has to be there.
func (o *Orders) Board(until, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settleLocked(now)
	for _, order := range o.orders {
		switch {
		case !order.shared.IsZero() || o.cacheUp.IsZero():
		case !until.Before(order.until.Add(-transit)):
			order.shared = now
		case !order.kept && o.overdueLocked(order, now):
			order.kept = true
			o.kept++
		}
	}
}

func (o *Orders) overdueLocked(order *order, now time.Time) bool {
	for _, since := range order.told {
		if now.Sub(since) >= sharedAfter && now.Sub(o.cacheUp) >= sharedAfter {
			return true
		}
	}
	return false
}

// Kept is how many orders a process kept to itself.
func (o *Orders) Kept() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.kept
}

// CacheAway says that from now on nothing can be shared, CacheBack that it can again.
func (o *Orders) CacheAway(now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settleLocked(now)
	o.cacheUp = time.Time{}
}

// CacheWasAway reports whether the cache is away or was since a time.
func (o *Orders) CacheWasAway(since time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.cacheUp.IsZero() || o.cacheUp.After(since)
}

// CacheBack ends what CacheAway began.
func (o *Orders) CacheBack(now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settleLocked(now)
	o.cacheUp = now
}

// Relayed is how many requests were told an order that they could not know.
func (o *Orders) Relayed() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.untold
}

// settleLocked drops what is over.
func (o *Orders) settleLocked(now time.Time) {
	o.orders = slices.DeleteFunc(o.orders, func(order *order) bool { return !now.Before(order.until) })
}
