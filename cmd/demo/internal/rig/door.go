// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rig

import (
	"fmt"
	"io"
	"net"
	"sync"
)

// Door is a listener in front of a server that can be away for a while. While it is shut, its port
// refuses connections, as that of a server that is gone.
type Door struct {
	address net.Addr

	mu       sync.Mutex
	changed  sync.Cond
	listener net.Listener // nil while it is shut
	closed   bool
	open     map[net.Conn]struct{}
}

// newDoor listens on a free port of the loopback.
func newDoor() (*Door, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("making a door: %w", err)
	}
	d := &Door{address: l.Addr(), listener: l, open: map[net.Conn]struct{}{}}
	d.changed.L = &d.mu
	return d, nil
}

// Addr is the same whether it is open or shut.
func (d *Door) Addr() net.Addr { return d.address }

// Shut cuts every connection and refuses others until Open.
func (d *Door) Shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.listener != nil {
		_ = d.listener.Close()
		d.listener = nil
	}
	for conn := range d.open {
		_ = conn.Close()
	}
}

// Open lets connections in again.
func (d *Door) Open() error {
	l, err := net.Listen("tcp", d.address.String())
	if err != nil {
		return fmt.Errorf("opening a door again: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.listener = l
	d.changed.Broadcast()
	return nil
}

// Close shuts it for good.
func (d *Door) Close() error {
	d.Shut()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.changed.Broadcast()
	return nil
}

// Accept returns the next connection, and waits for one while the door is shut.
func (d *Door) Accept() (net.Conn, error) {
	for {
		l, err := d.current()
		if err != nil {
			return nil, err
		}
		conn, err := l.Accept()
		if err != nil {
			continue // it was shut meanwhile
		}
		if d.admit(conn) {
			return &guest{Conn: conn, door: d}, nil
		}
		_ = conn.Close()
	}
}

func (d *Door) current() (net.Listener, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.listener == nil && !d.closed {
		d.changed.Wait()
	}
	if d.closed {
		return nil, net.ErrClosed
	}
	return d.listener, nil
}

func (d *Door) admit(conn net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.listener == nil {
		return false
	}
	d.open[conn] = struct{}{}
	return true
}

// guest is a connection that its door can cut.
type guest struct {
	net.Conn

	door *Door
}

// Close closes the connection.
func (g *guest) Close() error {
	g.door.mu.Lock()
	delete(g.door.open, g.Conn)
	g.door.mu.Unlock()
	return g.Conn.Close()
}

// forward joins each connection with one to address, until the door is closed.
func (d *Door) forward(address string) {
	for {
		conn, err := d.Accept()
		if err != nil {
			return
		}
		go join(conn, address)
	}
}

func join(conn net.Conn, address string) {
	defer conn.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	go func() {
		defer conn.Close()
		defer server.Close()
		_, _ = io.Copy(conn, server)
	}()
	_, _ = io.Copy(server, conn)
	_ = server.Close()
}
