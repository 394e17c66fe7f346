// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package commands

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/urfave/cli/v2"

	"connect-genesys.example/connect-genesys/plugin/settings"
	"connect-genesys.example/connect-genesys/plugin/window"
)

const (
	inputName = "genesys_analytics"

	flagPages  = "pages"
	flagBucket = "bucket"
	flagWindow = "window"
	// What Genesys documents for each client's token.
	usualBucket = 300
	usualWindow = time.Minute
)

func planCommand(env *service.Environment) *cli.Command {
	return &cli.Command{
		Name:      "plan",
		Usage:     "Tell what a run of a config would ask, and how long that takes at least",
		ArgsUsage: "CONFIG",
		Description: `Tells the window of every genesys_analytics input, its first and last interval, and the
fewest requests and the least time that a run takes which starts now. Nothing is sent, and no
checkpoint is read:

  {{.BinaryName}} plan -e ./export.env ./export.yaml
  {{.BinaryName}} plan --bucket 50 --window 10s ./export.yaml`,
		Flags: append(
			configFlags(),
			&cli.IntFlag{Name: flagPages, Value: 1, Usage: "how many pages an interval of a paged endpoint is assumed to have"},
			&cli.IntFlag{Name: flagBucket, Value: usualBucket, Usage: "how many requests the tenant allows in a window"},
			&cli.DurationFlag{Name: flagWindow, Value: usualWindow, Usage: "how long such a window is"},
		),
		Action: func(c *cli.Context) error {
			bucket := bucket{c.Int(flagBucket), c.Duration(flagWindow)}
			if bucket.requests < 1 || bucket.window <= 0 {
				return errors.New("want --bucket and --window above zero")
			}
			if c.Int(flagPages) < 1 {
				return errors.New("want --pages above zero")
			}
			conf, err := readConfig(c, env)
			if err != nil {
				return err
			}
			return plan(conf, bucket, c.Int(flagPages), time.Now(), c.App.Writer)
		},
	}
}

// bucket is a tenant's quota.
type bucket struct {
	requests int
	window   time.Duration
}

// least is how long the fewest windows take that hold so many requests. The last
// of them is not waited out.
func (b bucket) least(requests int) time.Duration {
	return time.Duration(max(0, (requests-1)/b.requests)) * b.window
}

// time tells how long a run takes, for people.
func (b bucket) time(requests int) string {
	if least := b.least(requests); least > 0 {
		return fmt.Sprintf("%s at least, at %s", brief(least), b)
	}
	return fmt.Sprintf("one window is enough, at %s", b)
}

func (b bucket) String() string { return fmt.Sprintf("%d requests in %s", b.requests, brief(b.window)) }

func plan(conf *config, bucket bucket, pages int, now time.Time, out io.Writer) error {
	requests, inputs := 0, 0
	err := conf.walk(func(c component, raw map[string]any) error {
		if c.kind != "input" || c.name != inputName {
			return nil
		}
		preview, err := settings.ReadPreview(raw, now)
		if err != nil {
			return fmt.Errorf("%s: %w", c.path, err)
		}
		if inputs++; inputs > 1 {
			fmt.Fprintln(out)
		}
		requests += preview.Requests(pages)
		sheet{out}.input(c, preview, bucket, pages)
		return nil
	})
	if err != nil {
		return err
	}
	switch inputs {
	case 0:
		return fmt.Errorf("the config has no %s input: there is nothing to plan", inputName)
	case 1:
		return nil
	}
	fmt.Fprintln(out)
	sheet{out}.row("all inputs", "%d requests at least; where they share a tenant, %s", requests, bucket.time(requests))
	return nil
}

// sheet is a page of names and what belongs to them.
type sheet struct{ out io.Writer }

func (s sheet) row(name, format string, values ...any) {
	line := fmt.Sprintf("%-11s %s", name, fmt.Sprintf(format, values...))
	fmt.Fprintln(s.out, strings.TrimRight(line, " "))
}

func (s sheet) input(c component, p settings.Preview, b bucket, pages int) {
	title := c.path
	if c.label != "" {
		title += " (" + c.label + ")"
	}
	s.row("input", "%s", title)
	s.row("endpoint", "%s %s", p.Method, p.Endpoint)
	s.row("paging", "%s", p.Paging)
	s.row("", "%-*s%s", columnWidth, "UTC", there(p.Zone, p.Zone.String()))
	s.schedule(p)
	s.window(p)
	s.intervals(p)
	s.cost(p, b, pages)
	if p.Checkpoint != "" {
		s.row("checkpoint", "not read: a run with a position in %q goes on there instead", p.Checkpoint)
	}
}

// schedule says when, and that all that follows is of the first run.
func (s sheet) schedule(p settings.Preview) {
	if p.Schedule == "" {
		return
	}
	s.row("schedule", "%s in %s", p.Schedule, p.Zone)
	for i, tick := range p.Ticks {
		name := ""
		if i == 0 {
			name = "next runs"
		}
		s.both(name, tick, p.Zone)
	}
	s.row("", "what follows is the first of them")
}

func (s sheet) window(p settings.Preview) {
	s.both("start", p.Start, p.Zone)
	if p.End.IsZero() {
		s.row("end", "open: each interval is read %s, until it is stopped", followed(p))
		return
	}
	s.both("end", p.End, p.Zone)
}

func followed(p settings.Preview) string {
	if p.Settle == 0 {
		return "once it is over"
	}
	return "once it has been over for " + brief(p.Settle)
}

func (s sheet) intervals(p settings.Preview) {
	kind := p.Step
	if p.Granularity != "" {
		kind += ", in buckets of " + p.Granularity
	}
	if p.Snapshot {
		kind += ": a snapshot for each, the endpoint takes no interval"
	}
	switch {
	case p.End.IsZero():
		s.row("intervals", "open, of %s", kind)
		s.interval("first", p.First, p.Zone)
	case p.Intervals == 0:
		s.row("intervals", "none: there is nothing to do yet")
	default:
		s.row("intervals", "%d of %s", p.Intervals, kind)
		s.interval("first", p.First, p.Zone)
		s.interval("last", p.Last, p.Zone)
	}
}

func (s sheet) cost(p settings.Preview, b bucket, pages int) {
	each := p.RequestsPerInterval
	if p.Paged {
		each += pages - 1
	}
	switch {
	case p.End.IsZero():
		s.row("requests", "%d an interval at least, and one for each token", each)
		s.parts(p)
		s.paged(p, pages)
	case p.Intervals > 0:
		s.row("requests", "%d at least: one for the token, %d an interval", p.Requests(pages), each)
		s.parts(p)
		s.paged(p, pages)
		s.wider(p, pages)
		s.row("time", "%s", b.time(p.Requests(pages)))
	}
}

// parts says that intervals are longer than the service answers at once.
func (s sheet) parts(p settings.Preview) {
	days := int(p.Longest.Hours() / 24)
	switch {
	case p.Longest == 0 || p.First.Duration() <= p.Longest && p.Queries == p.Intervals:
	case p.End.IsZero():
		s.row("", "the endpoint answers %d days at once: each interval is read in parts of that length", days)
	default:
		s.row("", "the endpoint answers %d days at once: the intervals are read in %d parts", days, p.Queries)
	}
}

// paged says what the count rests on.
func (s sheet) paged(p settings.Preview, pages int) {
	switch {
	case p.Paged && pages == 1:
		s.row("", "the endpoint is paged, and how many pages an interval has shows only when it is read: --%s N assumes some", flagPages)
	case p.Paged:
		s.row("", "assuming %d pages to an interval", pages)
	}
}

// wider says how the same is had for less.
func (s sheet) wider(p settings.Preview, pages int) {
	if p.Wider != nil {
		s.row("", "interval %s with granularity %s would bring the same buckets in %d, not %d",
			p.Wider.Step, p.Wider.Granularity, p.WiderRequests(pages), p.Requests(pages))
	}
}

// columnWidth has room for an interval in UTC.
const columnWidth = len("2026-11-21T15:00:00Z to 2026-11-22T15:00:00Z  ")

// both is a time in UTC and on the clocks of a place.
func (s sheet) both(name string, t time.Time, zone *time.Location) {
	s.row(name, "%-*s%s", columnWidth, t.UTC().Format(time.RFC3339), there(zone, t.In(zone).Format(time.RFC3339)))
}

func (s sheet) interval(name string, iv window.Interval, zone *time.Location) {
	s.row(name, "%-*s%s", columnWidth, span(iv, time.UTC), there(zone, span(iv, zone)))
}

// span leaves out the end's date where it is the start's.
func span(iv window.Interval, zone *time.Location) string {
	start, end := iv.Start.In(zone), iv.End.In(zone)
	layout := time.RFC3339
	if start.Format(time.DateOnly) == end.Format(time.DateOnly) {
		layout = "15:04:05Z07:00"
	}
	return start.Format(time.RFC3339) + " to " + end.Format(layout)
}

// there is the second column: nothing in UTC, which the first one is in.
func there(zone *time.Location, text string) string {
	if zone.String() == "UTC" {
		return ""
	}
	return text
}

// brief is a duration without the zeros at its end: 5m, not 5m0s.
func brief(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if len(text) > len(zero) && text[len(text)-len(zero):] == zero {
			text = text[:len(text)-2]
		}
	}
	return text
}
