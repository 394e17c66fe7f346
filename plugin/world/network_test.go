// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// wire is a connection between a process and the tenant. Both ends are in memory:
// a real socket is not durably blocking, so the clock of a bubble would stand still.
type wire struct {
	net.Conn // the process's end
	proc     *process
	far      net.Conn
	broken   atomic.Bool // its end is a reset, and not an orderly one
	gone     chan struct{}
	once     sync.Once
}

func (c *wire) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err == io.EOF && c.broken.Load() {
		err = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	return n, err
}

func (c *wire) Close() error {
	c.once.Do(func() { close(c.gone) })
	return c.Conn.Close()
}

func (*wire) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 40000} }
func (*wire) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8085} }

// cut ends a connection from outside of both ends.
func (c *wire) cut() {
	c.broken.Store(true)
	_ = c.far.Close()
	_ = c.Conn.Close()
}

// dialTimeout is the error of a dial that hangs: it is a context.DeadlineExceeded
// too, as that of package net.
type dialTimeout struct{}

func (dialTimeout) Error() string   { return "i/o timeout" }
func (dialTimeout) Timeout() bool   { return true }
func (dialTimeout) Temporary() bool { return true }
func (dialTimeout) Is(target error) bool {
	return target == context.DeadlineExceeded
}

// dial connects a process with the tenant.
func (p *process) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	w := p.world
	n := p.dials.Add(1)
	if e := w.during("a dial hangs"); e != nil {
		pause(ctx, w.chance.span(e.least, e.most, "hang", p.id, n))
		if w.chance.share(50, "hung", p.id, n) {
			p.failedDials.Add(1)
			return nil, &net.OpError{Op: "dial", Net: network, Err: dialTimeout{}}
		}
	}
	if w.plan.dialMost > 0 {
		pause(ctx, w.chance.span(0, w.plan.dialMost, "dial", p.id, n))
	}
	if w.during("a dial is refused") != nil {
		p.failedDials.Add(1)
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	if ctx.Err() != nil || p.dead.Load() {
		p.failedDials.Add(1)
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ENETUNREACH}
	}
	near, far := net.Pipe()
	c := &wire{Conn: near, proc: p, far: far, gone: make(chan struct{})}
	p.mu.Lock()
	p.wires[c] = true
	p.mu.Unlock()
	w.serving.Go(func() { w.tenant.serve(c) })
	return c, nil
}

// serve answers the requests of a connection, one after the other.
func (t *tenant) serve(c *wire) {
	defer func() {
		_ = c.far.Close()
		c.proc.mu.Lock()
		delete(c.proc.wires, c)
		c.proc.mu.Unlock()
	}()
	r := bufio.NewReader(c.far)
	for {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		if !t.answer(c, req, bytes.TrimSpace(body)) {
			return
		}
	}
}

// pause lets time pass, until the context ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
