// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"go/ast"
	"maps"
	"slices"
	"strconv"
	"strings"
)

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
