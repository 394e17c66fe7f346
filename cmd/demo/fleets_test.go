// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// These tests run the shipped planners and workers of the other queues through what fleets meet:
// a worker that starts late and in a hold, a broker and a cache that are away, a worker that is
// killed with requests in flight.

var (
	fleets    = flag.Int("fleets", 1, "how often each fleet runs")
	realClock = flag.Bool("real-clock", false, "holds of 90 s and the shipped timeouts, instead of a sixth of both")
)

// fast is the scale of the fleets' clocks: a hold of 90 s, a broker that is away for 10 s, and the
// timeouts of the shipped pipelines, all divided by it.
const fast = 6

func scaled(d time.Duration) time.Duration {
	if *realClock {
		return d
	}
	return d / fast
}

var (
	longHold = 90 * time.Second
	outage   = 10 * time.Second
)

// inWindow is how many requests the tenant answers in a window: the day takes three.
const inWindow = 110

// queue is where a fleet's intervals wait.
type queue interface {
	Left(ctx context.Context) (int, error)
	DeadLetters(ctx context.Context) ([]rig.DeadLetter, error)
}

// crew is a fleet of one kind of queue.
type crew struct {
	queue
	rig    *rig.Rig
	tenant *rig.Tenant
	doors  []*rig.Door
	plan   func() (*rig.Pipeline, error)
	hire   func() (*rig.Pipeline, error)
}

// goodFaith is the grace of the fleets' tenant: these tests share the machine with others, and what
// ignores a shared hold is early by seconds.
const goodFaith = 250 * time.Millisecond

// strictTenant holds for as long as a window, and bans who does not wait.
func strictTenant(t *testing.T, r *rig.Rig) *rig.Tenant {
	t.Helper()
	return tenant(t, r,
		"--bucket", strconv.Itoa(inWindow), "--window", scaled(longHold).String(), "--grace", goodFaith.String(),
		"--latency", latency.String(), "--rate-headers", "none", "--penalty")
}

func (c crew) planned(t *testing.T) {
	t.Helper()
	p, err := c.plan()
	require.NoError(t, err)
	require.Zero(t, exit(t, p, waitLimit), p.Tail())
	n, err := c.Left(t.Context())
	require.NoError(t, err)
	require.Equal(t, kstDay.Count(), n)
}

func (c crew) hired(t *testing.T) *rig.Pipeline {
	t.Helper()
	p, err := c.hire()
	require.NoError(t, err)
	return p
}

// away shuts the broker and the cache for the time of an outage. What passes meanwhile is what the
// test is about, so it sleeps.
func (c crew) away(t *testing.T) {
	t.Helper()
	for _, door := range c.doors {
		door.Shut()
	}
	time.Sleep(scaled(outage))
	for _, door := range c.doors {
		require.NoError(t, door.Open())
	}
}

// work has the day done and returns how many pages were fetched twice.
func (c crew) work(t *testing.T) (duplicates int) {
	t.Helper()
	c.planned(t)
	first, second := c.hired(t), c.hired(t)
	c.until(t, first, "the first hold", isThrottled)
	third := c.hired(t)
	untilSaid(t, third, "ordered to another process")
	c.away(t)

	served := report(t, c.tenant).RequestsByStatus["200"]
	c.until(t, second, "the middle of the second window", func(r simulator.Report) bool {
		return r.RequestsByStatus["200"] >= served+inWindow/2
	})
	second.Kill()
	c.untilEmpty(t, first)
	for _, p := range []*rig.Pipeline{first, third} {
		require.NoError(t, p.Signal(syscall.SIGTERM))
		assert.Zero(t, exit(t, p, soon), p.Tail())
	}
	return c.check(t)
}

// patience covers the whole day's holds.
func patience() time.Duration { return waitLimit + 4*scaled(longHold) }

// until waits for what the tenant reports.
func (c crew) until(t *testing.T, p *rig.Pipeline, what string, isSo func(simulator.Report) bool) {
	t.Helper()
	require.NoError(t, p.Until(t.Context(), patience(), what, func(ctx context.Context) (bool, error) {
		report, err := c.tenant.Report(ctx)
		return isSo(report), err
	}))
}

func (c crew) untilEmpty(t *testing.T, p *rig.Pipeline) {
	t.Helper()
	require.NoError(t, p.Until(t.Context(), patience(), "the queue to empty", func(ctx context.Context) (bool, error) {
		n, err := c.Left(ctx)
		return n == 0, err
	}))
}

func (c crew) check(t *testing.T) (duplicates int) {
	t.Helper()
	assertWholeDay(t, c.rig)
	letters, err := c.DeadLetters(t.Context())
	require.NoError(t, err)
	assert.Empty(t, letters)
	seen := report(t, c.tenant)
	assert.Zero(t, seen.EarlyRequests)
	assert.Positive(t, seen.Throttled)
	duplicates = duplicatesOf(seen)
	t.Logf("objects %d, early %d, throttled %d, duplicates %d", kstDay.Count(), seen.EarlyRequests, seen.Throttled, duplicates)
	return duplicates
}

// duplicatesOf is how many pages the tenant served for nothing.
func duplicatesOf(seen simulator.Report) (n int) {
	for _, times := range seen.Pages {
		n += times - 1
	}
	return n
}

func kafka(t *testing.T, r *rig.Rig) *rig.Kafka {
	t.Helper()
	k, err := r.StartKafka()
	require.NoError(t, err)
	return k
}

func redis(t *testing.T, r *rig.Rig) *rig.Redis {
	t.Helper()
	server, err := r.StartRedis()
	require.NoError(t, err)
	return server
}

// kafkaCrew has its brokers, and Redis for the hold, in this process.
func kafkaCrew(t *testing.T) crew {
	t.Helper()
	r := newRig(t)
	return kafkaCrewWith(t, r, redis(t, r))
}

func kafkaCrewWith(t *testing.T, r *rig.Rig, holds *rig.Redis) crew {
	t.Helper()
	k := kafka(t, r)
	c := crew{queue: k, rig: r, tenant: strictTenant(t, r), doors: []*rig.Door{k.Door, holds.Door}}
	c.plan = func() (*rig.Pipeline, error) { return r.PlanKafka(k, kstDay.Start, kstDay.End) }
	set, env := kafkaClock()
	c.hire = func() (*rig.Pipeline, error) {
		return r.WorkKafka(k, holds, rig.Hand{Tenant: c.tenant, Threads: strconv.Itoa(threads), Set: set, Env: env})
	}
	return c
}

// kafkaClock is the shipped timeouts, and the defaults that go with them, on the fleets' clock.
func kafkaClock() (set, env []string) {
	return []string{
			"input.redpanda.heartbeat_interval=" + scaled(3*time.Second).String(),
			"input.redpanda.rebalance_timeout=" + scaled(45*time.Second).String(),
		}, []string{
			"SESSION_TIMEOUT=" + scaled(15*time.Second).String(),
		}
}

// sqsCrew has SQS, and DynamoDB for the hold, in this process.
func sqsCrew(t *testing.T) (crew, *rig.Amazon) {
	t.Helper()
	r := newRig(t)
	a := amazon(t, r)
	c := crew{queue: a, rig: r, tenant: strictTenant(t, r), doors: []*rig.Door{a.Door}}
	c.plan = func() (*rig.Pipeline, error) { return r.PlanSQS(a, kstDay.Start, kstDay.End) }
	c.hire = func() (*rig.Pipeline, error) {
		return r.WorkSQS(a, rig.Hand{
			Tenant: c.tenant, Threads: strconv.Itoa(threads),
			Env: []string{"VISIBILITY=" + scaled(time.Minute).String()},
		})
	}
	return c, a
}

// eachFleet runs a kind of fleet as often as is asked for, and bounds its duplicates.
func eachFleet(t *testing.T, most int, gather func(*testing.T) crew) {
	t.Helper()
	for i := range *fleets {
		t.Run(strconv.Itoa(i+1), func(t *testing.T) {
			t.Parallel()
			assert.LessOrEqual(t, gather(t).work(t), most, "pages fetched twice")
		})
	}
}

// mostInHand is the most messages that a worker has taken and not stored, one of which waits for a
// thread.
const mostInHand = threads + 1

// mostTwiceOfKafka is what the head of worker_kafka.yaml says: what the three workers have in hand
// when the group is shaken, in the first hold, where a worker comes and the broker is away, and again
// when one is killed; and of that one what it stored since its last commit.
const mostTwiceOfKafka = 2*3*mostInHand + threads

func TestKafkaFleet(t *testing.T) {
	t.Parallel()
	eachFleet(t, mostTwiceOfKafka, kafkaCrew)
}

// mostTwiceOfSQS is what the worker that is killed has fetched and not stored, those included that
// are being written (S3_IN_FLIGHT).
const mostTwiceOfSQS = mostInHand + 8

func TestSQSFleet(t *testing.T) {
	t.Parallel()
	eachFleet(t, mostTwiceOfSQS, func(t *testing.T) crew {
		t.Helper()
		c, _ := sqsCrew(t)
		return c
	})
}

// TestAFrozenKafkaWorkerPassesNothing freezes a worker with messages in hand for longer than its
// session: others have its partitions when it wakes, and what it stores then must not move their
// offsets.
func TestAFrozenKafkaWorkerPassesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	k, holds := kafka(t, r), redis(t, r)
	from := tenant(t, r, "--latency", "50ms")
	p, err := r.PlanKafka(k, kstDay.Start, kstDay.End)
	require.NoError(t, err)
	require.Zero(t, exit(t, p, waitLimit), p.Tail())
	hire := func() *rig.Pipeline {
		worker, err := r.WorkKafka(k, holds, rig.Hand{Tenant: from, Threads: "4", Env: []string{"SESSION_TIMEOUT=1s"}, Set: []string{
			"input.redpanda.heartbeat_interval=300ms", "input.redpanda.rebalance_timeout=5s",
		}})
		require.NoError(t, err)
		return worker
	}
	frozen, other := hire(), hire()
	untilMembers(t, other, k, 2)
	untilObjects(t, r, frozen, kstDay.Count()/8)
	require.NoError(t, frozen.Signal(syscall.SIGSTOP))
	untilMembers(t, other, k, 1)
	other.Kill() // nobody has taken over yet what it, too, had in hand
	require.NoError(t, frozen.Signal(syscall.SIGCONT))
	untilLeft(t, frozen, k, 0)
	assertWholeDay(t, r)
}

func untilMembers(t *testing.T, p *rig.Pipeline, k *rig.Kafka, n int) {
	t.Helper()
	require.NoError(t, p.Until(t.Context(), waitLimit, "the group's members", func(context.Context) (bool, error) {
		return k.Members() == n, nil
	}))
}
