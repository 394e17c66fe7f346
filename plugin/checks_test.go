// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	_ "github.com/redpanda-data/benthos/v4/public/components/io"
	_ "github.com/redpanda-data/benthos/v4/public/components/pure"

	"connect-genesys.example/connect-genesys/plugin/settings"
)

// base is a config with nothing wrong; a test replaces or adds lines.
const base = `region: ap-northeast-2
client_id: 4c1e9d4e
client_secret: hunter2
endpoint: /api/v2/analytics/queues/summary
start: 2026-11-22
end: 2026-11-23
timezone: Asia/Seoul`

// with replaces the lines of a config that set the same fields, or adds them.
func with(config string, lines ...string) string {
	for _, line := range lines {
		name, _, _ := strings.Cut(line, ":")
		var kept []string
		for old := range strings.SplitSeq(config, "\n") {
			if !strings.HasPrefix(old, name+":") {
				kept = append(kept, old)
			}
		}
		config = strings.Join(append(kept, line), "\n")
	}
	return config
}

func lint(t *testing.T, config string) string {
	t.Helper()
	return lintAs(t, service.GlobalEnvironment().NewComponentConfigLinter().LintInputYAML, config)
}

func lintAs(t *testing.T, lint func([]byte) ([]service.Lint, error), config string) string {
	t.Helper()
	lints, err := lint([]byte("genesys_analytics:\n  " + strings.ReplaceAll(config, "\n", "\n  ")))
	require.NoError(t, err)
	var all []string
	for _, l := range lints {
		all = append(all, l.Error())
	}
	return strings.Join(all, "\n")
}

func construct(t *testing.T, config string) error {
	t.Helper()
	conf, err := inputSpec().ParseYAML(config, nil)
	if err != nil {
		return err
	}
	in, err := newInputFromParsed(conf, service.MockResources(service.MockResourcesOptAddCache("there")))
	if err == nil {
		require.NoError(t, in.Close(t.Context()))
	}
	return err
}

// TestMistakesAreFoundByLintAndByTheConstructor: the field, its value and what
// would be right.
func TestMistakesAreFoundByLintAndByTheConstructor(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		says  []string
	}{
		{"region", []string{"region: nowhere"}, []string{"`region`", `"nowhere"`, "ap-northeast-2 (apne2.pure.cloud)"}},
		{"api_url with a path", []string{"api_url: https://gateway.example/genesys"}, []string{"`api_url`", "want https://gateway.example"}},
		{"login_url in the clear", []string{"login_url: http://gateway.example"}, []string{"`login_url`", "http://gateway.example", "want https"}},
		{"empty client_id", []string{`client_id: ""`}, []string{"`client_id`", "empty"}},
		{"empty client_secret", []string{`client_secret: ""`}, []string{"`client_secret`", "empty"}},
		{"blank client_secret", []string{`client_secret: " "`}, []string{"`client_secret`", "empty"}},
		{"client_secret of digits", []string{"client_secret: 70177"}, []string{"`client_secret`", "a number", "in quotes"}},
		{"client_secret in another base", []string{"client_secret: 0x70177"}, []string{"`client_secret`", "a number", "in quotes"}},
		{"client_secret with an exponent", []string{"client_secret: 70177.0e10"}, []string{"`client_secret`", "a number", "in quotes"}},
		{"client_secret that is true", []string{"client_secret: true"}, []string{"`client_secret`", "true or false", "in quotes"}},
		{"client_secret that is a date", []string{"client_secret: 2026-11-22"}, []string{"`client_secret`", "not as text", "in quotes"}},
		{"client_secret that is a list", []string{"client_secret: [ 70177 ]"}, []string{"`client_secret`", "a list"}},
		{"client_secret that is a map", []string{"client_secret: { a: 70177 }"}, []string{"`client_secret`", "a map"}},
		{"client_secret that is null", []string{"client_secret: null"}, []string{"`client_secret`", "empty"}},
		{"proxy_url without a host", []string{"proxy_url: 'http://:0'"}, []string{"`proxy_url`", "http://proxy.example:3128"}},
		{"proxy_url without a scheme", []string{"proxy_url: 'proxy.example:3128'"}, []string{"`proxy_url`", "http://proxy.example:3128"}},
		{"malformed proxy_url with a password", []string{"proxy_url: 'http://user:70177%zz@proxy:31:28'"}, []string{"`proxy_url`", "not shown"}},
		{"proxy_url of another scheme", []string{"proxy_url: 'ftp://user:70177@proxy.example'"}, []string{"`proxy_url`", "not shown"}},
		{"api_url with a password", []string{"api_url: 'https://user:70177@gateway.example'"}, []string{"`api_url`", "password"}},
		{"endpoint with its host", []string{"endpoint: https://api.mypurecloud.com/api/v2/analytics/queues/summary"}, []string{"`endpoint`", "only the path"}},
		{"unknown endpoint", []string{"endpoint: /api/v2/analytics/quues/summary"}, []string{"`endpoint`", "quues", "`method` and `paging`"}},
		{"dataset", []string{"dataset: a/b"}, []string{"`dataset`", `"a/b"`, "letters"}},
		{"method", []string{"method: PUT"}, []string{"`method`", `"PUT"`, "auto, GET, POST"}},
		{"paging", []string{"paging: pages"}, []string{"`paging`", `"pages"`, "body"}},
		{"interval_in", []string{"interval_in: header"}, []string{"`interval_in`", `"header"`, "query"}},
		{"negative page_size", []string{"page_size: -1"}, []string{"`page_size`", "-1", "1 or more"}},
		{"page_size too large", []string{"page_size: 101"}, []string{"page_size 101", "1 to 100"}},
		{"query.interval", []string{"query: { interval: x }"}, []string{`query names "interval"`, "start, end and interval"}},
		{"query.paging", []string{"query: { paging: {} }"}, []string{`query names "paging"`}},
		{"query.granularity", []string{"query: { granularity: PT5M }"}, []string{`query names "granularity"`, "field granularity"}},
		{"start", []string{"start: yesterday"}, []string{"`start`", `"yesterday"`, "RFC 3339"}},
		{"start in the future", []string{"start: PT5M"}, []string{"`start`", `"PT5M"`}},
		{"start now", []string{"start: now"}, []string{"`start`", "-PT5M"}},
		{"start with a fraction", []string{"start: 2026-11-22T00:00:00.5Z"}, []string{"`start`", "whole seconds"}},
		{"end", []string{"end: never"}, []string{"`end`", `"never"`}},
		{"end before start", []string{"end: 2026-11-21"}, []string{"`start`", "2026-11-22 is not before `end`", "2026-11-21"}},
		{"end at start", []string{"end: 2026-11-21T15:00:00Z"}, []string{"`start`", "is not before"}},
		{"interval", []string{"interval: tuesday"}, []string{"`interval`", `"tuesday"`, "PT5M"}},
		{"interval 0", []string{"interval: PT0S"}, []string{"`interval`", `"PT0S"`, "not positive"}},
		{"negative interval", []string{"interval: -PT5M"}, []string{"`interval`", `"-PT5M"`, "not positive"}},
		{"interval of a part of a second", []string{"interval: 1500ms"}, []string{"`interval`", `"1500ms"`, "whole seconds"}},
		{"granularity", []string{"granularity: 5"}, []string{"`granularity`", `"5"`, "PT5M"}},
		{"granularity where there is none", []string{"endpoint: /api/v2/analytics/conversations/details/query", "granularity: PT5M"}, []string{"granularity", "takes none"}},
		{"timezone", []string{"timezone: Asia/Soul"}, []string{"`timezone`", `"Asia/Soul"`, "Asia/Seoul"}},
		{"timezone of the machine", []string{"timezone: Local"}, []string{"`timezone`", "IANA"}},
		{"negative settle", []string{"settle: -PT1M"}, []string{"`settle`", `"-PT1M"`, "negative"}},
		{"parallelism", []string{"parallelism: 0"}, []string{"`parallelism`", "0", "1 or more"}},
		{"parallelism in words", []string{"parallelism: high"}, []string{"`parallelism`", "high", "whole number"}},
		{"parallelism with a fraction", []string{"parallelism: 1.5"}, []string{"`parallelism`", "1.5", "whole number"}},
		{"parallelism that is null", []string{"parallelism: null"}, []string{"`parallelism`", "whole number"}},
		{"page_size in words", []string{"page_size: many"}, []string{"`page_size`", "many", "whole number"}},
		{"checkpoint_limit in words", []string{"checkpoint_limit: many"}, []string{"`checkpoint_limit`", "many", "whole number"}},
		{"max_in_flight_bytes with a unit", []string{"max_in_flight_bytes: 256MB"}, []string{"`max_in_flight_bytes`", "256MB", "whole number"}},
		{"manifest", []string{"manifest: perhaps"}, []string{"`manifest`", "perhaps", "neither true nor false"}},
		{"fallback_pause", []string{"fallback_pause: 0s"}, []string{"`fallback_pause`", "not positive"}},
		{"give_up_after", []string{"give_up_after: soon"}, []string{"`give_up_after`", `"soon"`}},
		{"priority", []string{"priority: high"}, []string{"`priority`", "high", "whole number"}},
		{"priority with a fraction", []string{"priority: 1.5"}, []string{"`priority`", "1.5", "whole number"}},
		{"request_timeout", []string{"request_timeout: 0s"}, []string{"`request_timeout`", "not positive"}},
		{"max_response_bytes", []string{"max_response_bytes: 0"}, []string{"`max_response_bytes`", "1 or more"}},
		{"empty checkpoint_cache_key", []string{`checkpoint_cache_key: ""`}, []string{"`checkpoint_cache_key`", "empty"}},
		{"checkpoint_limit", []string{"checkpoint_limit: 0"}, []string{"`checkpoint_limit`", "1 or more"}},
		{"a job by GET", []string{"method: GET", "paging: job", "interval_in: query", "endpoint: /api/v2/analytics/new/jobs"}, []string{"`method`", "POST"}},
		{"a path with its name left in", []string{"endpoint: /api/v2/analytics/botflows/{botFlowId}/sessions"}, []string{"`endpoint`", "filled in"}},
		{"page_size of a job", []string{"page_size: 1001", "endpoint: /api/v2/analytics/conversations/details/jobs"}, []string{"page_size 1001", "1 to 1000"}},
		{"a GET with a body", []string{"method: GET", "endpoint: /api/v2/analytics/conversations/details/query"}, []string{"`method`", "GET has no body"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			config := with(base, test.lines...)
			linted, built := lint(t, config), construct(t, config)
			require.Error(t, built)
			for _, says := range test.says {
				assert.Contains(t, linted, says)
				require.ErrorContains(t, built, says)
			}
			assert.NotContains(t, linted+built.Error(), "hunter2")
			assert.NotContains(t, linted+built.Error(), "70177")
		})
	}
}

func TestMistakesThatOnlyLintOrOnlyTheConstructorCanSee(t *testing.T) {
	assert.Contains(t, lint(t, with(base, "entervall: PT5M")), "field entervall not recognised")
	assert.Contains(t, lint(t, strings.Replace(base, "client_id: 4c1e9d4e\n", "", 1)), "field client_id is required")
	require.ErrorContains(t, construct(t, with(base, "checkpoint_cache: gone")), `no cache resource with the label "gone"`)
	require.NoError(t, construct(t, with(base, "checkpoint_cache: there")))
}

func TestRightConfigsAreLeftAlone(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
	}{
		{"as it stands", nil},
		{"a domain for a region", []string{"region: apne2.pure.cloud"}},
		{"the simulator", []string{"api_url: http://127.0.0.1:8085", "login_url: http://localhost:8085"}},
		{"an unknown endpoint, explained", []string{"endpoint: /api/v2/analytics/new/thing", "method: POST", "paging: none"}},
		{"an unknown GET", []string{"endpoint: /api/v2/analytics/new/thing", "method: GET", "paging: query", "page_size: 500"}},
		{"a path with its name filled in", []string{"endpoint: /api/v2/analytics/botflows/4c1e9d4e/sessions", "page_size: 250"}},
		{"a job", []string{"endpoint: /api/v2/analytics/conversations/details/jobs", "page_size: 1000"}},
		{"an unknown job", []string{"endpoint: /api/v2/analytics/new/jobs", "method: POST", "paging: job"}},
		{"an unknown listing by cursor", []string{"endpoint: /api/v2/analytics/new/thing", "method: GET", "paging: cursor"}},
		{"relative times", []string{"start: -P1D", "end: now"}},
		{"an unquoted time stamp", []string{"start: 2026-11-21T15:00:00Z"}},
		{"dates beside times in another zone", []string{"start: 2026-11-22", "end: 2026-11-21T16:00:00Z"}},
		{"an offset", []string{"start: 2026-11-22T00:00:00+09:00"}},
		{"Go durations", []string{"interval: 300s", "settle: 10m", "granularity: 60s"}},
		{"a snapshot", []string{"endpoint: /api/v2/analytics/queues/observations/query"}},
		{"following", []string{"end: now", "start: -24h"}},
		{"a body", []string{"endpoint: /api/v2/analytics/conversations/details/query", "query: { order: asc, page: 3 }"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			config := with(base, test.lines...)
			assert.Empty(t, lint(t, config))
			require.NoError(t, construct(t, config))
		})
	}
}

// TestAnEmptyOptionalFieldIsAbsent: for each of them, in lint, in the constructors
// and in an outline. What `create` prints is such a config.
func TestAnEmptyOptionalFieldIsAbsent(t *testing.T) {
	var lines []string
	for _, name := range settings.Input.Names() {
		if value, _ := settings.Input.Default(name); value != "" && name != "page_size" {
			continue
		}
		for _, empty := range []string{`""`, `" "`, "null"} {
			if name != "page_size" {
				lines = append(lines, name+": "+empty)
			}
		}
	}
	lines = append(lines, "page_size: 0", "page_size: null")
	forGood := with(base, "query: { order: asc }") // of an input
	forEach := with(strings.Replace(strings.Replace(forGood, "start: 2026-11-22\n", "", 1), "end: 2026-11-23\n", "", 1),
		`interval: "${! this.interval }"`)
	for _, line := range lines {
		t.Run(line, func(t *testing.T) {
			name, _, _ := strings.Cut(line, ":")
			assert.Empty(t, lint(t, with(forGood, line)))
			require.NoError(t, construct(t, with(forGood, line)))
			assert.Equal(t, settingsOf(t, with(forGood, line)), settingsOf(t, without(forGood, name)))
			assert.Equal(t, outlineFrom(t, with(forGood, line)), outlineFrom(t, without(forGood, name)))
			linted := lintAs(t, service.GlobalEnvironment().NewComponentConfigLinter().LintProcessorYAML, with(forEach, line))
			if strings.Contains(linted, "not recognised") {
				return // it is not the processor's
			}
			assert.Empty(t, linted)
			conf, err := processorSpec().ParseYAML(with(forEach, line), nil)
			require.NoError(t, err)
			p, err := newProcessorFromParsed(conf, service.MockResources())
			require.NoError(t, err)
			require.NoError(t, p.Close(t.Context()))
		})
	}
	for _, line := range []string{`cache: ""`, "cache: null"} {
		assert.Empty(t, lintAs(t, service.GlobalEnvironment().NewComponentConfigLinter().LintRateLimitYAML, line))
		conf, err := rateLimitSpec().ParseYAML(line, nil)
		require.NoError(t, err)
		_, err = newRateLimitFromParsed(conf, service.MockResources())
		require.NoError(t, err)
	}
}

// outlineFrom is what plan says of a config.
func outlineFrom(t *testing.T, config string) settings.Preview {
	t.Helper()
	var raw map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(config), &raw))
	raw["start"] = "2026-11-22" // which the command hands over as text
	if _, ok := raw["end"].(time.Time); ok {
		raw["end"] = "2026-11-23"
	}
	o, err := settings.ReadPreview(raw, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	return o
}

func without(config, name string) string {
	return strings.TrimSuffix(with(config, name+":"), "\n"+name+":")
}

// settingsOf is what a config comes to, less what cannot be compared.
func settingsOf(t *testing.T, config string) settings.Config {
	t.Helper()
	conf, err := inputSpec().ParseYAML(config, nil)
	require.NoError(t, err)
	s, err := inputSettings(conf)
	require.NoError(t, err)
	s.Client.Base = nil
	return *s
}

// TestAnEmptyFieldHidesNoMistake that lies between others.
func TestAnEmptyFieldHidesNoMistake(t *testing.T) {
	assert.Contains(t, lint(t, with(base, `dataset: ""`, "end: 2026-11-21")), "is not before `end`")
	config := with(base, `schedule: ""`, "lookback: P1D")
	assert.Contains(t, lint(t, config), "set `schedule`")
	require.ErrorContains(t, construct(t, config), "set `schedule`")
	config = with(base, `end: ""`, "manifest: true")
	assert.Contains(t, lint(t, config), "set `end` or `schedule`")
	require.ErrorContains(t, construct(t, config), "set `end` or `schedule`")
}

// TestAnEmptyProxyIsNoProxy: it was one at port 0 of nowhere, tried for ever.
func TestAnEmptyProxyIsNoProxy(t *testing.T) {
	proxied := func(line string) *url.URL {
		conf, err := inputSpec().ParseYAML(with(base, line), nil)
		require.NoError(t, err)
		s, err := inputSettings(conf)
		require.NoError(t, err)
		proxy, err := s.Client.Base.(*http.Transport).Proxy(&http.Request{URL: &url.URL{Scheme: "https", Host: "api.example"}})
		require.NoError(t, err)
		return proxy
	}
	assert.Nil(t, proxied(`proxy_url: ""`))
	assert.Equal(t, "http://proxy.example:3128", proxied("proxy_url: http://proxy.example:3128").String())
}
