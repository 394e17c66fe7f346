// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/settings"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// killed is what is left of a process's cache when it is killed: a copy, which
// nothing that ends in good order can still write to.
func killed(t *testing.T, res *service.Resources) *service.Resources {
	t.Helper()
	left := resources()
	copyCache(t, res, left)
	return left
}

func copyCache(t *testing.T, from, to *service.Resources) {
	t.Helper()
	for _, key := range []string{settings.Component, settings.Component + "_2"} {
		var value []byte
		var err error
		require.NoError(t, from.AccessCache(t.Context(), "position", func(c service.Cache) { value, err = c.Get(t.Context(), key) }))
		if errors.Is(err, service.ErrKeyNotFound) {
			continue
		}
		require.NoError(t, err)
		require.NoError(t, to.AccessCache(t.Context(), "position", func(c service.Cache) { err = c.Set(t.Context(), key, value, nil) }))
		require.NoError(t, err)
	}
}

// TestARelativeStartIsResolvedOnce: the run was killed before anything of it was
// acknowledged. The next one must begin where it began, whenever that is.
func TestARelativeStartIsResolvedOnce(t *testing.T) {
	bounded := with(settledDay, "start: -PT3H", "end: now", "interval: PT1H")
	for name, test := range map[string]struct {
		config string
		first  string // interval that is exported first
	}{
		"a schedule":     {strings.Replace(daily, "manifest: true\n", "", 1), "1999-12-31T02:00:00Z"},
		"until now":      {bounded, "1999-12-31T21:00:00Z"},
		"follow":         {strings.Replace(bounded, "end: now\n", "", 1), "1999-12-31T21:00:00Z"},
		"with manifests": {daily, "1999-12-31T02:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tenant, res := newTenant(t, simulator.Config{}), resources()
				in := open(t, test.config, tenant, res)
				require.Equal(t, test.first, startOf(t, read(t, in, 1)[0]))
				time.Sleep(5 * time.Minute)
				left := killed(t, res)
				require.NoError(t, in.Close(context.Background()))

				time.Sleep(26 * time.Hour)
				next := open(t, test.config, tenant, left)
				assert.Equal(t, test.first, startOf(t, read(t, next, 1)[0]))
			})
		})
	}
}

// TestThePositionIsKeptBeforeTheFirstRequest: even a kill in the first exchange
// leaves where the run began.
func TestThePositionIsKeptBeforeTheFirstRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant, res := newTenant(t, simulator.Config{}), resources()
		asked, found := false, false
		tenant.before = func(*http.Request) {
			if !asked {
				asked = true
				_, found = kept(t, res)
			}
		}
		in := open(t, with(settledDay, "start: -PT3H", "interval: PT1H"), tenant, res)
		read(t, in, 1)
		assert.True(t, found)
		require.NoError(t, in.Close(t.Context()))
	})
}

func startOf(t *testing.T, d delivered) string {
	t.Helper()
	at, ok := d.msg.MetaGetMut("genesys_interval_start")
	require.True(t, ok)
	return at.(string)
}

// TestPatienceOfAnHourSurvivesADialThatTimesOut: the error of a dial or of a name
// that is not resolved in time is a context.DeadlineExceeded to errors.Is, after
// milliseconds.
func TestPatienceOfAnHourSurvivesADialThatTimesOut(t *testing.T) {
	dialer := net.Dialer{Timeout: time.Nanosecond}
	_, dial := dialer.Dial("tcp", "127.0.0.1:1")
	require.ErrorIs(t, dial, context.DeadlineExceeded)
	for name, fault := range map[string]error{
		"a dial": dial,
		"a name": &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "i/o timeout", Name: "api.mypurecloud.com", IsTimeout: true, IsTemporary: true, UnwrapErr: context.DeadlineExceeded}},
		"itself": context.DeadlineExceeded,
	} {
		for _, at := range []int{0, 1, 5} { // the token, the first page, a later one
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					tenant, n := newTenant(t, simulator.Config{}), 0
					failing := roundTrip(func(req *http.Request) (*http.Response, error) {
						if n++; n > at && n <= at+3 {
							return nil, fault
						}
						return tenant.RoundTrip(req)
					})
					ForgetExitStatus()
					in := open(t, with(settledDay, "give_up_after: PT1H"), failing, resources())
					assert.Len(t, exportAll(t, in), 288)
					assert.Zero(t, ExitStatus())
					ForgetExitStatus()
					require.NoError(t, in.Close(t.Context()))
				})
			})
		}
	}
}
