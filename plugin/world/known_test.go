// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"testing"
	"time"
)

// TestKnownWorlds plays what worlds were shrunk to that failed once, of this project
// as it was or with one of its mends taken out. They are written out: what a seed
// stands for changes with what can be drawn.
func TestKnownWorlds(t *testing.T) {
	spoilt := func(kind, class string, ordinal, page, times int) func(*plan) {
		return func(p *plan) {
			p.events = append(p.events, &event{kind: kind, class: class, ordinal: ordinal, page: page, times: times})
		}
	}
	of := func(n int) func(*plan) { return func(p *plan) { p.inputs[0].endpoint = endpoints[n] } }
	happens := func(kind string, at, length time.Duration, n int) func(*plan) {
		return func(p *plan) { p.events = append(p.events, &event{kind: kind, at: at, length: length, n: n}) }
	}
	for sentence, parts := range map[string][]func(*plan){
		"a token that lives for 0 seconds was used, and its 401 was fatal":        {spoilt("a token that has expired on arrival", classToken, 0, 0, 3)},
		"a POST whose connection was closed without an answer ended its interval": {of(1), spoilt("closed without an answer", classPage, 1, 1, 2)},
		"a 200 without a body ended its interval":                                 {spoilt("an empty body", classPage, 2, 1, 2)},
		"a rate limit whose server closed the connection ended the export":        {func(p *plan) { p.gate = "stock" }},
		"a page that was not full ended its interval":                             {of(1), func(p *plan) { p.inputs[0].underfill, p.inputs[0].density = true, 4 }},
		"of a listing that nobody knows the first list was taken":                 {of(6), func(p *plan) { p.inputs[0].density = 4 }},
		"a token that was a number was taken for none":                            {of(8), func(p *plan) { p.numbered, p.inputs[0].density = true, 4 }},
		"an announced page that came empty was believed":                          {func(p *plan) { p.inputs[0].density = 4 }, spoilt("an empty page in the middle", classPage, 1, 2, 1)},
		"two inputs went on where the other one was": {func(p *plan) {
			other := newInput(1)
			other.client, other.key, other.count = "client-2", "position-0", 6
			p.inputs = append(p.inputs, other)
		}},
		"a relative start was resolved again after a kill": {
			func(p *plan) { p.inputs[0].mode = "relative" }, happens("kill, and wait for hours", 200*time.Millisecond, 0, 5),
		},
		"the last day of a leap year was never left": {func(p *plan) {
			p.begin, p.zone = time.Date(2029, 1, 1, 20, 0, 0, 0, time.UTC), "America/New_York"
			p.inputs[0].step = 24 * time.Hour
		}},
		"a dial that timed out was the end of an hour's patience": {
			func(p *plan) { p.giveUp = time.Hour },
			func(p *plan) {
				p.events = append(p.events, &event{kind: "a dial hangs", length: time.Minute, least: time.Second, most: 5 * time.Second})
			},
		},
		"a page that was read again was counted twice": {
			func(p *plan) { p.inputs[0].manifest, p.inputs[0].density = true, 4 },
			happens("kill, and another page_size", 1500*time.Millisecond, 0, 2),
		},
		"a probe was sent beside the request that could take the last of a budget": {func(p *plan) {
			p.chance, p.gate, p.stock, p.headers, p.resets, p.bucket, p.window = 40, "own", true, "triple", "none", 8, 47*time.Second
			p.inputs[0].parallelism, p.inputs[0].count = 4, 8
		}},
		"a page of a job that was lost replaced that of the next one": {of(5), spoilt("a job whose results are gone", classPage, 1, 3, 1), func(p *plan) {
			p.chance, p.direct, p.maxInFlight, p.ackMost, p.inputs[0].density = 4, true, 7, time.Minute, 4
		}},
	} {
		t.Run(sentence, func(t *testing.T) {
			defer watch(1)()
			p := simplest(1)
			for _, add := range parts {
				add(p)
			}
			findings, _ := play(t, p, false)
			for _, f := range findings {
				t.Error(f)
			}
		})
	}
}
