// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin"

	_ "github.com/redpanda-data/benthos/v4/public/components/io"
	_ "github.com/redpanda-data/benthos/v4/public/components/pure"
)

// childVariable makes this test binary run rows instead of tests: the exit status
// is a process's, so rows that run at once need one each.
const childVariable = "GENESYS_FAULT_ROWS"

func init() {
	if os.Getenv(childVariable) != "" {
		serveRows()
		os.Exit(0)
	}
}

// serveRows runs the rows that are named on standard input, one after the other,
// until one hangs.
func serveRows() {
	rows := map[string]row{}
	for _, r := range allRows() {
		rows[r.name] = r
	}
	in, out := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	for in.Scan() {
		plugin.ForgetExitStatus()
		res := rows[in.Text()].run()
		_ = out.Encode(res)
		if res.hangs() {
			return
		}
	}
}

// worker is a process that runs rows.
type worker struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin *os.File
	out   *bufio.Scanner
}

func (w *worker) start() {
	w.cmd = exec.Command(os.Args[0], "-test.run=^$")
	w.cmd.Env = append(os.Environ(), childVariable+"=1")
	w.cmd.Stderr = os.Stderr
	r, in, err := os.Pipe()
	require.NoError(w.t, err)
	w.cmd.Stdin, w.stdin = r, in
	out, err := w.cmd.StdoutPipe()
	require.NoError(w.t, err)
	w.out = bufio.NewScanner(out)
	w.out.Buffer(nil, 16<<20)
	require.NoError(w.t, w.cmd.Start())
	_ = r.Close()
}

func (w *worker) stop() {
	if w.cmd != nil {
		_ = w.stdin.Close()
		_ = w.cmd.Wait()
		w.cmd = nil
	}
}

// run runs one row, in a new process where the last one has ended.
func (w *worker) run(name string) (res result) {
	if w.cmd == nil {
		w.start()
	}
	fmt.Fprintln(w.stdin, name)
	if !w.out.Scan() || json.Unmarshal(w.out.Bytes(), &res) != nil {
		w.stop()
		return result{Name: name, Problems: []string{"its process died"}}
	}
	if res.hangs() {
		w.stop()
	}
	return res
}

// workers is how many processes run rows at once: they mostly wait.
const workers = 16

// runRows runs rows, and gives the results by name.
func runRows(t *testing.T, rows []row) map[string]result {
	t.Helper()
	names := make(chan string)
	results := map[string]result{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			w := &worker{t: t}
			defer w.stop()
			for name := range names {
				res := w.run(name)
				mu.Lock()
				results[name] = res
				mu.Unlock()
			}
		})
	}
	for _, r := range rows {
		names <- r.name
	}
	close(names)
	wg.Wait()
	return results
}

// TestNothingIsLostAndNothingEndsInSilence: whatever one answer is like, and
// whichever it is, a run ends with every page of the tenant there as it was
// served, or with exit status 1 and an error that names the interval.
func TestNothingIsLostAndNothingEndsInSilence(t *testing.T) {
	var rows []row
	for i, r := range allRows() {
		if i%sample == 0 {
			rows = append(rows, r)
		}
	}
	results := runRows(t, rows)
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			res := results[r.name]
			for _, p := range res.Problems {
				t.Errorf("status %d after %s: %s", res.Status, res.Took, p)
			}
			if len(res.Problems) > 0 {
				t.Log(tail(res.Log))
			}
		})
	}
}

// tail is the end of a log.
func tail(log string) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	return strings.Join(lines[max(0, len(lines)-6):], "\n")
}

// allRows is the table.
func allRows() (rows []row) {
	for _, e := range endpoints {
		rows = append(rows, honestRows(e)...)
		for _, f := range allFaults() {
			if e.core || f.everywhere() {
				rows = append(rows, pageRows(e, f)...)
			}
		}
	}
	return append(rows, otherRows()...)
}

// everywhere: the faults that are read as one need no row on each endpoint.
func (f fault) everywhere() bool {
	return f.pageful || slices.Contains([]string{
		"closed before the answer", "an empty body", "null", "a text", "an empty object", "an error with status 200", "a 204",
	}, f.name)
}

// pageRows spoil one page of the second interval, once and each time. The
// manifest is on and off in turn.
func pageRows(e endpoint, f fault) (rows []row) {
	if len(f.paging) > 0 && !slices.Contains(f.paging, e.paging) || f.only != nil && !f.only(e) {
		return nil
	}
	pages := f.pages
	if len(pages) == 0 {
		pages = []int{1, 2}
	}
	for _, page := range pages {
		if e.paging == "none" && page > 1 {
			continue
		}
		for _, persistent := range []bool{false, true} {
			if f.lasting && !persistent {
				continue
			}
			a := aim{kind: askPage, interval: hour(1), page: page, persistent: persistent}
			if e.snapshot {
				a.interval, a.skip = "", 1
			}
			r := row{endpoint: e, fault: f, aim: a, tenant: tenantConfig(), want: f.expect(persistent)}
			rows = append(rows, r.variants(fmt.Sprintf("page %d", page), len(rows)+len(f.name))...)
			if e.core && f.everywhere() {
				rows = append(rows, r.elsewhere(page)...)
			}
		}
	}
	return rows
}

// elsewhere are a row in a run that goes on after another one ended there, and
// rows in the first and the last interval, of which three are read at once.
func (r row) elsewhere(page int) (rows []row) {
	v := r
	v.resumed, v.manifest = true, page%2 == 1
	v.name = v.spell("resumed", fmt.Sprintf("page %d", page))
	rows = append(rows, v)
	if page != 1 || r.fault.pageful {
		return rows
	}
	for _, n := range []int{0, 2} {
		v := r
		v.aim.interval, v.manifest, v.lines = hour(n), n == 2, []string{"parallelism: 3"}
		v.name = v.spell("parallel", fmt.Sprintf("page %d of hour %d", page, n))
		rows = append(rows, v)
	}
	return rows
}

// spell is a row's name.
func (r row) spell(kind, where string) string {
	times := "once"
	if r.aim.persistent {
		times = "each time"
	}
	return strings.Join([]string{kind, r.endpoint.paging, r.endpoint.name(), r.fault.name, where, times}, "/")
}

func (f fault) expect(persistent bool) string {
	switch {
	case f.mends && persistent:
		return wantRefusal
	case f.mends:
		return wantWhole
	}
	return wantEither
}

// variants are a row of the input without a manifest and with one, and one of the
// processor. Of what is not the core each case has one of the first two in turn,
// of what lasts, or is read as others are, one of the three.
func (r row) variants(where string, n int) (rows []row) {
	kinds := []string{"input", "manifest", "processor"}
	switch {
	case !r.endpoint.core || r.aim.kind != askPage && r.aim.kind != "":
		kinds = kinds[n%2 : n%2+1]
	case r.aim.persistent, r.fault.mends && !r.fault.everywhere():
		kinds = kinds[n%3 : n%3+1]
	}
	for _, kind := range kinds {
		v := r
		v.manifest, v.processor = kind == "manifest", kind == "processor"
		v.name = v.spell(kind, where)
		rows = append(rows, v)
	}
	return rows
}

// honestRows are of a tenant that does nothing wrong, in ways that a reader may
// not expect.
func honestRows(e endpoint) (rows []row) {
	kinds := map[string]func(*simulatorConfig){
		"nothing wrong":                      func(*simulatorConfig) {},
		"a cap below the page size":          func(c *simulatorConfig) { c.PageCap = 2 },
		"short pages":                        func(c *simulatorConfig) { c.ShortPages = 0.5 },
		"every page short":                   func(c *simulatorConfig) { c.ShortPages = 1 },
		"repeated entries":                   func(c *simulatorConfig) { c.DropEntries = 0.2 },
		"repeated entries on capped pages":   func(c *simulatorConfig) { c.DropEntries, c.PageCap = 0.2, 4 },
		"connections and bodies that fail":   func(c *simulatorConfig) { c.Faults.Close, c.Faults.CloseHeader, c.Faults.EmptyBody = 0.1, 0.1, 0.1 },
		"the last page is full to the brim":  func(c *simulatorConfig) { c.Queues, c.Conversations = 6, 144 },
		"a tenant in which there is nothing": func(c *simulatorConfig) { c.Conversations = 1 },
	}
	if e.paging == "job" {
		kinds["a job that is lost half way"] = func(c *simulatorConfig) { c.ExpireJobsAfter = 2 }
		kinds["a job that fails once"] = func(c *simulatorConfig) { c.FailJobs = 1 }
		kinds["each job is lost half way once"] = func(c *simulatorConfig) { c.ExpireJobsAfter, c.ExpireJobs = 2, 3 }
	}
	for name, change := range kinds {
		config := tenantConfig()
		change(&config)
		r := row{endpoint: e, fault: fault{name: name}, want: wantWhole, tenant: config}
		rows = append(rows, r.variants("honest", len(name))...)
	}
	for _, f := range honest {
		known := e.known() || f.name != "no list after the last page"
		if known && (e.paging == "cursor" || e.paging == "after" || e.paging == "job") {
			r := row{endpoint: e, fault: f, aim: aim{kind: askPage, persistent: true}, want: wantWhole, tenant: tenantConfig()}
			rows = append(rows, r.variants("honest", len(rows))...)
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.name, b.name) })
	return rows
}
