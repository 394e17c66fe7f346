// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package commands

import (
	"context"
	"errors"

	"github.com/redpanda-data/benthos/v4/public/service"
)

// guestName is the input that stands in for a config's own, to get at its resources.
const guestName = "genesys_analytics_guest"

// withResources calls use with the resources of the config. Of the rest of it
// nothing is built.
func (c *config) withResources(ctx context.Context, use func(context.Context, *service.Resources) error) error {
	own, g := *c, &guest{use: use}
	own.env = c.env.Clone()
	if err := own.env.RegisterInput(guestName, service.NewConfigSpec(), g.take); err != nil {
		return err
	}
	builder, err := own.builder(
		setting{"input", "{ " + guestName + ": {} }"},
		setting{"buffer", "{ none: {} }"},
		setting{"pipeline", "{ processors: [] }"},
		setting{"output", "{ drop: {} }"},
	)
	if err != nil {
		return err
	}
	stream, err := builder.Build()
	if err != nil {
		return err
	}
	err = stream.Run(ctx)
	return errors.Join(g.err, err)
}

// guest is an input that does one thing and ends.
type guest struct {
	res *service.Resources
	use func(context.Context, *service.Resources) error
	err error
}

func (g *guest) take(_ *service.ParsedConfig, res *service.Resources) (service.Input, error) {
	g.res = res
	return g, nil
}

func (*guest) Connect(context.Context) error { return nil }

func (g *guest) Read(ctx context.Context) (*service.Message, service.AckFunc, error) {
	g.err = g.use(ctx, g.res)
	return nil, nil, service.ErrEndOfInput
}

func (*guest) Close(context.Context) error { return nil }
