// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"fmt"
	"time"

	"github.com/redpanda-data/benthos/v4/public/bloblang"

	"connect-genesys.example/connect-genesys/plugin/settings"
)

// maxIntervals is the most that one call returns: ten years of five minutes.
const maxIntervals = 1_100_000

// registerIntervals registers genesys_intervals: the input's own grid, for pipelines that
// put its intervals on a queue.
func registerIntervals() {
	spec := bloblang.NewPluginSpec().
		Category("Genesys Cloud").
		Description("The intervals that the `genesys_analytics` input would walk from `start` to `end`, as an array of objects with `interval` (as Genesys has it), `start` and `end` (RFC 3339). The forms are the input's own. Where `end` is `now`, only intervals that have ended.").
		Impure(). // it reads the clock
		ExampleNotTested("Two intervals of a day in Seoul.",
			`root = genesys_intervals("2026-11-22", "2026-11-23", "PT12H", "Asia/Seoul")`).
		Param(bloblang.NewStringParam("start").Description("Where to start.")).
		Param(bloblang.NewStringParam("end").Description("Where to end, exclusive; `now` for what has ended.")).
		Param(bloblang.NewStringParam("interval").Description("The span of one interval.").Default("PT5M")).
		Param(bloblang.NewStringParam("timezone").Description("An IANA name.").Default("UTC"))
	bloblang.MustRegisterFunctionV2("genesys_intervals", spec, func(args *bloblang.ParsedParams) (bloblang.Function, error) {
		in := args.AsSlice()
		raw := map[string]any{"start": in[0], "end": in[1], "interval": in[2], "timezone": in[3]}
		return func() (any, error) { return intervals(raw, time.Now()) }, nil
	})
}

func intervals(raw map[string]any, now time.Time) (any, error) {
	w, err := settings.Intervals.Parse(raw)
	if err != nil {
		return nil, err
	}
	plan := w.First(now)
	if !plan.End.After(plan.Start) {
		return []any{}, nil
	}
	if n := plan.Count(); n > maxIntervals {
		return nil, fmt.Errorf("%d intervals are more than %d: ask for a shorter window at a time", n, maxIntervals)
	}
	all := []any{}
	for iv := range plan.All() {
		all = append(all, map[string]any{
			"interval": iv.String(),
			"start":    iv.Start.Format(time.RFC3339),
			"end":      iv.End.Format(time.RFC3339),
		})
	}
	return all, nil
}
