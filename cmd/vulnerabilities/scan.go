// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"golang.org/x/vuln/scan"
)

// message is one of those that `govulncheck -format json` writes, as far as they matter here.
type message struct {
	SBOM *struct {
		Modules []struct{ Path string }
		Roots   []string
	}
	OSV     *struct{ ID string }
	Finding *finding
}

// finding is a vulnerability and one way that leads to it.
type finding struct {
	OSV          string
	FixedVersion string `json:"fixed_version"`
	// Trace begins with what is vulnerable, and ends with code of the scanned folder.
	Trace []struct{ Module, Version, Package, Receiver, Function string }
}

// ofGo reports whether it is one of the standard library or the toolchain: a newer Go mends
// those, and no line of this project.
func (f finding) ofGo() bool {
	return f.Trace[0].Module == "stdlib" || f.Trace[0].Module == "toolchain"
}

// called reports whether the trace ends in a call, and not in an import or a requirement.
func (f finding) called() bool { return f.Trace[0].Function != "" }

func (f finding) String() string {
	to, from := f.Trace[0], f.Trace[len(f.Trace)-1]
	name := strings.TrimPrefix(to.Receiver+"."+to.Function, ".")
	return fmt.Sprintf("%s: %s.%s calls %s.%s of %s %s, mended in %s", f.OSV,
		from.Package, from.Function, to.Package, name, to.Module, to.Version, cmp.Or(f.FixedVersion, "no version yet"))
}

// findings are those of a folder, one for each vulnerability.
type findings struct {
	modules, entries int
	called           map[string]finding
	uncalled         map[string]finding
	ofGo             map[string]finding
}

// scanFolder reads the source of every package in a folder, without the tests. A binary would
// not do: without its symbols, each function of a linked module counts as called.
func scanFolder(ctx context.Context, entries, folder string) (*findings, error) {
	var out bytes.Buffer
	cmd := scan.Command(ctx, "-C", folder, "-format", "json", "-db", "file://"+entries, "./...")
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := errors.Join(cmd.Start(), cmd.Wait()); err != nil {
		return nil, err
	}
	return read(&out)
}

func read(r io.Reader) (*findings, error) {
	found := &findings{called: map[string]finding{}, uncalled: map[string]finding{}, ofGo: map[string]finding{}}
	roots := 0
	for decoder := json.NewDecoder(r); ; {
		var m message
		if err := decoder.Decode(&m); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("reading what was found: %w", err)
		}
		switch {
		case m.SBOM != nil:
			found.modules, roots = len(m.SBOM.Modules), len(m.SBOM.Roots)
		case m.OSV != nil:
			found.entries++
		case m.Finding != nil:
			found.add(*m.Finding)
		}
	}
	if roots == 0 || found.entries == 0 {
		return nil, fmt.Errorf("%d packages and %d entries of the database: that checks nothing", roots, found.entries)
	}
	maps.DeleteFunc(found.uncalled, func(id string, _ finding) bool { _, called := found.called[id]; return called })
	return found, nil
}

func (all *findings) add(f finding) {
	switch {
	case f.ofGo() && f.called():
		all.ofGo[f.OSV] = f
	case f.ofGo():
	case f.called():
		all.called[f.OSV] = f
	default:
		all.uncalled[f.OSV] = f
	}
}

func (all *findings) write(w io.Writer, folder string) {
	fmt.Fprintf(w, "%s: %d modules, %d entries of the database about them\n", folder, all.modules, all.entries)
	for _, group := range []struct {
		what  string
		found map[string]finding
	}{
		{"called", all.called},
		{"linked or required, not called", all.uncalled},
		{"of Go itself, for a newer Go to mend", all.ofGo},
	} {
		fmt.Fprintf(w, "  %s: %d %s\n", group.what, len(group.found), strings.Join(slices.Sorted(maps.Keys(group.found)), " "))
	}
}
