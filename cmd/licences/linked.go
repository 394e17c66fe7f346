// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// distribution is the module whose packages are listed.
const distribution = "cmd/redpanda-connect-genesys"

// linked is a package of the distribution, as `go list` tells it.
type linked struct {
	Dir      string
	GoFiles  []string
	SFiles   []string
	Module   *struct{ Path, Version, Dir string }
	Standard bool
}

// packages are those of the distribution with all that it can be built with, whatever machine asks.
func packages(ctx context.Context, root string) (all []linked, err error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-tags=timetzdata,google", "-deps", "-json=Dir,GoFiles,SFiles,Module,Standard", ".")
	cmd.Dir, cmd.Stderr = filepath.Join(root, distribution), os.Stderr
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("listing what is linked: %w", err)
	}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p linked
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("reading what is linked: %w", err)
		}
		all = append(all, p)
	}
}

// module is what NOTICE says of one.
type module struct {
	name       string
	licences   map[string]bool
	notices    map[string]string // by where they are in it
	files      map[string]string // those with a licence that is not open source
	components map[string]bool   // that those files register
}

// read takes in a package: the licences from its own folder up to its module's, and the heads
// of its files.
func (m *module) read(p linked) error {
	for dir := p.Dir; ; dir = filepath.Dir(dir) {
		if err := m.readFolder(p.Module.Dir, dir); err != nil {
			return err
		}
		if dir == p.Module.Dir {
			break
		}
	}
	for _, name := range append(p.GoFiles, p.SFiles...) {
		text, err := os.ReadFile(filepath.Join(p.Dir, name))
		if err != nil {
			return fmt.Errorf("reading a file of %s: %w", m.name, err)
		}
		if licence := restricted(text); licence != "" {
			in, err := filepath.Rel(p.Module.Dir, filepath.Join(p.Dir, name))
			if err != nil {
				return err
			}
			m.files[filepath.ToSlash(in)] = licence
			for _, component := range registered(text) {
				m.components[component] = true
			}
		}
	}
	return nil
}

var (
	licenceFile = regexp.MustCompile(`(?i)^(un)?(licen[cs]e|copying)([.-].*)?$`)
	noticeFile  = regexp.MustCompile(`(?i)^notice(\.(md|txt))?$`)
)

func (m *module) readFolder(root, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("looking for the licence of %s: %w", m.name, err)
	}
	for _, entry := range entries {
		isLicence, isNotice := licenceFile.MatchString(entry.Name()), noticeFile.MatchString(entry.Name())
		if entry.IsDir() || !isLicence && !isNotice || strings.HasSuffix(entry.Name(), ".go") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return fmt.Errorf("reading the licence of %s: %w", m.name, err)
		}
		if isNotice {
			in, err := filepath.Rel(root, filepath.Join(dir, entry.Name()))
			if err != nil {
				return err
			}
			m.notices[filepath.ToSlash(in)] = string(text)
			continue
		}
		for _, licence := range named(string(text)) {
			m.licences[licence] = true
		}
	}
	return nil
}

// head is as much of a file as says its licence.
const head = 2048

// restricted is the licence that a file's head names, where it is not open source.
func restricted(text []byte) string {
	words := strings.Join(strings.FieldsFunc(string(text[:min(len(text), head)]), func(r rune) bool {
		return unicode.IsSpace(r) || r == '/' || r == '*' // of a comment
	}), " ")
	switch {
	case strings.Contains(words, "Redpanda Community License"):
		return "RCL"
	case strings.Contains(words, "Business Source License"):
		return "BSL"
	}
	return ""
}

var registration = regexp.MustCompile(`\bservice\.(?:Must)?Register\w+\(\s*"(\w+)"`)

// registered are the components that a file registers.
func registered(text []byte) (all []string) {
	for _, found := range registration.FindAllSubmatch(text, -1) {
		all = append(all, string(found[1]))
	}
	return all
}

// named are the licences that a text is: some files hold several.
func named(text string) (all []string) {
	words := strings.Join(strings.Fields(text), " ")
	has := func(s string) bool { return strings.Contains(words, s) }
	for _, licence := range []struct {
		name string
		is   bool
	}{
		{"Apache-2.0", has("Apache License") && has("Version 2.0") || has("apache.org/licenses/LICENSE-2.0")},
		{"RCL", has("Redpanda Community License")},
		{"MPL-2.0", has("Mozilla Public License") && has("2.0")},
		{"MIT", has("Permission is hereby granted, free of charge")},
		{"ISC", has("Permission to use, copy, modify, and/or distribute this software") || has("Permission to use, copy, modify, and distribute this software")},
		{"BSD-3-Clause", has("Redistribution and use in source and binary forms") && (has("Neither the name") || has("endorse or promote"))},
		{"BSD-2-Clause", has("Redistribution and use in source and binary forms") && !has("Neither the name") && !has("endorse or promote")},
		{"Unlicense", has("free and unencumbered software")},
		{"CC0-1.0", has("CC0 1.0 Universal")},
		{"Zlib", has("This software is provided 'as-is'")},
	} {
		if licence.is {
			all = append(all, licence.name)
		}
	}
	return slices.Compact(all)
}
