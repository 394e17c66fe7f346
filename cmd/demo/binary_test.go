// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/proc"
)

// connect runs the distribution to its end.
func connect(t *testing.T, args ...string) (output string, code int) {
	t.Helper()
	p, err := proc.Start(proc.Spec{
		Name: "redpanda-connect-genesys",
		Path: binary(t, "redpanda-connect-genesys"),
		Args: args,
		Env:  []string{"PATH=" + os.Getenv("PATH")},
	})
	require.NoError(t, err)
	t.Cleanup(p.Kill)
	code, err = p.Wait(t.Context(), waitLimit)
	require.NoError(t, err)
	return p.Output(), code
}

func TestHelpNamesTheProduct(t *testing.T) {
	t.Parallel()
	out, code := connect(t, "--help")
	assert.Zero(t, code)
	assert.Contains(t, out, "Redpanda Connect for Genesys Cloud Analytics")
	assert.Contains(t, out, "redpanda-connect-genesys create genesys_analytics//aws_s3")
	assert.NotContains(t, strings.ToLower(out), "benthos")
	assert.NotContains(t, out, "mundane")
	for _, target := range []string{"Kafka", "OpenSearch", "SQS", "Kinesis", "PostgreSQL", "MySQL", "Azure", "SFTP"} {
		assert.Contains(t, out, target)
	}
}

func TestVersionIsStamped(t *testing.T) {
	t.Parallel()
	out, code := connect(t, "--version")
	assert.Zero(t, code)
	assert.Regexp(t, `^Version: \S+\nDate: \S+\n$`, out)
}

func TestComponents(t *testing.T) {
	t.Parallel()
	for kind, names := range map[string][]string{
		"inputs":      {"genesys_analytics", "redpanda", "aws_sqs", "aws_kinesis", "sql_select", "azure_blob_storage", "sftp"},
		"outputs":     {"aws_s3", "file", "nats_jetstream", "kafka_franz", "redpanda", "opensearch", "aws_sqs", "aws_kinesis", "sql_raw", "sql_insert", "azure_blob_storage", "azure_data_lake_gen2", "sftp"},
		"processors":  {"genesys_analytics", "genesys_rows", "mapping", "parquet_encode", "http", "sql_raw"},
		"caches":      {"file", "aws_s3", "redis", "nats_kv", "sql"},
		"rate-limits": {"local", "redis"},
		"metrics":     {"prometheus"},
		"tracers":     {"jaeger"},
	} {
		out, code := connect(t, "list", kind)
		assert.Zero(t, code)
		for _, name := range names {
			assert.Contains(t, out, "  - "+name+"\n")
		}
	}
}

// TestNoRestrictedComponentCanBeConfigured: NOTICE, which is written from what is linked, names what
// is made of files that are not under an open source licence.
func TestNoRestrictedComponentCanBeConfigured(t *testing.T) {
	t.Parallel()
	notice, err := os.ReadFile(filepath.Join(root(t), "NOTICE"))
	require.NoError(t, err)
	named := regexp.MustCompile(`made of them \(([^)]+)\)`).FindSubmatch(notice)
	require.NotNil(t, named)
	restricted := strings.Split(string(named[1]), ", ")
	assert.Contains(t, restricted, "postgres_cdc")
	for _, name := range restricted {
		// Not from `list`, which leaves out the deprecated ones.
		for kind, config := range map[string]string{
			"input":     "input: { %s: {} }",
			"processor": "pipeline: { processors: [ { %s: {} } ] }",
			"output":    "output: { %s: {} }",
		} {
			file := filepath.Join(t.TempDir(), "config.yaml")
			require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, config, name), 0o600))
			out, _ := connect(t, "lint", file)
			assert.Contains(t, out, "unable to infer "+kind+" type from candidates: ["+name+"]", "it needs another licence")
		}
	}
}

// TestTheSQLDriversAreThere: a driver that is not linked is an error only when it connects.
func TestTheSQLDriversAreThere(t *testing.T) {
	t.Parallel()
	for driver, dsn := range map[string]string{
		"postgres": "postgres://nobody@127.0.0.1:1/none?sslmode=disable&connect_timeout=1",
		"mysql":    "nobody@tcp(127.0.0.1:1)/none",
	} {
		file := filepath.Join(t.TempDir(), driver+".yaml")
		require.NoError(t, os.WriteFile(file, []byte(`
http: { enabled: false }
input: { sql_select: { driver: `+driver+`, dsn: "`+dsn+`", table: t, columns: [ a ] } }
output: { drop: {} }
`), 0o600))
		p, err := proc.Start(proc.Spec{Name: driver, Path: binary(t, "redpanda-connect-genesys"), Args: []string{"run", file}})
		require.NoError(t, err)
		t.Cleanup(p.Kill)
		require.NoError(t, p.Until(t.Context(), waitLimit, "a refused connection", func(context.Context) (bool, error) {
			return strings.Contains(p.Output(), "connection refused"), nil
		}))
	}
}

// pipeline has nothing to complain about.
const pipeline = `
input:
  genesys_analytics:
    client_id: a
    client_secret: b
    endpoint: /api/v2/analytics/conversations/details/query
    start: 2026-11-21
    end: 2026-11-22
output:
  drop: {}
`

func TestLintTakesAGoodPipeline(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "good.yaml")
	require.NoError(t, os.WriteFile(file, []byte(pipeline), 0o600))
	out, code := connect(t, "lint", file)
	assert.Zero(t, code, out)
}

func TestLintFindsWrongValues(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		field, with string
		says        []string
	}{
		{"an unknown region", "region", "nowhere", []string{"nowhere", "ap-northeast-2"}},
		{"an empty client id", "client_id", `""`, []string{"client_id"}},
		{"an empty secret", "client_secret", `""`, []string{"client_secret"}},
		{"an empty endpoint", "endpoint", `""`, []string{"endpoint"}},
		{"an endpoint that is not a path", "endpoint", "conversations", []string{"endpoint", "/api/v2/"}},
		{"an unknown endpoint alone", "endpoint", "/api/v2/new/thing", []string{"/api/v2/new/thing", "paging"}},
		{"an interval in the query", "query", "{interval: x}", []string{"query", "interval"}},
		{"paging in the query", "query", "{paging: {pageSize: 5}}", []string{"query", "paging"}},
		{"a page that is too large", "page_size", "1000", []string{"page_size", "1000", "100"}},
		{"less than a page of nothing", "page_size", "-1", []string{"page_size"}},
		{"an interval that is a day of the week", "interval", "tuesday", []string{"interval", "tuesday"}},
		{"an interval of nothing", "interval", "0s", []string{"interval", "0s"}},
		{"an interval that runs backwards", "interval", "-PT5M", []string{"interval", "-PT5M"}},
		{"a granularity that is no duration", "granularity", "fine", []string{"granularity", "fine"}},
		{"a timeout that is no duration", "request_timeout", "soon", []string{"request_timeout", "soon"}},
		{"a start that is no time", "start", "yesterday", []string{"start", "yesterday"}},
		{"a start after the end", "start", "2026-11-23", []string{"start", "end"}},
		{"a start at the end", "start", "2026-11-22", []string{"start", "end"}},
		{"an unknown time zone", "timezone", "Mars/Olympus", []string{"timezone", "Mars/Olympus"}},
		{"an unknown method", "method", "PUT", []string{"method", "PUT"}},
		{"an unknown kind of paging", "paging", "scroll", []string{"paging", "scroll"}},
		{"a gateway without TLS", "api_url", "http://gateway.example", []string{"api_url", "https"}},
		{"a gateway with a path", "api_url", "https://gateway.example/genesys", []string{"api_url", "/genesys"}},
		{"nothing in parallel", "parallelism", "0", []string{"parallelism"}},
		{"no page in flight", "checkpoint_limit", "0", []string{"checkpoint_limit"}},
		{"a field that is misspelt", "intervall", "PT5M", []string{"intervall"}},
	}
	dir := t.TempDir()
	args := []string{"lint"}
	file := func(i int) string { return filepath.Join(dir, strconv.Itoa(i)+".yaml") }
	for i, test := range tests {
		require.NoError(t, os.WriteFile(file(i), []byte(spoil(test.field, test.with)), 0o600))
		args = append(args, file(i))
	}
	out, code := connect(t, args...)
	assert.Equal(t, 1, code)
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lints := about(out, file(i))
			for _, word := range test.says {
				assert.Contains(t, lints, word)
			}
		})
	}
}

func TestLintFindsMissingFields(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"client_id", "client_secret", "endpoint", "start"} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "missing.yaml")
			require.NoError(t, os.WriteFile(file, []byte(without(field)), 0o600))
			out, code := connect(t, "lint", file)
			assert.Equal(t, 1, code)
			assert.Contains(t, out, field)
		})
	}
}

// spoil gives a field of the good pipeline another value.
func spoil(field, with string) string {
	return strings.Replace(without(field), "genesys_analytics:\n", "genesys_analytics:\n    "+field+": "+with+"\n", 1)
}

func without(field string) string {
	var kept []string
	for line := range strings.Lines(pipeline) {
		if !strings.HasPrefix(line, "    "+field+":") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// about is what lint said about one file.
func about(output, file string) string {
	var lines []string
	for line := range strings.Lines(output) {
		if strings.Contains(line, file+"(") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}
