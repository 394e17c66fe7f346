// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package endure plays bad weather on processes of the distribution, and judges what has come of it:
// what happens when is drawn from one seed, what the servers do is done in front of them, and what
// must be true afterwards is told without the code that is under test.
package endure

import (
	"math/rand/v2"
	"time"
)

// Script is all that is left to chance, as far as real processes allow: the same seed draws the same
// lives and spells.
type Script struct{ Seed uint64 }

// Moment is something that a life can come to.
type Moment string

// The moments, as the servers in front of a process see them.
const (
	AtTime   Moment = ""         // whatever it does then
	Asked    Moment = "asked"    // a request has come and is not passed on
	Answered Moment = "answered" // a page has been served
	Storing  Moment = "storing"  // an object has come and is not passed on
	Stored   Moment = "stored"   // an object is stored and the process has not heard it
)

// Life says how a process is to end.
type Life struct {
	// Moment is when, the Count'th time that it comes, but After its start at the latest.
	Moment Moment
	Count  int
	After  time.Duration
	// Awake counts from its first request, and not from its start.
	Awake bool
	// Gentle is a SIGTERM, and else a SIGKILL.
	Gentle bool
	// Endless is one that nobody ends.
	Endless bool
}

const (
	young      = 2 * time.Second // many have not sent a request by then
	grownUp    = 4 * time.Second // a hold lasts shorter
	atLatest   = 6 * time.Second
	mostCount  = 8
	shortSpell = time.Second
	longSpell  = 3 * time.Second
	mostCalm   = time.Second
)

// ways are what the lives of a process end in, each as often as it is here.
var ways = []func(*rand.Rand) Life{
	newborn, grown, grown, at(Asked), at(Answered), at(Storing), at(Stored), at(Stored), stopped,
}

func newborn(r *rand.Rand) Life { return Life{After: between(r, 0, young)} }

func grown(r *rand.Rand) Life { return Life{After: between(r, 0, grownUp), Awake: true} }

func stopped(r *rand.Rand) Life {
	life := grown(r)
	life.Gentle = true
	return life
}

func unharmed(*rand.Rand) Life { return Life{Endless: true} }

func at(m Moment) func(*rand.Rand) Life {
	return func(r *rand.Rand) Life {
		return Life{Moment: m, Count: 1 + r.IntN(mostCount), After: atLatest, Awake: true}
	}
}

// Life draws the n'th life of a process.
func (s Script) Life(process, n int) Life {
	return draw(s, process, n, ways)(s.dice(process, n, 0))
}

// Brief draws the n'th life of a process that asks the tenant nothing and soon ends by itself.
func (s Script) Brief(process, n int) Life {
	return draw(s, process, n, []func(*rand.Rand) Life{newborn, unharmed})(s.dice(process, n, 0))
}

// Spell is some bad weather.
type Spell struct {
	Fault Fault
	// Calm is how long all is well before it, Lasts how long it lasts.
	Calm, Lasts time.Duration
}

// Spell draws the n'th spell of a server.
func (s Script) Spell(server, n int, faults []Fault) Spell {
	r := s.dice(server, n, 1)
	return Spell{draw(s, -1-server, n, faults), between(r, 0, mostCalm), between(r, shortSpell, longSpell)}
}

// draw deals the n'th card: all are dealt before one is dealt again.
func draw[T any](s Script, stream, n int, all []T) T {
	return all[s.dice(stream, n/len(all), 2).Perm(len(all))[n%len(all)]]
}

func (s Script) dice(stream, n int, what uint64) *rand.Rand {
	return rand.New(rand.NewPCG(s.Seed^what<<56, uint64(stream)<<32^uint64(n)))
}

func between(r *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(r.Int64N(int64(most-least)))
}
