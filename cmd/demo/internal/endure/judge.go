// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package endure

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/day"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// Export is what the bucket has to hold of one of the exports.
type Export struct {
	Data day.Data
	Span day.Span
	// Runs are its parts that have a manifest each, none where there are no manifests.
	Runs []day.Span
	// Pages are all of the span's, by key.
	Pages map[string][]byte
}

// Evidence is what there is to look at afterwards.
type Evidence struct {
	Exports []Export
	Objects map[string][]byte
	Report  simulator.Report
	// Kept are the orders that a process did not share.
	Kept int
	// Left are the messages on the queue, Dead those that a worker gave up on.
	Left, Dead int
	Ends       []End
	// Logs are all that the processes wrote, by process.
	Logs map[string]string
	// Secrets must be in none of them.
	Secrets []string
	// Hits are how many requests each fault met, Faults those that were to be met.
	Hits   map[Fault]int
	Faults []Fault
	// Kills is how many lives a SIGKILL was to end.
	Kills int
}

// Check says everything that is off.
func (e Evidence) Check() error {
	return errors.Join(e.checkObjects(), e.checkTenant(), e.checkQueue(), e.checkEnds(), e.checkSecrets(), e.checkWeather())
}

func (e Evidence) checkObjects() error {
	pages, manifests := maps.Clone(e.Objects), map[string][]byte{}
	maps.DeleteFunc(pages, func(key string, body []byte) bool {
		isManifest := strings.Contains(key, "/_manifests/")
		if isManifest {
			manifests[key] = body
		}
		return isManifest
	})
	want := map[string][]byte{}
	var problems []error
	for _, export := range e.Exports {
		maps.Copy(want, export.Pages)
		problems = append(problems, export.covered(pages), export.checkManifests(manifests))
	}
	for _, key := range slices.Sorted(maps.Keys(manifests)) {
		problems = append(problems, fmt.Errorf("looking at the manifests: one too many: %s", key))
	}
	return errors.Join(append(problems, day.Check(pages, want))...)
}

// covered looks at the keys of the export's own days alone.
func (x Export) covered(pages map[string][]byte) error {
	var own []string
	for key := range pages {
		start, ok := x.startOf(key)
		if ok && !start.Before(x.Span.Start) && start.Before(x.Span.End) {
			own = append(own, key)
		}
	}
	return x.Data.Covered(own, x.Span)
}

func (x Export) startOf(key string) (start time.Time, ok bool) {
	rest, mine := strings.CutPrefix(key, x.Data.Dataset+"/")
	if !mine {
		return start, false
	}
	start, err := time.Parse("2006/01/02/150405Z", rest[:min(len(rest), len("2006/01/02/150405Z"))])
	return start, err == nil
}

// checkManifests takes those of the export's runs out, and compares each with the pages.
func (x Export) checkManifests(manifests map[string][]byte) error {
	var problems []error
	for _, run := range x.Runs {
		const form = "20060102T150405Z"
		key := fmt.Sprintf("%s/_manifests/%s-%s.json", x.Data.Dataset, run.Start.UTC().Format(form), run.End.UTC().Format(form))
		body, there := manifests[key]
		if !there {
			problems = append(problems, fmt.Errorf("looking at the manifests: missing: %s", key))
			continue
		}
		delete(manifests, key)
		if err := x.checkManifest(body, run); err != nil {
			problems = append(problems, fmt.Errorf("reading manifest %s: %w", key, err))
		}
	}
	return errors.Join(problems...)
}

type tally struct{ pages, records int }

// manifest is what a manifest says that can be known without having been there.
type manifest struct {
	Dataset        string
	Complete       bool
	Pages, Records int
	Intervals      []struct {
		Interval       string
		Pages, Records int
		Complete       bool
	}
}

func (x Export) checkManifest(body []byte, run day.Span) error {
	var m manifest
	if err := json.Unmarshal(body, &m); err != nil {
		return err
	}
	want, sum := x.tallies(run)
	if m.Dataset != x.Data.Dataset || !m.Complete || m.Pages != sum.pages || m.Records != sum.records {
		return fmt.Errorf("it says dataset %s, complete %v, %d pages, %d records; want %s, true, %d, %d",
			m.Dataset, m.Complete, m.Pages, m.Records, x.Data.Dataset, sum.pages, sum.records)
	}
	for _, interval := range m.Intervals {
		if got := (tally{interval.Pages, interval.Records}); !interval.Complete || got != want[interval.Interval] {
			return fmt.Errorf("it says of %s complete %v, %+v; want true, %+v", interval.Interval, interval.Complete, got, want[interval.Interval])
		}
		delete(want, interval.Interval)
	}
	if len(want) > 0 {
		return fmt.Errorf("it is without %d intervals", len(want))
	}
	return nil
}

// tallies counts the pages and records of each interval of a run.
func (x Export) tallies(run day.Span) (each map[string]tally, sum tally) {
	const instant = "2006-01-02T15:04:05.000Z"
	each = map[string]tally{}
	for at := run.Start; at.Before(run.End); at = at.Add(run.Interval) {
		var t tally
		for page := 1; ; page++ {
			body, there := x.Pages[x.Data.Key(at, at.Add(run.Interval), page)]
			if !there {
				break
			}
			n, _ := day.Records(body)
			t.pages, t.records = t.pages+1, t.records+n
		}
		each[at.UTC().Format(instant)+"/"+at.Add(run.Interval).UTC().Format(instant)] = t
		sum.pages, sum.records = sum.pages+t.pages, sum.records+t.records
	}
	return each, sum
}

func (e Evidence) checkTenant() error {
	switch {
	case e.Report.EarlyRequests > 0:
		return fmt.Errorf("counting early requests: %d, want 0", e.Report.EarlyRequests)
	case e.Kept > 0:
		return fmt.Errorf("counting orders that were not written down for others: %d, want 0", e.Kept)
	case e.Report.Throttled == 0:
		return errors.New("counting throttled requests: none, so nobody was held")
	}
	return nil
}

func (e Evidence) checkQueue() error {
	if e.Left > 0 || e.Dead > 0 {
		return fmt.Errorf("counting the queue's messages: %d left and %d dead, want none", e.Left, e.Dead)
	}
	return nil
}

// The exit statuses that are promised.
const (
	done     = 0
	refused  = 1
	tryAgain = 75
	killed   = -1
)

// Refused is the name of a process whose client is refused, Worker that of one without an end of its own.
const (
	Refused = "refused"
	Worker  = "worker"
)

// Promised are the statuses that a life may end with.
func (e End) Promised() []int {
	switch {
	case e.Name == Refused:
		return []int{refused}
	case e.Unkept:
		return []int{refused, killed} // it may have been killed as it ended
	case e.Struck && !e.Gentle && e.Name != Worker:
		return []int{killed, done}
	case e.Struck && !e.Gentle:
		return []int{killed}
	case e.Struck && e.Name == Worker:
		return []int{done}
	case e.Struck:
		return []int{tryAgain, done} // it may have been done
	case e.Name == Worker:
		return nil
	}
	return []int{done}
}

// mostTook is the shutdown_timeout of Benthos, which an S3 that stores nothing uses up, and as much as
// a busy machine takes.
const mostTook = 25 * time.Second

func (e Evidence) checkEnds() error {
	var problems []error
	kills := 0
	for _, end := range e.Ends {
		if want := end.Promised(); !slices.Contains(want, end.Code) {
			problems = append(problems, fmt.Errorf("looking at the ends of %s: %+v, want a status of %v", end.Name, end, want))
		}
		if end.Took > mostTook {
			problems = append(problems, fmt.Errorf("looking at the ends of %s: %+v, want it to heed a SIGTERM within %s", end.Name, end, mostTook))
		}
		if end.Killed() {
			kills++
		}
	}
	if kills < e.Kills {
		problems = append(problems, fmt.Errorf("counting kills: %d, want %d", kills, e.Kills))
	}
	return errors.Join(problems...)
}

func (e Evidence) checkSecrets() error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(e.Logs)) {
		for _, secret := range e.Secrets {
			if at := strings.Index(e.Logs[name], secret); at >= 0 {
				log := e.Logs[name]
				line := log[strings.LastIndexByte(log[:at], '\n')+1:]
				problems = append(problems, fmt.Errorf("searching the log of %s: it has a secret: %.300s", name, strings.ReplaceAll(line, secret, "(secret)")))
				break
			}
		}
	}
	return errors.Join(problems...)
}

func (e Evidence) checkWeather() error {
	var problems []error
	for _, fault := range e.Faults {
		if e.Hits[fault] == 0 {
			problems = append(problems, fmt.Errorf("counting what %q met: nothing, so it was not shown", fault))
		}
	}
	return errors.Join(problems...)
}

func (e End) how() string {
	if e.Killed() {
		return "SIGKILL, " + cmp.Or(string(e.Moment), "at any time")
	}
	return fmt.Sprintf("status %d", e.Code)
}

// Figures are what a report says, a line each.
func (e Evidence) Figures() string {
	var out strings.Builder
	row := func(name string, value any) { fmt.Fprintf(&out, "  %-32s %v\n", name, value) }
	pages, twice := 0, 0
	for _, times := range e.Report.Pages {
		pages, twice = pages+1, twice+times-1
	}
	ends, longest := map[string]int{}, time.Duration(0)
	for _, end := range e.Ends {
		ends[end.how()]++
		longest = max(longest, end.Took)
	}
	row("lives", len(e.Ends))
	for _, how := range slices.Sorted(maps.Keys(ends)) {
		row("  ended by "+how, ends[how])
	}
	row("  longest after a SIGTERM", longest.Round(time.Millisecond))
	row("objects", len(e.Objects))
	row("requests", e.Report.Requests)
	row("pages, and served again", fmt.Sprintf("%d, %d", pages, twice))
	row("throttled, in windows", fmt.Sprintf("%d, %d", e.Report.Throttled, e.Report.Windows))
	row("early", e.Report.EarlyRequests)
	for _, fault := range slices.Sorted(maps.Keys(e.Hits)) {
		row(string(fault)+": met", e.Hits[fault])
	}
	return out.String()
}
