// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/urfave/cli/v2"

	"connect-genesys.example/connect-genesys/plugin"
)

const (
	flagAdopt  = "adopt"
	flagTo     = "to"
	flagDelete = "delete"
	flagYes    = "yes"
	flagInput  = "input"
)

func checkpointCommand(env *service.Environment) *cli.Command {
	return &cli.Command{
		Name:      "checkpoint",
		Usage:     "Show where the exports of a config are, and move them",
		ArgsUsage: "CONFIG",
		Description: `Shows the checkpoint of every genesys_analytics input that keeps one: its position, its
run, how far it is, how old, and of which tenant. Nothing is sent to the tenant. Exits with 0
when a run would go on there or start, with 1 when it would refuse:

  {{.BinaryName}} checkpoint -e ./export.env ./export.yaml
  {{.BinaryName}} checkpoint --to 2026-11-21 ./export.yaml

Stop the export before you change its checkpoint: one that runs moves it on.`,
		Flags: append(
			configFlags(),
			&cli.BoolFlag{Name: flagAdopt, Usage: "take over a checkpoint of the same export that another OAuth client has written"},
			&cli.StringFlag{Name: flagTo, Usage: "move it to the start of an interval, a time or a date in the input's time zone"},
			&cli.BoolFlag{Name: flagDelete, Usage: "remove it: the next run starts at the input's start"},
			&cli.BoolFlag{Name: flagYes, Usage: "do it without asking"},
			&cli.StringFlag{Name: flagInput, Usage: "of the input with this label or path alone"},
			&cli.DurationFlag{Name: flagTimeout, Value: usualTimeout, Usage: "how long to wait for the cache"},
		),
		Action: func(c *cli.Context) error {
			change, err := readChange(c)
			if err != nil {
				return err
			}
			conf, err := readConfig(c, env)
			if err != nil {
				return err
			}
			kept, err := findCheckpoints(conf, c.String(flagInput))
			if err != nil {
				return err
			}
			if change.one() && len(kept) > 1 {
				return fmt.Errorf("the config has %d checkpoints: say with --%s whose to change, %s", len(kept), flagInput, titles(kept))
			}
			desk := &desk{
				out: c.App.Writer, in: bufio.NewReader(c.App.Reader), change: change,
				timeout: c.Duration(flagTimeout), now: time.Now(), question: "Is the export stopped, and shall it be done?",
			}
			return conf.withResources(c.Context, func(ctx context.Context, res *service.Resources) error {
				return desk.all(ctx, kept, res)
			})
		},
	}
}

// change is what to do to a checkpoint; the zero value is to show it.
type change struct {
	adopt, remove, yes bool
	to                 string
}

func readChange(c *cli.Context) (change, error) {
	change := change{adopt: c.Bool(flagAdopt), to: c.String(flagTo), remove: c.Bool(flagDelete), yes: c.Bool(flagYes)}
	n := 0
	for _, name := range []string{flagAdopt, flagTo, flagDelete} {
		if c.IsSet(name) {
			n++
		}
	}
	if n > 1 {
		return change, fmt.Errorf("want one of --%s, --%s and --%s at a time", flagAdopt, flagTo, flagDelete)
	}
	if c.IsSet(flagTo) && change.to == "" {
		return change, fmt.Errorf("--%s is empty: want a time or a date", flagTo)
	}
	return change, nil
}

// one reports whether the change is of one checkpoint alone: what is right for one
// export can lose data of another.
func (c change) one() bool { return c.remove || c.to != "" }

// kept is an input with its checkpoint, and the kind of cache that this is in.
type kept struct {
	component

	*plugin.Checkpoint

	cacheKind string
}

func (k kept) title() string {
	if k.label != "" {
		return k.label
	}
	return k.path
}

func titles(all []kept) string {
	var names []string
	for _, k := range all {
		names = append(names, k.title())
	}
	return strings.Join(names, ", ")
}

// forgetful are the caches that end with the process.
var forgetful = []string{"memory", "lru", "ttlru", "ristretto", "noop"}

// findCheckpoints finds the inputs that keep one.
func findCheckpoints(conf *config, only string) (all []kept, err error) {
	caches, inputs := map[string]string{}, 0
	err = conf.walk(func(c component, raw map[string]any) error {
		if c.kind == "cache" {
			caches[c.label] = c.name
		}
		if c.kind != "input" || c.name != inputName || only != "" && only != c.label && only != c.path {
			return nil
		}
		inputs++
		found, err := plugin.ReadCheckpoint(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", c.path, err)
		}
		if found != nil {
			all = append(all, kept{component: c, Checkpoint: found})
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case inputs == 0 && only != "":
		return nil, fmt.Errorf("the config has no %s input with the label or path %q", inputName, only)
	case inputs == 0:
		return nil, fmt.Errorf("the config has no %s input: there is no checkpoint to show", inputName)
	case len(all) == 0:
		return nil, fmt.Errorf("no %s input of the config has a checkpoint_cache: every run starts at its start", inputName)
	}
	for i := range all {
		k := &all[i]
		k.cacheKind = caches[k.Cache]
		if slices.Contains(forgetful, k.cacheKind) {
			return nil, fmt.Errorf("%s: the cache %q is of the kind %s: what it keeps is gone with the process, there is nothing to show", k.path, k.Cache, k.cacheKind)
		}
	}
	return all, nil
}

// desk is where checkpoints are shown and changed.
type desk struct {
	out     io.Writer
	in      *bufio.Reader
	change  change
	timeout time.Duration
	now     time.Time
	// question is what to ask before a change.
	question string
}

func (d *desk) all(ctx context.Context, all []kept, res *service.Resources) error {
	var errs []error
	for i, k := range all {
		if i > 0 {
			fmt.Fprintln(d.out)
		}
		if err := k.Open(res); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", k.path, err))
			continue
		}
		if err := d.each(ctx, k); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", k.path, err))
		}
	}
	return errors.Join(errs...)
}

// each shows a checkpoint, and changes it where that is wanted.
func (d *desk) each(ctx context.Context, k kept) error {
	var state plugin.CheckpointState
	unread := d.inTime(ctx, func(ctx context.Context) (err error) {
		state, err = k.State(ctx)
		return err
	})
	if sheet := (sheet{d.out}); unread != nil {
		sheet.unread(k, unread)
	} else {
		sheet.checkpoint(k, state, d.now)
	}
	switch {
	case d.change.remove:
		return d.remove(ctx, k, state, unread != nil)
	case unread != nil:
		return unread
	case d.change.adopt:
		return d.adopt(ctx, k, state)
	case d.change.to != "":
		return d.move(ctx, k, state)
	case state.Rotated:
		return fmt.Errorf("a run would refuse it, it was written under another client: take it over with --%s", flagAdopt)
	case state.Differs != nil:
		return errors.New("a run would refuse it, it belongs to another export: give this input a checkpoint_cache_key of its own")
	}
	return nil
}

// inTime gives the cache no longer than it may take.
func (d *desk) inTime(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	err := f(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("the cache did not answer within %s: %w", d.timeout, err)
	}
	return err
}

func (d *desk) adopt(ctx context.Context, k kept, state plugin.CheckpointState) error {
	switch {
	case state.Entry == nil:
		return errors.New("there is no checkpoint to adopt")
	case state.Differs == nil:
		d.row("adopt", "it is this client's already: there is nothing to do")
		return nil
	case !state.Rotated:
		return errors.New("it is not the same export, so it cannot be adopted: it differs in " + strings.Join(state.Differs, " and in "))
	}
	return d.do(ctx, func(ctx context.Context) error { return k.Adopt(ctx, state) },
		"adopt", "The position stays where it is and becomes that of the client %q; the one of %q would refuse it from then on.",
		k.Own().ClientID, state.Entry.Plan.ClientID)
}

func (d *desk) move(ctx context.Context, k kept, state plugin.CheckpointState) error {
	to, err := k.Target(state, d.change.to, d.now)
	if err != nil {
		return err
	}
	from := state.Entry.Position
	if to.At.Equal(from.At) && from.End.IsZero() && from.Run == nil {
		d.row("move", "it is there already: there is nothing to do")
		return nil
	}
	says := fmt.Sprintf("The position goes from %s to %s.", from.At.Format(time.RFC3339), to.At.Format(time.RFC3339))
	if again := k.Between(from, to.At, from.At); again > 0 {
		says += fmt.Sprintf(" %s before it are exported again, under their own keys.", count(again, "interval"))
	}
	if skipped := k.Between(from, from.At, to.At); skipped > 0 {
		says += fmt.Sprintf(" %s from the old position on are NEVER exported.", count(skipped, "interval"))
	}
	if from.Run != nil {
		says += fmt.Sprintf(" The run to %s is given up, with its manifest: the next one starts at the new position.", from.Run.End.Format(time.RFC3339))
	}
	return d.do(ctx, func(ctx context.Context) error { return k.Move(ctx, state, to) }, "move", "%s", says)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (d *desk) remove(ctx context.Context, k kept, state plugin.CheckpointState, unread bool) error {
	if !unread && state.Entry == nil && state.Began.IsZero() {
		d.row("delete", "there is nothing to remove")
		return nil
	}
	return d.do(ctx, k.Delete, "delete", "The checkpoint is removed: the next run starts at the input's start, and exports again what lies between.")
}

// do says what is about to be done, asks, and does it.
func (d *desk) do(ctx context.Context, f func(context.Context) error, name, format string, values ...any) error {
	d.row(name, format, values...)
	if !d.change.yes {
		fmt.Fprintf(d.out, "%-11s %s [y/N] ", "", d.question)
		answer, _ := d.in.ReadString('\n')
		if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
			fmt.Fprintln(d.out)
			return fmt.Errorf("nothing was changed: answer y, or say --%s", flagYes)
		}
	}
	if err := d.inTime(ctx, f); err != nil {
		return err
	}
	d.row("", "done")
	return nil
}

func (d *desk) row(name, format string, values ...any) { sheet{d.out}.row(name, format, values...) }
