// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/sync/semaphore"

	"connect-genesys.example/connect-genesys/plugin/quota"
)

// Config is a client's tenant and its limits.
type Config struct {
	Origins                Origins
	ClientID, ClientSecret string
	// Gate is the tenant's quota. Every request of the client passes it, those for tokens
	// included.
	Gate *quota.Gate
	// Priority of the client's requests among all that wait at the gate: higher ones go
	// first.
	Priority int
	// Base is the transport that sends; it decides about TLS and proxies.
	Base http.RoundTripper
	// RequestTimeout bounds one HTTP exchange up to the end of the body. Waits at the
	// gate, and for memory, do not count.
	RequestTimeout time.Duration
	// MaxResponseBytes is the largest body that is accepted, after decompression.
	MaxResponseBytes int64
	// MaxInFlightBytes bounds the memory of the bodies that are being read or have not
	// been emitted, of all clients of the gate together. Default 256 MiB.
	MaxInFlightBytes int64
	UserAgent        string
	// PollPause is the time between two polls of a job's state. Default 5 s.
	PollPause time.Duration
	Hooks     Hooks
}

// Hooks are called as things happen. Each may be nil.
type Hooks struct {
	quota.Hooks
	// Exchanged is called after each HTTP request with the status of the response, 0 if
	// there was none, and the time that it took to arrive.
	Exchanged func(status int, took time.Duration)
}

// Client sends requests to one tenant. It is safe for concurrent use.
type Client struct {
	config   Config
	http     *http.Client
	tokens   *tokens
	redactor *Redactor

	watermarks sync.Map // *watermark of each job endpoint, by its path
}

const (
	defaultPollPause = 5 * time.Second
	defaultInFlight  = 256 << 20
)

// NewClient returns a client. It sends nothing before the first request.
func NewClient(config Config) *Client {
	if config.PollPause <= 0 {
		config.PollPause = defaultPollPause
	}
	if config.MaxInFlightBytes <= 0 {
		config.MaxInFlightBytes = defaultInFlight
	}
	exchange := &exchange{base: config.Base, timeout: config.RequestTimeout, exchanged: config.Hooks.Exchanged}
	gated := quota.NewTransport(config.Gate, exchange, config.Hooks.Hooks)
	gated.Priority = config.Priority
	redactor := NewRedactor(config.ClientID, config.ClientSecret)
	credentials := &clientcredentials.Config{
		ClientID:     config.ClientID,
		ClientSecret: config.ClientSecret,
		TokenURL:     config.Origins.Login.JoinPath("/oauth/token").String(),
		AuthStyle:    oauth2.AuthStyleInHeader, // which basic replaces
	}
	login := &http.Client{Transport: &basic{config.ClientID, config.ClientSecret, gated}, CheckRedirect: redactor.sameOriginOnly}
	return &Client{
		config:   config,
		http:     &http.Client{Transport: gated, CheckRedirect: redactor.sameOriginOnly},
		tokens:   &tokens{config: credentials, client: login, redactor: redactor, turn: semaphore.NewWeighted(1)},
		redactor: redactor,
	}
}

// maxRedirects is the limit that net/http has by default.
const maxRedirects = 10

// sameOriginOnly is a CheckRedirect that refuses another origin, which would be sent the
// token, and another method (RFC 9110, section 15.4: 301 to 303 may turn a POST into a GET).
func (r *Redactor) sameOriginOnly(next *http.Request, before []*http.Request) error {
	first := before[0]
	switch {
	case !sameOrigin(next.URL, first.URL):
		return fmt.Errorf("redirect from %s to %s: %w", first.URL.Host, r.excerpt(next.URL.Host), ErrForeignOrigin)
	case next.Method != first.Method:
		return fmt.Errorf("redirect of a %s to %s as a %s: %w", first.Method, r.excerpt(next.URL.Path), next.Method, ErrForeignOrigin)
	case len(before) >= maxRedirects:
		return fmt.Errorf("more than %d redirects: %w", maxRedirects, ErrForeignOrigin)
	}
	return nil
}

// do sends a request with a token and returns a response with a 2xx status. Throttled
// requests are repeated by the gate's transport. Anything else is an error: [Fatal]
// reports which ones retrying cannot fix.
func (c *Client) do(ctx context.Context, r request) (*response, error) {
	res, err := c.authorized(ctx, r)
	switch {
	case err != nil:
		return nil, r.failed(ended(ctx, err))
	case res.status < 200 || res.status > 299:
		e := c.redactor.readError(res)
		res.release()
		e.Method, e.Path, e.Interval, e.asked = r.method, r.path, r.interval, r.query.Encode()+string(r.body)
		return nil, e
	}
	return res, nil
}

// maxUnsent is how many tokens in a row may expire before a request could be sent. Then
// it is an error, so that the caller waits before it tries again.
const maxUnsent = 3

// authorized sends a request with a token, and once more with a new one if the first is
// refused. A token that expires while the request waits at the gate is replaced.
func (c *Client) authorized(ctx context.Context, r request) (*response, error) {
	refreshed, unsent := false, 0
	for {
		token, err := c.tokens.get(ctx)
		if err != nil {
			return nil, err
		}
		res, err := c.send(quota.NotAfter(ctx, token.usableUntil), r, token)
		switch {
		case errors.Is(err, quota.ErrExpiredUnsent):
			if unsent++; unsent == maxUnsent {
				return nil, errOutlived
			}
		case errors.Is(err, quota.ErrExpired):
			unsent = 0
		case err == nil && res.status == http.StatusUnauthorized && !refreshed:
			res.release()
			c.tokens.refused(token)
			refreshed = true
		default:
			return res, err
		}
	}
}

// mediaType is a header's value. Nothing that sends a request changes it.
var mediaType = []string{"application/json"}

func (c *Client) send(ctx context.Context, r request, token *accessToken) (*response, error) {
	u := *c.config.Origins.API // which has no path
	u.Path, u.RawQuery = r.path, r.query.Encode()
	limit := &timeLimit{}
	req, err := http.NewRequestWithContext(context.WithValue(ctx, timeLimitKey{}, limit), r.method, "", bytes.NewReader(r.body)) // which net/http can rewind
	if err != nil {
		return nil, err
	}
	req.URL, req.Host = &u, u.Host
	req.Header = http.Header{"Accept": mediaType, "Authorization": token.authorization, "User-Agent": {c.config.UserAgent}}
	if r.body != nil {
		req.Header["Content-Type"] = mediaType
	}
	return c.exchange(req, limit, r.list)
}

// exchange sends a request, once there is memory for the response, and reads that whole.
func (c *Client) exchange(req *http.Request, limit *timeLimit, list string) (*response, error) {
	ctx := req.Context()
	p, leave := c.placeOf(ctx)
	defer leave()
	defer p.Fetch()()
	reader := &bodyReader{place: p, time: limit, limit: c.config.MaxResponseBytes, list: list}
	var body []byte
	defer func() { reader.end(body) }()
	if err := reader.begin(ctx); err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, c.redactor.Err(err)
	}
	defer func() { _ = res.Body.Close() }()
	arrived := time.Now()
	if body, err = reader.whole(ctx, res); err != nil {
		return nil, fmt.Errorf("reading the response: %w", c.redactor.Err(err))
	}
	return &response{
		status:        res.StatusCode,
		correlationID: c.redactor.id(correlationID(res.Header)),
		arrived:       arrived,
		body:          body,
		place:         p,
		scanned:       reader.scan,
	}, nil
}

// CloseIdleConnections closes the connections that no request uses.
func (c *Client) CloseIdleConnections() {
	(&http.Client{Transport: c.config.Base}).CloseIdleConnections() // which knows how, if Base does
}

// ReadSharedHold reads the hold that the gate shares with other processes. It returns why
// that cannot be read, and nil for a gate that shares none.
func (c *Client) ReadSharedHold(ctx context.Context) error { return c.config.Gate.ReadStore(ctx) }

// InFlight returns how many bytes the bodies take that MaxInFlightBytes bounds.
func (c *Client) InFlight() int64 { return c.config.Gate.Room().Used() }

// Held returns how long the tenant's present hold still lasts, 0 if there is none.
func (c *Client) Held() time.Duration { return c.config.Gate.Held() }

// Line opens a line on the memory that all clients of the gate share.
func (c *Client) Line() *Line {
	return &Line{line: c.config.Gate.Room().Line(c.config.MaxInFlightBytes)}
}

// placeOf returns the place of a context, or one of its own for a context without.
func (c *Client) placeOf(ctx context.Context) (p *place, leave func()) {
	if p, ok := ctx.Value(placeKey{}).(*place); ok {
		return p, func() {}
	}
	ctx, leave = c.Line().Join(ctx)
	return ctx.Value(placeKey{}).(*place), leave
}

// readError returns the error that a response reports. Gateways in front of the API
// respond in HTML at times, so the body may be anything.
func (r *Redactor) readError(res *response) *Error {
	e := &Error{Status: res.status, CorrelationID: res.correlationID}
	if body, err := scanSummary(res.body, WholeDocument); err == nil && body.message != "" {
		e.Code, e.Message = r.text(body.code), r.text(body.message)
		return e
	}
	e.Message = cmp.Or(r.text(string(res.body)), http.StatusText(res.status))
	return e
}
