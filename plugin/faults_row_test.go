// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// row is one line of the table.
type row struct {
	name      string
	endpoint  endpoint
	fault     fault
	aim       aim
	manifest  bool
	processor bool
	want      string
	tenant    simulator.Config
	lines     []string // of the input, besides
	resumed   bool     // the run before ended at the page that the fault is for
	resources string   // YAML of a rate limit
}

// result is what a row came to. Problems are what no row may come to.
type result struct {
	Name     string
	Status   int
	Problems []string
	Log      string
	Took     time.Duration
}

// object is what a pipeline that names its objects by genesys_key would keep.
type object struct {
	kind, interval, body string
	page                 int64
	last                 bool
	order                int
}

// outcome is what came out of one run.
type outcome struct {
	objects map[string]object // by key, the last that came
	errored []string          // of the processor's messages
	hung    bool
	err     error
	log     string
}

// rowTimeout is long after each row should have ended, on a machine that is busy with other
// things too.
const rowTimeout = 30 * time.Second

const hangs = "it hangs"

// The patience of a row whose fault never ends, whatever is asked again; of one
// whose answer need not be asked for for so long; and of the others.
const (
	shortPatience = "give_up_after: 400ms"
	somePatience  = "give_up_after: 700ms"
	longPatience  = "give_up_after: 10s"
)

func (r result) hangs() bool { return slices.Contains(r.Problems, hangs) }

// run runs a row against a tenant of its own.
func (r row) run() (res result) {
	began := time.Now()
	res.Name = r.name
	defer func() { res.Took = time.Since(began) }()
	client := fmt.Sprintf("client-%d", began.UnixNano()) // no two rows share a gate
	config := r.tenant
	config.ClientID = client
	tenant, err := simulator.New(config)
	if err != nil {
		res.Problems = []string{err.Error()}
		return res
	}
	folder, err := os.MkdirTemp("", "faults")
	if err != nil {
		res.Problems = []string{err.Error()}
		return res
	}
	defer func() { _ = os.RemoveAll(folder) }()
	g := newGateway(tenant, r.endpoint, r.fault, r.aim)
	defer g.close()

	before := r.before(g, client, folder)
	got := r.once(g, client, folder)
	got.add(before)
	res.Status, res.Log = plugin.ExitStatus(), got.log
	res.Problems = r.judge(g, got, res.Status, false)
	if res.Status == 0 || got.hung || r.processor {
		return res
	}
	// The position must be where the run was: once mended, the rest comes.
	g.mend()
	r.resources, r.lines, r.aim.persistent = "", nil, false
	rest := r.once(g, client, folder)
	rest.add(got)
	for _, p := range r.judge(g, rest, 0, true) {
		res.Problems = append(res.Problems, "after the fault was mended: "+p)
	}
	if len(res.Problems) > 0 {
		res.Log += "--- after the fault was mended\n" + rest.log
	}
	return res
}

// before is what an earlier run exported, until a page was refused to it.
func (r row) before(g *gateway, client, folder string) (got outcome) {
	if !r.resumed {
		return got
	}
	g.strike(unwell, aim{kind: askPage, interval: r.aim.interval, page: r.aim.page, persistent: true})
	got = r.once(g, client, folder)
	plugin.ForgetExitStatus()
	g.strike(r.fault, r.aim)
	return got
}

// add adds what came before and did not come again.
func (o *outcome) add(before outcome) {
	for key, x := range before.objects {
		if _, again := o.objects[key]; !again {
			o.objects[key] = x
		}
	}
}

// once runs the stream to its end.
func (r row) once(g *gateway, client, folder string) outcome {
	got := outcome{objects: map[string]object{}}
	var log buffer
	stream, err := r.stream(g, client, folder, &log, got.take)
	if err != nil {
		got.err = err
		return got
	}
	ctx, cancel := context.WithTimeout(context.Background(), rowTimeout)
	defer cancel()
	got.err = stream.Run(ctx)
	got.hung = ctx.Err() != nil
	got.log = log.String()
	if r.processor {
		got.errored = got.objects[erroredKey].errors()
		delete(got.objects, erroredKey)
	}
	return got
}

func (r row) stream(g *gateway, client, folder string, log *buffer, take func(*service.Message)) (*service.Stream, error) {
	lines := append([]string{longPatience, "fallback_pause: 2ms"}, r.lines...)
	switch {
	case r.aim.persistent && r.want == wantRefusal:
		lines[0], lines[1] = shortPatience, "fallback_pause: 40ms"
	case r.aim.persistent && r.want == wantEither:
		lines[0], lines[1] = somePatience, "fallback_pause: 40ms"
	}
	b := service.NewStreamBuilder()
	b.SetLogger(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn})))
	b.SetThreads(1)
	steps := []error{b.SetMetricsYAML("none: {}")}
	if r.resources != "" {
		steps = append(steps, b.AddResourcesYAML(r.resources))
	}
	if r.processor {
		steps = append(steps, b.AddInputYAML(generator()), b.AddProcessorYAML("genesys_analytics:\n"+indent(r.endpoint.config(g.server.URL, client, lines...))))
	} else {
		if r.manifest {
			lines = append(lines, "manifest: true")
		}
		lines = append(lines, "start: "+windowStart, "end: "+windowEnd, "interval: PT1H", "checkpoint_cache: position")
		steps = append(steps,
			b.AddCacheYAML(fmt.Sprintf("label: position\nfile:\n  directory: %q", folder)),
			b.AddInputYAML("genesys_analytics:\n"+indent(r.endpoint.config(g.server.URL, client, lines...))))
	}
	steps = append(steps, b.AddConsumerFunc(func(_ context.Context, msg *service.Message) error { take(msg); return nil }))
	for _, err := range steps {
		if err != nil {
			return nil, err
		}
	}
	return b.Build()
}

func indent(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }

// generator gives the intervals of the window, one message each.
func generator() string {
	var intervals []string
	for n := range windowHours {
		intervals = append(intervals, fmt.Sprintf("%q", hour(n)))
	}
	return fmt.Sprintf("generate:\n  count: %d\n  interval: \"\"\n  mapping: |\n    root.interval = [%s].index(counter() - 1)",
		windowHours, strings.Join(intervals, ", "))
}

// erroredKey is where messages that failed are kept.
const erroredKey = "errored"

func (o object) errors() []string {
	if o.body == "" {
		return nil
	}
	return strings.Split(o.body, "\n\n")
}

// take keeps a message under its key.
func (o *outcome) take(msg *service.Message) {
	body, _ := msg.AsBytes()
	if err := msg.GetError(); err != nil {
		failed := o.objects[erroredKey]
		failed.body = strings.TrimPrefix(failed.body+"\n\n"+string(body)+" "+err.Error(), "\n\n")
		o.objects[erroredKey] = failed
		return
	}
	x := object{body: string(body), order: len(o.objects)}
	text := func(name string) string { v, _ := msg.MetaGet(name); return v }
	x.kind, x.interval = text("genesys_kind"), text("genesys_interval")
	if v, ok := msg.MetaGetMut("genesys_page"); ok {
		x.page, _ = v.(int64)
	}
	if v, ok := msg.MetaGetMut("genesys_last_page"); ok {
		x.last, _ = v.(bool)
	}
	o.objects[text("genesys_key")] = x
}

// buffer is a log that can be written from everywhere.
type buffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
