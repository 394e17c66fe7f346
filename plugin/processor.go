// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/settings"
)

// processor fetches the interval that a message names.
type processor struct {
	settings *settings.ProcessorConfig
	template template
	client   *genesys.Client
	metrics  *metrics
	tracer   *tracer
	log      *service.Logger
}

func newProcessorFromParsed(conf *service.ParsedConfig, res *service.Resources) (service.Processor, error) {
	raw, err := written(conf)
	if err != nil {
		return nil, err
	}
	s, err := settings.Processor.Parse(raw)
	if err != nil {
		return nil, err
	}
	if s.Client.Base, err = baseTransport(conf, s.Client.Proxy); err != nil {
		return nil, err
	}
	template, err := newTemplate(raw)
	if err != nil {
		return nil, err
	}
	return newProcessor(s, template, res)
}

func newProcessor(s *settings.ProcessorConfig, t template, res *service.Resources) (*processor, error) {
	p := &processor{settings: s, template: t, metrics: newMetrics(res.Metrics()), tracer: newTracer(&s.Config, res), log: res.Logger()}
	var err error
	p.client, err = newClient(&s.Config, res, p.metrics, p.tracer)
	return p, err
}

// Process returns the pages of the interval that a message names. Its error becomes the
// message's, for catch, switch and dead letters.
func (p *processor) Process(ctx context.Context, msg *service.Message) (service.MessageBatch, error) {
	s, err := p.ask(msg)
	if err != nil {
		return nil, genesys.PrintableError(err)
	}
	reader := export.NewReader(readerConfig(&s.Config, p.client, p.log, p.tracer), s.Interval)
	ctx, leave := p.client.Line().JoinAndKeep(p.tracer.within(ctx, msg))
	defer leave()
	var items []*export.Item
	err = reader.Read(ctx, func(item *export.Item) error {
		items = append(export.Supersede(items, item), item)
		return nil
	})
	if err != nil {
		p.metrics.fatalErrors.Incr(1)
		reader.Abandon(ctx) // another attempt at the message starts over
		return nil, err
	}
	batch := make(service.MessageBatch, 0, len(items))
	for _, item := range items {
		p.metrics.emitted(item.Page)
		out := msg.Copy() // with its metadata, and its part in the acknowledgement
		describe(out, &s.Query, item, 0)
		batch = append(batch, out)
	}
	return batch, nil
}

// ask returns the config with the fields that the message fills in.
func (p *processor) ask(msg *service.Message) (*settings.ProcessorConfig, error) {
	values, err := p.template.fill(msg)
	if err != nil {
		return nil, err
	}
	return p.settings.Fill(values)
}

// Close closes idle connections. Benthos cancels the contexts of requests in a hold.
func (p *processor) Close(context.Context) error {
	p.client.CloseIdleConnections()
	return nil
}
