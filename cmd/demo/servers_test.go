// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

//go:build servers

package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/endure"
	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
)

// These tests need servers that are not Go's: `make test-servers` gets them and runs these alone.

func redisServerOf(t *testing.T, r *rig.Rig, options ...string) *rig.RedisServer {
	t.Helper()
	server, err := r.StartRedisServer(t.Context(), options...)
	require.NoError(t, err)
	return server
}

func TestServersKafkaFleetWithRedis(t *testing.T) {
	t.Parallel()
	eachFleet(t, mostTwiceOfKafka, func(t *testing.T) crew {
		t.Helper()
		r := newRig(t)
		return kafkaCrewWith(t, r, redisServerOf(t, r).Redis)
	})
}

func TestServersSQSFleetWithDynalite(t *testing.T) {
	t.Parallel()
	eachFleet(t, mostTwiceOfSQS, func(t *testing.T) crew {
		t.Helper()
		c, a := sqsCrew(t)
		door, err := c.rig.HoldsIn(t.Context(), a)
		require.NoError(t, err)
		c.doors = append(c.doors, door)
		return c
	})
}

// TestServersEnduranceWithRedis has a Redis that is killed itself, and keeps what it was told.
func TestServersEnduranceWithRedis(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	server := redisServerOf(t, r, "--requirepass", redisWord, "--appendonly", "yes", "--appendfsync", "always")
	server.Protect(redisWord)
	newWorldWith(t, r, drawn(t), cacheServer{server.URL, []endure.Fault{endure.CacheGone}, func(fault endure.Fault) {
		if fault == "" {
			require.NoError(t, server.Start(t.Context()))
			return
		}
		server.Crash()
	}, server.HeldUntil}).endure()
}

// TestServersRedisKeepsThePositionThatItIsToldToKeep holds the daily export's head to what it says
// of Redis.
func TestServersRedisKeepsThePositionThatItIsToldToKeep(t *testing.T) {
	for _, test := range []struct {
		name    string
		options []string
		kept    bool
	}{
		{"appendonly", []string{"--appendonly", "yes"}, true},
		{"as it comes", nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			from := tenant(t, r, "--latency", "10ms")
			server := redisServerOf(t, r, test.options...)
			export := job(from)
			export.File = otherStore(t, "redis")
			export.Env = []string{"REDIS_URL=" + server.URL}
			p := run(t, r, export)
			untilObjects(t, r, p, kstDay.Count()/2)
			server.Crash()
			p.Kill()

			require.NoError(t, server.Start(t.Context()))
			before := report(t, from).Requests
			assert.Zero(t, exit(t, run(t, r, export), waitLimit))
			again := report(t, from).Requests - before
			assert.Equal(t, test.kept, again < kstDay.Count(), "%d requests the second time", again)
			assertWholeDay(t, r)
		})
	}
}
