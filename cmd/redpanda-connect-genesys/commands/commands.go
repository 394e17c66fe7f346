// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package commands has what the distribution can do beyond the engine's own
// commands: check reports whether a pipeline would be let in, plan what it would
// ask, checkpoint where it is, and hold what it waits for. None of them fetches
// data.
package commands

import (
	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/urfave/cli/v2"
)

// All are the commands. A config can name the components of env.
func All(env *service.Environment) []*cli.Command {
	return []*cli.Command{checkCommand(env), planCommand(env), checkpointCommand(env), holdCommand(env)}
}

// configFlags are the engine's own of the same names.
func configFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: flagEnvFile, Aliases: []string{"e"}, Usage: "import environment variables from a dotenv file"},
		&cli.StringSliceFlag{Name: flagSet, Aliases: []string{"s"}, Usage: "set a field (identified by a dot path) in the main configuration file"},
		&cli.StringSliceFlag{Name: flagResources, Aliases: []string{"r"}, Usage: "pull in extra resources from a file, supports glob patterns (requires quotes)"},
	}
}

const (
	flagEnvFile   = "env-file"
	flagSet       = "set"
	flagResources = "resources"
)
