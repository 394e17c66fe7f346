// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/day"
	"connect-genesys.example/connect-genesys/cmd/demo/internal/endure"
	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
)

// world is the processes, the servers, and the weather between them.
type world struct {
	*testing.T

	rig    *rig.Rig
	script endure.Script
	orders *endure.Orders
	sim    *rig.Tenant
	tenant *endure.Tenant
	bucket *endure.Bucket
	cache  cacheServer
	broker *rig.Broker
	gate   *rig.Door // in front of the broker

	worker []string // its overrides
	hands  []*hand
	skies  []*sky
	ends   []endure.End
	logs   map[string]string
	words  map[endure.Fault]int // of complaint, in them
	killed int
	stormy bool // there is more to do
	spared bool // nobody is ended
	queued int  // messages, when it was asked
	asked  time.Time
	told   time.Time // how far it is
}

const (
	// allowance is what the tenant answers in a window. A hold is long enough for a process that does
	// not know of it to be early: the tenant's grace is what an order takes to be known to all.
	allowance  = 30
	windowOf   = 4 * time.Second
	redisWord  = "r3d1s-hunter2"
	fewEntries = 10
	// shareAckWait is how long the messages of a worker that was killed wait for another one.
	shareAckWait = 6 * time.Second
)

// cacheServer is where the hold is shared and a position kept.
type cacheServer struct {
	url    string
	faults []endure.Fault
	turn   func(endure.Fault)
	held   func() (until time.Time, err error)
}

// newWorld has its Redis in this process, and a worker with further overrides.
func newWorld(t *testing.T, script endure.Script, worker ...string) *world {
	t.Helper()
	r := newRig(t)
	server := redis(t, r)
	server.Protect(redisWord)
	return newWorldWith(t, r, script, cacheServer{server.URL, endure.CacheFaults, func(fault endure.Fault) {
		switch fault {
		case endure.CacheGone:
			server.Door.Shut()
		case endure.CacheLoading:
			server.Fail("LOADING Redis is loading the dataset in memory")
		default:
			server.Fail("")
			_ = server.Door.Open() // unless it is
		}
	}, server.HeldUntil}, worker...)
}

func newWorldWith(t *testing.T, r *rig.Rig, script endure.Script, cache cacheServer, worker ...string) *world {
	t.Helper()
	w := &world{
		T: t, rig: r, script: script, orders: endure.NewOrders(), cache: cache,
		logs: map[string]string{}, words: map[endure.Fault]int{}, worker: worker,
	}
	w.sim = tenant(t, w.rig, "--client-secret", hidden,
		"--bucket", strconv.Itoa(allowance), "--window", windowOf.String(), "--grace", endure.HeardAfter.String(),
		"--latency", "10ms", "--rate-headers", "none", "--penalty",
		"--faults", "reset=0.003,5xx=0.003,truncate=0.003,close=0.003,header=0.003,empty=0.003")
	w.tenant = endure.NewTenant(strings.TrimPrefix(w.sim.URL, "http://"), w.orders)
	w.bucket = endure.NewBucket(strings.TrimPrefix(w.rig.Storage.URL, "http://"))
	w.broker = broker(t, w.rig, shareAckWait)
	var err error
	w.gate, err = w.rig.Front(w.broker)
	require.NoError(t, err)
	w.people()
	w.watch()
	w.skies = []*sky{
		{faults: endure.S3Faults, turn: w.turnS3, met: w.bucket.Hits},
		{faults: endure.TenantFaults, turn: w.tenant.Turn, met: w.tenant.Hits},
		{faults: cache.faults, turn: w.turnCache, met: w.complaints},
		{faults: endure.BrokerFaults, turn: w.turnBroker, met: w.complaints},
	}
	return w
}

// watch looks at the cache until the test is over.
func (w *world) watch() {
	const often = 20 * time.Millisecond
	go func() {
		tick := time.NewTicker(often)
		defer tick.Stop()
		for {
			select {
			case <-w.Context().Done():
				return
			case <-tick.C:
			}
			if until, err := w.cache.held(); err == nil {
				w.orders.Board(until, time.Now())
			}
		}
	}()
}

// turnS3 kills the server itself, too.
func (w *world) turnS3(fault endure.Fault) {
	before := w.bucket.Now()
	w.bucket.Turn(fault)
	switch {
	case fault == endure.S3Killed:
		w.rig.Storage.Crash()
	case before == endure.S3Killed:
		require.NoError(w, w.rig.RestartStorage(w.Context(), w.rig.Storage))
	}
}

func (w *world) turnCache(fault endure.Fault) {
	if fault != "" {
		w.orders.CacheAway(time.Now())
	}
	w.cache.turn(fault)
	if fault == "" {
		w.orders.CacheBack(time.Now())
	}
}

func (w *world) turnBroker(fault endure.Fault) {
	if fault == endure.BrokerGone {
		w.gate.Shut()
		return
	}
	require.NoError(w, w.gate.Open())
}

// behindOneHold is a pipeline as it is shipped with the gate and its cache put in.
func (w *world) behindOneHold(file, replaced, by string) string {
	text, err := os.ReadFile(filepath.Join(root(w.T), file))
	require.NoError(w, err)
	require.Contains(w, string(text), replaced)
	path := filepath.Join(w.TempDir(), filepath.Base(file))
	require.NoError(w, os.WriteFile(path, []byte(strings.Replace(string(text), replaced, by, 1)), 0o600))
	return path
}

const holdsInRedis = "  - label: holds\n    redis:\n      url: \"${REDIS_URL}\"\n      prefix: \"genesys:\"\n"

func (w *world) exporter(position string) string {
	const resources = "\ncache_resources:\n"
	gate := "\nrate_limit_resources:\n  - label: tenant\n    genesys_analytics:\n      cache: holds\n      fallback_pause: 500ms\n"
	file := w.behindOneHold(rig.DailyExport, resources, gate+resources+holdsInRedis)
	if position == "file" {
		return file
	}
	text, err := os.ReadFile(file)
	require.NoError(w, err)
	const folder = "    file:\n      directory: \"${CHECKPOINT_DIR}\"\n"
	require.Contains(w, string(text), folder)
	moved := strings.Replace(string(text), folder, offered(w.T, string(text), position), 1)
	require.NoError(w, os.WriteFile(file, []byte(moved), 0o600))
	return file
}

func (w *world) workerFile() string {
	file := w.behindOneHold(rig.Worker, "    genesys_analytics:\n      cache: holds\n",
		"    genesys_analytics:\n      cache: holds\n      fallback_pause: 500ms\n")
	text, err := os.ReadFile(file)
	require.NoError(w, err)
	before, rest, _ := strings.Cut(string(text), "  - label: holds\n")
	_, after, found := strings.Cut(rest, "\npipeline:\n")
	require.True(w, found)
	require.NoError(w, os.WriteFile(file, []byte(before+holdsInRedis+"\npipeline:\n"+after), 0o600))
	return file
}

// sky is what a server goes through.
type sky struct {
	faults []endure.Fault
	turn   func(endure.Fault)
	met    func() map[endure.Fault]int

	number int // of the spell
	spell  endure.Spell
	since  time.Time // it began, or the calm before it
	on     bool
	before int // what the fault had met
}

func (s *sky) look(script endure.Script, server int) {
	switch age := time.Since(s.since); {
	case s.since.IsZero():
		s.spell, s.since = script.Spell(server, s.number, s.faults), time.Now()
	case !s.on && age >= s.spell.Calm:
		s.on, s.since, s.before = true, time.Now(), s.met()[s.spell.Fault]
		s.turn(s.spell.Fault)
	case s.on && age >= s.spell.Lasts && s.met()[s.spell.Fault] >= s.before+s.spell.Fault.Enough():
		s.end()
		s.number++
		s.since = time.Time{}
	}
}

func (s *sky) end() {
	if s.on {
		s.on = false
		s.turn("")
	}
}

// seenAll reports whether each fault was there.
func (s *sky) seenAll() bool { return s.number >= len(s.faults) }

// complaints are what the processes say of servers that nothing of ours stands in front of.
var complaints = map[endure.Fault][]string{
	endure.CacheGone: {
		"the shared hold: context deadline exceeded", "the shared hold: dial tcp", "the shared hold: EOF",
		"checkpoint \\\"summaries\\\": context deadline exceeded", "checkpoint \\\"summaries\\\": dial tcp",
	},
	endure.CacheLoading: {": LOADING Redis"},
	endure.BrokerGone:   {"nats: "},
}

func complain(log string, said map[endure.Fault]int) {
	for fault, signs := range complaints {
		for _, sign := range signs {
			said[fault] += strings.Count(log, sign)
		}
	}
}

// complaints counts them in the logs of all lives.
func (w *world) complaints() map[endure.Fault]int {
	said := maps.Clone(w.words)
	for _, h := range w.hands {
		if h.Process() != nil {
			complain(h.last.Output(), said)
		}
	}
	return said
}

// expected is what an export has to have stored.
func (w *world) expected(data day.Data, span day.Span, runs []day.Span) endure.Export {
	pages, err := data.Expected(w.Context(), seed, span)
	require.NoError(w, err)
	return endure.Export{Data: data, Span: span, Runs: runs, Pages: pages}
}
