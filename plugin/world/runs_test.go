// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"
)

var (
	seedFlag  = flag.Uint64("seed", 1, "the world that TestWorld plays")
	seedsFlag = flag.Int("seeds", 300, "how many worlds TestManyWorlds plays")
	firstFlag = flag.Uint64("first", 1, "the first of them")
	logLevel  = slog.LevelInfo
)

// TestWorld plays the world of -seed, and tells all that happens with -v.
func TestWorld(t *testing.T) {
	p, parts := build(*seedFlag, nil)
	t.Logf("seed %d:\n%s", *seedFlag, describe(parts))
	findings, lines := play(t, p, testing.Verbose())
	for _, line := range lines {
		t.Log(line)
	}
	for _, f := range findings {
		t.Error(f)
	}
	_ = os.Stdout
}

func TestManyWorlds(t *testing.T) {
	began := time.Now()
	failed := 0
	for seed := *firstFlag; seed < *firstFlag+uint64(*seedsFlag); seed++ {
		p, _ := build(seed, nil)
		at := time.Now()
		findings, _ := play(t, p, false)
		if took := time.Since(at); took > time.Second {
			fmt.Printf("seed %d took %s\n", seed, took)
		}
		if len(findings) > 0 {
			failed++
			fmt.Printf("SEED %d: %s\n", seed, strings.Split(findings[0], "\n")[0])
		}
	}
	fmt.Printf("%d of %d worlds failed, %s each\n", failed, *seedsFlag, time.Since(began)/time.Duration(*seedsFlag))
	if failed > 0 {
		t.Fail()
	}
}
