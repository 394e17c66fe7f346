// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// plan is a world before it starts.
type plan struct {
	chance   chance
	begin    time.Time
	zone     string
	inputs   []*inputPlan
	workers  int // processes that fetch what a queue gives them
	gate     string
	reserve  int // min_remaining
	pace     string
	stock    bool // a stock component shares the gate
	fallback time.Duration
	giveUp   time.Duration
	timeout  time.Duration // request_timeout
	priority bool
	direct   bool // acknowledgements go past Benthos' list of what is sent again

	bucket      int
	window      time.Duration
	headers     string // family of the rate limit headers
	resets      string // form of their reset
	skew        time.Duration
	tokenLife   time.Duration
	lag         time.Duration
	polls       int
	stamped     bool // each answer is different
	compressed  bool
	numbered    bool          // the tokens of pages are numbers
	emptyLast   bool          // a token leads past the last page, to an empty one
	strict      bool          // who is refused is throttled for a while, in bodies that take long
	longest     int           // intervals longer than that part of a step are refused
	least, most time.Duration // latency, each way
	maxInFlight int
	dialMost    time.Duration
	closes      bool // the tenant closes a connection after each answer
	batch       int
	ackLeast    time.Duration
	ackMost     time.Duration
	cacheMost   time.Duration
	events      []*event
}

// inputPlan is an input's config, and the data that it exports.
type inputPlan struct {
	n           int
	process     int
	endpoint    endpoint
	step        time.Duration
	count       int
	density     int // records a slot at most
	pageSize    int
	parallelism int
	limit       int
	manifest    bool
	mode        string // "", "relative", "schedule" or "follow"
	underfill   bool
	client      string
	key         string
	settle      time.Duration
	lookback    bool

	window   span
	first    time.Time // of what was ever begun, where the start is relative
	resized  bool
	anew     bool // its position was lost, or is another's
	lostJobs bool
}

// event is something that happens in a world, from a time on or to an answer.
type event struct {
	kind        string
	at, length  time.Duration // since the world's beginning
	least, most time.Duration

	class         string // of the request
	input         int
	ordinal, page int
	from, times   int

	process int
	n       int
	form    string
}

func (e *event) String() string {
	switch {
	case e.class != "":
		text := fmt.Sprintf("%s: the answer to %s", e.kind, e.class)
		if e.class != classToken {
			text += fmt.Sprintf(" of input %d, interval %d, page %d", e.input, e.ordinal, e.page)
		}
		if e.length > 0 {
			return fmt.Sprintf("%s, until %s", text, e.length.Round(time.Second))
		}
		return fmt.Sprintf("%s, from the %d. time on %d times", text, e.from+1, e.times)
	case e.length > 0:
		return fmt.Sprintf("%s: from %s on for %s (process %d, n %d %s)", e.kind, e.at.Round(time.Millisecond), e.length.Round(time.Millisecond), e.process, e.n, e.form)
	}
	return fmt.Sprintf("%s: at %s (process %d, n %d)", e.kind, e.at.Round(time.Millisecond), e.process, e.n)
}

// away is how long a process is not there.
func (e *event) away() time.Duration {
	switch e.kind {
	case "kill, and wait for hours":
		return time.Duration(e.n) * time.Hour
	case "kill", "stop", hangingWrite:
		return time.Duration(e.n) * time.Second
	}
	return 0
}

// part is one thing that makes a world differ from the simplest. What a failing
// world does not need is found by leaving parts out.
type part struct {
	text string
	add  func(*plan)
}

// simplest is a world in which nothing goes wrong.
func simplest(seed uint64) *plan {
	return &plan{
		chance: chance(seed), begin: time.Date(2000, 1, 2, 0, 0, 0, 0, time.UTC), zone: "UTC",
		inputs:   []*inputPlan{newInput(0)},
		fallback: 5 * time.Second, timeout: time.Minute,
		window: time.Minute, resets: "seconds", tokenLife: 24 * time.Hour, polls: 1,
		least: 20 * time.Millisecond, most: 300 * time.Millisecond,
		maxInFlight: 1, ackLeast: time.Millisecond, ackMost: 20 * time.Millisecond, cacheMost: 2 * time.Millisecond,
	}
}

func newInput(n int) *inputPlan {
	return &inputPlan{
		n: n, endpoint: endpoints[0], step: 5 * time.Minute, count: 4, density: 2, pageSize: 3, parallelism: 1, limit: 1024,
		client: "client", key: fmt.Sprintf("position-%d", n),
	}
}

// build makes the world of a seed, without the parts that are left out.
func build(seed uint64, without map[int]bool) (p *plan, present []string) {
	p = simplest(seed)
	for i, x := range draw(seed) {
		if !without[i] {
			x.add(p)
			present = append(present, x.text)
		}
	}
	if p.giveUp == time.Minute && (p.bucket > 0 || p.fallback > 5*time.Second || p.hasJobs()) {
		p.giveUp = 10 * time.Minute // or it is too short for what is no fault, in each attempt
	}
	return p, present
}

func (p *plan) hasJobs() bool {
	return slices.ContainsFunc(p.inputs, func(in *inputPlan) bool { return in.endpoint.paging == "job" })
}

// drawing collects the parts of a seed's world. All of them are drawn before any is
// left out, so that the rest stays what it is.
type drawing struct {
	*rand.Rand
	parts  []part
	inputs int
}

func (d *drawing) percent(n int) bool { return d.IntN(100) < n }

func (d *drawing) between(lo, hi time.Duration) time.Duration {
	return lo + time.Duration(d.Int64N(int64(hi-lo)))
}

func (d *drawing) part(text string, add func(*plan)) { d.parts = append(d.parts, part{text, add}) }

// maybe adds a part with a probability, in per cent. What it is made of is drawn in
// any case.
func (d *drawing) maybe(percent int, text string, add func(*plan)) {
	if d.percent(percent) {
		d.part(text, add)
	}
}

func pick[T any](d *drawing, from ...T) T { return from[d.IntN(len(from))] }

func draw(seed uint64) []part {
	d := &drawing{Rand: rand.New(rand.NewPCG(seed, 0x57A7E)), inputs: 1}
	d.calendar()
	d.exports()
	d.processes()
	d.service()
	d.surroundings()
	d.happenings()
	return d.parts
}

// calendar is when and where.
func (d *drawing) calendar() {
	day := pick(d, "2000-03-25T22:00:00Z", "2000-04-01T23:00:00Z", "2000-10-28T22:00:00Z", "2000-10-28T23:30:00Z", "2000-12-31T20:00:00Z", "2000-02-28T22:00:00Z", "2024-12-31T14:00:00Z", "2028-12-31T20:00:00Z", "2025-03-29T23:00:00Z")
	begin, _ := time.Parse(time.RFC3339, day)
	begin = begin.Add(d.between(0, 6*time.Hour)).Round(time.Millisecond)
	d.maybe(40, "it begins at "+begin.Format(time.RFC3339), func(p *plan) { p.begin = begin })
	zone := pick(d, "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Seoul", "Australia/Lord_Howe", "America/St_Johns")
	d.maybe(40, "the zone is "+zone, func(p *plan) { p.zone = zone })
}

// exports are the inputs.
func (d *drawing) exports() {
	for n := range 3 {
		if n > 0 {
			d.maybe(30, fmt.Sprintf("input %d is there", n), func(p *plan) { p.inputs = append(p.inputs, newInput(n)) })
		}
		with := func(percent int, text string, change func(*inputPlan)) {
			d.maybe(percent, fmt.Sprintf("input %d: %s", n, text), func(p *plan) {
				for _, in := range p.inputs {
					if in.n == n {
						change(in)
					}
				}
			})
		}
		d.export(with)
	}
}

func (d *drawing) export(with func(int, string, func(*inputPlan))) {
	e := pick(d, endpoints...)
	with(80, e.method+" "+e.path+" ("+e.paging+")", func(in *inputPlan) { in.endpoint = e })
	step, count := pick(d, 15*time.Minute, time.Hour, time.Hour, 24*time.Hour), 2+d.IntN(6)
	with(30, "step "+step.String(), func(in *inputPlan) { in.step = step })
	with(70, fmt.Sprintf("%d intervals", count), func(in *inputPlan) { in.count = count })
	density, size := 1+d.IntN(4), 2+d.IntN(4)
	with(60, fmt.Sprintf("up to %d records a slot", density), func(in *inputPlan) { in.density = density })
	with(60, fmt.Sprintf("pages of %d", size), func(in *inputPlan) { in.pageSize = size })
	parallelism, limit := 2+d.IntN(4), 1+d.IntN(6)
	with(50, fmt.Sprintf("parallelism %d", parallelism), func(in *inputPlan) { in.parallelism = parallelism })
	with(25, fmt.Sprintf("checkpoint_limit %d", limit), func(in *inputPlan) { in.limit = limit })
	with(60, "manifest", func(in *inputPlan) { in.manifest = true })
	with(40, "pages that are not full", func(in *inputPlan) { in.underfill = true })
	settle := d.between(time.Second, 10*time.Minute).Round(time.Second)
	with(15, "settle "+settle.String(), func(in *inputPlan) { in.settle = settle })
	mode := pick(d, "relative", "relative", "schedule", "follow")
	with(25, "mode "+mode, func(in *inputPlan) { in.mode = mode })
	with(10, "lookback", func(in *inputPlan) { in.lookback = true })
	with(4, "another client, the same key", func(in *inputPlan) { in.client, in.key = "client-2", "position-0" })
}

// processes are where the inputs run, and the gates there.
func (d *drawing) processes() {
	d.maybe(30, "the second input has a process of its own", func(p *plan) {
		for _, in := range p.inputs {
			in.process = min(in.n, 1)
		}
	})
	workers := 1 + d.IntN(2)
	d.maybe(12, fmt.Sprintf("%d workers behind a queue", workers), func(p *plan) { p.workers = workers })
	gate := pick(d, "own", "shared", "shared", "stock")
	d.maybe(65, "the gate is "+gate, func(p *plan) { p.gate = gate })
	reserve := 1 + d.IntN(3)
	d.maybe(20, fmt.Sprintf("min_remaining %d", reserve), func(p *plan) { p.reserve = reserve })
	d.maybe(10, "a pace", func(p *plan) { p.pace = "count: 30\n    interval: 10s" })
	d.maybe(25, "a stock component at the gate", func(p *plan) { p.stock = true })
	fallback := d.between(time.Second, 30*time.Second).Round(time.Millisecond)
	d.maybe(60, "fallback_pause "+fallback.String(), func(p *plan) { p.fallback = fallback })
	giveUp := pick(d, time.Hour, 10*time.Minute, time.Minute)
	d.maybe(40, "give_up_after "+giveUp.String(), func(p *plan) { p.giveUp = giveUp })
	timeout := d.between(10*time.Second, 60*time.Second).Round(time.Second)
	d.maybe(30, "request_timeout "+timeout.String(), func(p *plan) { p.timeout = timeout })
	d.maybe(20, "priorities", func(p *plan) { p.priority = true })
}

// service is the tenant as it always is.
func (d *drawing) service() {
	bucket, window := 6+d.IntN(30), d.between(10*time.Second, 90*time.Second).Round(time.Second)
	d.maybe(50, fmt.Sprintf("%d requests in %s", bucket, window), func(p *plan) { p.bucket, p.window = bucket, window })
	family, resets := pick(d, "x", "inin", "ratelimit", "triple"), pick(d, "seconds", "seconds", "unix", "milli", "date", "none")
	d.maybe(50, "headers "+family+", reset "+resets, func(p *plan) { p.headers, p.resets = family, resets })
	skew := d.between(-2*time.Hour, 2*time.Hour).Round(time.Second)
	d.maybe(30, "the tenant's clock is off by "+skew.String(), func(p *plan) { p.skew = skew })
	life := d.between(40*time.Second, 10*time.Minute).Round(time.Second)
	d.maybe(35, "tokens live "+life.String(), func(p *plan) { p.tokenLife = life })
	lag := d.between(0, 15*time.Minute)
	d.maybe(30, "the watermark lags "+lag.Round(time.Second).String(), func(p *plan) { p.lag = lag })
	polls := d.IntN(5)
	d.maybe(50, fmt.Sprintf("%d polls a job", polls), func(p *plan) { p.polls = polls })
	d.maybe(25, "no two answers are alike", func(p *plan) { p.stamped = true })
	d.maybe(15, "tokens are numbers", func(p *plan) { p.numbered = true })
	d.maybe(15, "compressed answers", func(p *plan) { p.compressed = true })
	d.maybe(20, "an empty page after the last", func(p *plan) { p.emptyLast = true })
	d.maybe(12, "a refusal is followed by slow throttles", func(p *plan) { p.strict = true })
	d.maybe(8, "long intervals are refused", func(p *plan) { p.longest = 2 })
}

// surroundings are the network, the cache and the output as they always are.
func (d *drawing) surroundings() {
	most := d.between(50*time.Millisecond, 4*time.Second)
	d.maybe(60, "answers take up to "+most.Round(time.Millisecond).String(), func(p *plan) { p.most = most })
	dial := d.between(10*time.Millisecond, 4*time.Second)
	d.maybe(35, "a dial takes up to "+dial.Round(time.Millisecond).String(), func(p *plan) { p.dialMost = dial })
	d.maybe(25, "a connection is closed after each answer", func(p *plan) { p.closes = true })
	flight, batch := 2+d.IntN(7), 2+d.IntN(3)
	d.maybe(50, fmt.Sprintf("%d deliveries at once", flight), func(p *plan) { p.maxInFlight = flight })
	d.maybe(20, fmt.Sprintf("batches of %d", batch), func(p *plan) { p.batch = batch })
	ack := d.between(50*time.Millisecond, 5*time.Second)
	d.maybe(50, "acknowledgements take up to "+ack.Round(time.Millisecond).String(), func(p *plan) { p.ackMost = ack })
	slow := d.between(10*time.Millisecond, 400*time.Millisecond)
	d.maybe(30, "auto_replay_nacks is off", func(p *plan) { p.direct = true })
	d.maybe(40, "the cache takes up to "+slow.Round(time.Millisecond).String(), func(p *plan) { p.cacheMost = slow })
}

// describe lists parts, one a line.
func describe(parts []string) string { return "  " + strings.Join(parts, "\n  ") }
