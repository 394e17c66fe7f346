// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Command vulnerabilities fails on a known vulnerability of a module that the code of the
// given folders calls. It reads golang.org/x/vulndb from the module proxy.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// allowed are the called vulnerabilities that no version mends, by id, with the reason why
// each can be borne. An entry that is no longer called is an error.
var allowed = map[string]string{}

func main() {
	version := flag.String("database", "latest", "version of golang.org/x/vulndb")
	flag.Parse()
	if err := run(context.Background(), *version, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "vulnerabilities:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, version string, folders []string) error {
	entries, err := database(ctx, version)
	if err != nil {
		return err
	}
	return check(ctx, os.Stdout, entries, folders, allowed)
}

// database downloads a version of the database, and returns the folder with its entries.
func database(ctx context.Context, version string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", "golang.org/x/vulndb@"+version)
	// Outside of the module, whose go.sum has nothing to do with it.
	cmd.Dir, cmd.Stderr = os.TempDir(), os.Stderr
	out, err := cmd.Output()
	var module struct{ Version, Dir, Error string }
	if err := errors.Join(err, json.Unmarshal(out, &module)); err != nil {
		return "", fmt.Errorf("downloading the database: %w %s", err, module.Error)
	}
	fmt.Println("golang.org/x/vulndb", module.Version)
	return filepath.Join(module.Dir, "data", "osv"), nil
}

// check scans each folder, writes what it found, and returns an error for what is called and
// not allowed, and for what is allowed and not called.
func check(ctx context.Context, w io.Writer, entries string, folders []string, allowed map[string]string) error {
	var errs []error
	unused := maps.Clone(allowed)
	for _, folder := range folders {
		found, err := scanFolder(ctx, entries, folder)
		if err != nil {
			return fmt.Errorf("scanning %s: %w", folder, err)
		}
		found.write(w, folder)
		for _, id := range slices.Sorted(maps.Keys(found.called)) {
			if reason, ok := allowed[id]; ok {
				fmt.Fprintf(w, "  %s is allowed: %s\n", id, reason)
				delete(unused, id)
				continue
			}
			errs = append(errs, fmt.Errorf("%s: %s", folder, found.called[id]))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(unused)) {
		errs = append(errs, fmt.Errorf("%s is allowed, but nothing calls it: remove it from the list", id))
	}
	return errors.Join(errs...)
}
