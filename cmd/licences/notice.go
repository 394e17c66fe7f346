// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// own is the path of this project's modules: one, and those below it.
const own = "connect-genesys.example/connect-genesys"

// connect has files of its own licences among those under Apache's, and its LICENSE is the
// sum of them.
const connect = "github.com/redpanda-data/connect/v4"

const intro = `connect-genesys
Copyright 2026 The connect-genesys authors

This product is licensed under the Apache License, Version 2.0 (LICENSE). It is linked with the
modules below, each under its own licence; the texts are in the modules' sources, which
` + "`go mod download`" + ` brings. Those of Google's components are in what ` + "`make build-all`" + ` builds and
not in what ` + "`make build`" + ` does. Written by ` + "`make notice`" + ` from what is linked: do not edit.
`

const restrictedIntro = `Files that are not under an open source licence

They belong to packages that the stock bundles bring along. RCL is the Redpanda Community License,
BSL the Business Source License of Redpanda, both in licenses/ of the module's source. The components
made of them (%s) cannot be configured in the
distribution; their code is linked all the same, for no bundle leaves it out and keeps aws_s3 and parquet_encode.
`

// protobuf is the processor that is made of the restricted files of protobuf/common: the file
// that registers it is not one of them.
const protobuf = "protobuf"

// notice is the text of NOTICE.
func notice(ctx context.Context, root string) ([]byte, error) {
	modules, err := modulesOf(ctx, root)
	if err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(modules))
	var b bytes.Buffer
	b.WriteString(intro)
	byLicence := map[string][]string{}
	for _, name := range names {
		m := modules[name]
		licences := slices.Sorted(maps.Keys(m.licences))
		if len(licences) == 0 {
			return nil, fmt.Errorf("%s has no licence that is known", name)
		}
		all := strings.Join(licences, " and ")
		byLicence[all] = append(byLicence[all], name)
	}
	for _, licence := range slices.Sorted(maps.Keys(byLicence)) {
		fmt.Fprintf(&b, "\n%s\n\n  %s\n", licence, strings.Join(byLicence[licence], "\n  "))
	}
	writeRestricted(&b, names, modules)
	writeNotices(&b, names, modules)
	return b.Bytes(), nil
}

func modulesOf(ctx context.Context, root string) (map[string]*module, error) {
	all, err := packages(ctx, root)
	if err != nil {
		return nil, err
	}
	modules := map[string]*module{goItself: {name: goItself, licences: map[string]bool{"BSD-3-Clause": true}}}
	for _, p := range all {
		if p.Standard || p.Module == nil || strings.HasPrefix(p.Module.Path+"/", own+"/") {
			continue
		}
		name := p.Module.Path + " " + p.Module.Version
		m := modules[name]
		if m == nil {
			m = &module{name: name, licences: map[string]bool{}, notices: map[string]string{}, files: map[string]string{}, components: map[string]bool{}}
			modules[name] = m
		}
		if err := m.read(p); err != nil {
			return nil, err
		}
		if p.Module.Path == connect { // its files say so themselves
			m.licences["Apache-2.0"] = true
		}
	}
	return modules, nil
}

const goItself = "the Go standard library"

func writeRestricted(b *bytes.Buffer, names []string, modules map[string]*module) {
	components := map[string]bool{protobuf: true}
	var files strings.Builder
	for _, name := range names {
		for _, file := range slices.Sorted(maps.Keys(modules[name].files)) {
			fmt.Fprintf(&files, "\n  %s  %s %s", modules[name].files[file], name, file)
		}
		maps.Copy(components, modules[name].components)
	}
	if files.Len() > 0 {
		b.WriteString("\n")
		fmt.Fprintf(b, restrictedIntro, strings.Join(slices.Sorted(maps.Keys(components)), ", "))
		b.WriteString(files.String())
	}
	b.WriteString("\n")
}

// writeNotices repeats what Apache's licence wants to be repeated.
func writeNotices(b *bytes.Buffer, names []string, modules map[string]*module) {
	for _, name := range names {
		for _, file := range slices.Sorted(maps.Keys(modules[name].notices)) {
			fmt.Fprintf(b, "\n---- %s of %s\n\n%s\n", file, name, strings.TrimSpace(strings.ReplaceAll(modules[name].notices[file], "\r", "")))
		}
	}
}
