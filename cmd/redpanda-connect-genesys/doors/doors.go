// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package doors shuts what the engine leaves open: a config that runs commands, an API
// that takes streams from anybody, and a port on every interface.
package doors

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/urfave/cli/v2"
)

// Address is where the engine's HTTP server listens unless the config says otherwise.
const Address = "127.0.0.1:4195"

const (
	flagAllowCommands = "allow-commands"
	flagNoAPI         = "no-api"
)

// Commands are the components that can run a program of the machine's: awk by system(),
// dynamic by taking any other component over HTTP, which no lint has seen.
var Commands = []string{"awk", "command", "dynamic", "subprocess"}

// AllowCommands takes --allow-commands out of a command line, and reports whether it was
// there. What components there are is settled before the engine reads its flags, and for all
// of its commands: lint and test have to know the same ones as run.
func AllowCommands(args []string) (rest []string, allowed bool, err error) {
	for i, arg := range args {
		if arg == "--" {
			return append(rest, args[i:]...), allowed, nil
		}
		name, value, valued := strings.Cut(arg, "=")
		if name != "--"+flagAllowCommands && name != "-"+flagAllowCommands {
			rest = append(rest, arg)
			continue
		}
		allowed = true
		if valued {
			if allowed, err = strconv.ParseBool(value); err != nil {
				return nil, false, fmt.Errorf("--%s: want true or false, not %q", flagAllowCommands, value)
			}
		}
	}
	return rest, allowed, nil
}

// Flags are those that run and streams have beside the engine's, for --help.
func Flags() []cli.Flag {
	return []cli.Flag{&cli.BoolFlag{
		Name:  flagAllowCommands,
		Usage: "let configs use the components that can run commands: " + strings.Join(Commands, ", "),
	}}
}

// Schema is that of a whole config, with a server that only this machine reaches.
func Schema(env *service.Environment, version, dateBuilt string) *service.ConfigSchema {
	schema := env.FullConfigSchema(version, dateBuilt)
	schema.SetFieldDefault(Address, "http", "address")
	return schema
}

// Streams is the door of streams mode, whose API reads, replaces and runs configs.
type Streams struct {
	open bool
}

// Started notes how the process was started.
func (s *Streams) Started(c *cli.Context) error {
	s.open = c.Command.Name == "streams" && !c.Bool(flagNoAPI)
	return nil
}

// Check refuses an API that anybody who reaches it can use. The engine calls it before the
// API is there.
func (s *Streams) Check(config *service.ParsedConfig) error {
	if !s.open {
		return nil
	}
	if served, err := config.FieldBool("http", "enabled"); err != nil || !served {
		return err
	}
	if authenticated, err := config.FieldBool("http", "basic_auth", "enabled"); err != nil || authenticated {
		return err
	}
	return errors.New("the API of streams mode shows configs, secrets included, and runs what it is sent: " +
		"give --no-api, or set http.basic_auth in the file of -o")
}

// NoStudio takes the place of a hidden command of the engine's that runs configs which a
// server of somebody else's sends.
func NoStudio() *cli.Command {
	return &cli.Command{
		Name:   "studio",
		Hidden: true,
		Action: func(*cli.Context) error { return errors.New("studio is not part of this distribution") },
	}
}
