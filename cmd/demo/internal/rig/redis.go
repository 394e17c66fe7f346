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
}

// StartRedis starts one in this process.
func (r *Rig) StartRedis() (*Redis, error) {
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("starting Redis: %w", err)
	}
	r.closers = append(r.closers, server.Close)
	return r.redisAt(server.Addr())
}

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
