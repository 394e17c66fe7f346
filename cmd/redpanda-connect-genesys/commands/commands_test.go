// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package commands

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"

	_ "github.com/redpanda-data/connect/v4/public/components/io"
	_ "github.com/redpanda-data/connect/v4/public/components/pure"

	_ "connect-genesys.example/connect-genesys/plugin"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

const daily = `
http: { enabled: true, address: 127.0.0.1:0 }
logger: { level: INFO }
error_handling: { strict: true }
input:
  label: queues
  genesys_analytics:
    api_url: ${TENANT}
    login_url: ${TENANT}
    client_id: demo-client
    client_secret: "${SECRET:demo-secret}"
    endpoint: /api/v2/analytics/queues/summary
    start: "${START:2026-11-22}"
    end: 2026-11-23
    timezone: Asia/Seoul
    checkpoint_cache: position
output:
  file: { path: /dev/null, codec: lines }
cache_resources:
  - label: position
    memory: {}
tests:
  - name: none
    input_batch: [ { content: "{}" } ]
    output_batches: [ [ { content_equals: "{}" } ] ]
`

// run runs the command line and gives what it wrote.
func run(t *testing.T, config string, args ...string) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	require.NoError(t, os.WriteFile(path, []byte(config), 0o600))
	var out strings.Builder
	app := &cli.App{Name: "connect", Writer: &out, ErrWriter: &out, Commands: All(service.GlobalEnvironment())}
	err := app.RunContext(t.Context(), append(append([]string{"connect"}, args...), path))
	return out.String(), err
}

func tenant(t *testing.T, config simulator.Config) *simulator.Simulator {
	t.Helper()
	s, err := simulator.New(config)
	require.NoError(t, err)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Setenv("TENANT", server.URL)
	return s
}

func TestCheckSaysWhatWorksAndFetchesNothing(t *testing.T) {
	s := tenant(t, simulator.Config{})
	out, err := run(t, daily, "check")
	require.NoError(t, err)
	assert.Equal(t, "ok          input   genesys_analytics (queues)\nnot tested  output  file\n", out)
	assert.LessOrEqual(t, s.Report().Requests, 2, "a token, and one call")
}

func TestCheckFailsWithTheReasonAndNeverTheSecret(t *testing.T) {
	tenant(t, simulator.Config{DenyPermission: "analytics:queueObservation:view"})
	out, err := run(t, daily, "check")
	require.EqualError(t, err, "1 of 2 failed")
	assert.Contains(t, out, "failed      input   genesys_analytics (queues)  ")
	assert.Contains(t, out, "analytics:queueObservation:view")

	t.Setenv("SECRET", "hunter2")
	out, err = run(t, daily, "check")
	require.Error(t, err)
	assert.Contains(t, out, "invalid_client")
	assert.NotContains(t, out+err.Error(), "hunter2")
}

func TestCheckWaitsNoLongerThanItsTimeout(t *testing.T) {
	s := tenant(t, simulator.Config{Bucket: 1, Window: time.Hour})
	out, err := run(t, daily, "check", "--timeout", "200ms")
	require.Error(t, err)
	assert.Contains(t, out, "no answer within 200ms: the tenant may be in a hold")
	assert.Contains(t, out, "not tested  output  file", "a hold does not use up the output's time")
	assert.Zero(t, s.Report().EarlyRequests)
}

func TestCheckTakesWhatRunTakes(t *testing.T) {
	tenant(t, simulator.Config{})
	_, err := run(t, strings.ReplaceAll(daily, "demo-secret", "wrong"), "check", "--set", "input.genesys_analytics.client_secret=demo-secret")
	require.NoError(t, err)

	env := filepath.Join(t.TempDir(), "env")
	require.NoError(t, os.WriteFile(env, []byte("SECRET=wrong\n"), 0o600))
	t.Setenv("SECRET", "demo-secret")
	out, err := run(t, daily, "check", "-e", env)
	require.Error(t, err, "the file's variables go over those that are set")
	assert.Contains(t, out, "invalid_client")
}

func TestPlanTellsWithoutARequest(t *testing.T) {
	s := tenant(t, simulator.Config{})
	out, err := run(t, daily, "plan", "--bucket", "50", "--window", "1m")
	require.NoError(t, err)
	assert.Equal(t, `input       input (queues)
endpoint    GET /api/v2/analytics/queues/summary
paging      query
            UTC                                           Asia/Seoul
start       2026-11-21T15:00:00Z                          2026-11-22T00:00:00+09:00
end         2026-11-22T15:00:00Z                          2026-11-23T00:00:00+09:00
intervals   288 of PT5M
first       2026-11-21T15:00:00Z to 15:05:00Z             2026-11-22T00:00:00+09:00 to 00:05:00+09:00
last        2026-11-22T14:55:00Z to 15:00:00Z             2026-11-22T23:55:00+09:00 to 2026-11-23T00:00:00+09:00
requests    289 at least: one for the token, 1 an interval
            the endpoint is paged, and how many pages an interval has shows only when it is read: --pages N assumes some
time        5m at least, at 50 requests in 1m
checkpoint  not read: a run with a position in "position" goes on there instead
`, out)
	assert.Zero(t, s.Report().Requests)
}

func TestPlanAssumesPagesWhereTheyAreSaid(t *testing.T) {
	t.Setenv("TENANT", "http://127.0.0.1:1")
	out, err := run(t, daily, "plan", "--pages", "3", "--bucket", "50")
	require.NoError(t, err)
	assert.Contains(t, out, "requests    865 at least: one for the token, 3 an interval\n            assuming 3 pages to an interval\n")
	assert.Contains(t, out, "time        17m at least, at 50 requests in 1m\n")
	assert.NotContains(t, out, "granularity", "what a listing does with its pages then is not known")
	_, err = run(t, daily, "plan", "--pages", "0")
	require.ErrorContains(t, err, "--pages")
}

func TestPlanSaysThatLongIntervalsAreReadInParts(t *testing.T) {
	t.Setenv("TENANT", "http://127.0.0.1:1")
	months := strings.NewReplacer("endpoint: /api/v2/analytics/queues/summary", "endpoint: /api/v2/analytics/conversations/details/query",
		`"${START:2026-11-22}"`, "2026-09-01", "end: 2026-11-23", "end: 2026-11-01", "timezone: Asia/Seoul", "interval: P1M")
	out, err := run(t, months.Replace(daily), "plan")
	require.NoError(t, err)
	assert.Contains(t, out, "requests    11 at least: one for the token, 1 an interval\n            the endpoint answers 7 days at once: the intervals are read in 10 parts\n")
	out, err = run(t, strings.Replace(months.Replace(daily), "    end: 2026-11-01\n", "", 1), "plan")
	require.NoError(t, err)
	assert.Contains(t, out, "the endpoint answers 7 days at once: each interval is read in parts of that length\n")
}

func TestPlanSaysWhereOneRequestBringsWhatManyBring(t *testing.T) {
	const config = `
input:
  genesys_analytics:
    client_id: id
    client_secret: secret
    endpoint: "${ENDPOINT:/api/v2/analytics/conversations/aggregates/query}"
    query: { metrics: [ nOffered ] }
    start: 2026-11-01
    end: "${END:2026-11-03}"
    interval: ${INTERVAL:PT5M}
    granularity: "${GRANULARITY:}"
    timezone: "${ZONE:America/New_York}"
`
	says := func(name, value, want string) {
		t.Setenv(name, value)
		out, err := run(t, config, "plan")
		require.NoError(t, err)
		if want == "" {
			assert.NotContains(t, out, "the same buckets", "%s=%s", name, value)
		} else {
			assert.Contains(t, out, want, "%s=%s", name, value)
		}
		t.Setenv(name, "")
	}
	says("NOTHING", "", "            interval P1D with granularity PT5M would bring the same buckets in 3, not 589\n")
	says("GRANULARITY", "PT1M", "interval P1D with granularity PT1M would bring the same buckets in 3, not 589\n")
	says("ENDPOINT", "/api/v2/analytics/conversations/aggregates/jobs", "the same buckets in 7, not 1765\n")
	says("ZONE", "UTC", "the same buckets in 3, not 577\n")
	says("INTERVAL", "PT1H", "the same buckets in 3, not 50\n")
	says("INTERVAL", "PT2H", "") // nor here, on a day of 25 hours
	says("INTERVAL", "P1D", "")
	says("INTERVAL", "PT7H", "") // whose buckets would not be those of a day
	says("END", "2026-11-01T04:05:00Z", "")
	says("ENDPOINT", "/api/v2/analytics/conversations/details/query", "")
}

func TestPlanSaysWhatIsOpenAndSumsSeveralInputs(t *testing.T) {
	out, err := run(t, `
input:
  broker:
    inputs:
      - genesys_analytics: &one
          client_id: id
          client_secret: secret
          endpoint: /api/v2/analytics/conversations/aggregates/query
          query: { metrics: [ nOffered ] }
          start: 2026-11-01
          end: 2026-11-02
          interval: P1D
          granularity: PT30M
      - genesys_analytics:
          client_id: id
          client_secret: secret
          endpoint: /api/v2/analytics/queues/observations/query
          start: -PT1H
          settle: PT10M
`, "plan")
	require.NoError(t, err)
	assert.Contains(t, out, "intervals   1 of P1D, in buckets of PT30M\n")
	assert.Contains(t, out, "time        one window is enough, at 300 requests in 1m\n")
	assert.Contains(t, out, "end         open: each interval is read once it has been over for 10m, until it is stopped\n")
	assert.Contains(t, out, "intervals   open, of PT5M: a snapshot for each, the endpoint takes no interval\n")
	assert.Contains(t, out, "all inputs  2 requests at least; ")
}

func TestAWrongConfigIsToldAsLintTellsIt(t *testing.T) {
	t.Setenv("TENANT", "http://127.0.0.1:1")
	t.Setenv("START", "yesterday")
	for _, command := range []string{"check", "plan"} {
		_, err := run(t, daily, command)
		require.ErrorContains(t, err, "field `start`: parsing time \"yesterday\"")
		_, err = run(t, "input: { stdin: {} }\nnothing: true\n", command)
		require.ErrorContains(t, err, "nothing")
		_, err = run(t, "input: { genesys_analytics: { client_id: '${NOT_SET_ANYWHERE}' } }", command)
		require.ErrorContains(t, err, "required environment variables are not set: NOT_SET_ANYWHERE")
	}
	_, err := run(t, "input: { stdin: {} }", "plan")
	require.ErrorContains(t, err, "there is nothing to plan")
	_, err = run(t, daily, "plan", "--bucket", "0")
	require.Error(t, err)
}

func TestAFieldIsSetWithoutTouchingWhatIsAround(t *testing.T) {
	tests := []struct{ name, text, path, value, want string }{
		{"what is there", "a: {b: 1}\n", "a.b", "2", "a: {b: 2}\n"},
		{"what is not there", "a: 1\n", "b.c", "x", "a: 1\nb:\n    c: x\n"},
		{"an element of a list", "a:\n    - b: 1\n", "a.0.b", "2", "a:\n    - b: 2\n"},
		{"beside a variable that is no YAML", "a: { u: ${X: y}, b: 1 }\n", "a.b", "2", "a: {u: ${X: y}, b: 2}\n"},
		{"a quoted variable stays quoted", "a: \"${X}\"\nb: 1\n", "b", "2", "a: \"${X}\"\nb: 2\n"},
		{"in nothing", "", "a", "1", "a: 1\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := apply(test.text, []setting{{test.path, test.value}})
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
	_, err := apply("a: [ 1 ]", []setting{{"a.7", "1"}})
	require.ErrorContains(t, err, "no element 7")
}
