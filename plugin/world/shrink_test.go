// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// shrunk leaves parts out of a world for as long as it fails, first many at once and
// then one by one, and tells those that are left.
func shrunk(t *testing.T, seed uint64) string {
	t.Helper()
	left := make([]int, len(draw(seed)))
	for i := range left {
		left[i] = i
	}
	finding, fails := failsWith(t, seed, left)
	if !fails {
		return fmt.Sprintf("seed %d: it does not fail each time", seed)
	}
	for size := max(1, len(left)/2); size > 0; size /= 2 {
		for at := 0; at < len(left); {
			fewer := slices.Delete(slices.Clone(left), at, min(at+size, len(left)))
			if text, fails := failsWith(t, seed, fewer); fails {
				left, finding = fewer, text
			} else {
				at += size
			}
		}
	}
	_, parts := build(seed, without(seed, left))
	return fmt.Sprintf("seed %d needs no more than this:\n%s\nto come to this:\n  %s", seed, describe(parts), strings.ReplaceAll(finding, "\n", "\n  "))
}

// failsWith plays a world with some of its parts.
func failsWith(t *testing.T, seed uint64, parts []int) (finding string, fails bool) {
	defer watch(seed)()
	p, _ := build(seed, without(seed, parts))
	findings, _ := play(t, p, false)
	if len(findings) == 0 {
		return "", false
	}
	return findings[0], true
}

func without(seed uint64, parts []int) map[int]bool {
	left := map[int]bool{}
	for i := range draw(seed) {
		left[i] = !slices.Contains(parts, i)
	}
	return left
}
