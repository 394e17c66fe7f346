// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package commands

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v3"

	"connect-genesys.example/connect-genesys/cmd/redpanda-connect-genesys/doors"
)

// config is a pipeline as the user wrote it, found to be without lint.
type config struct {
	env       *service.Environment
	text      string
	resources []string
	set       []setting
}

// readConfig reads the one file that the command names, as `run` would.
func readConfig(c *cli.Context, env *service.Environment) (*config, error) {
	if c.NArg() != 1 {
		return nil, fmt.Errorf("want one config file, got %d: %s %s CONFIG", c.NArg(), c.App.HelpName, c.Command.Name)
	}
	if err := importEnvFiles(c.StringSlice(flagEnvFile)); err != nil {
		return nil, err
	}
	conf := &config{env: env}
	var err error
	if conf.set, err = readSets(c.StringSlice(flagSet)); err != nil {
		return nil, err
	}
	if conf.text, err = readComplete(c.Args().First()); err != nil {
		return nil, err
	}
	paths, err := globs(c.StringSlice(flagResources))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		text, err := readComplete(path)
		if err != nil {
			return nil, err
		}
		conf.resources = append(conf.resources, text)
	}
	return conf, nil
}

func globs(patterns []string) (paths []string, err error) {
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("looking for %s: %w", pattern, err)
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("looking for %s: there is no such file", pattern)
		}
		paths = append(paths, found...)
	}
	return paths, nil
}

// importEnvFiles sets the variables of dotenv files, over those that are set.
func importEnvFiles(patterns []string) error {
	paths, err := globs(patterns)
	if err != nil {
		return err
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("reading the env file: %w", err)
		}
		variables, err := service.ParseEnvFile(text)
		if err != nil {
			return fmt.Errorf("reading the env file %s: %w", path, err)
		}
		for name, value := range variables {
			if err := os.Setenv(name, value); err != nil {
				return fmt.Errorf("setting the variable %s of %s: %w", name, path, err)
			}
		}
	}
	return nil
}

// required finds the engine's interpolations that have no default.
var required = regexp.MustCompile(`\$\{([0-9A-Za-z_.]+)(?:\|[0-9A-Za-z]+)?\}`)

// readComplete reads a file all of whose environment variables are set. The
// stream builder would take a missing one for an empty text.
func readComplete(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("reading the config: %w", err)
	}
	var missing []string
	for _, found := range required.FindAllStringSubmatch(string(text), -1) {
		value, ok := doors.Lookup(found[1])
		if !ok {
			missing = append(missing, found[1])
		} else if err := os.Setenv(found[1], value); err != nil { // where the stream builder looks
			return "", fmt.Errorf("setting %s: %w", found[1], err)
		}
	}
	if missing = slices.Compact(slices.Sorted(slices.Values(missing))); len(missing) > 0 {
		return "", fmt.Errorf("%s: required environment variables are not set: %s", path, strings.Join(missing, ", "))
	}
	return string(text), nil
}

// builder is a stream of the config, with fields set that follow. It is silent,
// serves nothing and sends metrics to nobody.
func (c *config) builder(set ...setting) (*service.StreamBuilder, error) {
	text := c.text
	if set = slices.Concat(c.set, set); len(set) > 0 {
		var err error
		if text, err = apply(text, set); err != nil {
			return nil, err
		}
	}
	b := c.env.NewStreamBuilder()
	b.SetLogger(slog.New(slog.DiscardHandler))
	b.SetHTTPMux(noServer{})
	if err := b.SetYAML(text); err != nil {
		return nil, err
	}
	for _, text := range c.resources {
		if err := b.AddResourcesYAML(text); err != nil {
			return nil, err
		}
	}
	return b, errors.Join(b.SetMetricsYAML("none: {}"), b.SetTracerYAML("none: {}"))
}

type noServer struct{}

func (noServer) HandleFunc(string, func(http.ResponseWriter, *http.Request)) {}

// component is one of a config.
type component struct{ kind, name, path, label string }

// walk calls visit for each component of the config.
func (c *config) walk(visit func(component, map[string]any) error) error {
	b, err := c.builder()
	if err != nil {
		return err
	}
	return b.WalkComponents(func(w *service.WalkedComponent) error {
		var written yaml.Node
		if err := yaml.Unmarshal([]byte(w.ConfigYAML()), &written); err != nil {
			return fmt.Errorf("reading %s: %w", w.Path, err)
		}
		keepDates(&written)
		var fields map[string]any
		if err := written.Decode(&fields); err != nil {
			return fmt.Errorf("reading %s: %w", w.Path, err)
		}
		own, _ := fields[w.Name].(map[string]any)
		return visit(component{kind: w.ComponentType, name: w.Name, path: w.Path, label: w.Label}, own)
	})
}

// keepDates makes text of what YAML takes for a time, as the fields of a component
// do: a date is a midnight of the config's own time zone, not of UTC.
func keepDates(at *yaml.Node) {
	if at.Tag == "!!timestamp" {
		at.Tag = "!!str"
	}
	for _, child := range at.Content {
		keepDates(child)
	}
}
