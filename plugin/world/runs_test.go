// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"bufio"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	seedFlag   = flag.Uint64("seed", 1, "the world that TestWorld plays")
	shrinkFlag = flag.Bool("shrink", false, "TestWorld finds the fewest parts with which its world fails")
	seedsFlag  = flag.Int("seeds", 0, "how many worlds TestManyWorlds plays; 0: those of every day")
	firstFlag  = flag.Uint64("first", 0, "the first of them; 0: one that nobody has played")
	logLevel   = slog.LevelInfo
)

// TestWorld plays the world of -seed, and tells all that happens with -v.
func TestWorld(t *testing.T) {
	defer watch(*seedFlag)()
	p, parts := build(*seedFlag, nil)
	t.Logf("seed %d:\n%s", *seedFlag, describe(parts))
	findings, lines := play(t, p, testing.Verbose())
	for _, line := range lines {
		t.Log(line)
	}
	for _, f := range findings {
		t.Error(f)
	}
	if len(findings) > 0 && *shrinkFlag {
		t.Log(shrunk(t, *seedFlag))
	}
}

// everyDay are the seeds that are played each time, and unplayed how many new ones.
const (
	everyDay = 200 / slowness
	unplayed = 12 / slowness
)

// TestManyWorlds plays those of every day and some that nobody has played; with
// -seeds, as many as that. They are played on all cores.
func TestManyWorlds(t *testing.T) {
	first := *firstFlag
	if first == 0 {
		first = uint64(time.Now().UnixMilli()) * 1000
	}
	if *seedsFlag > 0 {
		playMany(t, first, *seedsFlag)
		return
	}
	playMany(t, 1, everyDay)
	playMany(t, first, unplayed) // it says which
}

func again(seed uint64) string {
	return fmt.Sprintf("go test ./plugin/world -run 'TestWorld$' -v -seed %d", seed)
}

// standstill is after how long a world that does not end is given up.
const standstill = 90 * time.Second

// watch ends the test when a world stands still: its clock is that of its bubble, and
// so a lock that is never let go, or a loop, would be waited for without end.
func watch(seed uint64) (done func()) {
	timer := time.AfterFunc(standstill, func() {
		buf := make([]byte, 1<<20)
		fmt.Printf("%s\nit stands still:\n%s\n", again(seed), buf[:runtime.Stack(buf, true)])
		os.Exit(2)
	})
	return func() { timer.Stop() }
}

const workerVariable = "WORLD_WORKER"

// playMany gives worlds to processes of their own, one a core: what stands still, or
// leaves goroutines, harms no other.
func playMany(t *testing.T, first uint64, count int) {
	t.Helper()
	if os.Getenv(workerVariable) != "" {
		for n := range uint64(count) {
			work(t, first+n)
		}
		return
	}
	began := time.Now()
	var next atomic.Uint64
	var mu sync.Mutex
	var failed []uint64
	report := func(seed uint64, text string) {
		mu.Lock()
		defer mu.Unlock()
		failed = append(failed, seed)
		fmt.Printf("%s\n    %s\n", again(seed), text)
	}
	var workers sync.WaitGroup
	share := min(100, count/(2*runtime.NumCPU())+1)
	for range runtime.NumCPU() {
		workers.Go(func() {
			for {
				from := next.Add(uint64(share)) - uint64(share)
				if from >= uint64(count) {
					return
				}
				employ(first+from, min(share, count-int(from)), report)
			}
		})
	}
	workers.Wait()
	took := time.Since(began)
	fmt.Printf("%d worlds from seed %d on, %d failed, in %s: %.1f a second\n", count, first, len(failed), took.Round(time.Second), float64(count)/took.Seconds())
	for n, seed := range failed {
		if n < 3 {
			t.Log(shrunk(t, seed))
		}
		t.Fail()
	}
}

// employ runs a process for some seeds, and another for the rest when it dies.
func employ(first uint64, count int, report func(seed uint64, text string)) {
	for end := first + uint64(count); first < end; {
		cmd := exec.Command(os.Args[0], "-test.run=^TestManyWorlds$", "-test.timeout=0", fmt.Sprintf("-first=%d", first), fmt.Sprintf("-seeds=%d", end-first))
		cmd.Env = append(os.Environ(), workerVariable+"=1", "GOMAXPROCS=1")
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			report(first, err.Error())
			return
		}
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			verdict, text, _ := strings.Cut(lines.Text(), " ")
			number, finding, _ := strings.Cut(text, " ")
			switch seed, err := strconv.ParseUint(number, 10, 64); {
			case err != nil:
			case verdict == "failed":
				report(seed, finding)
				first = seed + 1
			case verdict == "played":
				first = seed + 1
			}
		}
		if cmd.Wait() != nil && first < end {
			report(first, "it stands still, or its process has died")
			first++
		}
	}
}

func work(t *testing.T, seed uint64) {
	defer watch(seed)()
	p, _ := build(seed, nil)
	verdict, text := "played", ""
	if findings, _ := play(t, p, false); len(findings) > 0 {
		verdict, text = "failed", strings.ReplaceAll(findings[0], "\n", " | ")
	}
	fmt.Println(verdict, seed, text)
}
