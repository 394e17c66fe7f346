// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rig

import (
	"fmt"

	"github.com/alicebob/miniredis/v2"
)

// Redis is a server that forgets everything with this process.
type Redis struct {
	// URL is where clients connect.
	URL string
	// Door is in front of it.
	Door *Door

	server *miniredis.Miniredis // nil for one in a process of its own
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

// Protect has it ask for a password, which its URL has from then on.
func (s *Redis) Protect(password string) {
	s.server.RequireAuth(password)
	s.URL = "redis://:" + password + "@" + s.Door.Addr().String()
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
	return &Redis{URL: "redis://" + door.Addr().String(), Door: door}, nil
}
