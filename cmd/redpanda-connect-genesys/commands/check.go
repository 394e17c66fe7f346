// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/urfave/cli/v2"

	"connect-genesys.example/connect-genesys/plugin/genesys"
)

const (
	flagTimeout  = "timeout"
	usualTimeout = 30 * time.Second
)

func checkCommand(env *service.Environment) *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "Test the connections of a config: its input's and its output's",
		ArgsUsage: "CONFIG",
		Description: `Gets a token and makes the cheapest authorised call for the endpoint, and asks the
output whether it may write where it is to write. Nothing is exported, no position is read
or kept. Caches and rate limits are not tested.

Exits with 0 when nothing failed, else with 1:

  {{.BinaryName}} check -e ./export.env ./export.yaml`,
		Flags: append(configFlags(), &cli.DurationFlag{
			Name: flagTimeout, Value: usualTimeout, Usage: "how long to wait for an answer: a tenant may be in a hold",
		}),
		Action: func(c *cli.Context) error {
			conf, err := readConfig(c, env)
			if err != nil {
				return err
			}
			return check(c.Context, conf, c.Duration(flagTimeout), c.App.Writer)
		},
	}
}

// result is what became of one test.
type result struct {
	component

	err error
}

// The words that begin a line.
const (
	stateOK        = "ok"
	stateFailed    = "failed"
	stateNotTested = "not tested"
)

func (r result) state() string {
	switch {
	case r.err == nil:
		return stateOK
	case errors.Is(r.err, service.ErrConnectionTestNotSupported):
		return stateNotTested
	}
	return stateFailed
}

func check(ctx context.Context, conf *config, timeout time.Duration, out io.Writer) error {
	components := map[string]component{}
	err := conf.walk(func(c component, _ map[string]any) error {
		components[c.path] = c
		return nil
	})
	if err != nil {
		return err
	}
	results, err := testBoth(ctx, conf, timeout, components)
	if err != nil {
		return err
	}
	failed := 0
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, r := range results {
		if r.state() == stateFailed {
			failed++
		}
		fmt.Fprintln(table, r.line(timeout))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d failed", failed, len(results))
	}
	return nil
}

func (r result) line(timeout time.Duration) string {
	name := r.name
	if r.label != "" {
		name += " (" + r.label + ")"
	}
	line := strings.Join([]string{r.state(), r.kind, name}, "\t")
	switch {
	case r.state() != stateFailed:
		return line
	case errors.Is(r.err, context.DeadlineExceeded):
		line += "\tno answer within " + timeout.String()
		if r.name == inputName {
			line += ": the tenant may be in a hold, --" + flagTimeout + " waits longer"
		}
		return line
	}
	return line + "\t" + genesys.OneLine(strings.ReplaceAll(r.err.Error(), "\n", "; "))
}

// testBoth tests the input and the output at once, so that a hold of the tenant
// does not use up the output's time: a stream tests its ends one after the other.
func testBoth(ctx context.Context, conf *config, timeout time.Duration, components map[string]component) ([]result, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	ends := []struct {
		kind, other string
		standIn     string
		results     []result
		err         error
	}{
		{kind: "input", other: "output", standIn: "{ drop: {} }"},
		{kind: "output", other: "input", standIn: "{ generate: { mapping: root = deleted() } }"},
	}
	var wg sync.WaitGroup
	for i := range ends {
		end := &ends[i]
		wg.Go(func() {
			end.results, end.err = testEnd(ctx, conf, components, end.kind, end.other, end.standIn)
		})
	}
	wg.Wait()
	if err := errors.Join(ends[0].err, ends[1].err); err != nil {
		return nil, err
	}
	return append(ends[0].results, ends[1].results...), nil
}

// testEnd tests one end of the pipeline, with a stand-in for the other.
func testEnd(ctx context.Context, conf *config, components map[string]component, kind, other string, standIn string) ([]result, error) {
	builder, err := conf.builder(setting{other, standIn})
	if err != nil {
		return nil, err
	}
	stream, err := builder.Build()
	if err != nil {
		return nil, err
	}
	tests, err := stream.ConnectionTest(ctx)
	if err != nil {
		return nil, fmt.Errorf("building the %s: %w", kind, err)
	}
	var results []result
	for _, test := range tests {
		path := strings.TrimPrefix(strings.Join(test.Path, "."), "root.")
		if path == other {
			continue
		}
		r := result{component: component{kind: kind, name: path, label: test.Label}, err: test.Err}
		if known, ok := components[path]; ok {
			r.component = known
		}
		results = append(results, r)
	}
	return results, nil
}
