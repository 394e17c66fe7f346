// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// input gives the pages of its runs, and moves the position as they are
// acknowledged.
type input struct {
	settings *settings
	res      *service.Resources
	client   *genesys.Client
	store    *export.Store // nil without a checkpoint cache
	ledger   *export.Ledger
	metrics  *metrics
	log      *service.Logger

	progress *progress

	mu     sync.Mutex   // guards runs and closed: Close may overtake Read
	runs   *export.Runs // set by the first Connect and kept: what is out belongs to it
	closed bool
}

func newInputFromParsed(conf *service.ParsedConfig, res *service.Resources) (service.Input, error) {
	s, err := readSettings(conf)
	if err != nil {
		return nil, err
	}
	if s.checkpointCache != "" && !res.HasCache(s.checkpointCache) {
		return nil, fmt.Errorf("field `checkpoint_cache`: there is no cache resource with the label %q", s.checkpointCache)
	}
	in, err := newInput(s, res)
	if err != nil {
		return nil, err
	}
	return service.AutoRetryNacksToggled(conf, in)
}

func newInput(s *settings, res *service.Resources) (*input, error) {
	in := &input{settings: s, res: res, metrics: newMetrics(res.Metrics()), log: res.Logger()}
	var err error
	if in.client, err = newClient(s, res, in.metrics); err != nil {
		return nil, err
	}
	in.progress = newProgress(s, in.client, in.metrics, in.log)
	if s.checkpointCache != "" {
		in.store = export.NewStore(in.cache(), s.checkpointKey, s.plan())
	}
	in.ledger = export.NewLedger(export.LedgerConfig{
		Limit:        s.checkpointLimit,
		Store:        in.store,
		RetryPause:   s.fallbackPause,
		WriteTimeout: s.client.RequestTimeout,
		Reached:      in.progress.reached,
		Failed: func(err error) {
			in.metrics.checkpointErrors.Incr(1)
			in.log.Errorf("Keeping the position: %v. It is tried again", err)
		},
	})
	return in, nil
}

// Connect finds where to go on. It sends nothing: a hold must not look like a
// lost connection. When it is called again the export goes on as it is, since
// the position in the cache trails what is in flight.
func (in *input) Connect(ctx context.Context) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.runs != nil || in.closed {
		return nil
	}
	runs, err := in.begin(ctx)
	var other *export.PlanError
	switch {
	case errors.As(err, &other), errors.Is(err, export.ErrUnreadable):
		return in.fatal(err)
	case err != nil:
		return err
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
	at, ok, err := in.store.Load(ctx)
	if err != nil {
		return nil, err
	}
	if !ok {
		return export.NewRuns(config), nil
	}
	in.log.Infof("The checkpoint is at %s", at.At.Format(time.RFC3339))
	in.progress.reached(at)
	return export.NewRunsFrom(config, at), nil
}

func (in *input) runsConfig() export.RunsConfig {
	s := in.settings
	config := export.RunsConfig{
		Walk:     reading(s, in.client, in.log),
		Start:    func(now time.Time) time.Time { return s.start.Resolve(now, s.grid) },
		EndsNow:  s.bounded && s.end.IsNow(),
		Schedule: s.schedule,
		Lookback: s.lookback,
		Manifest: s.manifest,
		Drain:    in.ledger.Drain,
		Counts:   in.metrics.counts,
		Begins:   in.progress.begins,
		Waits: func(tick time.Time) {
			in.log.Infof("Waiting for the schedule: the next run is due at %s", tick.In(s.grid.Location).Format(time.RFC3339))
		},
	}
	config.Walk.Plan = window.Plan{Grid: s.grid}
	config.Walk.Settle, config.Walk.Parallelism = s.settle, s.parallelism
	if s.bounded && !s.end.IsNow() {
		config.End = func(now time.Time) time.Time { return s.end.Resolve(now, s.grid) }
	}
	return config
}

// Read gives the next page, or manifest. It asks for one only once there is room
// for it in flight, so what waits here is no more than what is read ahead.
func (in *input) Read(ctx context.Context) (*service.Message, service.AckFunc, error) {
	in.mu.Lock()
	runs := in.runs
	in.mu.Unlock()
	if runs == nil {
		return nil, nil, service.ErrNotConnected
	}
	if err := in.ledger.Room(ctx); err != nil {
		return nil, nil, in.ended(ctx, err)
	}
	out, err := runs.Next(ctx)
	if err != nil {
		return nil, nil, in.ended(ctx, err)
	}
	ack := in.ledger.Track(out.After)
	// A nack is not looked at: auto_replay_nacks sends the message again and
	// acks it once; without that, to reject a message is to drop it.
	return in.message(out), func(ctx context.Context, _ error) error { return ack(ctx) }, nil
}

func (in *input) message(out export.Output) *service.Message {
	if out.Manifest != nil {
		in.progress.ends()
		return newManifest(in.settings, out)
	}
	in.metrics.emitted(out.Page)
	return newMessage(in.settings, out)
}

// ended sorts why there is no next page.
func (in *input) ended(ctx context.Context, err error) error {
	in.mu.Lock()
	closed := in.closed
	in.mu.Unlock()
	switch {
	case errors.Is(err, io.EOF):
		if err := in.ledger.Drain(ctx); err != nil {
			return in.ended(ctx, err)
		}
		in.progress.stop()
		return service.ErrEndOfInput
	case ctx.Err() != nil:
		return ctx.Err()
	case closed:
		return service.ErrEndOfInput
	}
	return in.fatal(err)
}

// fatal ends the input, and in the end the process. What is in flight is still
// delivered and acknowledged.
func (in *input) fatal(err error) error {
	in.metrics.fatalErrors.Incr(1)
	in.log.Errorf("The export ends: %v", err)
	failed.Store(true)
	in.progress.stop()
	return service.ErrEndOfInput
}

// closeTimeout bounds the last try to write a position that could not be
// written before.
const closeTimeout = time.Second

// Close may be called while Read waits, in a hold for example, and ends that.
func (in *input) Close(ctx context.Context) error {
	in.mu.Lock()
	runs := in.runs
	in.closed = true
	in.mu.Unlock()
	if runs != nil {
		runs.Close()
	}
	in.progress.stop()
	in.client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	return in.ledger.Close(ctx)
}

func (in *input) cache() export.Cache { return cache{in.res, in.settings.checkpointCache} }
