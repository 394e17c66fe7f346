// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/day"
	"connect-genesys.example/connect-genesys/cmd/demo/internal/endure"
	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
)

// hand is one of the processes and what it has to do, run by run.
type hand struct {
	*endure.Member

	// start starts a life over the present run.
	start func(run day.Span) (*rig.Pipeline, error)
	data  day.Data
	first day.Span // run
	runs  int      // that are done
	begun bool     // the next one is
	lives int
	last  *rig.Pipeline

	started time.Time // the last one
}

// run is the n'th run's window.
func (h *hand) run(n int) day.Span {
	length := h.first.End.Sub(h.first.Start)
	return day.Span{
		Start: h.first.Start.Add(time.Duration(n) * length), End: h.first.End.Add(time.Duration(n) * length), Interval: h.first.Interval,
	}
}

// done is all the runs that are done.
func (h *hand) done() (whole day.Span, each []day.Span) {
	for n := range h.runs {
		each = append(each, h.run(n))
	}
	return day.Span{Start: h.first.Start, End: h.run(h.runs).Start, Interval: h.first.Interval}, each
}

// The places of the hands.
const (
	summaries = iota
	conversations
	workerPlace
	plannerPlace
)

func span(start string, length, interval time.Duration) day.Span {
	at, err := time.Parse(time.RFC3339, start)
	if err != nil {
		panic(err)
	}
	return day.Span{Start: at, End: at.Add(length), Interval: interval}
}

// people makes the hands. The runs of the two that export the same do not meet.
func (w *world) people() {
	member := func(name string) *endure.Member { return &endure.Member{Name: name, Orders: w.orders} }
	w.hands = []*hand{
		{
			Member: member("summaries"), data: day.QueueSummaries, first: span("2026-06-01T00:00:00Z", 2*time.Hour, 5*time.Minute),
		},
		{
			Member: member("conversations"), data: day.Conversations(fewEntries), first: span("2026-06-01T00:00:00Z", 4*time.Hour, time.Hour),
		},
		{Member: member(endure.Worker)},
		{
			Member: &endure.Member{Name: "planner"}, data: day.QueueSummaries, first: span("2026-01-01T00:00:00Z", 2*time.Hour, 5*time.Minute),
			start: func(run day.Span) (*rig.Pipeline, error) { return w.rig.Plan(run.Start, run.End) },
		},
	}
	w.hands[summaries].start = w.export(w.hands[summaries], w.exporter("redis"), hidden, "LOG_LEVEL=ALL")
	w.hands[conversations].start = w.export(w.hands[conversations], w.exporter("file"), hidden, "LOG_LEVEL=DEBUG")
	w.hands[workerPlace].start = w.labour(w.hands[workerPlace])
}

// doors opens the tenant's and the bucket's ports for a process.
func (w *world) doors(m *endure.Member) (tenant, bucket string) {
	tenant, closeTenant, err := endure.Listen(w.tenant, m)
	require.NoError(w, err)
	bucket, closeBucket, err := endure.Listen(w.bucket, m)
	require.NoError(w, err)
	w.Cleanup(func() { closeTenant(); closeBucket() })
	return tenant, bucket
}

const impatience = "request_timeout=2s"

func (w *world) export(h *hand, file, secret string, env ...string) func(day.Span) (*rig.Pipeline, error) {
	tenant, bucket := w.doors(h.Member)
	const input = "input.genesys_analytics."
	return func(run day.Span) (*rig.Pipeline, error) {
		return w.rig.Run(rig.Job{
			File: file, Tenant: &rig.Tenant{URL: tenant}, Secret: secret,
			Start: h.first.Start.Format(time.RFC3339), End: run.End.Format(time.RFC3339),
			Set: []string{
				"output.aws_s3.endpoint=" + bucket, input + "rate_limit=tenant", input + impatience, input + "fallback_pause=200ms",
				input + "endpoint=" + h.data.Path, fmt.Sprintf("%sinterval=%s", input, run.Interval), fmt.Sprintf("%spage_size=%d", input, h.data.PageSize),
				input + "manifest=true", input + "parallelism=2", input + "timezone=UTC",
			},
			Env: append([]string{"CHECKPOINT_KEY=" + h.Name, "REDIS_URL=" + w.cache.url}, env...),
		})
	}
}

func (w *world) labour(h *hand) func(day.Span) (*rig.Pipeline, error) {
	tenant, bucket := w.doors(h.Member)
	file := w.workerFile()
	const fetch = "pipeline.processors.0.try_catch.processors.1.genesys_analytics."
	return func(day.Span) (*rig.Pipeline, error) {
		return w.rig.Work(rig.Hand{
			File: file, Tenant: &rig.Tenant{URL: tenant}, Secret: hidden, StorageURL: bucket, Threads: "2",
			Set: append([]string{fetch + impatience, fetch + "fallback_pause=200ms"}, w.worker...),
			Env: []string{"REDIS_URL=" + w.cache.url, "NATS_URL=nats://" + w.gate.Addr().String(), "LOG_LEVEL=DEBUG"},
		})
	}
}

const (
	lookEvery  = 10 * time.Millisecond
	stormLimit = 30 * time.Minute
	clearLimit = 3 * time.Minute
	tellEvery  = 30 * time.Second
)

// storm goes on until the kills are done and each server has had all its faults.
func (w *world) storm() {
	w.stormy = true
	w.until("the storm", stormLimit, func() bool {
		over := w.killed >= *kills
		for server, s := range w.skies {
			s.look(w.script, server)
			over = over && s.seenAll()
		}
		return over
	})
	w.stormy = false
}

// clear ends all faults and kills, and lets the processes finish what they have begun.
func (w *world) clear() {
	for _, s := range w.skies {
		s.end()
	}
	for _, h := range w.hands {
		h.Spare()
	}
	w.fool()
	w.until("the end of all runs", clearLimit, func() bool {
		return !slices.ContainsFunc(w.hands, func(h *hand) bool { return h.begun && h.Name != endure.Worker }) && w.left() == 0
	})
	worker := w.hands[workerPlace]
	require.NoError(w, worker.last.Signal(syscall.SIGTERM))
	code := exit(w.T, worker.last, waitLimit)
	w.note(worker, endure.End{Name: worker.Name, Struck: true, Gentle: true, Code: code})
	w.refuse()
}

// fool has each process answered nonsense once more: now that nobody is ended, who has taken some of
// it for a page stores that, or comes to no end.
func (w *world) fool() {
	w.tenant.Turn(endure.TenantNonsense)
	began := time.Now()
	w.until("the last nonsense", clearLimit, func() bool { return time.Since(began) >= 2*time.Second })
	w.tenant.Turn("")
}

// until looks after all until something is so.
func (w *world) until(what string, limit time.Duration, isSo func() bool) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for end := time.Now().Add(limit); !isSo(); <-tick.C {
		if time.Since(w.told) >= tellEvery {
			w.told = time.Now()
			w.Logf("%s: %d lives, %d of %d kills, %d requests", what, len(w.ends), w.killed, *kills, report(w.T, w.sim).Requests)
		}
		if time.Now().After(end) {
			w.tell()
			w.Fatalf("waiting for %s: it takes longer than %s", what, limit)
		}
		for place, h := range w.hands {
			w.lookAfter(place, h)
		}
	}
}

// lookAfter has a process do what there is to do.
func (w *world) lookAfter(place int, h *hand) {
	if end, ended := h.Look(); ended {
		end.Unkept = unkept.MatchString(h.last.Output()) && w.orders.CacheWasAway(h.started)
		w.note(h, end)
		if end.Code == 0 && h.Name != endure.Worker { // all of the run is done
			h.runs, h.begun = h.runs+1, false
		}
	}
	if h.Process() == nil && w.due(place, h) {
		w.begin(place, h)
	}
}

// unkept is what an export says that ends because the cache is away, as it is promised to: when it
// starts, and when all is delivered.
var unkept = regexp.MustCompile("The export ends: (the checkpoint cannot be kept|everything is delivered, but the checkpoint could not be written within .*): ")

// due reports whether a process that is not there has something to do: what was begun, and as long as
// the weather is bad something new, the planner where the worker has nothing left.
func (w *world) due(place int, h *hand) bool {
	switch {
	case h.begun || place == workerPlace:
		return true
	case place == plannerPlace:
		return w.stormy && w.left() == 0
	}
	return w.stormy
}

func (w *world) begin(place int, h *hand) {
	p, err := h.start(h.run(h.runs))
	require.NoError(w, err)
	life := endure.Life{Endless: true}
	switch {
	case !w.stormy || w.spared:
	case place == plannerPlace:
		life = w.script.Brief(place, h.lives)
	default:
		life = w.script.Life(place, h.lives)
	}
	h.begun, h.last, h.started = true, p, time.Now()
	h.lives++
	h.Begin(p.Process, life)
}

// left asks now and then.
func (w *world) left() int {
	if time.Since(w.asked) < 20*lookEvery {
		return w.queued
	}
	n, err := w.broker.Left(w.Context())
	require.NoError(w, err)
	w.queued, w.asked = n, time.Now()
	return n
}

// note writes down how a life ended, and what it wrote.
func (w *world) note(h *hand, end endure.End) {
	w.ends = append(w.ends, end)
	w.logs[fmt.Sprintf("%s %04d", h.Name, len(w.ends))] = h.last.Output()
	complain(h.last.Output(), w.words)
	w.rig.Forget(h.last.Process)
	if end.Killed() {
		w.killed++
	}
	if !slices.Contains(end.Promised(), end.Code) {
		w.tell()
		w.Fatalf("%+v, want a status of %v\n%s", end, end.Promised(), h.last.Tail())
	}
}

const wrongWord = "Wr0ng/hunter2=w%K"

// refuse starts a process whose secret is not the tenant's.
func (w *world) refuse() {
	h := &hand{
		Member: &endure.Member{Name: endure.Refused, Orders: w.orders},
		data:   day.QueueSummaries, first: w.hands[summaries].first,
	}
	p, err := w.export(h, w.exporter("redis"), wrongWord, "LOG_LEVEL=ALL")(h.first)
	require.NoError(w, err)
	h.last = p
	w.note(h, endure.End{Name: h.Name, Code: exit(w.T, p, waitLimit)})
}

// tell shows what the processes wrote last.
func (w *world) tell() {
	for _, h := range w.hands {
		if h.last != nil {
			w.Log(h.last.Tail())
		}
	}
}

func (w *world) evidence() endure.Evidence {
	e := endure.Evidence{
		Objects: objects(w.T, w.rig), Report: report(w.T, w.sim), Ends: w.ends, Logs: w.logs, Kills: *kills, Kept: w.orders.Kept(),
		Left: left(w.T, w.broker), Dead: len(deadLetters(w.T, w.broker)), Hits: w.bucket.Hits(),
		Secrets: slices.Concat(w.tenant.Tokens(), shownAs(rig.ClientID), []string{rig.S3Secret, redisWord, wrongWord}),
	}
	maps.Copy(e.Hits, w.tenant.Hits())
	maps.Copy(e.Hits, w.words)
	for _, sky := range w.skies {
		e.Faults = append(e.Faults, sky.faults...)
	}
	for _, p := range w.rig.Processes() {
		w.logs[fmt.Sprintf("%s %d", filepath.Base(p.Name()), p.PID())] = p.Output()
	}
	for name, log := range w.logs { // where -artifacts keeps them
		require.NoError(w, os.WriteFile(filepath.Join(w.ArtifactDir(), name+".log"), []byte(log), 0o600))
	}
	for _, h := range w.hands {
		if h.Name == endure.Worker {
			continue
		}
		whole, runs := h.done()
		if h.Orders == nil { // a plan has no manifest
			runs = nil
		}
		e.Exports = append(e.Exports, w.expected(h.data, whole, runs))
	}
	return e
}
