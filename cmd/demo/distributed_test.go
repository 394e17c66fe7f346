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

	"connect-genesys.example/connect-genesys/cmd/demo/internal/day"
	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// These tests run what `make demo-distributed` runs, where things go wrong.

// hour is the day's first.
var hour = day.Span{Start: kstDay.Start, End: kstDay.Start.Add(time.Hour), Interval: kstDay.Interval}

func broker(t *testing.T, r *rig.Rig, ackWait time.Duration) *rig.Broker {
	t.Helper()
	b, err := r.StartBroker(t.Context(), ackWait)
	require.NoError(t, err)
	return b
}

func plan(t *testing.T, r *rig.Rig, span day.Span) {
	t.Helper()
	p, err := r.Plan(span.Start, span.End)
	require.NoError(t, err)
	require.Zero(t, exit(t, p, waitLimit), p.Tail())
}

func work(t *testing.T, r *rig.Rig, hand rig.Hand) *rig.Pipeline {
	t.Helper()
	if hand.Threads == "" {
		hand.Threads = "4"
	}
	p, err := r.Work(hand)
	require.NoError(t, err)
	return p
}

func left(t *testing.T, b *rig.Broker) int {
	t.Helper()
	n, err := b.Left(t.Context())
	require.NoError(t, err)
	return n
}

func deadLetters(t *testing.T, b *rig.Broker) []rig.DeadLetter {
	t.Helper()
	letters, err := b.DeadLetters(t.Context())
	require.NoError(t, err)
	return letters
}

func untilDone(t *testing.T, p *rig.Pipeline, b *rig.Broker) {
	t.Helper()
	require.NoError(t, p.Until(t.Context(), waitLimit, "the queue to empty", func(ctx context.Context) (bool, error) {
		n, err := b.Left(ctx)
		return n == 0, err
	}))
}

// untilHeld waits until the first hold is written down, and says when it ends.
func untilHeld(t *testing.T, p *rig.Pipeline, b *rig.Broker) (until time.Time) {
	t.Helper()
	require.NoError(t, p.Until(t.Context(), waitLimit, "the hold", func(ctx context.Context) (_ bool, err error) {
		until, err = b.HeldUntil(ctx)
		return !until.IsZero(), err
	}))
	return until
}

func untilSaid(t *testing.T, p *rig.Pipeline, words string) {
	t.Helper()
	require.NoError(t, p.Until(t.Context(), waitLimit, words, func(context.Context) (bool, error) {
		return strings.Contains(p.Output(), words), nil
	}))
}

func assertWholeHour(t *testing.T, r *rig.Rig) {
	t.Helper()
	assertSpan(t, objects(t, r), hour)
}

func TestWhatCannotBeFetchedIsADeadLetter(t *testing.T) {
	r := newRig(t)
	from := tenant(t, r)
	b := broker(t, r, waitLimit)
	wrong := map[string]string{ // and what the reason says of it
		`{"endpoint":"/api/v2/analytics/queues/summary","interval":"yesterday"}`:                                        "yesterday",
		`{"endpoint":"/api/v2/analytics/nothing/query","interval":"2026-11-21T15:00:00.000Z/2026-11-21T15:05:00.000Z"}`: "/api/v2/analytics/nothing/query",
		`{"interval":"2026-11-21T15:00:00.000Z/2026-11-21T15:05:00.000Z"}`:                                              "endpoint",
		`not JSON`: "invalid character",
	}
	for body := range wrong {
		require.NoError(t, b.Put(t.Context(), body))
	}
	plan(t, r, hour)

	p := work(t, r, rig.Hand{Tenant: from})
	untilDone(t, p, b)
	assertWholeHour(t, r)
	letters := deadLetters(t, b)
	assert.Len(t, letters, len(wrong))
	for _, letter := range letters {
		require.Contains(t, wrong, letter.Body)
		assert.Contains(t, letter.Reason, wrong[letter.Body])
	}
	require.NoError(t, p.Signal(syscall.SIGTERM))
	assert.Zero(t, exit(t, p, soon))
}

func TestAPlanThatCannotBeMadeEndsThePlanner(t *testing.T) {
	r := newRig(t)
	b := broker(t, r, waitLimit)
	p, err := r.Plan(hour.End, hour.Start)
	require.NoError(t, err)
	assert.Equal(t, 1, exit(t, p, soon))
	assert.Contains(t, p.Output(), "planning: ")
	assert.Contains(t, p.Output(), "start")
	assert.Zero(t, left(t, b))
}

func TestAPermissionThatIsMissingIsADeadLetterInTheTenantsWords(t *testing.T) {
	r := newRig(t)
	from := tenant(t, r, "--deny-permission", "analytics:queueObservation:view")
	b := broker(t, r, waitLimit)
	plan(t, r, day.Span{Start: hour.Start, End: hour.Start.Add(hour.Interval), Interval: hour.Interval})
	untilDone(t, work(t, r, rig.Hand{Tenant: from}), b)
	letters := deadLetters(t, b)
	require.Len(t, letters, 1)
	assert.Contains(t, letters[0].Reason, "[analytics:queueObservation:view]")
	assert.Contains(t, letters[0].Body, "2026-11-21T15:00:00.000Z/2026-11-21T15:05:00.000Z")
	assert.Empty(t, keys(t, r))
}

func TestAWorkerThatIsRefusedGivesItsMessagesBack(t *testing.T) {
	r := newRig(t)
	from := tenant(t, r)
	b := broker(t, r, time.Second)
	plan(t, r, hour)

	p := work(t, r, rig.Hand{Tenant: from, Secret: "a-secret-nobody-may-see"})
	assert.Equal(t, 1, exit(t, p, soon))
	assert.Contains(t, p.Output(), "invalid_client")
	assert.NotContains(t, p.Output(), "a-secret-nobody-may-see")
	assert.Equal(t, hour.Count(), left(t, b))

	untilDone(t, work(t, r, rig.Hand{Tenant: from}), b)
	assertWholeHour(t, r)
	assert.Empty(t, deadLetters(t, b))
}

func TestAWorkerKilledInAHoldAsksNothingBeforeItEnds(t *testing.T) {
	r := newRig(t)
	from := tenant(t, r, "--bucket", "6", "--window", "6s", "--penalty")
	b := broker(t, r, 8*time.Second)
	plan(t, r, hour)

	p := work(t, r, rig.Hand{Tenant: from})
	until := untilHeld(t, p, b)
	p.Kill()
	asked := report(t, from).Requests

	again := work(t, r, rig.Hand{Tenant: from})
	untilSaid(t, again, "ordered to another process")
	require.NoError(t, again.Until(t.Context(), waitLimit, "the gauge of the hold", func(ctx context.Context) (bool, error) {
		got, err := again.Scrape(ctx, "genesys_analytics_hold_seconds")
		return got["genesys_analytics_hold_seconds"] > 0, err
	}))
	untilReport(t, again, from, "its first request", func(r simulator.Report) bool { return r.Requests > asked })
	assert.False(t, time.Now().Before(until), "it asked %s before the end of the hold", time.Until(until))
	untilDone(t, again, b)
	assert.Zero(t, report(t, from).EarlyRequests)
	assertWholeHour(t, r)
	assert.Empty(t, deadLetters(t, b))
}

func TestAWorkerTerminatedInAHoldGivesItsMessagesBack(t *testing.T) {
	r := newRig(t)
	from := tenant(t, r, "--bucket", "6", "--window", "60s", "--penalty")
	b := broker(t, r, time.Second)
	plan(t, r, hour)

	p := work(t, r, rig.Hand{Tenant: from})
	untilHeld(t, p, b)
	asked := time.Now()
	require.NoError(t, p.Signal(syscall.SIGTERM))
	assert.Zero(t, exit(t, p, soon))
	assert.Less(t, time.Since(asked), 2*time.Second)
	assert.Empty(t, deadLetters(t, b), "what is given back is not dead")
	const stored = 5 // the token is the sixth
	assert.Equal(t, hour.Count()-stored, left(t, b))
	assert.Len(t, keys(t, r), stored)

	// Another one does the rest, of a tenant that holds nobody.
	require.NoError(t, b.ForgetHold(t.Context()))
	untilDone(t, work(t, r, rig.Hand{Tenant: tenant(t, r)}), b)
	assertWholeHour(t, r)
	assert.Empty(t, deadLetters(t, b))
}

func TestAStorageThatIsDownCostsNoRequests(t *testing.T) {
	r := newRig(t)
	from := tenant(t, r)
	b := broker(t, r, waitLimit)
	plan(t, r, kstDay)
	p := work(t, r, rig.Hand{Tenant: from, StorageURL: "http://127.0.0.1:1"})
	untilSaid(t, p, "Failed to send message")
	assert.LessOrEqual(t, report(t, from).Requests, 1+takenAlong)
	for page, times := range report(t, from).Pages {
		assert.Equal(t, 1, times, page)
	}
	assert.Equal(t, kstDay.Count(), left(t, b))
	assert.Empty(t, deadLetters(t, b))
}

// TestWhatANATSWorkerHadOnItsWayComesBack holds the head of worker.yaml to what it says of messages
// that are given back.
func TestWhatANATSWorkerHadOnItsWayComesBack(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(*testing.T, *rig.Pipeline)
	}{
		{"terminated", func(t *testing.T, p *rig.Pipeline) {
			require.NoError(t, p.Signal(syscall.SIGTERM))
			assert.Zero(t, exit(t, p, soon))
		}},
		{"killed", func(_ *testing.T, p *rig.Pipeline) { p.Kill() }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			from := tenant(t, r, "--bucket", "6", "--window", "60s", "--penalty")
			b := broker(t, r, 5*time.Second)
			plan(t, r, hour)
			p := work(t, r, rig.Hand{Tenant: from})
			untilHeld(t, p, b)
			test.end(t, p)
			taken, err := b.Taken(t.Context())
			require.NoError(t, err)
			assert.GreaterOrEqual(t, taken, threads, "what is held is not given back at once")

			require.NoError(t, b.ForgetHold(t.Context()))
			untilDone(t, work(t, r, rig.Hand{Tenant: tenant(t, r)}), b)
			assertWholeHour(t, r)
		})
	}
}
