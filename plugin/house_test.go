// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// room is a package of the house.
type room struct {
	// on are the packages of ours that it may import, by their folders.
	on []string
	// floors are its files from the ground up, without their .go. A file uses what
	// is declared in its own and on lower floors.
	floors []string
}

// house is plugin/ by folder. A failure of TestFilesUseOneWay says which floors would be
// right. Files that it finds in a circle use each other, which no floors allow: what one
// of them declares has to move.
var house = map[string]room{
	"window": {floors: []string{
		"wall interval",
		"duration",
		"grid schedule",
		"timespec",
		"plan",
		"extent",
	}},
	"quota": {floors: []string{
		"budget hold retryafter room ticket waitmeter",
		"headers holdstore queue",
		"holds state",
		"gate",
		"permit",
		"acquire attempt",
		"poll transport",
	}},
	"simulator": {floors: []string{
		"bomb config data encode recorder reply",
		"conversations errors faults throttle",
		"headers interval",
		"call exchange job metrics",
		"listing route tally",
		"simulator",
		"aggregates details dimensions entities jobs lookups observations report routes token transport",
		"after dice jobkinds",
	}},
	"rows": {floors: []string{
		"column scan",
		"level",
		"conversations table value",
		"tables",
		"read",
		"source",
	}},
	"genesys": {on: []string{"quota"}, floors: []string{
		"region room skip text timelimit",
		"document endpoint errors",
		"cursor exchange summary table token",
		"body query",
		"request",
		"client page",
		"ask availability job paging try",
		"encode source",
	}},
	"export": {on: []string{"genesys", "window"}, floors: []string{
		"export keys retry run",
		"manifest position",
		"entry reader",
		"store walk",
		"acktracker runs",
		"ticks",
	}},
	"settings": {on: []string{"genesys", "rows", "window"}, floors: []string{
		"values",
		"schema",
		"client query ratelimit rows window",
		"config",
		"preview",
	}},
	".": {on: []string{"settings", "export", "genesys", "rows", "quota", "window"}, floors: []string{
		"cache claims delivery gate intervals lint message metrics secrets status template",
		"fields progress trace",
		"client spec",
		"input processor ratelimit rows",
		"check checkpoint checkpointing plugin",
	}},
}

const (
	module    = "connect-genesys.example/connect-genesys/"
	benthos   = "github.com/redpanda-data/" // and its components
	maxFloors = 8
)

// TestPackagesImportOneWay: a package imports those of ours that the house allows,
// and only the plugin itself knows Benthos.
func TestPackagesImportOneWay(t *testing.T) {
	for _, folder := range folders(t, ".") {
		allowed, ok := house[folder]
		require.True(t, ok, "folder plugin/%s has no room in the house", folder)
		for name, file := range parsePackage(t, folder) {
			for _, spec := range file.Imports {
				imported, err := strconv.Unquote(spec.Path.Value)
				require.NoError(t, err)
				below, ours := strings.CutPrefix(imported, module)
				below, inPlugin := strings.CutPrefix(below, "plugin/")
				assert.True(t, !ours || inPlugin && slices.Contains(allowed.on, below),
					"plugin/%s/%s.go imports %s: want nothing of ours but %v", folder, name, imported, allowed.on)
				assert.False(t, strings.HasPrefix(imported, benthos) && folder != ".",
					"plugin/%s/%s.go imports %s: only plugin itself knows Benthos", folder, name, imported)
			}
		}
	}
}

// TestNothingIsTooLong: a file is read in one go, and most functions at one glance.
func TestNothingIsTooLong(t *testing.T) {
	const mostLines, median, ninetieth = 350, 10, 25
	var lengths []int
	require.NoError(t, filepath.WalkDir("..", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".go" {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		assert.LessOrEqual(t, files.Position(file.FileEnd).Line-1, mostLines, name)
		for _, declared := range file.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && !strings.HasSuffix(name, "_test.go") {
				lengths = append(lengths, files.Position(f.End()).Line-files.Position(f.Pos()).Line+1)
			}
		}
		return nil
	}))
	slices.Sort(lengths)
	assert.LessOrEqual(t, lengths[len(lengths)/2], median)
	assert.LessOrEqual(t, lengths[len(lengths)*9/10], ninetieth)
	t.Logf("%d functions: the median has %d lines, the longest tenth %d and more", len(lengths), lengths[len(lengths)/2], lengths[len(lengths)*9/10])
}

// TestNoPackageForOddments: a package is named for what it is about.
func TestNoPackageForOddments(t *testing.T) {
	for _, root := range []string{".", "../cmd"} {
		for _, folder := range folders(t, root) {
			for name, file := range parsePackage(t, path.Join(root, folder)) {
				assert.NotContains(t, []string{"util", "utils", "common", "helper", "helpers", "misc"},
					file.Name.Name, "%s/%s/%s.go", root, folder, name)
			}
		}
	}
}

// TestFilesUseOneWay: inside a package, a file uses what is declared below it.
func TestFilesUseOneWay(t *testing.T) {
	for folder, room := range house {
		files := parsePackage(t, folder)
		arrows := arrowsOf(files)
		if wrong := misplaced(room.floors, files, arrows); len(wrong) > 0 {
			t.Errorf("plugin/%s:\n\t%s\nthe floors would be right like this:\n%s",
				folder, strings.Join(wrong, "\n\t"), lowest(files, arrows))
		}
		assert.LessOrEqual(t, len(room.floors), maxFloors, "plugin/%s has too many floors", folder)
	}
}

// TestArrowsAreSeen is a test of the tests above: each way in which a file can use
// what another one declares.
func TestArrowsAreSeen(t *testing.T) {
	const declared = `package p
		type Type struct{ field int }
		type table map[int]string
		const key = 1
		var variable, min int
		func function() {}
		func (t Type) method() { Type{}.method() }`
	for use, want := range map[string]string{
		"func f() { function() }":                            "function",
		"func f(function int) { _ = function }":              "",
		"func f() { key := 0; _ = key }":                     "",
		"func f() { _ = 2 * key }":                           "key",
		"type t struct{ variable int }":                      "",
		"type t struct{ *Type }":                             "Type",
		"func (t *Type) other() {}":                          "Type",
		"func f(x struct{ key int }) { _ = x.key }":          "",
		"type s struct{ key int }; var v = s{key: 2}":        "",
		"type s struct{ key int }; var v = []s{{key: 2}}":    "",
		"var v = map[int]string{key: ``}":                    "key",
		"var v = [...]string{key: ``}":                       "key",
		"var v = map[string][]int{``: {key: 0}}":             "key",
		"var v = table{key: ``}":                             "key table",
		"var v = []table{{key: ``}}":                         "key table",
		"var v = Type{field: 0}":                             "Type",
		"func f() int { return min(1, 2) }":                  "min",
		"func f[T any]() { f[Type]() }":                      "Type",
		"func f() { goto key; key: }":                        "",
		"func f(t interface{ method() }) { t.method() }":     "",
		"func f() { variable++; go func() { variable++ }()}": "variable",
	} {
		files := map[string]*ast.File{"below": parseText(t, declared), "above": parseText(t, "package p; "+use)}
		arrows := arrowsOf(files)
		assert.Empty(t, arrows["below"], use)
		assert.Equal(t, want, strings.Join(slices.Sorted(maps.Keys(arrows["above"]["below"])), " "), use)
		up := want != ""
		assert.Equal(t, up, len(misplaced([]string{"above", "below"}, files, arrows)) > 0, use)
		assert.Equal(t, up, len(misplaced([]string{"above below"}, files, arrows)) > 0, use)
		assert.Empty(t, misplaced([]string{"below", "above"}, files, arrows), use)
		assert.Len(t, misplaced([]string{"below"}, files, arrows), 1, use)
		assert.Len(t, misplaced([]string{"below", "above gone"}, files, arrows), 1, use)
	}
}

// folders are those with Go files, relative to root.
func folders(t *testing.T, root string) (folders []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(root, func(name string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			below, _ := filepath.Rel(root, filepath.Dir(name))
			folders = append(folders, filepath.ToSlash(below))
		}
		return err
	}))
	slices.Sort(folders)
	return slices.Compact(folders)
}

// parsePackage returns the files of a folder but its tests, by name without .go.
func parsePackage(t *testing.T, folder string) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	require.NoError(t, err)
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		files[strings.TrimSuffix(filepath.Base(name), ".go")] = file
	}
	return files
}

func parseText(t *testing.T, text string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "", text, 0)
	require.NoError(t, err, text)
	return file
}

// arrows are the names that one file uses and another one declares.
type arrows map[string]map[string]map[string]bool
