// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/proc"
)

// startDemo runs the command behind `make demo`, with its folders under dir.
func startDemo(t *testing.T, dir string, args ...string) *proc.Process {
	t.Helper()
	t.Chdir(root(t))
	p, err := proc.Start(proc.Spec{
		Name: "genesys-demo",
		Path: binary(t, "genesys-demo"),
		Args: args,
		Env:  []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + dir},
	})
	require.NoError(t, err)
	t.Cleanup(p.Kill)
	return p
}

var startedPID = regexp.MustCompile(`started (\S+) +pid (\d+)`)

// assertAllGone checks that nothing of what the demo said it started is left.
func assertAllGone(t *testing.T, demo *proc.Process, processes int) {
	t.Helper()
	started := startedPID.FindAllStringSubmatch(demo.Output(), -1)
	require.Len(t, started, processes, demo.Output())
	for _, process := range started {
		pid, err := strconv.Atoi(process[2])
		require.NoError(t, err)
		assert.Eventually(t, func() bool { return groupGone(pid) },
			5*time.Second, 10*time.Millisecond, "%s is still there", process[1])
	}
}

// groupGone counts a process that has ended and was not waited for as gone: who inherits an
// orphan may never wait for it.
func groupGone(pid int) bool {
	if errors.Is(syscall.Kill(-pid, 0), syscall.ESRCH) {
		return true
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(stat), ") Z ")
}

func assertEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestDemo(t *testing.T) {
	dir := t.TempDir()
	demo := startDemo(t, dir)
	code, err := demo.Wait(t.Context(), 2*time.Minute)
	require.NoError(t, err)
	assert.Zero(t, code, demo.Tail())
	for _, row := range []string{
		`objects +288  of 288\n`,
		`requests +\d+  at most 29\d\n`,
		`throttled +[1-9]\d*  in [1-9] windows\n`,
		`early requests +0  none allowed\n`,
		`seconds paused +[1-9]\d*\.\d  `,
		`wall time +\d+\.\d  seconds\n`,
	} {
		assert.Regexp(t, row, demo.Output())
	}
	assertAllGone(t, demo, 3)
	assertEmpty(t, dir)
}

func TestDistributedDemo(t *testing.T) {
	dir := t.TempDir()
	demo := startDemo(t, dir, "-distributed")
	code, err := demo.Wait(t.Context(), 3*time.Minute)
	require.NoError(t, err)
	assert.Zero(t, code, demo.Tail())
	for _, row := range []string{
		`planned twice: 288 intervals on the queue\n`,
		`killed worker 2 with SIGKILL\n`,
		`objects +288  of 288\n`,
		`queue +0  messages left\n`,
		`dead letters +0  none expected\n`,
		`worker 3 +\d+  requests; started late\n`,
		`throttled +[1-9]\d*  in [1-9] windows, at most \d+\n`,
		`early requests +0  none allowed\n`,
	} {
		assert.Regexp(t, row, demo.Output())
	}
	t.Log(demo.Output())
	assertAllGone(t, demo, 5)
	assertEmpty(t, dir)
}

func TestDemoLeavesNothingBehindWhenItIsInterrupted(t *testing.T) {
	for _, test := range []struct {
		name      string
		args      []string
		sig       syscall.Signal
		under     *regexp.Regexp
		processes int
	}{
		{"by Ctrl-C", nil, syscall.SIGINT, someObjects, 3},
		{"by its supervisor", nil, syscall.SIGTERM, someObjects, 3},
		{"by Ctrl-C with workers", []string{"-distributed"}, syscall.SIGINT, someIntervals, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			demo := startDemo(t, dir, test.args...)
			untilUnderWay(t, demo, test.under)
			require.NoError(t, demo.Signal(test.sig))
			code, err := demo.Wait(t.Context(), 15*time.Second)
			require.NoError(t, err)
			assert.Equal(t, 130, code, demo.Tail())
			assert.Contains(t, demo.Output(), "all that was started has ended")
			assertAllGone(t, demo, test.processes)
			assertEmpty(t, dir)
		})
	}
}

func TestDemoTakesItsProcessesWithItWhenItIsKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux kills children with their parent")
	}
	demo := startDemo(t, t.TempDir())
	untilUnderWay(t, demo, someObjects)
	// The leader alone: its children lead groups of their own.
	require.NoError(t, demo.Signal(syscall.SIGKILL))
	assertAllGone(t, demo, 3)
}

var (
	someObjects   = regexp.MustCompile(` [1-9]\d* of 288 objects`)
	someIntervals = regexp.MustCompile(` [1-9]\d* of 288 intervals`)
)

// untilUnderWay waits until the demo has something done.
func untilUnderWay(t *testing.T, demo *proc.Process, some *regexp.Regexp) {
	t.Helper()
	require.NoError(t, demo.Until(t.Context(), waitLimit, "the first of the work", func(context.Context) (bool, error) {
		return some.MatchString(demo.Output()), nil
	}))
}
