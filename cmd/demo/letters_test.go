// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// post is a kind of queue as its dead letters see it.
type post struct {
	queue
	put    func(ctx context.Context, body string) error
	plan   func() (*rig.Pipeline, error)
	work   func(rig.Hand) (*rig.Pipeline, error)
	forget func() error // the place where dead letters go
	remake func() error

	partitioned bool
}

func posts(t *testing.T, r *rig.Rig) map[string]func() post {
	t.Helper()
	return map[string]func() post{
		"NATS": func() post {
			b := broker(t, r, waitLimit)
			return post{
				b, b.Put,
				func() (*rig.Pipeline, error) { return r.Plan(hour.Start, hour.End) }, r.Work,
				func() error { return b.ForgetDeadStream(t.Context()) },
				func() error { return b.MakeDeadStream(t.Context()) }, false,
			}
		},
		"Kafka": func() post {
			k, redis := kafka(t, r), redis(t, r)
			return post{
				k, k.Put,
				func() (*rig.Pipeline, error) { return r.PlanKafka(k, hour.Start, hour.End) },
				func(h rig.Hand) (*rig.Pipeline, error) { return r.WorkKafka(k, redis, h) },
				k.ForgetDeadTopic, k.MakeDeadTopic, true,
			}
		},
		"SQS": func() post {
			a := amazon(t, r)
			return post{
				a, a.Put,
				func() (*rig.Pipeline, error) { return r.PlanSQS(a, hour.Start, hour.End) },
				func(h rig.Hand) (*rig.Pipeline, error) { return r.WorkSQS(a, h) },
				func() error { a.ForgetDeadQueue(); return nil },
				func() error { a.MakeDeadQueue(); return nil }, false,
			}
		},
	}
}

// forEachPost runs a test with each kind of queue, in a rig of its own.
func forEachPost(t *testing.T, test func(t *testing.T, r *rig.Rig, p post)) {
	t.Helper()
	for _, kind := range []string{"NATS", "Kafka", "SQS"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			test(t, r, posts(t, r)[kind]())
		})
	}
}

func (p post) planned(t *testing.T) {
	t.Helper()
	planner, err := p.plan()
	require.NoError(t, err)
	require.Zero(t, exit(t, planner, waitLimit), planner.Tail())
}

func (p post) working(t *testing.T, from *rig.Tenant, env ...string) *rig.Pipeline {
	t.Helper()
	worker, err := p.work(rig.Hand{Tenant: from, Threads: "4", Env: env})
	require.NoError(t, err)
	return worker
}

func (p post) letters(t *testing.T) []rig.DeadLetter {
	t.Helper()
	letters, err := p.DeadLetters(t.Context())
	require.NoError(t, err)
	return letters
}

// assertHourStored waits until the hour is in the bucket, whatever else is on the queue.
func assertHourStored(t *testing.T, r *rig.Rig, p *rig.Pipeline) {
	t.Helper()
	untilObjects(t, r, p, hour.Count())
	assertWholeHour(t, r)
}

// refused is a message that the tenant has to be asked about before it is dead: each time that it
// is fetched again is a request.
const refused = `{"endpoint":"/api/v2/analytics/conversations/aggregates/query","interval":"2026-11-21T15:00:00.000Z/2026-11-21T15:05:00.000Z"}`

func TestALetterThatIsNotTakenStopsNothingElse(t *testing.T) {
	forEachPost(t, func(t *testing.T, r *rig.Rig, p post) {
		from := tenant(t, r, "--deny-permission", "analytics:conversationAggregate:view")
		require.NoError(t, p.forget())
		if p.partitioned {
			p.planned(t) // first, so that the letter has a partition of its own: what is behind it waits
			require.NoError(t, p.put(t.Context(), refused))
		} else {
			require.NoError(t, p.put(t.Context(), refused))
			p.planned(t)
		}

		const patience = 8 * time.Second
		worker := p.working(t, from, "DEAD_GIVE_UP_AFTER="+patience.String())
		assertHourStored(t, r, worker)
		assert.LessOrEqual(t, report(t, from).RequestsByStatus["403"], 1, "it waited for the letter's end")
		// The letter's end is in the log and in the metrics, and the message is given back.
		untilSaid(t, worker, "a dead letter: ")
		untilReport(t, worker, from, "the message to be fetched again", func(r simulator.Report) bool {
			return r.RequestsByStatus["403"] >= 2
		})
		got, err := worker.Scrape(t.Context(), `output_error\{label="dead_letters"`)
		require.NoError(t, err)
		assert.NotEmpty(t, got)
		n, err := p.Left(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 1, n)

		require.NoError(t, p.remake())
		untilLeft(t, worker, p, 0)
		assert.Len(t, p.letters(t), 1)
		require.NoError(t, worker.Signal(syscall.SIGTERM))
		assert.Zero(t, exit(t, worker, soon))
	})
}

func TestALetterIsAsLargeAsItMayBe(t *testing.T) {
	forEachPost(t, func(t *testing.T, r *rig.Rig, p post) {
		from := tenant(t, r)
		// As large as every queue takes, with a reason that would be as large again.
		large := `{"interval":"` + strings.Repeat("é\\u0000", 30_000) + `","endpoint":"/api/v2/analytics/queues/summary"}`
		require.NoError(t, p.put(t.Context(), large))
		worker := p.working(t, from)
		untilLeft(t, worker, p, 0)
		letters := p.letters(t)
		require.Len(t, letters, 1)
		assert.NotEmpty(t, letters[0].Reason)
		assert.LessOrEqual(t, len(letters[0].Reason), 512)
		assert.LessOrEqual(t, len(letters[0].Body), 64<<10)
		assert.True(t, strings.HasPrefix(large, letters[0].Body))
	})
}
