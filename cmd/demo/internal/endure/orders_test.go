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
	for _, test := range []struct {
		name   string
		before func(*Orders)
		who    *Member
		when   time.Duration
		untold bool
	}{
		{"no order", func(*Orders) {}, first, 0, false},
		{"who was told knows at once", func(o *Orders) { o.tell(first, true, at(hold), at(0)) }, first, 1, false},
		{"others do not know yet", func(o *Orders) { o.tell(first, true, at(hold), at(0)) }, second, soon, true},
		{"then they do", func(o *Orders) { o.tell(first, true, at(hold), at(0)) }, second, HeardAfter, false},
		{"it is over", func(o *Orders) { o.tell(first, true, at(soon), at(0)) }, second, soon, false},
		{"it dies with who was told", func(o *Orders) {
			o.tell(first, true, at(hold), at(0))
			o.Die(first, at(soon))
		}, second, 2 * HeardAfter, true},
		{"and so the next life of it does not know", func(o *Orders) {
			o.tell(first, true, at(hold), at(0))
			o.Die(first, at(soon))
		}, first, 2 * HeardAfter, true},
		{"it was shared before that", func(o *Orders) {
			o.tell(first, true, at(hold), at(0))
			o.Die(first, at(HeardAfter))
		}, second, 2 * HeardAfter, false},
		{"who was told was dead by then", func(o *Orders) { o.tell(first, false, at(hold), at(0)) }, second, 2 * HeardAfter, true},
		{"another one, told later, shares it", func(o *Orders) {
			o.tell(first, false, at(hold), at(0))
			o.tell(second, true, at(hold), at(soon))
		}, first, soon + HeardAfter, false},
		{"the cache is away", func(o *Orders) {
			o.CacheAway(at(0))
			o.tell(first, true, at(hold), at(0))
		}, second, 2 * HeardAfter, true},
		{"who was told knows all the same", func(o *Orders) {
			o.CacheAway(at(0))
			o.tell(first, true, at(hold), at(0))
		}, first, 2 * HeardAfter, false},
		{"the cache is back, just now", func(o *Orders) {
			o.CacheAway(at(0))
			o.tell(first, true, at(hold), at(0))
			o.CacheBack(at(HeardAfter))
		}, second, HeardAfter + soon, true},
		{"the cache is back for as long as it takes", func(o *Orders) {
			o.CacheAway(at(0))
			o.tell(first, true, at(hold), at(0))
			o.CacheBack(at(HeardAfter))
		}, second, 2 * HeardAfter, false},
		{"it is on the cache, which cannot be read", func(o *Orders) {
			o.tell(first, true, at(hold), at(0))
			o.CacheAway(at(2 * HeardAfter))
		}, second, 3 * HeardAfter, true},
		{"one that is known is in force beside one that is not", func(o *Orders) {
			o.tell(first, true, at(hold), at(0))
			o.tell(first, true, at(hold+1), at(2*HeardAfter))
		}, second, 2*HeardAfter + soon, false},
		{"the one that is known is over", func(o *Orders) {
			o.tell(first, true, at(2*HeardAfter), at(0))
			o.tell(first, true, at(hold), at(2*HeardAfter-1))
		}, second, 2*HeardAfter + 1, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := NewOrders()
			o.cacheUp = at(-hold)
			test.before(o)
			assert.Equal(t, test.untold, !o.Untold(test.who, at(test.when)).IsZero())
		})
	}
}
