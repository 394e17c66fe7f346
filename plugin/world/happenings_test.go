// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import "time"

// happenings are what goes wrong in a world, and what people do.
func (d *drawing) happenings() {
	for range d.IntN(8) {
		d.answer()
	}
	for range d.IntN(4) {
		d.throttle()
	}
	for range d.IntN(4) {
		d.operator()
	}
	for range d.IntN(3) {
		d.trouble()
	}
	for range d.IntN(2) {
		d.output()
	}
	d.together()
}

func (d *drawing) event(e *event) {
	d.part(e.String(), func(p *plan) { p.events = append(p.events, e) })
}

// when is a time in which a world is likely to be at work.
func (d *drawing) when() time.Duration {
	most := pick(d, 3*time.Second, 20*time.Second, 2*time.Minute, 10*time.Minute)
	return d.between(0, most)
}

// answer spoils one answer, a few times or until it is mended.
func (d *drawing) answer() {
	e := &event{
		input: pick(d, 0, 0, 1, 2), ordinal: d.IntN(8), page: 1 + d.IntN(3), from: pick(d, 0, 0, 0, 1), times: 1 + d.IntN(3),
		class: pick(d, classPage, classPage, classPage, classPage, classSubmit, classPoll, classAvailability, classToken),
	}
	switch {
	case d.percent(70) || e.class == classToken:
		e.kind = pick(d, faultsOnTheWay...)
	case e.class == classPage:
		e.kind = pick(d, faultsOfPages...)
	default:
		e.kind = pick(d, faultsOfAnswers...)
	}
	switch e.class {
	case classToken:
		if d.percent(30) {
			e.kind = pick(d, faultsOfTokens...)
		}
	case classPoll:
		if d.percent(50) {
			e.kind = pick(d, faultsOfJobs...)
		}
	}
	if lasts := d.between(time.Minute, 20*time.Minute); d.percent(12) {
		e.length = lasts
	}
	d.event(e)
}

// throttle makes the tenant order a pause.
func (d *drawing) throttle() {
	e := &event{kind: "the tenant throttles", at: d.when(), length: d.between(time.Second, 40*time.Second), form: pick(d, orderForms...), n: 1 + d.IntN(60)}
	switch d.IntN(8) {
	case 0:
		e = &event{kind: "other applications drain the budget", at: d.when(), length: d.between(time.Second, 3*time.Minute), n: 1 + d.IntN(4)}
	case 1:
		e = &event{kind: "the budget is not shown", at: d.when(), length: d.between(time.Second, 3*time.Minute)}
	case 3:
		if long := d.between(10*time.Minute, time.Hour); d.percent(25) { // for longer than tokens live
			e = &event{kind: e.kind, at: e.at, length: long, form: pick(d, "on a 200", "on a 500"), n: 60 + d.IntN(1200)}
		}
	case 2:
		e = &event{kind: "the tenant's clock jumps", at: d.when(), length: d.between(time.Second, 5*time.Minute), n: d.IntN(7200) - 3600}
	}
	d.event(e)
}

// operator is what a person, or a cluster, does with a process.
func (d *drawing) operator() {
	e := &event{kind: pick(d, "kill", "kill", "kill", "stop"), at: d.when(), process: pick(d, 0, 0, 0, 1), n: d.IntN(300)}
	switch d.IntN(10) {
	case 0, 9:
		e.kind, e.n = "kill, and another page_size", 1+d.IntN(6)
	case 1:
		e.kind, e.n = "kill, and wait for hours", 1+d.IntN(10)
	case 2: // in the middle of a write
		e.kind = "stop"
		d.event(&event{kind: "the cache is slow", at: max(0, e.at-d.between(0, 5*time.Second)), length: time.Minute, least: 10 * time.Second, most: 30 * time.Second, process: -1})
	}
	d.event(e)
}

// trouble is with the network and the cache.
func (d *drawing) trouble() {
	e := &event{at: d.when(), length: d.between(time.Second, 2*time.Minute), process: -1}
	e.kind = pick(d, "a dial hangs", "a dial is refused", "answers take long", "connections are cut",
		"the cache fails", "the cache cannot be written", "the cache is slow", "writes are torn", "the cache forgets", "a day without a network", "the holds cannot be read", "the holds cannot be read")
	switch e.kind {
	case "a dial hangs", "the cache is slow":
		e.least, e.most = time.Second, 30*time.Second
	case "answers take long":
		e.least, e.most = time.Second, 70*time.Second
	case "the holds cannot be read", "the cache cannot be written":
		e.at *= time.Duration(d.IntN(2)) // from the beginning on, or later
		if long := d.between(10*time.Minute, 40*time.Minute); e.kind == "the cache cannot be written" && d.percent(30) {
			e.length = long
		}
	case "the cache forgets":
		e.n = d.IntN(3)
	case "a day without a network":
		e.kind, e.length = "a dial is refused", d.between(time.Hour, 24*time.Hour)
		if !d.percent(10) {
			e.length /= 24
		}
	}
	d.event(e)
}

// output is trouble with the output.
func (d *drawing) output() {
	e := &event{kind: "the output rejects everything", at: d.when(), length: d.between(time.Second, 2*time.Minute)}
	switch d.IntN(12) {
	case 0:
		e.length = d.between(time.Hour, 4*time.Hour)
	case 1, 2, 3, 4, 5, 6:
		e.kind, e.n = "the output rejects some", 10+d.IntN(60)
	}
	d.event(e)
}
