// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The names that the pipelines in config/distributed have as defaults.
const (
	queueStream  = "GENESYS_INTERVALS"
	queueSubject = "genesys.intervals"
	consumer     = "workers"
	deadStream   = "GENESYS_DEAD"
	deadSubject  = "genesys.dead"
	holdsBucket  = "GENESYS_HOLDS"
	holdKey      = "genesys_analytics_hold"
	reasonHeader = "Genesys-Error"
)

// Broker is a NATS server with JetStream, embedded in this process, with what the head of
// config/distributed/planner.yaml has a user make with the `nats` CLI.
type Broker struct {
	// URL is where clients connect.
	URL string

	server *server.Server
	conn   *nats.Conn
	js     jetstream.JetStream
}

// StartBroker starts a broker that takes a message back from a worker after ackWait.
func (r *Rig) StartBroker(ctx context.Context, ackWait time.Duration) (*Broker, error) {
	s, err := server.NewServer(&server.Options{
		ServerName: "demo",
		Host:       "127.0.0.1",
		Port:       server.RANDOM_PORT,
		JetStream:  true,
		StoreDir:   filepath.Join(r.dir, "jetstream"),
		NoLog:      true,
		NoSigs:     true,
	})
	if err != nil {
		return nil, fmt.Errorf("making the broker: %w", err)
	}
	b := &Broker{server: s}
	r.broker = b
	s.Start()
	if !s.ReadyForConnections(startLimit) {
		return nil, errors.New("starting the broker: it does not answer")
	}
	b.URL = s.ClientURL()
	if b.conn, err = nats.Connect(b.URL); err != nil {
		return nil, fmt.Errorf("connecting to the broker: %w", err)
	}
	if b.js, err = jetstream.New(b.conn); err != nil {
		return nil, fmt.Errorf("connecting to the broker: %w", err)
	}
	return b, b.furnish(ctx, ackWait)
}

// furnish makes the streams, the consumer and the bucket.
func (b *Broker) furnish(ctx context.Context, ackWait time.Duration) error {
	queue, err := b.js.CreateStream(ctx, jetstream.StreamConfig{
		Name: queueStream, Subjects: []string{queueSubject},
		Retention: jetstream.WorkQueuePolicy, Storage: jetstream.FileStorage, Duplicates: 26 * time.Hour,
	})
	if err != nil {
		return fmt.Errorf("making stream %s: %w", queueStream, err)
	}
	_, err = queue.CreateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: consumer, AckPolicy: jetstream.AckExplicitPolicy,
		AckWait: ackWait, MaxAckPending: 1000, MaxDeliver: -1,
	})
	if err != nil {
		return fmt.Errorf("making consumer %s: %w", consumer, err)
	}
	if err := b.MakeDeadStream(ctx); err != nil {
		return err
	}
	_, err = b.js.CreateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: holdsBucket, Storage: jetstream.FileStorage, TTL: 24 * time.Hour,
	})
	if err != nil {
		return fmt.Errorf("making bucket %s: %w", holdsBucket, err)
	}
	return nil
}

// MakeDeadStream makes the stream of the dead letters.
func (b *Broker) MakeDeadStream(ctx context.Context) error {
	_, err := b.js.CreateStream(ctx, jetstream.StreamConfig{
		Name: deadStream, Subjects: []string{deadSubject}, Storage: jetstream.FileStorage,
	})
	if err != nil {
		return fmt.Errorf("making stream %s: %w", deadStream, err)
	}
	return nil
}

// ForgetDeadStream deletes the stream of the dead letters.
func (b *Broker) ForgetDeadStream(ctx context.Context) error {
	if err := b.js.DeleteStream(ctx, deadStream); err != nil {
		return fmt.Errorf("deleting stream %s: %w", deadStream, err)
	}
	return nil
}

func (b *Broker) close() {
	if b.conn != nil {
		b.conn.Close()
	}
	b.server.Shutdown()
	b.server.WaitForShutdown()
}

// Front puts a door in front of the broker, for workers whose URL it is.
func (r *Rig) Front(b *Broker) (*Door, error) {
	door, err := newDoor()
	if err != nil {
		return nil, fmt.Errorf("making the broker's door: %w", err)
	}
	r.closers = append(r.closers, func() { _ = door.Close() })
	go door.forward(b.server.Addr().String())
	return door, nil
}

// Put puts a message on the queue as it is.
func (b *Broker) Put(ctx context.Context, body string) error {
	if _, err := b.js.Publish(ctx, queueSubject, []byte(body)); err != nil {
		return fmt.Errorf("putting a message on the queue: %w", err)
	}
	return nil
}

// Left is how many messages are on the queue, those included that a worker has taken and not
// acknowledged.
func (b *Broker) Left(ctx context.Context) (int, error) { return b.count(ctx, queueStream) }

// Taken is how many messages workers have taken and not acknowledged.
func (b *Broker) Taken(ctx context.Context) (int, error) {
	c, err := b.js.Consumer(ctx, queueStream, consumer)
	if err != nil {
		return 0, fmt.Errorf("looking at consumer %s: %w", consumer, err)
	}
	return c.CachedInfo().NumAckPending, nil
}

func (b *Broker) count(ctx context.Context, name string) (int, error) {
	stream, err := b.js.Stream(ctx, name)
	if err != nil {
		return 0, fmt.Errorf("counting the messages of stream %s: %w", name, err)
	}
	return int(stream.CachedInfo().State.Msgs), nil
}

// DeadLetter is a message that a worker gave up on.
type DeadLetter struct{ Body, Reason string }

// DeadLetters reads them all.
func (b *Broker) DeadLetters(ctx context.Context) ([]DeadLetter, error) {
	stream, err := b.js.Stream(ctx, deadStream)
	if err != nil {
		return nil, fmt.Errorf("reading the dead letters: %w", err)
	}
	state := stream.CachedInfo().State
	var letters []DeadLetter
	for seq := state.FirstSeq; seq <= state.LastSeq && state.Msgs > 0; seq++ {
		msg, err := stream.GetMsg(ctx, seq)
		if err != nil {
			return nil, fmt.Errorf("reading the dead letters: %w", err)
		}
		letters = append(letters, DeadLetter{Body: string(msg.Data), Reason: msg.Header.Get(reasonHeader)})
	}
	return letters, nil
}

// HeldUntil is the end of the hold that the workers share, zero where none was written down.
func (b *Broker) HeldUntil(ctx context.Context) (until time.Time, err error) {
	bucket, err := b.js.KeyValue(ctx, holdsBucket)
	if err != nil {
		return until, fmt.Errorf("reading the shared hold: %w", err)
	}
	entry, err := bucket.Get(ctx, holdKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return until, nil
	}
	if err != nil {
		return until, fmt.Errorf("reading the shared hold: %w", err)
	}
	return lastOf(entry.Value())
}

// lastOf is when the last of the holds ends that the workers share.
func lastOf(value []byte) (until time.Time, err error) {
	var holds map[string]struct { // of each worker
		Until time.Time `json:"until"`
	}
	if err := json.Unmarshal(value, &holds); err != nil {
		return until, fmt.Errorf("reading the shared hold: %w", err)
	}
	for _, hold := range holds {
		if hold.Until.After(until) {
			until = hold.Until
		}
	}
	return until, nil
}

// ForgetHold deletes what HeldUntil reads.
func (b *Broker) ForgetHold(ctx context.Context) error {
	bucket, err := b.js.KeyValue(ctx, holdsBucket)
	if err == nil {
		err = bucket.Delete(ctx, holdKey)
	}
	if err != nil {
		return fmt.Errorf("deleting the shared hold: %w", err)
	}
	return nil
}
