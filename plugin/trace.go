// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/redpanda-data/benthos/v4/public/service"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/quota"
	"connect-genesys.example/connect-genesys/plugin/settings"
)

// tracer makes a span of each request that is sent, by OpenTelemetry's conventions for HTTP
// clients, and of each write of a checkpoint. A nil one, of a config without a tracer,
// makes none.
type tracer struct {
	trace.Tracer
	endpoint string            // empty where each message names its own
	redactor *genesys.Redactor // a server may repeat the secret
}

func newTracer(s *settings.Config, res *service.Resources) *tracer {
	provider := res.OtelTracer()
	if _, none := provider.(noop.TracerProvider); none {
		return nil
	}
	redactor := genesys.NewRedactor(s.Client.ClientID, s.Client.ClientSecret)
	return &tracer{provider.Tracer(settings.Component), s.Query.Endpoint.Path, redactor}
}

// hook returns what a client calls after each request.
func (t *tracer) hook() func(quota.Exchange) {
	if t == nil {
		return nil
	}
	return t.exchanged
}

// exchanged makes the span of a request, once it is known that it was sent.
func (t *tracer) exchanged(e quota.Exchange) {
	_, span := t.Start(e.Request.Context(), t.nameOf(e.Request), trace.WithSpanKind(trace.SpanKindClient),
		trace.WithTimestamp(e.Began), trace.WithAttributes(t.attributesOf(e)...))
	defer span.End(trace.WithTimestamp(e.Arrived))
	if e.Status > 0 {
		span.SetAttributes(attribute.Int("http.response.status_code", e.Status))
	}
	if e.Status >= http.StatusBadRequest {
		span.SetAttributes(attribute.String("error.type", strconv.Itoa(e.Status)))
		span.SetStatus(codes.Error, "")
	}
	t.fail(span, e.Err)
	if e.Hold.Wait > 0 {
		span.AddEvent("hold", trace.WithTimestamp(e.Arrived), trace.WithAttributes(
			attribute.Float64("genesys.hold.seconds", e.Hold.Wait.Seconds()),
			attribute.String("genesys.hold.cause", t.redactor.Redact(e.Hold.Cause))))
	}
}

// attributesOf returns what is known of a request before its response.
func (t *tracer) attributesOf(e quota.Exchange) []attribute.KeyValue {
	of := []attribute.KeyValue{
		attribute.String("http.request.method", e.Request.Method),
		attribute.String("url.full", t.redactor.Redact(shownURL(e.Request.URL))),
		attribute.String("server.address", e.Request.URL.Hostname()),
	}
	if port, err := strconv.Atoi(e.Request.URL.Port()); err == nil {
		of = append(of, attribute.Int("server.port", port))
	}
	if n := resendOf(e); n > 0 {
		of = append(of, attribute.Int("http.request.resend_count", n))
	}
	return of
}

// nameOf returns a span's name: the method and, of the token's endpoint and of the
// component's own, the path without what differs from job to job.
func (t *tracer) nameOf(r *http.Request) string {
	rest, ok := strings.CutPrefix(r.URL.Path, t.endpoint)
	switch {
	case r.URL.Path == "/oauth/token", ok && t.endpoint != "" && (rest == "" || rest == "/availability"):
		return r.Method + " " + r.URL.Path
	case !ok || t.endpoint == "":
		return r.Method
	case strings.HasSuffix(rest, "/results"):
		return r.Method + " " + t.endpoint + "/{jobId}/results"
	}
	return r.Method + " " + t.endpoint + "/{jobId}"
}

// fail records why there is no result, if there is none.
func (t *tracer) fail(span trace.Span, err error) {
	if err != nil {
		span.SetAttributes(attribute.String("error.type", fmt.Sprintf("%T", err)))
		span.SetStatus(codes.Error, t.redactor.Err(err).Error())
	}
}

// shown are the parameters of a query string whose values a span shows. Those of the others
// may name people, or are the service's tokens.
var shown = []string{"granularity", "interval", "pageNumber", "pageSize", "timeZone"}

func shownURL(u *url.URL) string {
	query := u.Query()
	for name := range query {
		if !slices.Contains(shown, name) {
			query.Set(name, "REDACTED")
		}
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawQuery: query.Encode()}).String()
}

// resends counts how often in a row each request of a step was sent without success.
type resends struct {
	mu     sync.Mutex // guards failed
	failed map[string]int
}

type resendsKey struct{}

// counted returns the retry of a source whose spans tell how often a request was sent before.
func (t *tracer) counted(retry genesys.Retry) genesys.Retry {
	if t == nil {
		return retry
	}
	return func(ctx context.Context, step func(context.Context) error) error {
		return retry(context.WithValue(ctx, resendsKey{}, &resends{failed: map[string]int{}}), step)
	}
}

// resendOf returns how often a request was sent before, without success.
func resendOf(e quota.Exchange) int {
	r, ok := e.Request.Context().Value(resendsKey{}).(*resends)
	if !ok {
		return 0
	}
	key := e.Request.Method + " " + e.Request.URL.String()
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.failed[key]
	if r.failed[key]++; e.Status/100 == 2 {
		delete(r.failed, key)
	}
	return n
}

// tracedCache is a checkpoint's cache whose writes are spans.
type tracedCache struct {
	cache
	tracer *tracer
}

// traced returns a cache whose writes are spans, or c itself where nothing is traced.
func (t *tracer) traced(c cache) export.Cache {
	if t == nil {
		return c
	}
	return tracedCache{c, t}
}

// Set implements [export.Cache].
func (c tracedCache) Set(ctx context.Context, key string, value []byte) error {
	ctx, span := c.tracer.Start(ctx, "checkpoint write", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("genesys.checkpoint.cache", c.label), attribute.String("genesys.checkpoint.key", key)))
	defer span.End()
	err := c.cache.Set(ctx, key, value)
	c.tracer.fail(span, err)
	return err
}

// within returns a context in which spans belong to what a message is in.
func (t *tracer) within(ctx context.Context, msg *service.Message) context.Context {
	if t == nil {
		return ctx
	}
	return trace.ContextWithSpan(ctx, trace.SpanFromContext(msg.Context()))
}
