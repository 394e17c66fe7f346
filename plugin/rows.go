// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"fmt"
	"sync"

	common "github.com/redpanda-data/benthos/v4/public/schema"
	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/rows"
	"connect-genesys.example/connect-genesys/plugin/settings"
)

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
		object.Children = append(object.Children, commonColumn(c))
	}
	described := service.ImmutableAny{V: object.ToAny()}
	p.schemas.Store(s.Table.Name, described)
	return described
}

// commonColumn returns a column in Benthos' common form. Any may be null.
func commonColumn(c rows.Column) common.Common {
	described := common.Common{Name: c.Name, Type: common.String, Optional: true}
	switch c.Type {
	case rows.Integer:
		described.Type = common.Int64
	case rows.Double:
		described.Type = common.Float64
	case rows.Boolean:
		described.Type = common.Boolean
	case rows.Decimal:
		described.Type = common.Decimal
		described.Logical = &common.LogicalParams{Decimal: &common.DecimalParams{Precision: rows.DecimalPrecision, Scale: rows.DecimalScale}}
	case rows.Time:
		described.Type = common.Timestamp
		described.Logical = &common.LogicalParams{Timestamp: &common.TimestampParams{Unit: common.TimeUnitMicros, AdjustToUTC: true}}
	}
	return described
}

func (*rowsProcessor) Close(context.Context) error { return nil }
