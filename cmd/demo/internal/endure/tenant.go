// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package endure

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// stallsFor is longer than any request_timeout of the processes.
const stallsFor = 10 * time.Second

// Tenant stands in front of a simulator.
type Tenant struct {
	Weather

	orders *Orders
	behind upstream

	mu     sync.Mutex
	tokens []string
	logins int
	fooled map[*Member]int
}

// NewTenant stands in front of the simulator at a host and port.
func NewTenant(host string, orders *Orders) *Tenant {
	return &Tenant{orders: orders, behind: newUpstream(host), fooled: map[*Member]int{}}
}

// Turn begins a fault, or ends it where it is none. Each process gets the nonsense from its beginning.
func (t *Tenant) Turn(fault Fault) {
	t.mu.Lock()
	clear(t.fooled)
	t.mu.Unlock()
	t.Weather.Turn(fault)
}

// Tokens are all that it has given out.
func (t *Tenant) Tokens() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.tokens)
}

func (t *Tenant) serve(w http.ResponseWriter, r *http.Request, from *Member) {
	life := from.Number()
	from.Reach(Asked)
	now := time.Now()
	if until := t.orders.Untold(from, now); !until.IsZero() {
		wait(until.Sub(now)).write(w)
		t.orders.Tell(from, life, until, time.Now())
		return
	}
	if !t.spares(r) && t.spoilt(w, r, from) {
		return
	}
	a, err := t.behind.send(r)
	if err != nil {
		hangUp(w, err)
		return
	}
	t.pass(w, r, a, from, life)
}

// pass passes an answer on, to one life of a process.
func (t *Tenant) pass(w http.ResponseWriter, r *http.Request, a *answer, from *Member, life int) {
	seconds, err := strconv.Atoi(a.header.Get("Retry-After"))
	switch {
	case err == nil: // an order is passed on, whatever the weather
		until := time.Now().Add(time.Duration(seconds) * time.Second)
		a.write(w)
		t.orders.Tell(from, life, until, time.Now())
	case t.keepToken(r, a) || a.status != http.StatusOK:
		a.write(w)
	default:
		t.spoil(w, r, a, from)
	}
}

// spoil passes an answer on as the weather has it.
func (t *Tenant) spoil(w http.ResponseWriter, r *http.Request, a *answer, from *Member) {
	switch fault := t.Now(); fault {
	case TenantTruncates:
		t.hit(fault)
		a.half().write(w)
	case TenantHangs:
		t.hit(fault)
		half := a.half()
		half.cut = false
		half.write(w)
		_ = http.NewResponseController(w).Flush()
		stall(r, stallsFor)
		panic(http.ErrAbortHandler)
	default:
		a.write(w)
		from.Reach(Answered)
	}
}

// spoilt answers a request by itself, where the weather has it so.
func (t *Tenant) spoilt(w http.ResponseWriter, r *http.Request, from *Member) bool {
	switch fault := t.Now(); fault {
	case TenantResets:
		t.hit(fault)
		_, _ = io.Copy(io.Discard, r.Body)
		hangUp(w, nil)
	case TenantStalls:
		t.hit(fault)
		_, _ = io.Copy(io.Discard, r.Body) // or its end is not seen
		stall(r, stallsFor)
		hangUp(w, nil)
	case TenantNonsense:
		t.hit(fault)
		t.nonsense(from).write(w)
	case TenantFailing:
		failing[t.hit(fault)%len(failing)].write(w)
	case TenantForgets:
		if strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") && t.once(fault) {
			t.hit(fault)
			r.Header.Set("Authorization", "Bearer forgotten")
		}
		return false
	default:
		return false
	}
	return true
}

// nonsense is the next for a process: each of them gets all of it.
func (t *Tenant) nonsense(to *Member) *answer {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fooled[to]++
	return nonsense[(t.fooled[to]-1)%len(nonsense)]
}

// spares reports whether the weather is not for a request: of those for a token, which each life
// begins with, three in four.
func (t *Tenant) spares(r *http.Request) bool {
	if r.URL.Path != tokenPath {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.logins++
	return t.logins%4 != 0
}

const tokenPath = "/oauth/token"

// keepToken reports whether an answer was a token.
func (t *Tenant) keepToken(r *http.Request, a *answer) bool {
	var grant struct {
		AccessToken string `json:"access_token"`
	}
	if r.URL.Path != tokenPath || json.Unmarshal(a.body, &grant) != nil || grant.AccessToken == "" {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tokens = append(t.tokens, grant.AccessToken)
	return true
}

func said(status int, contentType, body string) *answer {
	return &answer{status: status, header: http.Header{"Content-Type": {contentType}}, body: []byte(body)}
}

// nonsense comes with a status that says all is well.
var nonsense = []*answer{
	said(http.StatusOK, "application/json", ""),
	said(http.StatusOK, "text/html", "<html><head><title>Sign in to this network</title></head></html>"),
	said(http.StatusOK, "application/json", `{"entities":[{"id":`),
	said(http.StatusOK, "application/json", "null"),
	said(http.StatusOK, "application/json", "[]"),
	said(http.StatusOK, "application/json", "\x1f\x8b\x08\x00\x00\x00\xff\xfe"),
	said(http.StatusOK, "application/json", `{"entities":[]}{"entities":[]}`),
}

// failing has no 504: two of them in a row have an interval read in halves.
var failing = []*answer{
	said(http.StatusInternalServerError, "application/json", `{"status":500,"code":"internal.server.error","message":"unexpected"}`),
	said(http.StatusBadGateway, "text/html", "<html><head><title>502 Bad Gateway</title></head></html>"),
}

// wait is what a tenant answers to a request in a hold.
func wait(left time.Duration) *answer {
	seconds := int((left + time.Second - 1) / time.Second)
	a := said(http.StatusTooManyRequests, "application/json", fmt.Sprintf(
		`{"status":429,"code":"too.many.requests.retry.after","message":"Rate limit exceeded the maximum. Retry the request in [%d] seconds"}`, seconds))
	a.header.Set("Retry-After", strconv.Itoa(seconds))
	return a
}
