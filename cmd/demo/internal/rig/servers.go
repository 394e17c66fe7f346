// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/proc"
)

// These servers are not Go's: `make test-servers` puts them into bin/servers.
const (
	redisServer = "servers/redis-server"
	dynalite    = "servers/dynalite"
)

// RedisServer is the real one, in a process of its own.
type RedisServer struct {
	*Redis

	rig     *Rig
	address string
	args    []string
	process *proc.Process
}

// StartRedisServer starts one with more options.
func (r *Rig) StartRedisServer(ctx context.Context, options ...string) (*RedisServer, error) {
	dir, err := os.MkdirTemp(r.dir, "redis-")
	if err != nil {
		return nil, fmt.Errorf("making Redis' folder: %w", err)
	}
	address, err := proc.FreeAddress()
	if err != nil {
		return nil, err
	}
	host, port, _ := net.SplitHostPort(address)
	s := &RedisServer{rig: r, address: address, args: append([]string{"--bind", host, "--port", port, "--dir", dir}, options...)}
	if s.Redis, err = r.redisAt(address); err != nil {
		return nil, err
	}
	return s, s.Start(ctx)
}

// Start starts it again, with what it has kept.
func (s *RedisServer) Start(ctx context.Context) (err error) {
	if s.process, err = s.rig.start(redisServer, s.args, nil); err != nil {
		return err
	}
	return s.process.Until(ctx, startLimit, "Redis", answers(s.address))
}

// Crash ends it as a machine does that loses its power.
func (s *RedisServer) Crash() { s.process.Kill() }

func answers(address string) func(context.Context) (bool, error) {
	return func(context.Context) (bool, error) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return false, nil // not yet
		}
		return true, conn.Close()
	}
}

// HoldsIn moves the table of the hold to dynalite, a DynamoDB in a process of its own, and returns
// the door in front of it.
func (r *Rig) HoldsIn(ctx context.Context, a *Amazon) (*Door, error) {
	address, err := proc.FreeAddress()
	if err != nil {
		return nil, err
	}
	host, port, _ := net.SplitHostPort(address)
	p, err := r.start(dynalite, []string{"--host", host, "--port", port, "--createTableMs", "0"}, nil)
	if err != nil {
		return nil, err
	}
	if err := p.Until(ctx, startLimit, "dynalite", answers(address)); err != nil {
		return nil, err
	}
	door, err := newDoor()
	if err != nil {
		return nil, err
	}
	r.closers = append(r.closers, func() { _ = door.Close() })
	go door.forward(address)
	a.holds = "http://" + door.Addr().String()
	return door, makeTable(ctx, a.holds)
}

// makeTable makes the table of the hold as the head of planner_sqs.yaml does. It is there when the
// answer is. dynalite looks at the form of a signature and not at what was signed.
func makeTable(ctx context.Context, url string) error {
	const table = `{"TableName":"` + holdsTable + `","BillingMode":"PAY_PER_REQUEST",` +
		`"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],` +
		`"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}`
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(table))
	if err != nil {
		return fmt.Errorf("making table %s: %w", holdsTable, err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810.CreateTable")
	req.Header.Set("X-Amz-Date", "20261122T000000Z")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+accessKey+
		"/20261122/"+awsRegion+"/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("making table %s: %w", holdsTable, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		why, _ := io.ReadAll(res.Body)
		return fmt.Errorf("making table %s: status %s: %s", holdsTable, res.Status, why)
	}
	return nil
}
