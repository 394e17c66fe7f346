// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// settings is a checked config.
type settings struct {
	client  genesys.Config // without its gate and hooks
	query   genesys.Query
	dataset string

	grid       window.Grid
	start, end window.Instant
	startText  string // as written
	bounded    bool   // end is set
	settle     time.Duration
	schedule   *window.Schedule // nil: none
	lookback   time.Duration
	manifest   bool

	parallelism   int
	fallbackPause time.Duration
	giveUpAfter   time.Duration
	rateLimit     string // label; empty: none

	checkpointCache, checkpointKey string
	checkpointLimit                int
}

// readSettings checks a config and reads it. Its errors name the field.
func readSettings(conf *service.ParsedConfig) (*settings, error) {
	raw, err := rawOf(conf)
	if err != nil {
		return nil, err
	}
	if err := inputChecks().problems(raw); err != nil {
		return nil, err
	}
	s := &settings{}
	if s.client, err = clientOf(conf, raw); err != nil {
		return nil, err
	}
	if err := s.readQuery(raw); err != nil {
		return nil, err
	}
	s.readWindow(raw)
	s.readPatience(raw)
	s.parallelism = intOf(raw[fieldParallelism])
	if value, ok := raw[fieldCheckpointCache]; ok {
		s.checkpointCache = asText(value)
	}
	s.checkpointKey, s.checkpointLimit = asText(raw[fieldCheckpointCacheKey]), intOf(raw[fieldCheckpointLimit])
	return s, nil
}

func rawOf(conf *service.ParsedConfig) (map[string]any, error) {
	value, err := conf.FieldAny()
	if err != nil {
		return nil, err
	}
	raw, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("want a map of fields, got %T", value)
	}
	return present(raw), nil
}

// readQuery reads what to ask, and under which name to keep it.
func (s *settings) readQuery(raw map[string]any) (err error) {
	if s.query, err = queryOf(raw); err != nil {
		return err
	}
	s.dataset = genesys.Slug(s.query.Endpoint.Path)
	if value, ok := raw[fieldDataset]; ok {
		s.dataset = asText(value)
	}
	return nil
}

func (s *settings) readPatience(raw map[string]any) {
	s.fallbackPause, s.giveUpAfter = span(raw[fieldFallbackPause]), span(raw[fieldGiveUpAfter])
	if value, ok := raw[fieldRateLimit]; ok {
		s.rateLimit = asText(value)
	}
}

// readWindow reads what has been checked, so nothing can go wrong.
func (s *settings) readWindow(raw map[string]any) {
	s.grid.Step, _ = window.ParseDuration(asText(raw[fieldInterval]))
	s.grid.Location, _ = location(asText(raw[fieldTimezone]))
	s.startText = asText(raw[fieldStart])
	s.start, _ = window.ParseInstant(s.startText)
	var end any
	if end, s.bounded = raw[fieldEnd]; s.bounded {
		s.end, _ = window.ParseInstant(asText(end))
	}
	if settle, ok := raw[fieldSettle]; ok {
		s.settle = span(settle)
	}
	if lookback, ok := raw[fieldLookback]; ok {
		s.lookback = span(lookback)
	}
	if schedule, ok := raw[fieldSchedule]; ok {
		ticks, _ := window.ParseSchedule(asText(schedule), s.grid.Location)
		s.schedule = &ticks
	}
	s.manifest, _ = raw[fieldManifest].(bool)
}

// span is a checked duration; days count as 24 hours in a pause.
func span(v any) time.Duration {
	d, _ := window.ParseDuration(asText(v))
	return d.Approx()
}

func intOf(v any) int {
	n, _ := integer(v)
	return int(n)
}

// queryOf reads what to ask. It needs no more than a map, so that lint can.
func queryOf(raw map[string]any) (genesys.Query, error) {
	endpoint, err := endpointOf(raw)
	if err != nil {
		return genesys.Query{}, err
	}
	q := genesys.Query{Endpoint: endpoint, TimeZone: asText(raw[fieldTimezone]), PageSize: endpoint.MaxPage}
	switch params := raw[fieldQuery].(type) {
	case map[string]any:
		q.Params = params
	default:
		return q, fmt.Errorf("field `query`: want a map, got %T", params)
	}
	if value, ok := raw[fieldPageSize]; ok {
		q.PageSize = intOf(value)
	} else if q.PageSize == 0 && (endpoint.Paging == genesys.PagingBody || endpoint.Paging == genesys.PagingQuery) {
		q.PageSize = usualPageSize // page numbers count in it; else the service has one of its own
	}
	if value, ok := raw[fieldGranularity]; ok {
		d, _ := window.ParseDuration(asText(value))
		q.Granularity = d.String()
	}
	return q, nil
}

// usualPageSize is what Genesys' listings take; used where nothing is known.
const usualPageSize = 100

// endpointOf finds the endpoint, with what the config says of it instead.
func endpointOf(raw map[string]any) (genesys.Endpoint, error) {
	path, method, paging, place := asText(raw[fieldEndpoint]), asText(raw[fieldMethod]), asText(raw[fieldPaging]), asText(raw[fieldIntervalIn])
	e, known := genesys.KnownEndpoint(path)
	if !known {
		if method == auto || paging == auto {
			return e, fmt.Errorf("field `endpoint`: %q is not known: correct it, or set `method` and `paging` to say how it is to be asked", path)
		}
		e = genesys.Endpoint{Path: path, Granular: true, MaxPage: 0}
	}
	if method != auto {
		e.Method = method
	}
	if paging != auto && genesys.Paging(paging) != e.Paging {
		e.Paging, e.MaxPage, e.Flat, e.PageSizeOnSubmit = genesys.Paging(paging), 0, false, false
	}
	switch {
	case place != auto:
		e.Interval = genesys.Place(place)
	case !known && e.Method == http.MethodGet:
		e.Interval = genesys.InQuery
	case !known:
		e.Interval = genesys.InBody
	}
	switch {
	case e.Method == http.MethodGet && (e.Interval == genesys.InBody || e.Paging == genesys.PagingBody):
		return e, errors.New("field `method`: a GET has no body: set `interval_in` and `paging` to query or none")
	case e.Method == http.MethodGet && e.Paging == genesys.PagingJob:
		return e, errors.New("field `method`: a job is submitted: set `method` to POST")
	}
	return e, nil
}

// clientOf reads how to reach the tenant.
func clientOf(conf *service.ParsedConfig, raw map[string]any) (c genesys.Config, err error) {
	if c.Origins, err = genesys.RegionOrigins(asText(raw[fieldRegion])); err != nil {
		return c, err
	}
	for name, origin := range map[string]**url.URL{fieldAPIURL: &c.Origins.API, fieldLoginURL: &c.Origins.Login} {
		if value, ok := raw[name]; ok {
			if *origin, err = genesys.ParseOrigin(asText(value)); err != nil {
				return c, err
			}
		}
	}
	c.ClientID, c.ClientSecret = asText(raw[fieldClientID]), asText(raw[fieldClientSecret])
	c.RequestTimeout = span(raw[fieldRequestTimeout])
	c.MaxResponseBytes, _ = integer(raw[fieldMaxResponseBytes])
	c.MaxInFlightBytes, _ = integer(raw[fieldMaxInFlightBytes])
	c.Priority = intOf(raw[fieldPriority])
	c.UserAgent = "connect-genesys"
	c.Base, err = baseTransport(conf, raw)
	return c, err
}

func baseTransport(conf *service.ParsedConfig, raw map[string]any) (http.RoundTripper, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	var config *tls.Config
	config, enabled, err := conf.FieldTLSToggled(fieldTLS)
	if err != nil {
		return nil, err
	}
	if enabled {
		transport.TLSClientConfig = config
	}
	if value, ok := raw[fieldProxyURL]; ok {
		proxy, err := url.Parse(asText(value))
		if err != nil {
			return nil, errors.New("field `proxy_url`: it is not a URL") // which would quote it
		}
		transport.Proxy = http.ProxyURL(proxy)
	}
	transport.Proxy = onlyUnderTLS(transport.Proxy)
	return transport, nil
}

// onlyUnderTLS asks no proxy for what is not encrypted. Plain HTTP is for this machine alone,
// and a proxy would read the secret.
func onlyUnderTLS(proxy func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		if r.URL.Scheme != "https" {
			return nil, nil
		}
		return proxy(r)
	}
}

// plan is what a position of this export belongs to.
func (s *settings) plan() export.Plan {
	return export.Plan{
		Host:        s.client.Origins.API.Host,
		ClientID:    s.client.ClientID,
		Dataset:     s.dataset,
		Endpoint:    s.query.Endpoint.Path,
		Query:       digest(s.query.Params),
		Interval:    s.grid.Step.String(),
		Granularity: s.query.Granularity,
		TimeZone:    s.query.TimeZone,
	}
}

// digest names a query without telling it: a filter can name people.
func digest(query map[string]any) string {
	data, err := json.Marshal(query) // its keys come sorted
	if err != nil {                  // Check has refused such a one
		data = fmt.Append(nil, query)
	}
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:8])
}

// window is what a run that begins now walks. With `end: now` only whole
// intervals count: the one that is going on would change under its key.
func (s *settings) window(now time.Time) window.Plan {
	plan := window.Plan{Grid: s.grid, Start: s.start.Resolve(now, s.grid)}
	switch {
	case !s.bounded:
	case s.end.IsNow():
		plan = plan.Until(now.Add(-s.settle))
	default:
		plan.End = s.end.Resolve(now, s.grid)
	}
	return plan
}

func (s *settings) retryPolicy(log *service.Logger) export.RetryPolicy {
	return export.RetryPolicy{
		Pause: s.fallbackPause, GiveUpAfter: s.giveUpAfter,
		Faulted: func(err error, pause time.Duration) { log.Warnf("Asking again in %s: %v", pause, err) },
	}
}
