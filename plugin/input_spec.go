// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	_ "embed"

	"github.com/redpanda-data/benthos/v4/public/service"
)

//go:embed input.md
var inputDescription string

func inputSpec() *service.ConfigSpec {
	spec := service.NewConfigSpec().
		Categories("Services").
		Version("0.1.0").
		Summary("Exports Genesys Cloud analytics, interval by interval and page by page, and pauses exactly as the server orders.").
		Description(inputDescription).
		LintRule(lintRule(string(inputFields), ""))
	for _, group := range [][]*service.ConfigField{
		inputFields.client(), inputFields.query(), inputFields.request(), inputFields.window(),
		{inputFields.parallelism()},
		inputFields.patience(),
		inputFields.checkpoint(), inputFields.transport(),
		{service.NewAutoRetryNacksToggleField()},
	} {
		spec = spec.Fields(group...)
	}
	for _, example := range inputExamples {
		spec = spec.Example(example.title, example.summary, example.config)
	}
	return spec
}

// inputExamples are linted by the tests.
var inputExamples = []struct{ title, summary, config string }{
	{
		"A day of five-minute intervals to S3",
		"One object for each page. The checkpoint is kept, so that a run that was killed continues after the last page that was acknowledged.",
		`
input:
  genesys_analytics:
    region: ap-northeast-2
    client_id: "${GENESYS_CLIENT_ID:id}"
    client_secret: "${GENESYS_CLIENT_SECRET:secret}"
    endpoint: /api/v2/analytics/queues/summary
    start: 2026-11-22
    end: 2026-11-23
    timezone: Asia/Seoul
    checkpoint_cache: checkpoint

output:
  aws_s3:
    bucket: analytics
    path: ${! @genesys_key }.json
    content_type: application/json

cache_resources:
  - label: checkpoint
    file:
      directory: ./checkpoint
`,
	},
	{
		"Conversation aggregates, following the clock",
		"One request for each quarter of an hour, ten minutes after it has ended.",
		`
input:
  genesys_analytics:
    region: us-east-1
    client_id: "${GENESYS_CLIENT_ID:id}"
    client_secret: "${GENESYS_CLIENT_SECRET:secret}"
    endpoint: /api/v2/analytics/conversations/aggregates/query
    query:
      groupBy: [ queueId, mediaType ]
      metrics: [ nOffered, nConnected, tAnswered, tHandle ]
    start: -PT1H
    interval: PT15M
    granularity: PT5M
    settle: PT10M

output:
  stdout: {}
`,
	},
}
