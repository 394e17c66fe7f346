// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

func printReport(w io.Writer, r simulator.Report) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	served := 0
	for _, n := range r.Pages {
		served += n
	}
	fmt.Fprintf(t, "requests\t%d\t%s\n", r.Requests, byStatus(r.RequestsByStatus))
	fmt.Fprintf(t, "token requests\t%d\n", r.TokenRequests)
	fmt.Fprintf(t, "pages\t%d\tserved %d times\n", len(r.Pages), served)
	fmt.Fprintf(t, "records\t%d\n", r.Records)
	fmt.Fprintf(t, "throttled\t%d\n", r.Throttled)
	fmt.Fprintf(t, "early requests\t%d\n", r.EarlyRequests)
	fmt.Fprintf(t, "windows\t%d\n", r.Windows)
	fmt.Fprintf(t, "fewest requests\t%d\tin at least %gs\n", r.FewestRequests, r.MinSeconds)
	return t.Flush()
}

func byStatus(counts map[string]int) string {
	var parts []string
	for _, status := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s: %d", status, counts[status]))
	}
	return strings.Join(parts, ", ")
}
