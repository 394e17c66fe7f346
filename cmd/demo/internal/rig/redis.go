// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rig

import (
	"fmt"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/proto"
)

// Redis is a server that forgets everything with this process.
type Redis struct {
	// URL is where clients connect.
	URL string
	// Door is in front of it.
	Door *Door

	server   *miniredis.Miniredis // nil for one in a process of its own
	address  string               // behind the door
	password string
}

// StartRedis starts one in this process.
func (r *Rig) StartRedis() (*Redis, error) {
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("starting Redis: %w", err)
	}
	r.closers = append(r.closers, server.Close)
	s, err := r.redisAt(server.Addr())
	if err == nil {
		s.server = server
	}
	return s, err
}

// Protect has it ask for a password, which its URL has from then on. One in a process of its own has
// been told when it was started.
func (s *Redis) Protect(password string) {
	if s.server != nil {
		s.server.RequireAuth(password)
	}
	s.password = password
	s.URL = "redis://:" + password + "@" + s.Door.Addr().String()
}

// HeldUntil is the end of the hold that the workers share, zero where none was written down. It goes
// past the door.
func (s *Redis) HeldUntil() (until time.Time, err error) {
	client, err := proto.Dial(s.address)
	if err != nil {
		return until, fmt.Errorf("reading the shared hold: %w", err)
	}
	defer client.Close()
	answer, err := client.Do("AUTH", s.password)
	if err == nil {
		answer, err = client.Do("GET", "genesys:"+holdKey)
	}
	if err != nil || answer == proto.Nil {
		return until, err
	}
	value, err := proto.ReadString(answer)
	if err != nil {
		return until, fmt.Errorf("reading the shared hold: %w", err)
	}
	return lastOf([]byte(value))
}

// Fail has every command answered with an error, until it is called with none.
func (s *Redis) Fail(message string) { s.server.SetError(message) }

// redisAt puts a door in front of a Redis.
func (r *Rig) redisAt(address string) (*Redis, error) {
	door, err := newDoor()
	if err != nil {
		return nil, fmt.Errorf("making the door of Redis: %w", err)
	}
	r.closers = append(r.closers, func() { _ = door.Close() })
	go door.forward(address)
	return &Redis{URL: "redis://" + door.Addr().String(), Door: door, address: address}, nil
}
