// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package endure

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/proc"
)

// echo is a server behind a front: it says what it was sent, and counts.
type echo struct {
	got   atomic.Int64
	order atomic.Bool
}

func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.got.Add(1)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if e.order.Load() {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	if r.URL.Path == "/oauth/token" {
		_, _ = io.WriteString(w, `{"access_token":"t0ken"}`)
		return
	}
	_, _ = io.WriteString(w, r.Header.Get("Authorization")+" "+r.Host+" ")
	_, _ = w.Write(body)
}

type fronts struct {
	*testing.T
	behind *echo
	member *Member
	origin string
}

func front(t *testing.T, with func(host string) Server) *fronts {
	t.Helper()
	f := &fronts{T: t, behind: &echo{}, member: &Member{Name: "it"}}
	server := httptest.NewServer(f.behind)
	t.Cleanup(server.Close)
	origin, closer, err := Listen(with(strings.TrimPrefix(server.URL, "http://")), f.member)
	require.NoError(t, err)
	t.Cleanup(closer)
	f.origin = origin
	return f
}

// ask returns the status, 0 where the connection was lost before it, and the body, and whether that
// came whole.
func (f *fronts) ask(method, path, body string) (status int, got string, whole bool) {
	f.Helper()
	req, err := http.NewRequestWithContext(f.Context(), method, f.origin+path, strings.NewReader(body))
	require.NoError(f, err)
	req.Header.Set("Authorization", "Bearer good")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 300 * time.Millisecond}
	res, err := client.Do(req)
	if err != nil {
		return 0, "", false
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), err == nil
}

// sleeper is a process that does nothing, to be ended.
func (f *fronts) sleeper(life Life) *proc.Process {
	f.Helper()
	p, err := proc.Start(proc.Spec{Name: "sleep", Path: "/bin/sleep", Args: []string{"60"}})
	require.NoError(f, err)
	f.Cleanup(p.Kill)
	f.member.Begin(p, life)
	return p
}

func TestTheBucketsWeather(t *testing.T) {
	for _, test := range []struct {
		fault    Fault
		put, get int
		passed   int64 // of the two
	}{
		{"", 200, 200, 2},
		{S3Failing, 500, 503, 0},
		{S3ReadOnly, 403, 200, 1},
		{S3Resets, 0, 0, 0},
		{S3Mute, 0, 200, 2},
		{S3Slow, 0, 0, 2}, // longer than ask waits
	} {
		t.Run(string(test.fault), func(t *testing.T) {
			var b *Bucket
			f := front(t, func(host string) Server { b = NewBucket(host); return b })
			b.Turn(test.fault)
			put, body, _ := f.ask(http.MethodPut, "/a/key", "a page")
			if put == http.StatusOK {
				assert.Equal(t, "Bearer good "+strings.TrimPrefix(f.origin, "http://")+" a page", body)
			}
			get, _, _ := f.ask(http.MethodGet, "/a/key", "")
			assert.Equal(t, test.put, put)
			assert.Equal(t, test.get, get)
			assert.Eventually(t, func() bool { return f.behind.got.Load() == test.passed }, 5*time.Second, time.Millisecond)
			assert.Equal(t, test.fault != "", b.Hits()[test.fault] > 0)
			b.Turn("")
			put, _, whole := f.ask(http.MethodPut, "/a/key", "a page")
			assert.Equal(t, http.StatusOK, put)
			assert.True(t, whole)
		})
	}
}

func TestTheTenantsWeather(t *testing.T) {
	for _, test := range []struct {
		fault  Fault
		status int
		whole  bool
		passed int64
	}{
		{"", 200, true, 1},
		{TenantResets, 0, false, 0},
		{TenantTruncates, 200, false, 1},
		{TenantStalls, 0, false, 0},
		{TenantHangs, 200, false, 1},
		{TenantNonsense, 200, true, 0},
		{TenantFailing, 500, true, 0},
		{TenantForgets, 200, true, 1},
	} {
		t.Run(string(test.fault), func(t *testing.T) {
			var tenant *Tenant
			orders := NewOrders()
			f := front(t, func(host string) Server { tenant = NewTenant(host, orders); return tenant })
			f.sleeper(Life{Endless: true})
			tenant.Turn(test.fault)
			status, body, whole := f.ask(http.MethodGet, "/page", "a body of some length")
			assert.Equal(t, test.status, status)
			assert.Equal(t, test.whole, whole)
			assert.Equal(t, test.passed, f.behind.got.Load())
			assert.Equal(t, test.fault == TenantForgets, strings.Contains(body, "forgotten"))
			assert.Equal(t, test.fault != "", tenant.Hits()[test.fault] > 0)

			tenant.Turn("")
			_, _, _ = f.ask(http.MethodPost, "/oauth/token", "")
			_, body, whole = f.ask(http.MethodGet, "/page", "a body")
			assert.Contains(t, body, "Bearer good")
			assert.True(t, whole)
		})
	}
}

func TestTheTenantsTokensAreKept(t *testing.T) {
	var tenant *Tenant
	f := front(t, func(host string) Server { tenant = NewTenant(host, NewOrders()); return tenant })
	_, _, _ = f.ask(http.MethodPost, "/oauth/token", "")
	_, _, _ = f.ask(http.MethodGet, "/page", `{"access_token":"no token"}`)
	assert.Equal(t, []string{"t0ken"}, tenant.Tokens())
}

// TestAnOrderIsPassedOnWhateverTheWeather, and told to who cannot know it.
func TestAnOrderIsPassedOnWhateverTheWeather(t *testing.T) {
	for _, fault := range []Fault{"", TenantTruncates, TenantHangs} {
		t.Run(string(fault), func(t *testing.T) {
			var tenant *Tenant
			orders := NewOrders()
			f := front(t, func(host string) Server { tenant = NewTenant(host, orders); return tenant })
			p := f.sleeper(Life{Moment: Asked, Count: 3, After: time.Hour})
			f.member.Orders = orders
			tenant.Turn(fault)
			f.behind.order.Store(true)
			status, _, whole := f.ask(http.MethodGet, "/page", "a body")
			assert.Equal(t, http.StatusTooManyRequests, status)
			assert.True(t, whole)
			_, _, _ = f.ask(http.MethodGet, "/page", "")
			assert.EqualValues(t, 2, f.behind.got.Load(), "who was told is judged by the tenant")

			_, _, _ = f.ask(http.MethodGet, "/page", "") // and dies of it
			assert.Equal(t, -1, p.ExitCode())
			end, ended := f.member.Look()
			assert.True(t, ended)
			assert.True(t, end.Killed())
			before := f.behind.got.Load()
			f.sleeper(Life{Endless: true})
			status, _, _ = f.ask(http.MethodGet, "/page", "")
			assert.Equal(t, http.StatusTooManyRequests, status)
			assert.Equal(t, before, f.behind.got.Load(), "the next life was told here")
		})
	}
}

func TestALifeEndsAtItsMoment(t *testing.T) {
	for _, test := range []struct {
		moment Moment
		passed int64 // when it ends
	}{{Storing, 1}, {Stored, 2}} {
		t.Run(string(test.moment), func(t *testing.T) {
			f := front(t, func(host string) Server { return NewBucket(host) })
			p := f.sleeper(Life{Moment: test.moment, Count: 2, After: time.Hour})
			_, _, _ = f.ask(http.MethodPut, "/a", "")
			_, ended := f.member.Look()
			assert.False(t, ended)
			_, _, _ = f.ask(http.MethodPut, "/b", "")
			assert.Equal(t, -1, p.ExitCode())
		})
	}
}

// TestALifeHasItsTimeFromItsFirstRequestOn: how long a process takes to start is the machine's.
func TestALifeHasItsTimeFromItsFirstRequestOn(t *testing.T) {
	f := &fronts{T: t, member: &Member{Name: "it"}}
	f.sleeper(Life{After: time.Nanosecond, Awake: true})
	_, ended := f.member.Look()
	assert.False(t, ended)
	f.member.Reach(Asked)
	assert.Eventually(t, func() bool { _, ended := f.member.Look(); return ended }, 5*time.Second, time.Millisecond)
}

func TestALifeEndsWhenItsTimeHasCome(t *testing.T) {
	f := &fronts{T: t, member: &Member{Name: "it"}}
	f.sleeper(Life{Moment: Stored, Count: 1, After: 1, Gentle: true})
	var end End
	assert.Eventually(t, func() (ended bool) { end, ended = f.member.Look(); return ended }, 5*time.Second, time.Millisecond)
	assert.Equal(t, []bool{true, true, false}, []bool{end.Struck, end.Gentle, end.Killed()})
}
