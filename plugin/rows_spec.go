// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/rows"
)

// rowsName is the name of the processor that makes rows of pages.
const rowsName = "genesys_rows"

//go:embed rows.md
var rowsDescription string

func rowsSpec() *service.ConfigSpec {
	d := rowsFields
	spec := service.NewConfigSpec().
		Categories("Services").
		Version("0.2.0").
		Summary("Makes flat, typed rows of a page of Genesys Cloud analytics: a page in, one structured message for each row out, with the table's schema in the metadata.").
		Description(rowsDescription+"\n\n### Tables\n\n"+tableList()).
		LintRule(lintRule(string(d), "")).
		Fields(
			d.enum("table", tableOptions()).
				Description("Which rows to make of a page. Of a page without `genesys_endpoint`, one read back from an archive for instance, and of an endpoint that has no table of its own, it must be named."),
			d.any("columns").
				Description("Only these columns, in this order; all where it is empty. What other columns would have told is dropped, `extra` too if it is not named.").
				Example([]any{"interval_start", "queue_id", "metric", "count", "sum"}),
		)
	for _, example := range rowsExamples {
		spec = spec.Example(example.title, example.summary, example.config)
	}
	return spec
}

func tableOptions() map[string]string {
	options := map[string]string{rows.Auto: "The endpoint's main table."}
	for _, t := range rows.Tables() {
		options[t.Name] = t.About
	}
	return options
}

// tableList describes each table and its columns.
func tableList() string {
	var b strings.Builder
	for _, t := range rows.Tables() {
		fmt.Fprintf(&b, "#### `%s`\n\n%s Of `%s`.\n\n", t.Name, t.About, strings.Join(t.Endpoints(), "`, `"))
		for i, c := range t.Columns {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "`%s` %s", c.Name, c.Type)
		}
		b.WriteString(".\n\n")
	}
	return b.String()
}

// rowsExamples are linted by the tests.
var rowsExamples = []struct{ title, summary, config string }{
	{
		"Parquet in S3",
		"A day of conversations as one Parquet file of rows, whose schema `parquet_encode` takes from the metadata.",
		`
input:
  genesys_analytics:
    client_id: "${GENESYS_CLIENT_ID:id}"
    client_secret: "${GENESYS_CLIENT_SECRET:secret}"
    endpoint: /api/v2/analytics/conversations/details/jobs
    start: 2026-11-01
    end: 2026-11-02
    interval: P1D

pipeline:
  processors:
    - genesys_rows:
        table: segments
    - parquet_encode:
        schema_metadata: schema
        default_timestamp_unit: MICROSECOND
        default_compression: zstd

output:
  aws_s3:
    bucket: analytics
    path: ${! @genesys_table }/${! @genesys_key }.parquet
`,
	},
}
