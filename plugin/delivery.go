// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
)

// replayed wraps an input as auto_replay_nacks says. Where rejected messages are
// sent again, give_up_after bounds that.
func replayed(conf *service.ParsedConfig, in *input) (service.Input, error) {
	wrapped, err := service.AutoRetryNacksToggled(conf, in)
	if err != nil || wrapped == service.Input(in) || in.settings.giveUpAfter <= 0 {
		return wrapped, err
	}
	d := &delivery{Input: wrapped, in: in, rejected: map[string]time.Time{}}
	d.over, d.end = context.WithCancelCause(context.Background())
	return d, nil
}

// delivery ends an input of which a message has been rejected for too long. The
// wrapper that sends it again keeps that to itself, so it is seen from outside.
type delivery struct {
	service.Input
	in   *input
	over context.Context //nolint:containedctx // ends the input
	end  context.CancelCauseFunc

	mu       sync.Mutex           // guards rejected
	rejected map[string]time.Time // since when, by the message's key
}

// ConnectionTest implements [service.ConnectionTestable].
func (d *delivery) ConnectionTest(ctx context.Context) service.ConnectionTestResults {
	return d.in.ConnectionTest(ctx)
}

// Read returns the next message, or one that was rejected.
func (d *delivery) Read(ctx context.Context) (*service.Message, service.AckFunc, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(d.over, cancel)()
	msg, ack, err := d.Input.Read(ctx)
	if d.over.Err() != nil { // what is not acknowledged is delivered by the next run
		return nil, nil, service.ErrEndOfInput
	}
	if err != nil {
		return nil, nil, err
	}
	key, _ := msg.MetaGet("genesys_key")
	interval, _ := msg.MetaGet("genesys_interval")
	return msg, func(ctx context.Context, rejection error) error {
		d.settle(key, interval, rejection)
		return ack(ctx, rejection)
	}, nil
}

// settle notes what became of a message.
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
	after := d.in.settings.giveUpAfter
	if time.Since(since) < after || d.over.Err() != nil {
		return
	}
	_ = d.in.fatal(&export.GiveUpError{What: "delivering " + key, After: after, Cause: fmt.Errorf("the output rejects the page of %s again and again: %w", interval, rejection)})
	d.end(context.Canceled)
}
