// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	_ "github.com/redpanda-data/benthos/v4/public/components/pure"

	_ "connect-genesys.example/connect-genesys/plugin"
)

// process is one run of a pipeline: a stream with resources of its own, and so with
// gates of its own.
type process struct {
	world  *world
	slot   int
	id     int
	inputs []*inputPlan
	worker bool

	dead        atomic.Bool // it was killed: nothing of it is there any more
	dials       atomic.Int64
	failedDials atomic.Int64
	strikes     atomic.Int64  // answers that an input may end with
	built       chan struct{} // closed when its components are
	builtOnce   sync.Once
	quit        chan struct{} // closed when its stream has ended
	closing     chan struct{} // closed when its output is, or when it is killed
	closingOnce sync.Once
	failed      chan struct{} // closed when an input of it has failed
	failedOnce  sync.Once
	stream      *service.Stream
	began       time.Time
	ended       time.Time // set before dead is
	endedOnce   sync.Once

	mu       sync.Mutex // guards all below
	wires    map[*wire]bool
	counts   map[string]int64 // metrics
	errors   []string         // lines of its log
	warned   []string
	unused   int // tokens in a row that nothing was sent with, and no word was said
	flights  map[*flight]bool
	lost     int64 // requests that ended at lostAt
	lostAt   time.Time
	views    map[string]*view     // by gate
	taken    map[queued]bool      // from the queue
	rejected map[string]int       // messages, by key
	since    map[string]time.Time // each was rejected first
}

func (p *process) name() string { return fmt.Sprintf("process %d (%d.)", p.slot, p.id) }

// registry finds the process that a component belongs to.
var registry struct {
	mu        sync.Mutex
	processes map[int]*process
}

func processOf(conf *service.ParsedConfig) (*process, error) {
	id, err := conf.FieldInt("process")
	if err != nil {
		return nil, err
	}
	registry.mu.Lock()
	defer registry.mu.Unlock()
	p, ok := registry.processes[id]
	if !ok {
		return nil, fmt.Errorf("there is no process %d", id)
	}
	return p, nil
}

// start builds a process and runs it. The transport of its inputs is a copy of
// net/http's default, of which the dial is the process's for as long as they are
// built.
func (p *process) start() error {
	registry.mu.Lock()
	registry.processes[p.id] = p
	registry.mu.Unlock()
	http.DefaultTransport.(*http.Transport).DialContext = p.dial
	b := service.NewStreamBuilder()
	b.DisableLinting()
	b.SetThreads(1)
	b.SetLogger(slog.New(&logs{process: p}))
	err := b.SetYAML(p.yaml())
	if err == nil {
		p.stream, err = b.Build()
	}
	if err != nil {
		close(p.quit)
		return err
	}
	p.began = time.Now()
	ended := make(chan error, 1)
	go func() {
		err := p.stream.Run(context.Background())
		close(p.quit)
		ended <- err
	}()
	select {
	case <-p.built:
		return nil
	case err := <-ended:
		select {
		case <-p.built: // and done already
			return nil
		default:
		}
		if err == nil {
			err = errors.New("it ended before it was built")
		}
		_ = p.stream.StopWithin(time.Second)
		return err
	}
}

// fatal reports whether an input of the process ended with an error, which would be
// the process's exit status.
func (p *process) fatal() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts["genesys_analytics_fatal_errors_total"] > 0
}

func (p *process) yaml() string {
	var b strings.Builder
	w := p.world
	switch {
	case p.worker:
		fmt.Fprintf(&b, "input: { world_queue: { process: %d } }\npipeline:\n  processors:\n    - genesys_analytics:\n%s", p.id, indent(w.processor(), 8))
	case len(p.inputs) == 1:
		fmt.Fprintf(&b, "input:\n  label: input_%d\n  genesys_analytics:\n%s", p.inputs[0].n, indent(w.input(p.inputs[0]), 4))
	default:
		b.WriteString("input:\n  broker:\n    inputs:\n")
		for _, in := range p.inputs {
			fmt.Fprintf(&b, "      - label: input_%d\n        genesys_analytics:\n%s", in.n, indent(w.input(in), 10))
		}
	}
	fmt.Fprintf(&b, "output: { world_output: { process: %d, max_in_flight: %d", p.id, w.plan.maxInFlight)
	if w.plan.batch > 0 {
		fmt.Fprintf(&b, ", batching: { count: %d, period: 1s }", w.plan.batch)
	}
	fmt.Fprintf(&b, " } }\nmetrics: { world_metrics: { process: %d } }\ncache_resources:\n", p.id)
	for _, store := range []string{"position", "holds"} {
		fmt.Fprintf(&b, "  - label: %s\n    world_cache: { process: %d, store: %s }\n", store, p.id, store)
	}
	b.WriteString(w.limits(p))
	return b.String()
}

func indent(lines []string, n int) string {
	space := strings.Repeat(" ", n)
	return space + strings.Join(lines, "\n"+space) + "\n"
}

// limits are the rate limit resources.
func (w *world) limits(p *process) string {
	head := "rate_limit_resources:\n  - label: tenant\n"
	switch w.plan.gate {
	case "own", "shared":
		text := head + fmt.Sprintf("    genesys_analytics:\n      fallback_pause: %s\n      min_remaining: %d\n", w.plan.fallback, w.plan.reserve)
		if w.plan.pace != "" {
			text += "      " + strings.ReplaceAll(w.plan.pace, "    ", "      ") + "\n"
		}
		if w.plan.gate == "shared" {
			text += "      cache: holds\n"
		}
		return text
	case "stock":
		return head + fmt.Sprintf("    world_limit: { process: %d }\n", p.id)
	}
	return ""
}

// client are the fields that inputs and processors share.
func (w *world) client(in *inputPlan) []string {
	p := w.plan
	lines := []string{
		"client_id: " + in.client, "client_secret: secret", "api_url: http://127.0.0.1:8085", "login_url: http://127.0.0.1:8085",
		"fallback_pause: " + p.fallback.String(), "request_timeout: " + p.timeout.String(), "timezone: " + p.zone,
		"endpoint: " + in.endpoint.path, fmt.Sprintf("query: { tag: '%d' }", in.n), fmt.Sprintf("dataset: d%d", in.n),
	}
	if in.endpoint.paging != "none" {
		lines = append(lines, fmt.Sprintf("page_size: %d", in.pageSize))
	}
	if in.endpoint.unknown {
		lines = append(lines, "method: "+in.endpoint.method, "paging: "+in.endpoint.paging)
	}
	if p.gate != "" {
		lines = append(lines, "rate_limit: tenant")
	}
	if p.giveUp > 0 {
		lines = append(lines, "give_up_after: "+p.giveUp.String())
	}
	if p.priority {
		lines = append(lines, fmt.Sprintf("priority: %d", in.n-1)) // a stock component has 0
	}
	return lines
}

// input is an input's config.
func (w *world) input(in *inputPlan) []string {
	lines := append(w.client(in),
		"interval: "+iso(in.step), fmt.Sprintf("parallelism: %d", in.parallelism), fmt.Sprintf("checkpoint_limit: %d", max(in.limit, w.plan.batch+1)),
		"checkpoint_cache: position", "checkpoint_cache_key: "+in.key,
	)
	switch in.mode {
	case "":
		lines = append(lines, "start: "+in.window.start.Format(time.RFC3339), "end: "+in.window.end.Format(time.RFC3339))
	case "relative":
		lines = append(lines, "start: -"+iso(time.Duration(in.count)*in.step), "end: now")
	default:
		lines = append(lines, "start: -"+iso(time.Duration(in.count)*in.step))
	}
	if in.mode == "schedule" {
		lines = append(lines, "schedule: '*/20 * * * *'")
		if in.lookback {
			lines = append(lines, "lookback: "+iso(in.step))
		}
	}
	if in.manifest && in.mode != "follow" {
		lines = append(lines, "manifest: true")
	}
	if w.plan.direct {
		lines = append(lines, "auto_replay_nacks: false")
	}
	if in.settle > 0 {
		lines = append(lines, "settle: "+in.settle.String())
	}
	return lines
}

// processor is a worker's.
func (w *world) processor() []string { return w.client(w.queued) }

func iso(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return fmt.Sprintf("P%dD", d/(24*time.Hour))
	}
	return fmt.Sprintf("PT%dM", d/time.Minute)
}

// logs keeps what a process says.
type logs struct {
	process *process
}

func (*logs) Enabled(_ context.Context, level slog.Level) bool { return level >= logLevel }
func (l *logs) WithAttrs([]slog.Attr) slog.Handler             { return l }
func (l *logs) WithGroup(string) slog.Handler                  { return l }

func (l *logs) Handle(_ context.Context, r slog.Record) error {
	p := l.process
	p.world.trace("%s %s: %s", p.name(), r.Level, r.Message)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case r.Level >= slog.LevelError:
		p.errors, p.unused = append(p.errors, r.Message), 0
	case r.Level >= slog.LevelWarn:
		p.warned, p.unused = append(p.warned, r.Message), 0
	}
	return nil
}
