// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package proc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const limit = 20 * time.Second

// TestMain plays the child when it is asked to.
func TestMain(m *testing.M) {
	switch os.Getenv("PLAY") {
	case "":
		os.Exit(m.Run())
	case "fail":
		fmt.Println("no such thing")
		os.Exit(3)
	case "environment":
		fmt.Println(os.Environ())
	case "polite":
		wait()
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		wait()
	case "parent":
		child, err := os.StartProcess(os.Args[0], os.Args[:1], &os.ProcAttr{
			Env: []string{"PLAY=stubborn"}, Files: []*os.File{os.Stdin, os.Stdout, os.Stderr},
		})
		if err != nil {
			panic(err)
		}
		fmt.Println("child", child.Pid)
		wait()
	}
}

// wait says that it is there, and stays.
func wait() {
	fmt.Println("ready")
	<-time.After(time.Minute)
}

func play(t *testing.T, part string) *Process {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	p, err := Start(Spec{Name: part, Path: self, Env: []string{"PLAY=" + part}})
	require.NoError(t, err)
	t.Cleanup(p.Kill)
	return p
}

func ready(t *testing.T, p *Process) {
	t.Helper()
	require.NoError(t, p.Until(t.Context(), limit, "ready", func(context.Context) (bool, error) {
		return strings.Contains(p.Output(), "ready"), nil
	}))
}

func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func TestStopLetsAProcessEndByItself(t *testing.T) {
	p := play(t, "polite")
	ready(t, p)
	p.Stop(limit)
	assert.Equal(t, -1, p.ExitCode())
	assert.True(t, gone(p.PID()))
}

func TestStopKillsAProcessThatDoesNotEnd(t *testing.T) {
	p := play(t, "stubborn")
	ready(t, p)
	p.Stop(time.Millisecond)
	assert.True(t, gone(p.PID()))
}

func TestStopEndsWhatTheProcessStarted(t *testing.T) {
	p := play(t, "parent")
	ready(t, p)
	_, rest, _ := strings.Cut(p.Output(), "child ")
	child, err := strconv.Atoi(strings.Fields(rest)[0])
	require.NoError(t, err)
	p.Stop(limit)
	// An orphan is reaped by whoever inherits it, in its own time.
	assert.Eventually(t, func() bool { return gone(child) || zombie(child) }, limit, pollEvery)
}

// zombie is a process that has ended and was not waited for.
func zombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(stat), ") Z ")
}

func TestUntilGivesUpWhenTheProcessEnds(t *testing.T) {
	p := play(t, "fail")
	err := p.Until(t.Context(), limit, "a miracle", func(context.Context) (bool, error) { return false, nil })
	require.ErrorContains(t, err, "waiting for a miracle: fail ended with status 3")
	assert.ErrorContains(t, err, "no such thing")
}

func TestUntilGivesUpAtItsLimit(t *testing.T) {
	p := play(t, "polite")
	err := p.Until(t.Context(), time.Millisecond, "a miracle", func(context.Context) (bool, error) { return false, nil })
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestUntilTakesWhatTheProcessDidLast(t *testing.T) {
	p := play(t, "fail")
	assert.NoError(t, p.Until(t.Context(), limit, "its words", func(context.Context) (bool, error) {
		return strings.Contains(p.Output(), "no such thing"), nil
	}))
}

func TestNothingOfTheEnvironmentIsInherited(t *testing.T) {
	t.Setenv("AWS_PROFILE", "mine")
	p := play(t, "environment")
	code, err := p.Wait(t.Context(), limit)
	require.NoError(t, err)
	assert.Zero(t, code)
	assert.Equal(t, "[PLAY=environment]\n", p.Output())
}
