// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/settings"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// written returns the fields of a config, with their defaults.
func written(conf *service.ParsedConfig) (map[string]any, error) {
	value, err := conf.FieldAny()
	if err != nil {
		return nil, err
	}
	raw, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("want a map of fields, got %T", value)
	}
	return raw, nil
}

// parse parses a config by the rows of its component.
func parse[T any](conf *service.ParsedConfig, schema settings.Schema[T]) (*T, error) {
	raw, err := written(conf)
	if err != nil {
		return nil, err
	}
	return schema.Parse(raw)
}

// parsed parses the fields of a config by a spec.
func parsed(spec *service.ConfigSpec, config map[string]any) (*service.ParsedConfig, error) {
	text, err := json.Marshal(config) // JSON is YAML
	if err != nil {
		return nil, fmt.Errorf("reading the config: %w", err)
	}
	return spec.ParseYAML(string(text), nil)
}

// newClient returns the client of a component, behind its tenant's gate.
func newClient(s *settings.Config, res *service.Resources, m *metrics, t *tracer) (*genesys.Client, error) {
	config := s.Client.Config
	key := tenant{config.Origins.API.Host, config.ClientID}
	gate, besides, err := gateFor(res, s.Retry.RateLimit, key, s.Retry.FallbackPause)
	if err != nil {
		return nil, err
	}
	config.Gate, config.Hooks, config.PollPause = gate, m.hooks(res.Logger(), gate), s.Retry.FallbackPause
	config.Hooks.Before, config.Hooks.Traced, config.UserAgent = besides, t.hook(), "connect-genesys"
	return genesys.NewClient(config), nil
}

// baseTransport returns the innermost transport, which knows TLS and proxies.
func baseTransport(conf *service.ParsedConfig, proxy *url.URL) (http.RoundTripper, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ReadBufferSize = 16 << 10 // a small page comes with its header
	config, enabled, err := conf.FieldTLSToggled("tls")
	if err != nil {
		return nil, err
	}
	if enabled {
		transport.TLSClientConfig = config
	}
	if proxy != nil {
		transport.Proxy = http.ProxyURL(proxy)
	}
	transport.Proxy = onlyUnderTLS(transport.Proxy)
	return transport, nil
}

// onlyUnderTLS keeps plain HTTP from proxies: it is allowed for loopback hosts only, and
// a proxy would read the secret.
func onlyUnderTLS(proxy func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		if r.URL.Scheme != "https" {
			return nil, nil
		}
		return proxy(r)
	}
}

// readerConfig returns how the pages of an interval are obtained, for the input and the
// processor alike.
func readerConfig(s *settings.Config, client *genesys.Client, log *service.Logger, t *tracer) export.ReaderConfig {
	query := &s.Query.Query
	config := export.ReaderConfig{
		PageSize: query.PageSize, Granularity: s.Query.Bucket, Longest: query.Longest(),
		RetryPolicy: export.RetryPolicy{
			Pause: s.Retry.FallbackPause, GiveUpAfter: s.Retry.GiveUpAfter,
			Faulted: func(err error, pause time.Duration) { log.Warnf("Asking again in %s: %v", pause, err) },
		},
		Open: func(iv window.Interval, retry genesys.Retry) export.Source {
			return client.Source(query, iv.String(), t.counted(retry))
		},
		Refused: query.Refused, TimedOut: query.TimedOutTwice,
		Halved: func(iv window.Interval, err error) { log.Infof("Splitting %s in two: %v", iv, err) },
	}
	if query.Endpoint.HasWatermark {
		config.Available = func(ctx context.Context) (time.Time, error) { return client.Available(ctx, query) }
	}
	return config
}
