// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/settings"
)

// input returns the pages of its runs, and moves the position as they are
// acknowledged.
type input struct {
	settings *settings.Config
	client   *genesys.Client
	cache    cache         // of the checkpoint
	store    *export.Store // nil without a checkpoint cache
	acks     *export.AckTracker
	metrics  *metrics
	tracer   *tracer
	log      *service.Logger

	progress *progress
	claim    *claim // on the checkpoint
	drops    drops

	mu     sync.Mutex   // guards runs: Close may overtake Read
	runs   *export.Runs // set by the first Connect and kept: pages in flight belong to it
	closed atomic.Bool  // set with mu

	begun  bool   // the first position of the process is kept; only Read's goroutine uses it
	unkept string // the last fault of the checkpoint that was logged; guarded by the tracker's turn
}

func newInputFromParsed(conf *service.ParsedConfig, res *service.Resources) (service.Input, error) {
	s, err := inputSettings(conf)
	if err != nil {
		return nil, err
	}
	in, err := newInput(s, res)
	if err == nil && s.Checkpoint.Cache != "" {
		in.claim, err = claimCheckpoint(res, s.Checkpoint.Cache, s.Checkpoint.Key)
	}
	if err != nil {
		return nil, err
	}
	return replayed(conf, in, s.Retry.GiveUpAfter, in.fatal)
}

// inputSettings parses a config, Benthos' own fields included.
func inputSettings(conf *service.ParsedConfig) (*settings.Config, error) {
	s, err := parse(conf, settings.Input)
	if err != nil {
		return nil, err
	}
	s.Client.Base, err = baseTransport(conf, s.Client.Proxy)
	return s, err
}

func newInput(s *settings.Config, res *service.Resources) (*input, error) {
	in := &input{settings: s, metrics: newMetrics(res.Metrics()), tracer: newTracer(s, res), log: res.Logger()}
	var err error
	if in.client, err = newClient(s, res, in.metrics, in.tracer); err != nil {
		return nil, err
	}
	in.progress = newProgress(s, in.client, in.metrics, in.log)
	if s.Checkpoint.Cache != "" {
		if in.cache, err = openCache(res, "checkpoint_cache", s.Checkpoint.Cache); err != nil {
			return nil, err
		}
		in.store = export.NewStore(in.tracer.traced(in.cache), s.Checkpoint.Key, planOf(s))
	}
	in.acks = export.NewAckTracker(in.ackTrackerConfig())
	return in, nil
}

// A bounded run that is done tries to write its last position for lastWrites times
// fallback_pause, and for lastWrite at least: long enough for a cache to restart.
const (
	lastWrites = 4
	lastWrite  = 5 * time.Second
)

func (in *input) ackTrackerConfig() export.AckTrackerConfig {
	return export.AckTrackerConfig{
		Limit:        in.settings.Checkpoint.Limit,
		Store:        in.store,
		RetryPause:   in.settings.Retry.FallbackPause,
		WriteTimeout: in.settings.Client.RequestTimeout,
		LastWrite:    max(lastWrite, lastWrites*in.settings.Retry.FallbackPause),
		Reached:      in.progress.reached,
		Failed:       in.notKept,
		Late: func(pages int) {
			in.log.Warnf("Waiting for the output to acknowledge the %d pages in flight. An output that batches by `count` needs a `period` too", pages)
		},
	}
}

// notKept reports a position that could not be written: each time in the metrics, and
// in the log when the reason changes.
func (in *input) notKept(err error) {
	in.metrics.checkpointErrors.Incr(1)
	if text := err.Error(); text != in.unkept {
		in.unkept = text
		in.log.Errorf("Keeping the checkpoint: %v. It is tried again, less and less often; until then a restart delivers pages again", err)
	}
}

// Connect finds where to go on. It sends nothing: a hold must not look like a
// lost connection. When it is called again the export goes on as it is, since
// the position in the cache trails what is in flight.
func (in *input) Connect(ctx context.Context) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.runs != nil || in.closed.Load() {
		return nil
	}
	if in.settings.Window.Bounded() {
		unfinished.Store(in, struct{}{})
	}
	runs, err := in.begin(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return in.fatal(err)
	}
	in.runs = runs
	in.progress.start()
	return nil
}

func (in *input) begin(ctx context.Context) (*export.Runs, error) {
	config := in.runsConfig()
	if in.store == nil {
		return export.NewRuns(config), nil
	}
	at, ok, err := in.load(ctx)
	if err != nil {
		return nil, err
	}
	if !ok {
		return export.NewRuns(config), in.warnOfALostPosition(ctx)
	}
	in.log.Infof("The checkpoint is at %s", at.At.Format(time.RFC3339))
	in.progress.reached(at.At)
	return export.NewRunsFrom(config, at), nil
}

// load reads the position, and makes sure that the cache can be written too.
func (in *input) load(ctx context.Context) (at export.Position, ok bool, err error) {
	err = in.atStart(ctx, func(ctx context.Context) error {
		var err error
		if at, ok, err = in.store.Load(ctx); err == nil {
			err = in.store.Probe(ctx)
		}
		return err
	})
	return at, ok, err
}

// warnOfALostPosition warns if a run starts at `start` although a position was written
// once: a cache that forgets makes an export start over in silence. Whether one was must
// be known: the cache may be away just now.
func (in *input) warnOfALostPosition(ctx context.Context) error {
	return in.atStart(ctx, func(ctx context.Context) error {
		began, ok, err := in.store.Marked(ctx)
		if ok {
			in.log.Warnf("There is no checkpoint %q, although one was written since %s: was it deleted, or does the cache forget? The export starts at `start`, %s",
				in.settings.Checkpoint.Key, began.Format(time.RFC3339), in.settings.Window.StartText)
		}
		return err
	})
}

func (in *input) runsConfig() export.RunsConfig {
	s := in.settings
	config := export.RunsConfig{
		Extent:   s.Window.Extent,
		Walk:     export.Config{ReaderConfig: readerConfig(s, in.client, in.log, in.tracer), Parallelism: s.Window.Parallelism},
		Manifest: s.Window.Manifest,
		Drain:    in.acks.Drain,
		Counts:   in.metrics.cost,
		Begins:   in.progress.begins,
		Idle:     func(reason string) { in.log.Warnf("Export of %s: %s", s.Query.Endpoint.Path, reason) },
		Waits: func(tick time.Time) {
			in.log.Infof("Waiting for the schedule: the next run is due at %s", tick.In(s.Window.Grid.Location).Format(time.RFC3339))
		},
	}
	if in.store != nil {
		config.Keep = in.keepStart
	}
	config.Walk.Join = in.client.Line().Join
	return config
}

// Read returns the next page, or manifest. It asks for one only once there is
// room for it in flight, so what waits here is no more than what is read ahead.
func (in *input) Read(ctx context.Context) (*service.Message, service.AckFunc, error) {
	in.mu.Lock()
	runs := in.runs
	in.mu.Unlock()
	if runs == nil {
		return nil, nil, service.ErrNotConnected
	}
	if err := in.acks.WaitForSlot(ctx); err != nil {
		return nil, nil, in.failed(ctx, err)
	}
	out, ok, err := runs.Next(ctx)
	switch {
	case err != nil:
		return nil, nil, in.failed(ctx, err)
	case !ok:
		return nil, nil, in.finished(ctx)
	}
	ack := in.acks.Track(out.After)
	return in.message(out), func(ctx context.Context, rejection error) error {
		if rejection != nil {
			in.drops.note(out, rejection, in.log)
		}
		ack(ctx)
		return nil
	}, nil
}

func (in *input) message(out *export.Output) *service.Message {
	if out.Manifest != nil {
		in.progress.ends()
		return newManifest(&in.settings.Query, out, in.drops.ofRun())
	}
	in.metrics.emitted(out.Page)
	return newMessage(&in.settings.Query, out)
}

// finished ends the input once all is delivered and the position is kept.
func (in *input) finished(ctx context.Context) error {
	if err := in.acks.Flush(ctx); err != nil {
		return in.failed(ctx, err)
	}
	if err := in.drops.err(); err != nil {
		return in.fatal(err)
	}
	unfinished.Delete(in)
	in.progress.stop()
	return service.ErrEndOfInput
}

// failed returns what Read returns if there is no next page: nothing is fatal to an input
// that is closed, or to a Read that was cancelled.
func (in *input) failed(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case in.closed.Load():
		return service.ErrEndOfInput
	}
	return in.fatal(err)
}

// fatal ends the input with an error: the process will exit with status 1. Pages in
// flight are still delivered and acknowledged.
func (in *input) fatal(err error) error {
	in.metrics.fatalErrors.Incr(1)
	in.log.Errorf("The export ends: %v", err)
	failed.Store(true)
	unfinished.Delete(in)
	in.progress.stop()
	return service.ErrEndOfInput
}

// closeTimeout bounds the last attempt to write a position that could not be
// written before.
const closeTimeout = time.Second

// Close may be called while Read waits, in a hold for example, and ends that.
func (in *input) Close(ctx context.Context) error {
	in.mu.Lock()
	runs := in.runs
	in.closed.Store(true)
	in.mu.Unlock()
	if runs != nil {
		runs.Close()
	}
	in.progress.stop()
	in.client.CloseIdleConnections()
	in.claim.release()
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	return in.acks.Close(ctx)
}

// planOf returns what identifies the export that a position belongs to.
func planOf(s *settings.Config) export.Plan {
	return export.Plan{
		Host:        s.Client.Origins.API.Host,
		ClientID:    s.Client.ClientID,
		Dataset:     s.Query.Dataset,
		Endpoint:    s.Query.Endpoint.Path,
		Query:       digest(s.Query.Params),
		Interval:    s.Window.Grid.Step.String(),
		Granularity: s.Query.Granularity,
		TimeZone:    s.Query.TimeZone,
	}
}

// digest returns a hash of a query. A position must not hold the query itself, whose
// filter may name people.
func digest(query map[string]any) string {
	data, err := json.Marshal(query) // with its keys sorted
	if err != nil {                  // Query.Check refuses such a query
		data = fmt.Append(nil, query)
	}
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:8])
}
