// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package endure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"time"
)

// Server stands in front of a server, for each process through a port of its own.
type Server interface {
	serve(w http.ResponseWriter, r *http.Request, from *Member)
}

// Listen opens a port for a process, and returns its origin.
func Listen(s Server, from *Member) (origin string, closer func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("opening a port for %s: %w", from.Name, err)
	}
	const header = 10 * time.Second
	server := &http.Server{ReadHeaderTimeout: header, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, from)
	})}
	go func() { _ = server.Serve(l) }()
	return "http://" + l.Addr().String(), func() { _ = server.Close() }, nil
}

// upstream is the server behind. Each request has a connection of its own: net/http sends some again
// by itself where an old one is lost.
type upstream struct {
	host      string
	transport *http.Transport
}

func newUpstream(host string) upstream {
	return upstream{host, &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
}

// answer is what the server said: all of it, unless it was cut short.
type answer struct {
	status int
	header http.Header
	body   []byte
	cut    bool
}

// send passes a request on and waits for the answer, whatever becomes of who asked.
func (u upstream) send(r *http.Request) (*answer, error) {
	out := r.Clone(context.WithoutCancel(r.Context()))
	out.URL.Scheme, out.URL.Host, out.RequestURI = "http", u.host, ""
	res, err := u.transport.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return &answer{res.StatusCode, res.Header, body, err != nil}, nil
}

// write passes an answer on.
func (a *answer) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
	if a.cut {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// half is an answer that is cut short.
func (a *answer) half() *answer {
	return &answer{a.status, a.header, a.body[:len(a.body)/2], true}
}

// hangUp ends the connection as the server behind did, or with a reset.
func hangUp(w http.ResponseWriter, err error) {
	conn, _, hijacked := http.NewResponseController(w).Hijack()
	if hijacked != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok && !errors.Is(err, io.EOF) {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// stall lets time pass until the client has had enough, or it is over.
func stall(r *http.Request, atMost time.Duration) {
	t := time.NewTimer(atMost)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
	}
}
