// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rig

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The names that config/distributed/planner_kafka.yaml and worker_kafka.yaml have as defaults.
const (
	intervalsTopic = "genesys.intervals"
	deadTopic      = "genesys.dead"
	workersGroup   = "genesys-workers"
	partitions     = 24
)

// Kafka is a cluster of one broker in this process.
type Kafka struct {
	// Address is the broker's.
	Address string
	// Door is in front of it.
	Door *Door

	cluster *kfake.Cluster
}

// StartKafka starts a cluster with the topics that the head of planner_kafka.yaml has a user make.
func (r *Rig) StartKafka() (*Kafka, error) {
	door, err := newDoor()
	if err != nil {
		return nil, fmt.Errorf("starting Kafka: %w", err)
	}
	cluster, err := kfake.NewCluster(
		kfake.NumBrokers(1),
		kfake.ListenFn(func(string, string) (net.Listener, error) { return door, nil }),
		kfake.GroupMinSessionTimeout(time.Second),
		kfake.SeedTopics(partitions, intervalsTopic),
		kfake.SeedTopics(1, deadTopic),
	)
	if err != nil {
		return nil, fmt.Errorf("starting Kafka: %w", err)
	}
	r.closers = append(r.closers, cluster.Close)
	return &Kafka{Address: door.Addr().String(), Door: door, cluster: cluster}, nil
}

// Left is how many messages the group has not committed.
func (k *Kafka) Left(context.Context) (int, error) {
	left := 0
	committed := k.committed()
	for _, p := range k.cluster.PartitionInfos(intervalsTopic) {
		left += int(p.HighWatermark - committed[p.Partition])
	}
	return left, nil
}

// committed is the group's offset in each partition.
func (k *Kafka) committed() map[int32]int64 {
	offsets := map[int32]int64{}
	group := k.cluster.GroupInfo(workersGroup)
	if group == nil {
		return offsets
	}
	for partition, commit := range group.Commits[intervalsTopic] {
		offsets[partition] = commit.Offset
	}
	return offsets
}

// Members is how many workers the group has.
func (k *Kafka) Members() int {
	if group := k.cluster.GroupInfo(workersGroup); group != nil {
		return len(group.Members)
	}
	return 0
}

// MakeDeadTopic makes the topic of the dead letters, and ForgetDeadTopic deletes it.
func (k *Kafka) MakeDeadTopic() error { return k.cluster.CreateTopic(deadTopic, 1, nil) }

// ForgetDeadTopic deletes the topic of the dead letters.
func (k *Kafka) ForgetDeadTopic() error { return k.cluster.DeleteTopic(deadTopic) }

// Put puts a message as it is into the partition that has the fewest.
func (k *Kafka) Put(ctx context.Context, body string) error {
	emptiest := slices.MinFunc(k.cluster.PartitionInfos(intervalsTopic), func(a, b *kfake.PartitionInfo) int {
		return cmp.Compare(a.HighWatermark, b.HighWatermark)
	})
	client, err := kgo.NewClient(kgo.SeedBrokers(k.Address), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return fmt.Errorf("putting a message into topic %s: %w", intervalsTopic, err)
	}
	defer client.Close()
	err = client.ProduceSync(ctx, &kgo.Record{
		Topic: intervalsTopic, Partition: emptiest.Partition, Value: []byte(body),
	}).FirstErr()
	if err != nil {
		return fmt.Errorf("putting a message into topic %s: %w", intervalsTopic, err)
	}
	return nil
}

// DeadLetters reads them all.
func (k *Kafka) DeadLetters(ctx context.Context) (letters []DeadLetter, err error) {
	records, err := k.Records(ctx, deadTopic)
	for _, r := range records {
		letters = append(letters, DeadLetter{Body: string(r.Value), Reason: reason(r)})
	}
	return letters, err
}

// MakeTopic makes another topic, of one partition.
func (k *Kafka) MakeTopic(name string) error { return k.cluster.CreateTopic(name, 1, nil) }

// Records reads all that a topic has.
func (k *Kafka) Records(ctx context.Context, topic string) ([]*kgo.Record, error) {
	var want int64
	for _, p := range k.cluster.PartitionInfos(topic) {
		want += p.HighWatermark
	}
	if want == 0 {
		return nil, nil
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(k.Address), kgo.ConsumeTopics(topic))
	if err != nil {
		return nil, fmt.Errorf("reading topic %s: %w", topic, err)
	}
	defer client.Close()
	var records []*kgo.Record
	for int64(len(records)) < want {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, fmt.Errorf("reading topic %s: %w", topic, err)
		}
		records = append(records, fetches.Records()...)
	}
	return records, nil
}

func reason(r *kgo.Record) string {
	for _, h := range r.Headers {
		if h.Key == reasonHeader {
			return string(h.Value)
		}
	}
	return ""
}
