// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// aMoment is a hold's length on a real clock.
const aMoment = 150 * time.Millisecond

// wire is a server that notes when each request arrives, whatever the client
// makes of it, and does with the n-th (from 1) what the script says.
type wire struct {
	mu     sync.Mutex
	at     []time.Time
	script map[int]deed // none: 200
	came   chan int     // the number of each request
}

// deed is what a server does with a request.
type deed int

const (
	serve        deed = iota
	throttle          // 429
	drop              // HTTP/1: close the connection without an answer
	refuseStream      // HTTP/2: RST_STREAM, REFUSED_STREAM
	goAway            // HTTP/2: GOAWAY, this stream was not handled

	waiting deed = 1 << 8 // a flag: only once the client has taken in a 429
)

func (w *wire) next() deed {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = append(w.at, time.Now())
	w.came <- len(w.at)
	return w.script[len(w.at)]
}

func (w *wire) arrivals() []time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]time.Time(nil), w.at...)
}

// rig is a client with a gate on a real connection to a wire.
type rig struct {
	*wire
	url       string
	base      *http.Transport
	gate      *Gate
	transport *Transport
	throttled chan struct{} // closed when the client has taken in a 429

	mu       sync.Mutex
	statuses []int
}

// slowConn takes its time to close, so that what is written meanwhile arrives.
type slowConn struct{ net.Conn }

func (c slowConn) Close() error {
	time.Sleep(aMoment / 10)
	return c.Conn.Close()
}

func dialSlow(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	return slowConn{conn}, err
}

type protocol string

const (
	http1 protocol = "HTTP/1.1"
	tls1  protocol = "HTTP/1.1 over TLS"
	http2 protocol = "HTTP/2"
)

func newRig(t *testing.T, p protocol, script map[int]deed) *rig {
	t.Helper()
	r := &rig{wire: &wire{script: script, came: make(chan int, 100)}, throttled: make(chan struct{})}
	server := httptest.NewUnstartedServer(http.HandlerFunc(r.serve1))
	switch p {
	case http1:
		server.Start()
	case tls1:
		server.StartTLS()
	case http2:
		server.EnableHTTP2 = true
		server.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){
			"h2": func(_ *http.Server, conn *tls.Conn, _ http.Handler) { r.serve2(conn) },
		}
		server.StartTLS()
	}
	t.Cleanup(server.Close)
	r.url = server.URL
	r.base = server.Client().Transport.(*http.Transport)
	r.base.DialContext = dialSlow
	r.gate = NewGate(Config{FallbackPause: aMoment})
	var once sync.Once
	r.transport = NewTransport(r.gate, r.base, Hooks{Answered: func(status int, n Info) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.statuses = append(r.statuses, status)
		if n.Throttled {
			once.Do(func() { close(r.throttled) })
		}
	}})
	t.Cleanup(r.base.CloseIdleConnections)
	return r
}

// serve1 is HTTP/1.
func (r *rig) serve1(w http.ResponseWriter, req *http.Request) {
	_, _ = io.Copy(io.Discard, req.Body)
	switch do := r.next(); {
	case do == throttle:
		w.WriteHeader(http.StatusTooManyRequests)
	case do&^waiting == drop:
		if do&waiting != 0 {
			<-r.throttled
		}
		panic(http.ErrAbortHandler)
	}
}

// Frames of HTTP/2 (RFC 9113, section 6) and two answers as HPACK has them.
const (
	frameData, frameHeaders, frameReset, frameSettings, frameGoAway = 0, 1, 3, 4, 7

	endStream, endHeaders, ack = 1, 4, 1

	status200, status429 = "\x88", "\x08\x03429"
)

func frame(kind, flags byte, stream uint32, payload string) []byte {
	head := []byte{0, byte(len(payload) >> 8), byte(len(payload)), kind, flags}
	return append(binary.BigEndian.AppendUint32(head, stream), payload...)
}

// serve2 is HTTP/2, as far as it takes: net/http's own server does not throttle.
func (r *rig) serve2(conn *tls.Conn) {
	defer func() { _ = conn.Close() }()
	in, out := bufio.NewReader(conn), &lockedWriter{w: conn}
	if _, err := in.Discard(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")); err != nil {
		return
	}
	out.write(frame(frameSettings, 0, 0, ""))
	var head [9]byte
	for {
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return
		}
		if _, err := in.Discard(int(head[0])<<16 | int(head[1])<<8 | int(head[2])); err != nil {
			return
		}
		kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:])
		switch {
		case kind == frameSettings && flags&ack == 0:
			out.write(frame(frameSettings, ack, 0, ""))
		case (kind == frameHeaders || kind == frameData) && flags&endStream != 0:
			r.answer2(out, stream, r.next())
		}
	}
}

func (r *rig) answer2(out *lockedWriter, stream uint32, do deed) {
	if do&waiting != 0 {
		go func() {
			<-r.throttled
			r.answer2(out, stream, do&^waiting)
		}()
		return
	}
	switch do {
	case serve:
		out.write(frame(frameHeaders, endStream|endHeaders, stream, status200))
	case throttle:
		out.write(frame(frameHeaders, endStream|endHeaders, stream, status429))
	case refuseStream:
		out.write(frame(frameReset, 0, stream, "\x00\x00\x00\x07"))
	case goAway:
		out.write(frame(frameGoAway, 0, 0, string(binary.BigEndian.AppendUint32(nil, stream-2))+"\x00\x00\x00\x00"))
	}
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) write(data []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.w.Write(data)
}

func (r *rig) send(ctx context.Context, method string) (int, error) {
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(`{"interval":"x"}`)
	}
	req, err := http.NewRequestWithContext(ctx, method, r.url+"/x", body)
	if err != nil {
		return 0, err
	}
	res, err := r.transport.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}
