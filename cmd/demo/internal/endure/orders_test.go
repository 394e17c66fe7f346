// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package endure

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestOrdersKnowsWhoCanKnow: an order that a process can know is the tenant's to judge, and no other.
func TestOrdersKnowsWhoCanKnow(t *testing.T) {
	const soon, hold = HeardAfter / 2, 10 * time.Second
	began := time.Now()
	at := began.Add
	first, second := &Member{Name: "first"}, &Member{Name: "second"}
	board := func(o *Orders, until, when time.Duration) { o.Board(at(until), at(when)) }
	for _, test := range []struct {
		name   string
		before func(*Orders)
		who    *Member
		when   time.Duration
		untold bool
	}{
		{"no order", func(*Orders) {}, first, 0, false},
		{"who was told knows at once", func(o *Orders) { o.tell(first, true, at(hold), at(0)) }, first, 1, false},
		{"others do not while it is not on the cache", func(o *Orders) {
			o.tell(first, true, at(hold), at(0))
			board(o, hold-1000*transit, soon)
		}, second, hold / 2, true},
		{"nor as soon as it is", func(o *Orders) {
			o.tell(first, true, at(hold), at(0))
			board(o, hold, soon)
		}, second, HeardAfter, true},
		{"then they do", func(o *Orders) {
			o.tell(first, true, at(hold), at(0))
			board(o, hold-transit, soon)
		}, second, soon + HeardAfter, false},
		{"it is over", func(o *Orders) { o.tell(first, true, at(soon), at(0)) }, second, soon, false},
		{"it dies with who was told", func(o *Orders) {
			o.tell(first, true, at(hold), at(0))
			o.Die(first, at(soon))
		}, second, hold / 2, true},
		{"and so the next life of it does not know", func(o *Orders) {
			o.tell(first, true, at(hold), at(0))
			o.Die(first, at(soon))
		}, first, hold / 2, true},
		{"it was shared before that", func(o *Orders) {
			o.tell(first, true, at(hold), at(0))
			board(o, hold, soon)
			o.Die(first, at(soon))
		}, second, hold / 2, false},
		{"who was told was dead by then", func(o *Orders) { o.tell(first, false, at(hold), at(0)) }, first, hold / 2, true},
		{"the cache was away when it was read", func(o *Orders) {
			o.tell(first, true, at(hold), at(0))
			o.CacheAway(at(0))
			board(o, hold, soon)
		}, second, hold / 2, true},
		{"who was told knows all the same", func(o *Orders) {
			o.CacheAway(at(0))
			o.tell(first, true, at(hold), at(0))
		}, first, hold / 2, false},
		{"the cache is back, just now", func(o *Orders) {
			o.tell(first, true, at(hold), at(0))
			board(o, hold, 0)
			o.CacheAway(at(0))
			o.CacheBack(at(HeardAfter))
		}, second, HeardAfter + soon, true},
		{"the cache is back for as long as it takes", func(o *Orders) {
			o.tell(first, true, at(hold), at(0))
			board(o, hold, 0)
			o.CacheAway(at(0))
			o.CacheBack(at(HeardAfter))
		}, second, 2 * HeardAfter, false},
		{"it is on the cache, which cannot be read", func(o *Orders) {
			o.tell(first, true, at(hold), at(0))
			board(o, hold, 0)
			o.CacheAway(at(HeardAfter))
		}, second, hold / 2, true},
		{"one that is known is in force beside one that is not", func(o *Orders) {
			o.tell(first, true, at(hold), at(0))
			board(o, hold, 0)
			o.tell(first, true, at(2*hold), at(HeardAfter))
		}, second, hold / 2, false},
		{"the one that is known is over", func(o *Orders) {
			o.tell(first, true, at(hold), at(0))
			board(o, hold, 0)
			o.tell(first, true, at(2*hold), at(HeardAfter))
		}, second, hold + 1, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := NewOrders()
			o.cacheUp = at(-hold)
			test.before(o)
			assert.Equal(t, test.untold, !o.Untold(test.who, at(test.when)).IsZero())
		})
	}
}

// TestOrdersSeesWhatIsNotShared: that who cannot know is told must not hide that nobody writes down.
func TestOrdersSeesWhatIsNotShared(t *testing.T) {
	const hold = 10 * time.Second
	began := time.Now()
	at := began.Add
	member := &Member{Name: "it"}
	for _, test := range []struct {
		name   string
		before func(*Orders)
		when   time.Duration
		kept   int
	}{
		{"just told", func(o *Orders) { o.tell(member, true, at(hold), at(0)) }, sharedAfter - 1, 0},
		{"told for long", func(o *Orders) { o.tell(member, true, at(hold), at(0)) }, sharedAfter, 1},
		{"written down meanwhile", func(o *Orders) {
			o.tell(member, true, at(hold), at(0))
			o.Board(at(hold), at(1))
		}, sharedAfter, 0},
		{"dead meanwhile", func(o *Orders) {
			o.tell(member, true, at(hold), at(0))
			o.Die(member, at(1))
		}, sharedAfter, 0},
		{"over meanwhile", func(o *Orders) { o.tell(member, true, at(1), at(0)) }, sharedAfter, 0},
		{"the cache is away", func(o *Orders) {
			o.tell(member, true, at(hold), at(0))
			o.CacheAway(at(1))
		}, sharedAfter, 0},
		{"the cache is back", func(o *Orders) {
			o.tell(member, true, at(hold), at(0))
			o.CacheAway(at(1))
			o.CacheBack(at(2))
		}, sharedAfter, 0},
		{"the cache is back for long", func(o *Orders) {
			o.tell(member, true, at(hold), at(0))
			o.CacheAway(at(1))
			o.CacheBack(at(2))
		}, sharedAfter + 2, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := NewOrders()
			o.cacheUp = at(-hold)
			test.before(o)
			o.Board(time.Time{}, at(test.when))
			o.Board(time.Time{}, at(test.when))
			assert.Equal(t, test.kept, o.Kept())
		})
	}
}
