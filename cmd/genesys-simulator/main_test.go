// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFlagsSayWhatIsWrong(t *testing.T) {
	for want, args := range map[string][]string{
		`parsing --rate-headers "X": want one of x, inin, ratelimit, none`:       {"--rate-headers", "X"},
		`parsing --retry-after "soon": want one of seconds, date, body, none`:    {"--retry-after=soon"},
		`parsing --bucket "many": want a whole number, 0 or more`:                {"--bucket", "many"},
		`parsing --bucket "-1": want a whole number, 0 or more`:                  {"--bucket", "-1"},
		`parsing --queues "0": want a whole number, 1 or more`:                   {"--queues", "0"},
		`parsing --window "60": want a duration like 30s, at least 1ms`:          {"--window", "60"},
		`parsing --token-life "10ms": want a duration like 30s, at least 1s`:     {"--token-life", "10ms"},
		`parsing --seed "-5": want a whole number, 0 or more`:                    {"--seed", "-5"},
		`parsing --listen "8085": want host:port`:                                {"--listen", "8085"},
		`parsing --faults "reset=2": "reset=2": want NAME=PROBABILITY`:           {"--faults", "reset=2"},
		`parsing --faults "rest=0.1": "rest": want one of reset, 5xx`:            {"--faults", "rest=0.1"},
		`parsing --faults "reset=0.6,5xx=0.6": want probabilities that sum to 1`: {"--faults", "reset=0.6,5xx=0.6"},
		`parsing --short-pages "2": want a probability from 0 to 1`:              {"--short-pages", "2"},
		`parsing --drop-entries "0.6": want a probability from 0 to 0.5`:         {"--drop-entries", "0.6"},
		`parsing --page-cap "-1": want a whole number, 0 or more`:                {"--page-cap", "-1"},
		`parsing --deny-permission "all": want a permission like`:                {"--deny-permission", "all"},
		"flag provided but not defined: -port":                                   {"--port", "1"},
		`parsing the command line: "serve" is no flag`:                           {"serve"},
		"checking token life 1.5s: want whole seconds":                           {"--token-life", "1500ms"},
	} {
		var out, errs bytes.Buffer
		assert.Equal(t, 2, run(context.Background(), args, &out, &errs), args)
		assert.Contains(t, errs.String(), want)
		assert.Empty(t, out.String())
	}
}

func TestFlagsReachTheSimulator(t *testing.T) {
	o, err := parse(strings.Fields("--listen 127.0.0.1:1 --port-file p --report r --client-id a --client-secret b --seed 9 --bucket 60" +
		" --window 30s --rate-headers inin --retry-after date --grace 0s --penalty --ban-after 3 --latency 20ms --queues 5" +
		" --conversations 250000 --token-life 5m --deny-permission analytics:userDetail:view --page-cap 50 --short-pages 0.2 --drop-entries 0.03" +
		" --faults reset=0.01,5xx=0.02,truncate=0.03,expire=0.04,close=0.05,header=0.06,empty=0.07,bomb=0.08"))
	require.NoError(t, err)
	assert.Equal(t, options{listen: "127.0.0.1:1", portFile: "p", reportFile: "r", config: simulator.Config{
		ClientID: "a", ClientSecret: "b", Seed: 9, Bucket: 60, Window: 30 * time.Second, RateHeaders: "inin", RetryAfter: "date",
		Penalty: true, BanAfter: 3, Latency: 20 * time.Millisecond, Queues: 5, Conversations: 250_000, TokenLife: 5 * time.Minute,
		DenyPermission: "analytics:userDetail:view",
		Faults:         simulator.Faults{Reset: 0.01, ServerError: 0.02, Truncate: 0.03, ExpireToken: 0.04, Close: 0.05, CloseHeader: 0.06, EmptyBody: 0.07, Bomb: 0.08},
		PageCap:        50, ShortPages: 0.2, DropEntries: 0.03,
	}}, o)
}

func TestWithoutFlagsItListensLocallyAndForgivesFiftyMilliseconds(t *testing.T) {
	o, err := parse(nil)
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.1:8085", o.listen)
	assert.Equal(t, 50*time.Millisecond, o.config.Grace)
}

func TestHelpNamesEveryFlag(t *testing.T) {
	var out, errs bytes.Buffer
	require.Zero(t, run(context.Background(), []string{"--help"}, &out, &errs))
	for _, name := range []string{
		"listen", "port-file", "client-id", "client-secret", "token-life", "deny-permission", "seed", "queues",
		"conversations", "bucket", "window", "rate-headers", "retry-after", "grace", "penalty", "ban-after", "latency", "faults", "report",
		"page-cap", "short-pages", "drop-entries",
	} {
		assert.Contains(t, out.String(), "\n  --"+name, name)
	}
	assert.Empty(t, errs.String())
}

func TestItServesUntilItIsToldToStopAndThenReports(t *testing.T) {
	dir := t.TempDir()
	portFile, reportFile := filepath.Join(dir, "port"), filepath.Join(dir, "report.json")
	ctx, stop := context.WithCancel(t.Context())
	var out, errs bytes.Buffer
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, []string{"--listen", "127.0.0.1:0", "--port-file", portFile, "--report", reportFile}, &out, &errs)
	}()
	var address string
	require.Eventually(t, func() bool {
		raw, err := os.ReadFile(portFile)
		address = strings.TrimSpace(string(raw))
		return err == nil
	}, 10*time.Second, 5*time.Millisecond)

	r, err := http.NewRequest("POST", "http://"+address+"/oauth/token", strings.NewReader("grant_type=client_credentials"))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("demo-client", "demo-secret")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(r)
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, 200, resp.StatusCode)

	stop()
	require.Zero(t, <-status, errs.String())
	assert.Contains(t, out.String(), "genesys-simulator is a tenant at http://"+address+"\n")
	assert.Regexp(t, `(?m)^requests +1 +200: 1$`, out.String())
	assert.Regexp(t, `(?m)^early requests +0$`, out.String())
	var report simulator.Report
	raw, err := os.ReadFile(reportFile)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &report))
	assert.Equal(t, 1, report.TokenRequests)
}

func TestAnAddressThatIsTakenIsAnError(t *testing.T) {
	var out, errs bytes.Buffer
	assert.Equal(t, 1, run(context.Background(), []string{"--listen", "192.0.2.1:1"}, &out, &errs))
	assert.Contains(t, errs.String(), `listening on --listen "192.0.2.1:1"`)
}
