// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"fmt"
	"strings"
	"sync"

	common "github.com/redpanda-data/benthos/v4/public/schema"
	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/rows"
	"connect-genesys.example/connect-genesys/plugin/settings"
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

// rowsProcessor makes rows of pages.
type rowsProcessor struct {
	settings *settings.RowsConfig
	schemas  sync.Map // by the table's name: a service.ImmutableAny
}

func newRowsFromParsed(conf *service.ParsedConfig, _ *service.Resources) (service.Processor, error) {
	s, err := parse(conf, settings.Rows)
	if err != nil {
		return nil, err
	}
	return &rowsProcessor{settings: s}, nil
}

// Process returns a page's rows. What is no page passes as it is: a manifest, and a
// message of which an earlier processor has failed.
func (p *rowsProcessor) Process(_ context.Context, msg *service.Message) (service.MessageBatch, error) {
	if kind, _ := msg.MetaGet("genesys_kind"); kind == "manifest" || msg.GetError() != nil {
		return service.MessageBatch{msg}, nil
	}
	endpoint, _ := msg.MetaGet("genesys_endpoint")
	selection, err := rows.ForEndpoint(endpoint, p.settings.Table, p.settings.Columns)
	if err != nil {
		return nil, err
	}
	page, err := msg.AsBytes()
	if err != nil {
		return nil, fmt.Errorf("reading a page: %w", err)
	}
	described := p.schemaOf(selection)
	var batch service.MessageBatch
	err = selection.Read(page, func(row map[string]any) {
		out := msg.Copy() // with its metadata, and its part in the acknowledgement
		out.SetStructuredMut(row)
		out.MetaSetMut("genesys_table", selection.Table.Name)
		out.MetaSetImmut("schema", described)
		batch = append(batch, out)
	})
	return batch, err
}

// schemaOf returns the schema of a selection in the form that other components read.
func (p *rowsProcessor) schemaOf(s *rows.Selection) service.ImmutableAny {
	if known, ok := p.schemas.Load(s.Table.Name); ok {
		return known.(service.ImmutableAny)
	}
	object := common.Common{Name: s.Table.Name, Type: common.Object}
	for _, c := range s.Columns {
		column := commonTypes[c.Type]
		column.Name, column.Optional = c.Name, true
		object.Children = append(object.Children, column)
	}
	described := service.ImmutableAny{V: object.ToAny()}
	p.schemas.Store(s.Table.Name, described)
	return described
}

// commonTypes are the types of columns in Benthos' common form.
var commonTypes = map[rows.Type]common.Common{
	rows.Text:    {Type: common.String},
	rows.JSON:    {Type: common.String},
	rows.Integer: {Type: common.Int64},
	rows.Double:  {Type: common.Float64},
	rows.Boolean: {Type: common.Boolean},
	rows.Decimal: {Type: common.Decimal, Logical: &common.LogicalParams{
		Decimal: &common.DecimalParams{Precision: rows.DecimalPrecision, Scale: rows.DecimalScale},
	}},
	rows.Time: {Type: common.Timestamp, Logical: &common.LogicalParams{
		Timestamp: &common.TimestampParams{Unit: common.TimeUnitMicros, AdjustToUTC: true},
	}},
}

func (*rowsProcessor) Close(context.Context) error { return nil }
