// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Simulator is one tenant. Make it with [New].
type Simulator struct {
	cfg    Config
	data   dataset
	routes []route
	seq    atomic.Uint64 // orders arrivals and announcements

	mu         sync.Mutex // guards all below
	quota      quota
	faults     *rand.Rand
	timedOut   map[string]bool      // by chance, when the URI last met a server error
	tokens     map[string]time.Time // and when each expires
	minted     uint64
	jobs       map[string]*job
	submitted  int
	selections map[selectionKey]*selection
	tally      tally
}

// New makes a tenant.
func New(cfg Config) (*Simulator, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	s := &Simulator{
		cfg:        cfg,
		data:       dataset{seed: cfg.Seed, queues: cfg.Queues, perDay: int64(cfg.Conversations)},
		quota:      quota{cfg: cfg},
		faults:     rand.New(rand.NewPCG(cfg.Seed, faultStream)),
		timedOut:   map[string]bool{},
		tokens:     map[string]time.Time{},
		jobs:       map[string]*job{},
		selections: map[selectionKey]*selection{},
		tally:      newTally(),
	}
	s.routes = s.table()
	return s, nil
}

// ServeHTTP answers one request.
//
// A hold that the answer orders comes into force when ServeHTTP returns: until
// then no client can have read it.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := arrival{seq: s.seq.Add(1), at: time.Now()}
	if r.URL.Path == reportPath {
		s.serveReport(w, r)
		return
	}
	s.mu.Lock()
	s.tally.arrive(r.URL.Path)
	v, rejected := s.admit(a)
	s.mu.Unlock()

	now := a.at
	if !rejected {
		if !s.wait(r) {
			return
		}
		now = time.Now()
		s.mu.Lock()
		v = s.serve(now)
		s.mu.Unlock()
	}
	x := s.answer(r, v, now)
	x.header(w.Header(), s.cfg, v, now, a.seq)
	defer s.settle(x, v)
	x.write(w)
}

// admit rejects what is banned or early. Whether a request is early is
// settled when it arrives, whatever happens while it waits for its turn.
func (s *Simulator) admit(a arrival) (verdict, bool) {
	if a.at.Before(s.quota.bannedUntil) {
		return verdict{status: http.StatusForbidden}, true
	}
	if until := s.quota.earlyUntil(a); !until.IsZero() {
		return s.quota.rejectEarly(a.at, until), true
	}
	return verdict{}, false
}

func (s *Simulator) serve(now time.Time) verdict {
	if now.Before(s.quota.bannedUntil) {
		return verdict{status: http.StatusForbidden}
	}
	return s.quota.admit(now)
}

// wait is the latency; false when the client went away meanwhile.
func (s *Simulator) wait(r *http.Request) bool {
	if s.cfg.Latency <= 0 {
		return true
	}
	t := time.NewTimer(s.cfg.Latency)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		s.mu.Lock()
		s.tally.Statuses["aborted"]++
		s.mu.Unlock()
		return false
	}
}

// settle records what the client was told.
func (s *Simulator) settle(x *exchange, v verdict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tally.settle(x)
	if _, none := x.fault.unanswered(); !none {
		s.quota.announce(v, s.seq.Add(1), time.Now())
	}
}

// answer makes the response to r, under verdict v.
func (s *Simulator) answer(r *http.Request, v verdict, now time.Time) *exchange {
	if v.status != 0 {
		return failure(throttled(v, s.cfg, now))
	}
	fault := s.roll(r)
	switch fault {
	case faultReset, faultClose, faultCloseHeader:
		// What is unread when a connection is closed makes its end an RST.
		_, _ = io.Copy(io.Discard, http.MaxBytesReader(nil, r.Body, maxBody))
		return &exchange{fault: fault}
	case faultServerError:
		return s.serverError(r.URL.RequestURI())
	}
	x := s.dispatch(r, now)
	if fault == faultTruncate && x.status/100 == 2 && len(x.body) > 1 {
		x.fault = fault
	}
	if fault == faultEmptyBody && x.status/100 == 2 {
		x.fault, x.body = fault, []byte{}
	}
	if fault == faultBomb && x.status/100 == 2 && r.URL.Path != tokenPath {
		x.fault, x.body, x.packed = fault, bomb(), true
	}
	return x
}

func (s *Simulator) dispatch(r *http.Request, now time.Time) *exchange {
	if r.URL.Path == tokenPath {
		return s.serveToken(r, now)
	}
	if err := s.authorise(r, now); err != nil {
		return failure(err)
	}
	reply, err := s.serveAPI(r, now)
	if err != nil {
		return failure(err)
	}
	if reply.status == http.StatusNoContent {
		return &exchange{status: reply.status}
	}
	return &exchange{status: orDefault(reply.status, http.StatusOK), body: encode(reply.body), reply: reply}
}
