// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Command redpanda-connect-genesys is Redpanda Connect with the genesys_analytics components
// and the stock ones that an export needs: to object stores, queues, databases and files.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/cmd/redpanda-connect-genesys/commands"
	"connect-genesys.example/connect-genesys/cmd/redpanda-connect-genesys/doors"
	"connect-genesys.example/connect-genesys/cmd/redpanda-connect-genesys/memory"
	"connect-genesys.example/connect-genesys/cmd/redpanda-connect-genesys/progress"
	"connect-genesys.example/connect-genesys/plugin"

	_ "connect-genesys.example/connect-genesys/cmd/redpanda-connect-genesys/bundle"
)

// Stamped by the Makefile with -ldflags -X.
var (
	Version   = "dev"
	DateBuilt = "unknown"
)

func main() {
	memory.Limit()
	setHelp()
	keepFilesFromOthers()
	args, allowed, err := doors.AllowCommands(os.Args)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	env := environment(allowed)
	var streams doors.Streams
	// Not a context that ends with a signal: the engine drains on SIGTERM by itself, and a
	// cancelled context would cut the drain short.
	options := []service.CLIOptFunc{
		service.CLIOptSetArgs(args...),
		service.CLIOptSetEnvironment(env),
		service.CLIOptSetMainSchemaFrom(func() *service.ConfigSchema { return doors.Schema(env, Version, DateBuilt) }),
		service.CLIOptCustomRunFlags(doors.Flags(), streams.Started),
		service.CLIOptOnConfigParse(streams.Check),
		service.CLIOptSetEnvVarLookup(func(_ context.Context, name string) (string, bool) { return doors.Lookup(name) }),
		service.CLIOptSetVersion(Version, DateBuilt),
		service.CLIOptSetBinaryName("redpanda-connect-genesys"),
		service.CLIOptSetProductName(productName),
		service.CLIOptSetDocumentationURL("https://docs.redpanda.com/redpanda-connect"),
		service.CLIOptSetDefaultConfigPaths(
			"redpanda-connect-genesys.yaml",
			"/etc/redpanda-connect-genesys/config.yaml",
		),
	}
	for _, command := range append(commands.All(env), doors.NoStudio()) {
		options = append(options, service.CLIOptAddCommand(command))
	}
	endProgress := func() {}
	if len(args) > 1 && args[1] == "run" {
		endProgress = progress.Show(plugin.Snapshot)
	}
	code, err := service.RunCLIToCode(context.Background(), options...)
	endProgress()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(max(code, exportStatus(args)))
}

// exportStatus is the exports' own word. An input that met a fatal error ends its stream in
// good order, and so does one that was stopped before its end: the engine calls both a
// success, and a job that is run by cron or Kubernetes needs to hear otherwise. In streams
// mode a stream that was stopped says nothing about the process.
func exportStatus(args []string) int {
	status := plugin.ExitStatus()
	if status == plugin.StatusTryAgain && len(args) > 1 && args[1] == "streams" {
		return 0
	}
	return status
}

// restricted are the components that are not under the Apache licence, as NOTICE lists them.
var restricted = []string{"aws_dynamodb_cdc", "mysql_cdc", "pg_stream", "postgres_cdc", "protobuf"}

// environment leaves out the components that are restricted, which are linked in but cannot be
// configured, and those that run commands unless they are allowed.
func environment(commandsAllowed bool) *service.Environment {
	env := service.GlobalEnvironment().Without(restricted...)
	if commandsAllowed {
		return env
	}
	return env.Without(doors.Commands...)
}
