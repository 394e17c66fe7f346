// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"fmt"
	"strings"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/rows"
)

// rowsName is the name of the processor that makes rows of pages.
const rowsName = "genesys_rows"

func rowsSpec() *service.ConfigSpec {
	d := rowsFields
	spec := d.spec("0.2.0", "Makes flat, typed rows of a page of Genesys Cloud analytics: a page in, one structured message for each row out, with the table's schema in the metadata.", []*service.ConfigField{
		d.enum("table", "Which rows to make of a page. Of a page without `genesys_endpoint`, one read back from an archive for instance, and of an endpoint that has no table of its own, it must be named.", tableOptions()),
		d.any("columns", "Only these columns, in this order; all where it is empty. What other columns would have told is dropped, `extra` too if it is not named.").
			Example([]any{"interval_start", "queue_id", "metric", "count", "sum"}),
	})
	return spec.Description(d.about() + "\n\n### Tables\n\n" + tableList())
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
