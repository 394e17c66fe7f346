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

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
	r.transport = NewTransport(r.gate, r.base, Hooks{Answered: func(status int, n Notice) {
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

// TestARequestThatIsSentAgainWaitsForTheGate: net/http sends a request again by
// itself when a connection that it reused dies before an answer; here while
// another request has been throttled.
func TestARequestThatIsSentAgainWaitsForTheGate(t *testing.T) {
	tests := []struct {
		name     string
		protocol protocol
		method   string
		fate     deed
	}{
		{"HTTP/1.1, a GET, closed", http1, http.MethodGet, drop},
		{"TLS, a GET, closed", tls1, http.MethodGet, drop},
		{"HTTP/2, a GET, refused", http2, http.MethodGet, refuseStream},
		{"HTTP/2, a POST, refused", http2, http.MethodPost, refuseStream},
		{"HTTP/2, a GET, GOAWAY", http2, http.MethodGet, goAway},
		{"HTTP/2, a POST, GOAWAY", http2, http.MethodPost, goAway},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, test.protocol, map[int]deed{2: test.fate | waiting, 3: throttle})
			_, err := r.send(t.Context(), test.method) // a connection to use again
			require.NoError(t, err)
			<-r.came
			var wg sync.WaitGroup
			for n := 2; n <= 3; n++ {
				wg.Go(func() {
					status, err := r.send(t.Context(), test.method)
					assert.NoError(t, err)
					assert.Equal(t, http.StatusOK, status)
				})
				require.Equal(t, n, <-r.came)
			}
			wg.Wait()
			at := r.arrivals()
			require.Len(t, at, 5, "each of the two once more")
			for _, again := range at[3:] {
				assert.GreaterOrEqual(t, again.Sub(at[2]), aMoment, "not within the hold")
			}
			assert.Equal(t, []int{200, 429, 200, 200}, r.statuses)
			assert.Zero(t, r.gate.inFlight)
		})
	}
}

// TestEachRequestOnTheWireCountsInTheBudget, the one that was lost too.
func TestEachRequestOnTheWireCountsInTheBudget(t *testing.T) {
	r := newRig(t, http1, map[int]deed{2: drop})
	var asked int
	r.transport.hooks.Before = func(context.Context) error { asked++; return nil }
	for range 2 {
		_, err := r.send(t.Context(), http.MethodGet)
		require.NoError(t, err)
	}
	assert.Len(t, r.arrivals(), 3)
	assert.Equal(t, 3, asked, "a rate limit besides is asked before each")
	permit(t, r.gate).Answer(Notice{Counted: true, Remaining: 10, Resets: true, Reset: time.Hour}, time.Now())
	r.script[4] = drop
	_, err := r.send(t.Context(), http.MethodGet)
	require.NoError(t, err)
	assert.Len(t, r.arrivals(), 5)
	assert.EqualValues(t, 8, r.gate.budget.low, "the lost one, and the one that was sent again")
}

// TestALostConnectionIsAFaultInTheEnd, and never the end of a list.
func TestALostConnectionIsAFaultInTheEnd(t *testing.T) {
	every := func(fate deed) map[int]deed {
		script := map[int]deed{1: serve}
		for n := 2; n < 20; n++ {
			script[n] = fate
		}
		return script
	}
	tests := []struct {
		name     string
		protocol protocol
		method   string
		script   map[int]deed
		warm     bool // a first request is served
		arrivals int
		says     string
	}{
		{"a new connection is closed", http1, http.MethodGet, map[int]deed{1: drop}, false, 1, "closed without an answer"},
		{"a new connection is closed on a POST", tls1, http.MethodPost, map[int]deed{1: drop}, false, 1, "closed without an answer"},
		{"a used one is closed on a POST, which may have been done", http1, http.MethodPost, every(drop), true, 2, ""},
		{"a used one is closed, and the new one too", http1, http.MethodGet, every(drop), true, 3, "closed without an answer"},
		{"streams are refused for ever", http2, http.MethodPost, every(refuseStream), true, 2 + maxResends, "lost before an answer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, test.protocol, test.script)
			if test.warm {
				_, err := r.send(t.Context(), test.method)
				require.NoError(t, err)
			}
			_, err := r.send(t.Context(), test.method)
			require.ErrorContains(t, err, test.says)
			require.NotErrorIs(t, err, io.EOF)
			assert.Len(t, r.arrivals(), test.arrivals)
			assert.Zero(t, r.gate.inFlight)
		})
	}
}

// TestARequestThatSoughtAConnectionWhileAHoldBeganIsNotSentInIt: dialling and the
// TLS handshake take seconds at times.
func TestARequestThatSoughtAConnectionWhileAHoldBeganIsNotSentInIt(t *testing.T) {
	for _, p := range []protocol{http1, tls1, http2} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			t.Run(string(p)+" "+method, func(t *testing.T) {
				r := newRig(t, p, nil)
				dials, goOn := make(chan struct{}, 10), make(chan struct{})
				r.base.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
					dials <- struct{}{}
					<-goOn
					return dialSlow(ctx, network, addr)
				}
				other := permit(t, r.gate)
				done := make(chan error)
				var asked int
				r.transport.hooks.Before = func(context.Context) error { asked++; return nil }
				go func() {
					_, err := r.send(t.Context(), method)
					done <- err
				}()
				<-dials
				began := time.Now()
				other.Answer(Notice{Throttled: true}, began)
				close(goOn)
				require.NoError(t, <-done)
				at := r.arrivals()
				require.Len(t, at, 1)
				assert.GreaterOrEqual(t, at[0].Sub(began), aMoment)
				assert.Equal(t, []int{200}, r.statuses)
				assert.Equal(t, 1, asked, "it was sent once")
				assert.Zero(t, r.gate.inFlight)
			})
		}
	}
}
