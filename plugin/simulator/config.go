// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package simulator is a strict stand-in for a Genesys Cloud tenant: an
// [http.Handler] that serves the token endpoint and the analytics API in the
// shapes of the Genesys Cloud public API description, keeps a quota, and notices
// every request that comes before it was allowed.
//
// It stands apart. It imports nothing of this project, because a mistake shared
// with the code under test would hide itself. It starts no goroutine and reads
// the clock with [time.Now], so it can live inside a testing/synctest bubble.
//
// The data is a pure function of [Config.Seed] and the interval that is asked
// for. Order of requests, page size and parallelism change nothing.
package simulator

import (
	"fmt"
	"slices"
	"time"
)

// Config describes the tenant. The zero value of every field is its default.
type Config struct {
	// ClientID and ClientSecret are the one OAuth client of the tenant.
	// Default demo-client and demo-secret.
	ClientID, ClientSecret string
	// TokenLife is how long a token is good. Default 24 hours; whole seconds.
	TokenLife time.Duration
	// Seed chooses the data. Two simulators with one seed serve the same bytes.
	Seed uint64

	// Bucket is the number of requests the tenant may make in a window, the
	// token's included. 0 is no limit.
	Bucket int
	// Window is the length of a window. A window opens with the first request
	// after the one before it ended, not on the wall clock's minute. Default 1
	// minute.
	Window time.Duration
	// RateHeaders is how the budget is shown on every response: "x" for
	// X-RateLimit-Limit, -Remaining and -Reset, "inin" for the names that Genesys
	// Cloud removed in 2021, "ratelimit" for the IETF draft's RateLimit and
	// RateLimit-Policy, "none" (the default) as Genesys Cloud does today.
	RateHeaders string
	// RetryAfter is how a hold is ordered: "seconds" (the default) and "date" are
	// the two forms of RFC 9110 section 10.2.3, "body" is only in the message,
	// "none" orders nothing.
	RetryAfter string
	// Grace is how long after a hold was announced a request is throttled but not
	// held against the client, because it may have been in flight. Default 0,
	// which is right in one process.
	Grace time.Duration
	// Penalty answers an early request with a 503 and doubles what is left of the
	// hold.
	Penalty bool
	// BanAfter is the number of early requests after which everything is answered
	// 403 for BanFor. 0 is never.
	BanAfter int
	// BanFor is how long a ban lasts. Default 10 windows.
	BanFor time.Duration
	// Latency is how long a request takes before it is looked at. A request that
	// is early is turned away at once.
	Latency time.Duration
	// Faults are the things that go wrong by chance.
	Faults Faults
	// DenyPermission is a permission that the client lacks
	// ("analytics:conversationDetail:view"): endpoints that need it answer 403.
	DenyPermission string

	// PageCap is the most entries of a page, whatever larger size is asked for and
	// allowed. 0 is no cap.
	PageCap int
	// ShortPages is the probability that a page of an endpoint that pages in its
	// body holds fewer entries than asked for although more follow. The next page
	// goes on where it ended.
	ShortPages float64
	// DropEntries is the share of the entries of users/details/query that are
	// repeated ones: totalHits counts them, and no page has them, as the service
	// documents it. Never two in a row, so half of them at most.
	DropEntries float64

	// Queues is the number of queues in the tenant. Default 3.
	Queues int
	// Conversations is the number of conversations that start on each UTC day.
	// Default 1000.
	Conversations int

	// JobPolls is how many times a job's status is QUEUED or PENDING before the
	// job ends. Default 2; negative is none.
	JobPolls int
	// FailJobs is how many jobs, the first ones, end FAILED.
	FailJobs int
	// ExpireJobsAfter is the number of result pages after which a job expires:
	// its status is EXPIRED and its results are a 404. 0 is never.
	ExpireJobsAfter int
	// ExpireJobs is how many jobs, the first ones, ExpireJobsAfter is for: were it
	// for all, a client that starts over would never be done. Default 1; negative
	// is all.
	ExpireJobs int
	// AvailabilityLag is how far the data that jobs read is behind now.
	AvailabilityLag time.Duration
}

// Faults are probabilities from 0 to 1, together at most 1, drawn for each
// request that was not throttled.
type Faults struct {
	// Reset resets the connection (RST) without an answer.
	Reset float64
	// ServerError answers 500, 502 (with a body that is not JSON) or 504.
	ServerError float64
	// Truncate promises a longer body than it sends, then closes the connection.
	Truncate float64
	// ExpireToken forgets the request's token and answers 401.
	ExpireToken float64
	// Close ends the connection in an orderly way (FIN) before any byte of an
	// answer, CloseHeader in the middle of its header.
	Close, CloseHeader float64
	// EmptyBody answers as it should, but for the body, which is empty.
	EmptyBody float64
	// Bomb answers with a small body that unpacks to BombBytes of blanks.
	Bomb float64
}

// all are the probabilities.
func (f Faults) all() []float64 {
	return []float64{f.Reset, f.ServerError, f.Truncate, f.ExpireToken, f.Close, f.CloseHeader, f.EmptyBody, f.Bomb}
}

// Sum is the probability that anything goes wrong.
func (f Faults) Sum() (sum float64) {
	for _, p := range f.all() {
		sum += p
	}
	return sum
}

func (c Config) withDefaults() Config {
	c.ClientID = orDefault(c.ClientID, "demo-client")
	c.ClientSecret = orDefault(c.ClientSecret, "demo-secret")
	c.TokenLife = orDefault(c.TokenLife, 24*time.Hour)
	c.Window = orDefault(c.Window, time.Minute)
	c.RateHeaders = orDefault(c.RateHeaders, "none")
	c.RetryAfter = orDefault(c.RetryAfter, "seconds")
	c.BanFor = orDefault(c.BanFor, 10*c.Window)
	c.Queues = orDefault(c.Queues, 3)
	c.Conversations = orDefault(c.Conversations, 1000)
	c.JobPolls = max(orDefault(c.JobPolls, 2), 0)
	c.ExpireJobs = orDefault(c.ExpireJobs, 1)
	return c
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

func (c Config) validate() error {
	if !slices.Contains(RateHeaderForms, c.RateHeaders) {
		return fmt.Errorf("checking rate headers %q: want one of %v", c.RateHeaders, RateHeaderForms)
	}
	if !slices.Contains(RetryAfterForms, c.RetryAfter) {
		return fmt.Errorf("checking retry-after %q: want one of %v", c.RetryAfter, RetryAfterForms)
	}
	if c.TokenLife < time.Second || c.TokenLife%time.Second != 0 {
		return fmt.Errorf("checking token life %s: want whole seconds, at least 1s", c.TokenLife)
	}
	if err := c.validateCounts(); err != nil {
		return err
	}
	return c.Faults.validate()
}

// The forms that [Config.RateHeaders] and [Config.RetryAfter] can take.
var (
	RateHeaderForms = []string{"x", "inin", "ratelimit", "none"}
	RetryAfterForms = []string{"seconds", "date", "body", "none"}
)

// maxConversations keeps an index inside the bits that a conversation's id has
// for it.
const maxConversations = 1 << 24

func (c Config) validateCounts() error {
	counts := []struct {
		name string
		n    int
	}{
		{"bucket", c.Bucket},
		{"ban-after", c.BanAfter},
		{"page cap", c.PageCap},
		{"queues", c.Queues},
		{"conversations", c.Conversations},
		{"fail jobs", c.FailJobs},
		{"expire jobs after", c.ExpireJobsAfter},
	}
	for _, x := range counts {
		if x.n < 0 {
			return fmt.Errorf("checking %s %d: want 0 or more", x.name, x.n)
		}
	}
	if c.Conversations > maxConversations {
		return fmt.Errorf("checking conversations %d: want at most %d a day", c.Conversations, maxConversations)
	}
	if p := c.ShortPages; !(p >= 0 && p <= 1) {
		return fmt.Errorf("checking short pages %v: want 0 to 1", p)
	}
	if p := c.DropEntries; !(p >= 0 && p <= 0.5) {
		return fmt.Errorf("checking drop entries %v: want 0 to 0.5", p)
	}
	return c.validateSpans()
}

func (c Config) validateSpans() error {
	spans := []struct {
		name string
		d    time.Duration
	}{
		{"window", c.Window},
		{"grace", c.Grace},
		{"ban", c.BanFor},
		{"latency", c.Latency},
		{"availability lag", c.AvailabilityLag},
	}
	for _, x := range spans {
		if x.d < 0 {
			return fmt.Errorf("checking %s %s: want 0 or more", x.name, x.d)
		}
	}
	return nil
}

func (f Faults) validate() error {
	for _, p := range f.all() {
		if !(p >= 0 && p <= 1) {
			return fmt.Errorf("checking fault probability %v: want 0 to 1", p)
		}
	}
	if sum := f.Sum(); sum > 1 {
		return fmt.Errorf("checking fault probabilities: they sum to %v, want at most 1", sum)
	}
	return nil
}
