// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package settings

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzConfig: whatever a config holds, reading it does not panic and no error quotes
// the secret; lint finds what the constructor finds, and nothing else.
func FuzzConfig(f *testing.F) {
	const start = `"client_id":"id","endpoint":"/api/v2/analytics/queues/summary","start":"2026-11-22"`
	for _, s := range []string{
		`{` + start + `,"end":"now","interval":"PT5M","settle":"10m","granularity":"PT5M","timezone":"Asia/Seoul"}`,
		`{` + start + `,"schedule":"0 2 * * *","lookback":"P1D","manifest":true,"parallelism":1e2,"priority":-1.5}`,
		`{` + start + `,"proxy_url":"http://u:p@x","api_url":"http://127.0.0.1:1","login_url":"https://u@h","region":"eu-west-1"}`,
		`{` + start + `,"method":"POST","paging":"job","interval_in":"none","page_size":"1","query":{"a":[1]},"dataset":"../x"}`,
		`{"client_id":[],"start":{},"end":null,"query":"root = {}","endpoint":"/api/v2/%2e%2e","checkpoint_limit":1e300}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var config map[string]any
		if json.Unmarshal(text, &config) != nil || config == nil {
			return
		}
		config["client_secret"] = "hunter2-s3cr3t"
		var found []string
		for _, name := range Input.Names() {
			value, written := config[name]
			if !written {
				continue
			}
			if err := Input.Lint(name, value); err != nil {
				found = append(found, err.Error())
			}
		}
		if err := Input.LintBetween(config); err != nil {
			found = append(found, err.Error())
		}
		_, err := Input.Parse(config)
		if err == nil && found != nil {
			t.Fatalf("lint finds %q, the constructor nothing", found)
		}
		for _, lint := range found {
			if err == nil || !strings.Contains(err.Error(), lint) {
				t.Fatalf("lint finds %q, the constructor %v", lint, err)
			}
			if strings.Contains(lint, "hunter2") {
				t.Fatal("it quotes the secret")
			}
		}
	})
}

// FuzzMessage: whatever a message fills in, the processor's config is filled in or
// an error, and what comes of it is a request that can be made.
func FuzzMessage(f *testing.F) {
	const interval = "2026-11-22T00:00:00Z/2026-11-22T00:05:00Z"
	f.Add(summaries, interval, "PT5M", "100")
	f.Add(aggregates, interval, "null", "null")
	f.Add("/api/v2/../x", "2026-11-22/P1D", "-P1D", "1e2")
	f.Add("/api/v2/analytics/botflows/4c1e/sessions", interval, " ", "0")
	config, err := processorOf("endpoint", "${! 1 }", "interval", "${! 1 }", "granularity", "${! 1 }", "page_size", "${! 1 }")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, endpoint, interval, granularity, size string) {
		c, err := config.Fill(map[string]any{"endpoint": endpoint, "interval": interval, "granularity": granularity, "page_size": size})
		if err != nil {
			return
		}
		switch q := c.Query; {
		case !strings.HasPrefix(q.Endpoint.Path, "/api/v2/") || strings.ContainsAny(q.Endpoint.Path, "?#%\\ ") || strings.Contains(q.Endpoint.Path, ".."):
			t.Fatalf("path %q", q.Endpoint.Path)
		case strings.ContainsAny(q.Dataset, "/\\ ") || q.Dataset == "":
			t.Fatalf("dataset %q", q.Dataset)
		case !c.Interval.Start.Before(c.Interval.End):
			t.Fatalf("interval %s", c.Interval)
		case q.PageSize < 0 || q.Bucket < 0:
			t.Fatalf("%d records in buckets of %s", q.PageSize, q.Bucket)
		}
	})
}
