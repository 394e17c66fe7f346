// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// replayed wraps an input as auto_replay_nacks says. Where rejected messages are sent
// again, fatal is called once one has been rejected for giveUpAfter.
func replayed(conf *service.ParsedConfig, in service.Input, giveUpAfter time.Duration, fatal func(error) error) (service.Input, error) {
	wrapped, err := service.AutoRetryNacksToggled(conf, in)
	if err != nil || wrapped == in || giveUpAfter <= 0 {
		return wrapped, err
	}
	return &delivery{Input: wrapped, in: in, giveUpAfter: giveUpAfter, fatal: fatal, rejected: map[string]time.Time{}}, nil
}

// delivery ends an input of which a message has been rejected for too long. Benthos'
// wrapper that sends it again does not report that, so delivery wraps the wrapper.
type delivery struct {
	service.Input
	in          service.Input // which Input wraps
	giveUpAfter time.Duration
	fatal       func(error) error

	over     atomic.Bool          // a message has been rejected for too long
	mu       sync.Mutex           // guards rejected
	rejected map[string]time.Time // since when, by the message's key
}

// ConnectionTest implements [service.ConnectionTestable].
func (d *delivery) ConnectionTest(ctx context.Context) service.ConnectionTestResults {
	return d.in.(service.ConnectionTestable).ConnectionTest(ctx)
}

// Read returns the next message, or one that was rejected. The one that was rejected for
// too long comes back too, so nothing else has to end a Read that waits: Benthos' wrapper
// can miss the end of its context while it pauses before a message that it sends again.
func (d *delivery) Read(ctx context.Context) (*service.Message, service.AckFunc, error) {
	msg, ack, err := d.Input.Read(ctx)
	switch {
	case d.over.Load(): // what is not acknowledged is delivered by the next run
		return nil, nil, service.ErrEndOfInput
	case err != nil:
		return nil, nil, err
	}
	key, _ := msg.MetaGet("genesys_key")
	interval, _ := msg.MetaGet("genesys_interval")
	return msg, func(ctx context.Context, rejection error) error {
		d.settle(key, interval, rejection)
		return ack(ctx, rejection)
	}, nil
}

// settle records how a message was acknowledged.
func (d *delivery) settle(key, interval string, rejection error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if rejection == nil {
		delete(d.rejected, key)
		return
	}
	since, again := d.rejected[key]
	if !again {
		d.rejected[key] = time.Now()
		return
	}
	if time.Since(since) < d.giveUpAfter || d.over.Swap(true) {
		return
	}
	_ = d.fatal(&export.GiveUpError{What: "delivering " + key, After: d.giveUpAfter, Cause: fmt.Errorf("the output rejects the page of %s again and again: %w", interval, rejection)})
}

// drops are the messages that the output rejected and that are not sent again: without
// auto_replay_nacks a rejected message is dropped, and the position passes it. Such an
// export is not complete: its manifest and its end say so.
type drops struct {
	mu    sync.Mutex // guards all below
	run   []window.Interval
	count int
	first string
}

func (d *drops) note(out *export.Output, rejection error, log *service.Logger) {
	d.mu.Lock()
	defer d.mu.Unlock()
	what := "a manifest"
	if out.Manifest == nil {
		what = fmt.Sprintf("page %d of %s", out.Page.Number, out.Interval)
		if !slices.Contains(d.run, out.Interval) {
			d.run = append(d.run, out.Interval)
		}
	}
	if d.count++; d.first == "" {
		d.first = fmt.Sprintf("%s: %v", what, rejection)
	}
	log.Errorf("The output rejected %s, which is dropped (auto_replay_nacks: false): %v", what, rejection)
}

// ofRun returns the run's intervals that lost a page, once.
func (d *drops) ofRun() []window.Interval {
	d.mu.Lock()
	defer d.mu.Unlock()
	run := d.run
	d.run = nil
	return run
}

// err returns an error that counts what was dropped, nil if nothing was.
func (d *drops) err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.count == 0 {
		return nil
	}
	return fmt.Errorf("the output rejected %d messages, which were dropped (auto_replay_nacks: false): the first was %s", d.count, d.first)
}
