// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

func amazon(t *testing.T, r *rig.Rig) *rig.Amazon {
	t.Helper()
	a, err := r.StartAmazon()
	require.NoError(t, err)
	return a
}

func planSQS(t *testing.T, r *rig.Rig, a *rig.Amazon) {
	t.Helper()
	p, err := r.PlanSQS(a, hour.Start, hour.End)
	require.NoError(t, err)
	require.Zero(t, exit(t, p, waitLimit), p.Tail())
}

func workSQS(t *testing.T, r *rig.Rig, a *rig.Amazon, from *rig.Tenant, env ...string) *rig.Pipeline {
	t.Helper()
	p, err := r.WorkSQS(a, rig.Hand{Tenant: from, Threads: "4", Env: env})
	require.NoError(t, err)
	return p
}

func untilLeft(t *testing.T, p *rig.Pipeline, q queue, n int) {
	t.Helper()
	require.NoError(t, p.Until(t.Context(), waitLimit, "the queue to empty", func(ctx context.Context) (bool, error) {
		left, err := q.Left(ctx)
		return left <= n, err
	}))
}

func isThrottled(r simulator.Report) bool { return r.Throttled > 0 }

// TestWhatASQSWorkerHadOnItsWayComesBack holds the head of worker_sqs.yaml to what it says of
// messages that are given back.
func TestWhatASQSWorkerHadOnItsWayComesBack(t *testing.T) {
	const (
		visibility = 15 * time.Second // far longer than a process takes to end on a busy machine
		allowed    = 6                // the token is one of them
	)
	for _, test := range []struct {
		name string
		end  func(*testing.T, *rig.Pipeline)
		held int // at least; which of those that it has a thread has taken shows only in the end
	}{
		{"terminated", func(t *testing.T, p *rig.Pipeline) {
			require.NoError(t, p.Signal(syscall.SIGTERM))
			assert.Zero(t, exit(t, p, soon))
		}, 1},
		{"killed", func(_ *testing.T, p *rig.Pipeline) { p.Kill() }, threads},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			from := tenant(t, r, "--bucket", strconv.Itoa(allowed), "--window", "60s", "--penalty")
			a := amazon(t, r)
			planSQS(t, r, a)
			p := workSQS(t, r, a, from, "VISIBILITY="+visibility.String())
			untilReport(t, p, from, "the hold", isThrottled)
			require.NoError(t, p.Until(t.Context(), waitLimit, "messages in flight, and none that is done", func(context.Context) (bool, error) {
				return a.Intervals.Hidden() > threads && len(a.Intervals.Messages()) == hour.Count()-(allowed-1), nil
			}))

			ended := time.Now()
			test.end(t, p)
			left := len(a.Intervals.Messages())
			assert.GreaterOrEqual(t, a.Intervals.Hidden(), test.held, "what is held is not given back at once")
			require.Eventually(t, func() bool { return a.Intervals.Hidden() == 0 }, waitLimit, 10*time.Millisecond)
			assert.LessOrEqual(t, time.Since(ended), 2*visibility)
			assert.Len(t, a.Intervals.Messages(), left)
		})
	}
}

var permission = regexp.MustCompile(`\b(?:sqs|dynamodb):[A-Z]\w+`)

// named are the permissions that the head of a pipeline names.
func named(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), file))
	require.NoError(t, err)
	return slices.Compact(slices.Sorted(slices.Values(permission.FindAllString(string(text), -1))))
}

func TestTheHeadsOfSQSNameWhatTheyNeed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	from := tenant(t, r, "--bucket", "6", "--window", "3s", "--penalty", "--grace", goodFaith.String())
	a := amazon(t, r)
	a.Server.Grant(named(t, rig.SQSPlanner)...)
	planSQS(t, r, a)

	a.Server.Grant(named(t, rig.SQSWorker)...)
	require.NoError(t, a.Put(t.Context(), "not JSON"))
	p := workSQS(t, r, a, from, "VISIBILITY=2s") // so that it is renewed
	untilLeft(t, p, a, 0)
	require.NoError(t, p.Signal(syscall.SIGTERM))
	assert.Zero(t, exit(t, p, soon))
	assertWholeHour(t, r)
	letters, err := a.DeadLetters(t.Context())
	require.NoError(t, err)
	assert.Len(t, letters, 1)
	assert.Zero(t, report(t, from).EarlyRequests)
	assert.Equal(t, a.Server.Used(), named(t, rig.SQSWorker), "a permission that nothing asks for is one too many")
}

// TestASQSWorkerThatMayNotReadTheHoldAsksNothing takes away what is easily forgotten: the cache is not
// even made without it.
func TestASQSWorkerThatMayNotReadTheHoldAsksNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	from := tenant(t, r)
	a := amazon(t, r)
	planSQS(t, r, a)
	a.Server.Grant(slices.DeleteFunc(named(t, rig.SQSWorker), func(action string) bool {
		return action == "dynamodb:DescribeTable"
	})...)
	p := workSQS(t, r, a, from)
	untilSaid(t, p, "dynamodb:DescribeTable")
	require.NoError(t, p.Signal(syscall.SIGTERM))
	assert.Zero(t, exit(t, p, soon))
	assert.Zero(t, report(t, from).Requests)
	assert.Len(t, a.Intervals.Messages(), hour.Count())
}
