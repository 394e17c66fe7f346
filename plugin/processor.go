// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	_ "embed"
	"maps"
	"strings"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

//go:embed processor.md
var processorDescription string

// messageChecks are for the fields that each message can fill in.
var messageChecks = map[string]func(any) error{
	fieldEndpoint:    text(genesys.CheckPath),
	fieldInterval:    text(func(s string) error { _, err := window.ParseInterval(s); return err }),
	fieldGranularity: text(positiveSeconds),
	fieldPageSize:    atLeast(1),
}

// processorChecks are the processor's kind: the input's, but that what depends
// on the message cannot be judged before it comes.
func processorChecks() kind {
	k := kind{checks: maps.Clone(checks), defaults: maps.Clone(defaults)}
	delete(k.defaults, fieldInterval)
	for name, check := range messageChecks {
		k.checks[name] = func(value any) error {
			if dynamic(value) {
				return nil
			}
			return check(value)
		}
	}
	k.together = func(raw map[string]any) error {
		if _, isMap := raw[fieldQuery].(map[string]any); !isMap {
			return nil
		}
		for name := range messageChecks {
			if dynamic(raw[name]) && name != fieldInterval {
				return nil
			}
		}
		query, err := queryOf(raw)
		if err != nil {
			return err
		}
		return query.Check()
	}
	return k
}

func dynamic(value any) bool {
	s, ok := value.(string)
	return ok && strings.Contains(s, "${!")
}

func processorSpec() *service.ConfigSpec {
	spec := service.NewConfigSpec().
		Categories("Services").
		Version("0.1.0").
		Summary("Fetches one interval of Genesys Cloud analytics for each message: a message in, the interval's pages out.").
		Description(processorDescription).
		LintRule(lintRule(processorKind, ""))
	for _, group := range [][]*service.ConfigField{
		clientFields(), messageFields(), requestFields(), {timezoneField()}, patienceFields(), transportFields(),
	} {
		spec = spec.Fields(group...)
	}
	for _, example := range processorExamples {
		spec = spec.Example(example.title, example.summary, example.config)
	}
	return spec
}

func messageFields() []*service.ConfigField {
	interpolated := func(name, description string) *service.ConfigField {
		return service.NewInterpolatedStringField(name).Description(description).LintRule(lintRule(processorKind, name))
	}
	return []*service.ConfigField{
		interpolated(fieldEndpoint, "The path as Genesys documents it. A known endpoint needs nothing else; any other works with `method` and `paging` set.").
			Example("/api/v2/analytics/queues/summary").Example("${! this.endpoint }"),
		interpolated(fieldInterval, "The interval to fetch: ISO 8601, start and end, as `genesys_intervals` gives it.").
			Default(`${! json("interval") }`),
		service.NewAnyField(fieldQuery).
			Description("What Genesys calls the query: a map, in which text may be interpolated, or a Bloblang mapping that makes one of the message.").
			Default(map[string]any{}).
			Example(map[string]any{"groupBy": []any{"queueId"}, "metrics": []any{"nOffered"}}).
			Example("root = this.query"),
		interpolated(fieldGranularity, "The size of the buckets inside the interval.").
			Example("PT5M").Optional(),
		interpolated(fieldPageSize, "Records a page. By default the most that the endpoint gives.").
			Optional().Advanced(),
	}
}

// processor fetches the interval that a message names.
type processor struct {
	settings *settings
	raw      map[string]any // the config, for what a message fills in
	fields   map[string]*service.InterpolatedString
	query    func(*service.Message) (map[string]any, error)
	client   *genesys.Client
	metrics  *metrics
	log      *service.Logger
}

func newProcessorFromParsed(conf *service.ParsedConfig, res *service.Resources) (service.Processor, error) {
	raw, err := rawOf(conf)
	if err != nil {
		return nil, err
	}
	if err := kinds[processorKind].problems(raw); err != nil {
		return nil, err
	}
	s := &settings{}
	s.readPatience(raw)
	if s.client, err = clientOf(conf, raw); err != nil {
		return nil, err
	}
	return newProcessor(s, raw, res)
}

func newProcessor(s *settings, raw map[string]any, res *service.Resources) (*processor, error) {
	p := &processor{settings: s, raw: raw, fields: map[string]*service.InterpolatedString{}, log: res.Logger()}
	var err error
	for name := range messageChecks {
		value, ok := raw[name]
		if !ok {
			continue
		}
		if p.fields[name], err = service.NewInterpolatedString(asText(value)); err != nil {
			return nil, named(name, err)
		}
	}
	if p.query, err = queryMaker(raw[fieldQuery]); err != nil {
		return nil, named(fieldQuery, err)
	}
	p.metrics = newMetrics(res.Metrics())
	p.client, err = newClient(s, res, p.metrics)
	return p, err
}

// Process returns the pages of the interval that a message names. An error is the
// message's, for catch, switch and dead letters.
func (p *processor) Process(ctx context.Context, msg *service.Message) (service.MessageBatch, error) {
	interval, s, err := p.ask(msg)
	if err != nil {
		return nil, genesys.Told(err)
	}
	reader := export.NewReader(readerConfig(s, p.client, p.log), interval)
	ctx, leave := p.client.Line().SitAndKeep(ctx)
	defer leave()
	var items []export.Item
	err = reader.Read(ctx, func(item export.Item) error {
		items = append(export.Supersede(items, item), item)
		return nil
	})
	if err != nil {
		p.metrics.fatalErrors.Incr(1)
		reader.Abandon(ctx) // whoever tries the message again starts over
		return nil, err
	}
	batch := make(service.MessageBatch, 0, len(items))
	for _, item := range items {
		p.metrics.emitted(item.Page)
		out := msg.Copy() // which keeps the metadata that came, and who waits for the ack
		describe(out, s, item, 0)
		batch = append(batch, out)
	}
	return batch, nil
}

// ask fills a message into the config.
func (p *processor) ask(msg *service.Message) (window.Interval, *settings, error) {
	raw := maps.Clone(p.raw)
	for name, field := range p.fields {
		value, err := field.TryString(msg)
		if err != nil {
			return window.Interval{}, nil, named(name, err)
		}
		raw[name] = value
		optional := name == fieldGranularity || name == fieldPageSize
		if optional && (value == "" || value == "null") {
			delete(raw, name)
			continue
		}
		if err := messageChecks[name](value); err != nil {
			return window.Interval{}, nil, named(name, err)
		}
	}
	query, err := p.query(msg)
	if err != nil {
		return window.Interval{}, nil, named(fieldQuery, err)
	}
	raw[fieldQuery] = query
	interval, err := window.ParseInterval(asText(raw[fieldInterval]))
	if err != nil {
		return interval, nil, named(fieldInterval, err)
	}
	s := *p.settings
	err = s.readQuery(raw)
	if err == nil {
		err = s.query.Check()
	}
	return interval, &s, err
}

// Close lets go of idle connections. The engine ends what is in a hold.
func (p *processor) Close(context.Context) error {
	p.client.CloseIdleConnections()
	return nil
}

// processorExamples are linted by the tests.
var processorExamples = []struct{ title, summary, config string }{
	{
		"Work from a queue",
		"Each message names an interval; any number of such workers stand behind one gate, whose holds they share through a cache. What cannot be fetched goes to a dead letter queue.",
		`
input:
  nats_jetstream:
    urls: [ nats://localhost:4222 ]
    stream: intervals
    durable: workers
    bind: true

pipeline:
  processors:
    - genesys_analytics:
        region: ap-northeast-2
        client_id: "${GENESYS_CLIENT_ID:id}"
        client_secret: "${GENESYS_CLIENT_SECRET:secret}"
        endpoint: /api/v2/analytics/queues/summary
        interval: ${! this.interval }
        rate_limit: tenant

output:
  switch:
    cases:
      - check: errored()
        output:
          nats_jetstream:
            urls: [ nats://localhost:4222 ]
            subject: intervals.dead
      - output:
          aws_s3:
            bucket: analytics
            path: ${! @genesys_key }.json

rate_limit_resources:
  - label: tenant
    genesys_analytics:
      cache: holds

cache_resources:
  - label: holds
    nats_kv:
      urls: [ nats://localhost:4222 ]
      bucket: holds
`,
	},
}
