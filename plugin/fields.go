// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/genesys"
)

// declared declares the fields of a kind of component to Benthos: their types and
// descriptions. Their defaults, and what is wrong with them, are told by the rows of
// package settings.
type declared string

const (
	inputFields     declared = "input"
	processorFields declared = "processor"
	rateLimitFields declared = "rate_limit"
	rowsFields      declared = "rows"
)

// finish sets a field's description, its default and its lint rule. An optional field has
// an empty default, not none: for a field without a default, `create` prints the first
// example as if it were set.
func (d declared) finish(name, about string, f *service.ConfigField) *service.ConfigField {
	return d.defaulted(name, about, f).LintRule(lintRule(string(d), name))
}

func (d declared) defaulted(name, about string, f *service.ConfigField) *service.ConfigField {
	if value, ok := schemas[string(d)].Default(name); ok {
		f = f.Default(value)
	}
	return f.Description(about)
}

func (d declared) text(name, about string) *service.ConfigField {
	return d.finish(name, about, service.NewStringField(name))
}

// any declares a field that is not text. Where an int or a bool is declared, Benthos
// shows text to lint rules as 0 or false, and where text is declared a number as text.
func (d declared) any(name, about string) *service.ConfigField {
	return d.finish(name, about, service.NewAnyField(name))
}

// object has no rule: Benthos checks that it is a map, and would apply a rule to each
// of its elements.
func (d declared) object(name, about string) *service.ConfigField {
	return d.defaulted(name, about, service.NewAnyMapField(name))
}

func (d declared) url(name, about string) *service.ConfigField {
	return d.finish(name, about, service.NewURLField(name))
}

func (d declared) interpolated(name, about string) *service.ConfigField {
	return d.finish(name, about, service.NewInterpolatedStringField(name))
}

func (d declared) enum(name, about string, options map[string]string) *service.ConfigField {
	return d.finish(name, about, service.NewStringAnnotatedEnumField(name, options))
}

func (d declared) client() []*service.ConfigField {
	return []*service.ConfigField{
		d.text("region", "Where the tenant lives: an AWS region name or a Genesys Cloud domain.").
			Example("ap-northeast-2").Example("apne2.pure.cloud"),
		d.text("api_url", "The origin of the API in place of that of `region`: a private gateway, or the simulator. Scheme and host only; `http` only for loopback hosts.").
			Example("https://genesys.gateway.example").Advanced(),
		d.text("login_url", "The origin of OAuth in place of that of `region`. The token comes from `/oauth/token` there.").
			Example("https://login.gateway.example").Advanced(),
		d.text("client_id", "The id of an OAuth client with the grant type *Client Credentials*, whose roles have the endpoint's permission in every division that is to be exported: data of divisions that the role does not cover is left out without an error.").
			Example("${GENESYS_CLIENT_ID}"),
		d.any("client_secret", "Its secret. Take it from the environment, and quote it (`\"${GENESYS_CLIENT_SECRET}\"`): one of digits only would be read as a number, which is refused.").
			// The default of a blank, which is refused as empty, makes `create` print quotes.
			Example("${GENESYS_CLIENT_SECRET: }").Secret(),
	}
}

func (d declared) query() []*service.ConfigField {
	return []*service.ConfigField{
		d.text("endpoint", "The path as Genesys documents it. A known endpoint needs nothing else; any other works with `method` and `paging` set.").
			Example("/api/v2/analytics/queues/summary").
			Example("/api/v2/analytics/conversations/aggregates/query").
			Example("/api/v2/analytics/conversations/details/query").
			Example("/api/v2/analytics/conversations/details/jobs"),
		d.object("query", "What Genesys calls the query: the JSON body of a POST, the query string of a GET, as the API explorer has it. `interval`, `granularity`, `timeZone` and paging are put in by the input.").
			Example(map[string]any{"groupBy": []any{"queueId"}, "metrics": []any{"nOffered", "tAnswered"}}),
		d.any("page_size", "Records a page. By default the most that the endpoint allows: each page is a request of the tenant's quota.").
			Advanced(),
	}
}

// request declares the fields that override what is known of an endpoint.
func (d declared) request() []*service.ConfigField {
	return []*service.ConfigField{
		d.text("dataset", "The first part of `genesys_key`. By default the endpoint's slug, `queues-summary` for `/api/v2/analytics/queues/summary`. Two inputs that write under one prefix and share an endpoint need different ones."),
		d.enum("method", "The HTTP method.", map[string]string{
			"auto": "What the endpoint takes.",
			"GET":  "`query` becomes the query string.",
			"POST": "`query` becomes the JSON body.",
		}).Advanced(),
		d.enum("paging", "How the endpoint hands out a long answer.", pagingOptions()).Advanced(),
		d.enum("interval_in", "Where the interval goes.", map[string]string{
			"auto":  "Where the endpoint has it.",
			"body":  "`interval` in the body.",
			"query": "`interval` in the query string.",
			"none":  "Nowhere: the endpoint is a snapshot of now, fetched once for each interval.",
		}).Advanced(),
	}
}

// message declares the fields that each message can fill in.
func (d declared) message() []*service.ConfigField {
	return []*service.ConfigField{
		d.interpolated("endpoint", "The path as Genesys documents it. A known endpoint needs nothing else; any other works with `method` and `paging` set.").
			Example("/api/v2/analytics/queues/summary").Example("${! this.endpoint }"),
		d.interpolated("interval", "The interval to fetch: ISO 8601, start and end, as `genesys_intervals` returns it."),
		d.any("query", "What Genesys calls the query: a map, in which text may be interpolated, or a Bloblang mapping that makes one of the message.").
			Example(map[string]any{"groupBy": []any{"queueId"}, "metrics": []any{"nOffered"}}).
			Example("root = this.query"),
		d.interpolated("granularity", "The size of the buckets inside the interval.").
			Example("PT5M"),
		d.interpolated("page_size", "Records a page. By default the most that the endpoint allows.").
			Default("").Advanced(), // which is text here
	}
}

func (d declared) window() []*service.ConfigField {
	return []*service.ConfigField{
		d.text("start", "Where to start when there is no checkpoint: an RFC 3339 time, a date (midnight in `timezone`), or a negative duration back from now, floored to the interval grid (midnight in `timezone`, and steps of `interval` from there). Whole seconds only.").
			Example("2026-11-21T15:00:00Z").Example("2026-11-22").Example("-P1D"),
		d.text("end", "Where to end, exclusive: the same forms, or `now` for every interval that has ended and settled. The input then ends too. Without it the input follows the clock, each interval as it settles.").
			Example("2026-11-23").Example("now"),
		d.text("interval", "The span of one request, ISO 8601 or Go. `P1D` and longer are calendar spans in `timezone`: a day has 23 or 25 hours when the clocks change. The last interval is cut at `end`.").
			Example("PT5M").Example("P1D").Example("300s"),
		d.text("granularity", "The size of the buckets inside a request. One request of `P1D` with `PT5M` brings 288 buckets for one request of quota.").
			Example("PT5M"),
		d.timezone(),
		d.text("schedule", "A cron expression of 5 or 6 fields, or `@every 5m`. Each tick, in `timezone`, exports every settled interval since the checkpoint, as of the tick's time; then the input waits for the next. Without a checkpoint the first export is at the first tick; with one, ticks that were missed since then are made up for at launch, each by a run of its own.").
			Example("0 2 * * *").Example("@every 5m"),
		d.text("lookback", "With `schedule`: each run also reads again this much before the checkpoint, for data that arrived late. A page that is read again has the same `genesys_key` and a higher `genesys_revision`.").
			Example("P1D"),
		d.any("manifest", "After every page of a run is acknowledged, send one more message: the run's manifest, as the `_SUCCESS` object that downstream jobs wait for. It lists each interval, so the checkpoint grows with the run."),
		d.text("settle", "An interval is read once it has ended at least this long ago: data arrives late.").
			Example("PT10M"),
		d.any("parallelism", "How many intervals are fetched at once. Messages leave in interval and page order all the same. No more pages are in memory than twice this and `checkpoint_limit` together: each interval that is fetched ahead keeps one page, and the one after it, which tells whether it is the last."),
	}
}

func (d declared) timezone() *service.ConfigField {
	return d.text("timezone", "An IANA name, for calendar arithmetic, the schedule, and for `timeZone` where the endpoint takes it.").
		Example("Asia/Seoul")
}

func (d declared) patience() []*service.ConfigField {
	return []*service.ConfigField{
		d.text("rate_limit", "The label of a rate limit resource. A `genesys_analytics` one is a gate that every component that names it shares; it learns from each of their responses. Any other is asked before each request, on top of the input's own gate."),
		d.text("fallback_pause", "How long to hold when the server throttles without naming a time, and to wait between two attempts after a network fault or a 5xx. Where a shared rate limit is named, its `fallback_pause` is used for holds.").
			Advanced(),
		d.text("give_up_after", "Stop with an error when one page could not be obtained for this long, or could not be delivered because the output rejects it again and again, pauses included; `0s` is never. It shortens no pause: an order that would end later stops the input at once.").
			Example("PT6H").Advanced(),
		d.any("priority", "Among all requests that wait at one gate the higher goes first, and among equals the one that came first. A backfill with `-1` takes what the daily job leaves. Stock components have 0.").
			Example(-1).Advanced(),
		d.text("request_timeout", "For one HTTP exchange, never for a pause.").Advanced(),
		d.any("max_response_bytes", "A larger response is an error, never cut.").Advanced(),
		d.any("max_in_flight_bytes", "The memory for responses that are being read or have not left yet, of all inputs and processors of one gate: a fetch waits for room as it waits for its turn. What is read ahead takes half of it at most. The response that the others wait for may exceed it, up to `max_response_bytes`.").
			Advanced(),
	}
}

func (d declared) checkpoint() []*service.ConfigField {
	return []*service.ConfigField{
		d.text("checkpoint_cache", "The label of a cache resource that keeps the checkpoint: the next run continues after the last page that was acknowledged. Without one every run starts at `start`."),
		d.text("checkpoint_cache_key", "Change it when several inputs share one cache. The checkpoint is written in turn under this key and under the same with `_2`."),
		d.any("checkpoint_limit", "The most pages in flight, emitted and not yet acknowledged. It must exceed the largest batch of the output.").
			Advanced(),
	}
}

func (d declared) transport() []*service.ConfigField {
	return []*service.ConfigField{
		service.NewTLSToggledField("tls"),
		d.url("proxy_url", "An HTTP proxy, `http://proxy.example:3128`; `https` and `socks5` too. By default the one that the environment names (`HTTPS_PROXY`).").
			Secret().Advanced(), // as a whole: Benthos' scrubber of URLs prints one that it cannot parse
	}
}

func pagingOptions() map[string]string {
	options := map[string]string{"auto": "As the endpoint does."}
	for kind, about := range genesys.Pagings() {
		options[string(kind)] = about
	}
	return options
}
