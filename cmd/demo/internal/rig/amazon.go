// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/aws"
)

const (
	intervalsQueue = "genesys-intervals.fifo"
	deadQueue      = "genesys-dead"
	holdsTable     = "genesys-holds"
)

// Amazon is SQS and DynamoDB in this process.
type Amazon struct {
	// Door is in front of both.
	Door *Door
	// Server is behind it.
	Server *aws.Server
	// Intervals is the queue that the planner fills.
	Intervals *aws.Queue

	url  string
	dead *aws.Queue
	// holds is where the table of the hold is, url itself where it is empty.
	holds string
}

// StartAmazon starts them with what the head of planner_sqs.yaml has a user make.
func (r *Rig) StartAmazon() (*Amazon, error) {
	door, err := newDoor()
	if err != nil {
		return nil, fmt.Errorf("starting SQS: %w", err)
	}
	a := &Amazon{Door: door, Server: aws.New(), url: "http://" + door.Addr().String()}
	a.Intervals = a.Server.Make(intervalsQueue, true)
	a.MakeDeadQueue()
	a.Server.MakeTable(holdsTable)
	server := &http.Server{Handler: a.Server, ReadHeaderTimeout: startLimit}
	go func() { _ = server.Serve(door) }()
	r.closers = append(r.closers, func() { _ = server.Close() })
	return a, nil
}

// MakeDeadQueue makes the queue of the dead letters, and ForgetDeadQueue deletes it.
func (a *Amazon) MakeDeadQueue() { a.dead = a.Server.Make(deadQueue, false) }

// ForgetDeadQueue deletes the queue of the dead letters.
func (a *Amazon) ForgetDeadQueue() { a.Server.Delete(deadQueue) }

// environment says where they are, as the SDK reads it.
func (a *Amazon) environment() []string {
	holds := a.holds
	if holds == "" {
		holds = a.url
	}
	return []string{
		"AWS_ENDPOINT_URL_SQS=" + a.url,
		"AWS_ENDPOINT_URL_DYNAMODB=" + holds,
		"SQS_QUEUE_URL=" + a.url + "/000000000000/" + intervalsQueue,
		"SQS_DEAD_QUEUE_URL=" + a.url + "/000000000000/" + deadQueue,
	}
}

// Left is how many messages are on the queue, those included that a worker has taken.
func (a *Amazon) Left(context.Context) (int, error) { return len(a.Intervals.Messages()), nil }

// DeadLetters reads them all.
func (a *Amazon) DeadLetters(context.Context) ([]DeadLetter, error) {
	var letters []DeadLetter
	for _, m := range a.dead.Messages() {
		letters = append(letters, DeadLetter{Body: m.Body, Reason: m.Attributes[reasonHeader].StringValue})
	}
	return letters, nil
}

// Put puts a message on the queue as it is.
func (a *Amazon) Put(_ context.Context, body string) error {
	a.Intervals.Put(aws.Message{Body: body}, body, body)
	return nil
}

// PlanSQS starts the planner of SQS over a window.
func (r *Rig) PlanSQS(a *Amazon, start, end time.Time) (*Pipeline, error) {
	return r.run(SQSPlanner, nil, append(append(account(""), window(start, end)...), a.environment()...))
}

// WorkSQS starts one of SQS' workers.
func (r *Rig) WorkSQS(a *Amazon, hand Hand) (*Pipeline, error) {
	return r.work(SQSWorker, 1, hand, a.environment()...)
}
