// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	_ "embed"

	"github.com/redpanda-data/benthos/v4/public/service"
)

//go:embed processor.md
var processorDescription string

func processorSpec() *service.ConfigSpec {
	spec := service.NewConfigSpec().
		Categories("Services").
		Version("0.1.0").
		Summary("Fetches one interval of Genesys Cloud analytics for each message: a message in, the interval's pages out.").
		Description(processorDescription).
		LintRule(lintRule(string(processorFields), ""))
	for _, group := range [][]*service.ConfigField{
		processorFields.client(), processorFields.message(), processorFields.request(),
		{processorFields.timezone()},
		processorFields.patience(), processorFields.transport(),
	} {
		spec = spec.Fields(group...)
	}
	for _, example := range processorExamples {
		spec = spec.Example(example.title, example.summary, example.config)
	}
	return spec
}

// message declares the fields that each message can fill in.
func (d declared) message() []*service.ConfigField {
	return []*service.ConfigField{
		d.interpolated("endpoint").
			Description("The path as Genesys documents it. A known endpoint needs nothing else; any other works with `method` and `paging` set.").
			Example("/api/v2/analytics/queues/summary").Example("${! this.endpoint }"),
		d.interpolated("interval").
			Description("The interval to fetch: ISO 8601, start and end, as `genesys_intervals` returns it."),
		d.any("query").
			Description("What Genesys calls the query: a map, in which text may be interpolated, or a Bloblang mapping that makes one of the message.").
			Example(map[string]any{"groupBy": []any{"queueId"}, "metrics": []any{"nOffered"}}).
			Example("root = this.query"),
		d.interpolated("granularity").
			Description("The size of the buckets inside the interval.").
			Example("PT5M"),
		d.interpolated("page_size").
			Description("Records a page. By default the most that the endpoint allows.").
			Default("").Advanced(), // which is text here
	}
}

func (d declared) interpolated(name string) *service.ConfigField {
	return d.finish(name, service.NewInterpolatedStringField(name))
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
