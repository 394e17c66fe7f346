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
		"document region room text timelimit",
		"endpoint errors",
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
		"cache claims delivery gate intervals lint message metrics secrets status template trace",
		"fields",
		"client progress spec",
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

// arrowsOf finds them. What the parser cannot resolve in a file is declared in
// another one, or is Go's own.
func arrowsOf(files map[string]*ast.File) arrows {
	home, types := map[string]string{}, map[string]ast.Expr{}
	for file, parsed := range files {
		for name, object := range parsed.Scope.Objects {
			home[name] = file
			if spec, ok := object.Decl.(*ast.TypeSpec); ok {
				types[name] = spec.Type
			}
		}
	}
	all := arrows{}
	for file, parsed := range files {
		all[file] = map[string]map[string]bool{}
		for _, ident := range append(literalKeys(parsed, types), parsed.Unresolved...) {
			to, ok := home[ident.Name]
			if !ok || to == file {
				continue
			}
			if all[file][to] == nil {
				all[file][to] = map[string]bool{}
			}
			all[file][to][ident.Name] = true
		}
	}
	return all
}

// literalKeys are the keys of map and array literals that are names from outside
// the file: the parser leaves them out, because those of a struct look the same.
func literalKeys(file *ast.File, types map[string]ast.Expr) (keys []*ast.Ident) {
	elided := map[*ast.CompositeLit]ast.Expr{}
	ast.Inspect(file, func(node ast.Node) bool {
		literal, ok := node.(*ast.CompositeLit)
		if !ok {
			return true
		}
		kind := literal.Type
		if kind == nil {
			kind = elided[literal]
		}
		element, ok := elementOf(kind, types)
		for _, entry := range literal.Elts {
			if pair, isPair := entry.(*ast.KeyValueExpr); isPair {
				if key, isName := pair.Key.(*ast.Ident); isName && ok && key.Obj == nil {
					keys = append(keys, key)
				}
				entry = pair.Value
			}
			if inner, isLiteral := entry.(*ast.CompositeLit); isLiteral && inner.Type == nil {
				elided[inner] = element
			}
		}
		return true
	})
	return keys
}

// elementOf returns the element type of a map, an array or a slice, by whatever
// name, and reports whether it is one.
func elementOf(kind ast.Expr, types map[string]ast.Expr) (ast.Expr, bool) {
	switch kind := kind.(type) {
	case *ast.MapType:
		return kind.Value, true
	case *ast.ArrayType:
		return kind.Elt, true
	case *ast.StarExpr: // &T elided
		return elementOf(kind.X, types)
	case *ast.Ident:
		return elementOf(types[kind.Name], types)
	}
	return nil, false
}

// misplaced says what is wrong with floors.
func misplaced(floors []string, files map[string]*ast.File, arrows arrows) (wrong []string) {
	level := map[string]int{}
	for n, floor := range floors {
		for file := range strings.FieldsSeq(floor) {
			level[file] = n + 1
			if files[file] == nil {
				wrong = append(wrong, file+".go is on a floor, but there is no such file")
			}
		}
	}
	for file, targets := range arrows {
		if level[file] == 0 {
			wrong = append(wrong, file+".go is on no floor")
			continue
		}
		for to, names := range targets {
			if level[to] >= level[file] {
				wrong = append(wrong, file+".go uses what is not below it, in "+to+".go: "+strings.Join(slices.Sorted(maps.Keys(names)), ", "))
			}
		}
	}
	slices.Sort(wrong)
	return wrong
}

// lowest writes the floors down so that each file is on the lowest that it can be
// on, and after them those that use each other.
func lowest(files map[string]*ast.File, arrows arrows) string {
	var text strings.Builder
	left := slices.Sorted(maps.Keys(files))
	for len(left) > 0 {
		floor := slices.DeleteFunc(slices.Clone(left), func(file string) bool {
			return slices.ContainsFunc(left, func(other string) bool { return len(arrows[file][other]) > 0 })
		})
		if len(floor) == 0 {
			text.WriteString("\tin a circle: " + strings.Join(left, " ") + "\n")
			break
		}
		text.WriteString("\t" + strconv.Quote(strings.Join(floor, " ")) + ",\n")
		left = slices.DeleteFunc(left, func(file string) bool { return slices.Contains(floor, file) })
	}
	return text.String()
}
