// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/urfave/cli/v2"

	"connect-genesys.example/connect-genesys/plugin"
	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/quota"
)

const flagClear = "clear"

func holdCommand(env *service.Environment) *cli.Command {
	return &cli.Command{
		Name:      "hold",
		Usage:     "Show the hold that the rate limit of a config shares, and end it",
		ArgsUsage: "CONFIG",
		Description: `Shows until when the tenant holds all requests, and by whose order: that is the process
that was told to wait. Nothing is sent to the tenant. A hold is an order of the tenant's: one
that is ended too soon is ordered again, and longer. End what no tenant can have meant:

  {{.BinaryName}} hold -e ./export.env ./worker.yaml
  {{.BinaryName}} hold --clear ./worker.yaml

Every process that shares the hold goes on then; none has to be stopped.`,
		Flags: append(
			configFlags(),
			&cli.BoolFlag{Name: flagClear, Usage: "end it, for every process that shares it"},
			&cli.BoolFlag{Name: flagYes, Usage: "do it without asking"},
			&cli.DurationFlag{Name: flagTimeout, Value: usualTimeout, Usage: "how long to wait for the cache"},
		),
		Action: func(c *cli.Context) error {
			conf, err := readConfig(c, env)
			if err != nil {
				return err
			}
			shared, err := findHolds(conf)
			if err != nil {
				return err
			}
			desk := &desk{
				out: c.App.Writer, in: bufio.NewReader(c.App.Reader), change: change{remove: c.Bool(flagClear), yes: c.Bool(flagYes)},
				timeout: c.Duration(flagTimeout), now: time.Now(), question: "Shall it be done?",
			}
			return conf.withResources(c.Context, func(ctx context.Context, res *service.Resources) error {
				return desk.holds(ctx, shared, res)
			})
		},
	}
}

// sharedHold is a rate limit that shares its holds.
type sharedHold struct {
	component

	*plugin.SharedHold
}

// findHolds finds the rate limits that share their holds with other processes.
func findHolds(conf *config) (all []sharedHold, err error) {
	caches := map[string]string{}
	err = conf.walk(func(c component, raw map[string]any) error {
		if c.kind == "cache" {
			caches[c.label] = c.name
		}
		if c.kind != "rate_limit" || c.name != inputName {
			return nil
		}
		found, err := plugin.ReadSharedHold(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", c.path, err)
		}
		if found != nil {
			all = append(all, sharedHold{c, found})
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case len(all) == 0:
		return nil, fmt.Errorf("no %s rate limit of the config has a cache: no hold is shared, and one ends with its process", inputName)
	}
	for _, h := range all {
		if kind := caches[h.Cache]; slices.Contains(forgetful, kind) {
			return nil, fmt.Errorf("%s: the cache %q is of the kind %s: no other process sees it, there is nothing to show", h.path, h.Cache, kind)
		}
	}
	return all, nil
}

func (d *desk) holds(ctx context.Context, all []sharedHold, res *service.Resources) error {
	var errs []error
	for i, h := range all {
		if i > 0 {
			fmt.Fprintln(d.out)
		}
		err := h.Open(res)
		if err == nil {
			err = d.hold(ctx, h)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", h.path, err))
		}
	}
	return errors.Join(errs...)
}

// hold shows one, and ends it where that is wanted.
func (d *desk) hold(ctx context.Context, h sharedHold) error {
	var holds []quota.SharedHold
	unread := d.inTime(ctx, func(ctx context.Context) (err error) {
		holds, err = h.Holds(ctx)
		return err
	})
	d.row("rate limit", "%s", h.label)
	d.row("shared", "%q in the cache %q", h.Key, h.Cache)
	switch {
	case unread != nil && (!d.change.remove || !errors.Is(unread, quota.ErrIllegible)):
		return unread
	case unread != nil:
		d.row("hold", "unknown: %s", genesys.Printable(unread.Error()))
	case len(holds) == 0:
		d.row("hold", "none")
		return nil
	}
	for _, hold := range holds {
		d.row("hold", "until %s, %s from now: ordered to %s, written %s", hold.Until.UTC().Format(time.RFC3339),
			hold.Until.Sub(d.now).Round(time.Second), whose(hold), hold.At.UTC().Format(time.RFC3339))
	}
	if !d.change.remove {
		return nil
	}
	return d.do(ctx, h.End, "clear", "The hold ends for every process that shares it, and the next request is a probe. If the tenant meant it, it orders the next one.")
}

// whose is a process, by its own word.
func whose(hold quota.SharedHold) string {
	if hold.Owner == "" {
		return "a process of an earlier release"
	}
	return genesys.Printable(hold.Owner)
}
