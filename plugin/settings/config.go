// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package settings

import (
	"errors"
	"slices"
)

// Config is that of an input, or of a processor, which has no Window and no
// Checkpoint.
type Config struct {
	Client     Client
	Query      Query
	Window     Window
	Retry      Retry
	Checkpoint Checkpoint
}

// Input is the input's fields.
var Input = Schema[Config]{
	rows: func(c *Config) []row {
		return slices.Concat(c.Client.rows(), c.Query.rows(), c.Query.overrides(), c.Window.zone(), c.Window.rows(), c.Retry.rows(), c.Checkpoint.rows())
	},
	check: func(c *Config) error {
		return errors.Join(c.Query.resolve(c.Window.Grid.Location), c.Window.checkOrder(), c.Window.checkRuns())
	},
}
