// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package settings

import (
	"errors"
	"slices"
	"strings"

	"connect-genesys.example/connect-genesys/plugin/window"
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

// ProcessorConfig is the config of a processor. Fields that depend on the message are set
// by [ProcessorConfig.Fill].
type ProcessorConfig struct {
	Config
	// Interval is the one to fetch, set by Fill.
	Interval window.Interval

	open bool // what to ask depends on the message
}

// Processor is the processor's fields.
var Processor = Schema[ProcessorConfig]{
	rows: func(c *ProcessorConfig) []row {
		return slices.Concat(c.Client.rows(), c.fromMessage(), c.Query.overrides(), c.Window.zone(), c.Retry.rows())
	},
	check: func(c *ProcessorConfig) error {
		if c.open {
			return nil
		}
		return c.Query.resolve(c.Window.Grid.Location)
	},
}

// asked returns the fields that a message can fill in.
func (c *ProcessorConfig) asked() []row {
	interval := row{"interval", `${! json("interval") }`, into(&c.Interval, window.ParseInterval)}
	return append([]row{interval}, c.Query.rows()...)
}

// fromMessage returns the same fields as read from the config: nothing is known yet of
// one that depends on the message.
func (c *ProcessorConfig) fromMessage() []row {
	rows := c.asked()
	for i, r := range rows {
		rows[i].read = func(v any) error {
			if !dependsOnMessage(r.name, v) {
				return r.read(v)
			}
			c.open = c.open || r.name != "interval"
			return nil
		}
	}
	return rows
}

func dependsOnMessage(field string, v any) bool {
	s, ok := v.(string)
	return ok && (field == "query" || Interpolated(s))
}

// FromMessage returns the names of the fields that a message can fill in.
func FromMessage() []string { return namesOf(new(ProcessorConfig).asked()) }

// Interpolated reports whether a text has a part that a message fills in.
func Interpolated(s string) bool { return strings.Contains(s, "${!") }

// Fill returns a copy of c with the fields that a message fills in. An optional field
// that is empty or null counts as not written.
func (c ProcessorConfig) Fill(values map[string]any) (*ProcessorConfig, error) {
	for _, row := range c.asked() {
		value, ok := values[row.name]
		if !ok {
			continue
		}
		if value == "null" {
			value = nil
		}
		if err := row.readFrom(map[string]any{row.name: value}); err != nil {
			return nil, err
		}
	}
	if !c.open { // Parse has resolved it
		return &c, nil
	}
	return &c, c.Query.resolve(c.Window.Grid.Location)
}
