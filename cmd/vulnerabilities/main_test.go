// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// toy calls a function of golang.org/x/mod, which this module requires too, and one of the
// standard library.
const toy = `package main

import (
	"strings"

	"golang.org/x/mod/semver"
)

func main() { println(strings.ToUpper("a"), semver.Compare("v1.0.0", "v1.0.1")) }
`

// writeToy writes the toy and returns its folder.
func writeToy(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	var required string
	for line := range strings.Lines(string(text)) {
		if name, version, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(line), " // indirect"), " "); ok && name == "golang.org/x/mod" {
			required = name + " " + version
		}
	}
	require.NotEmpty(t, required)
	sums, err := os.ReadFile("go.sum")
	require.NoError(t, err)
	return writeFolder(t, map[string]string{
		"main.go": toy, "go.mod": "module toy.example/toy\n\ngo 1.26.0\n\nrequire " + required + "\n", "go.sum": string(sums),
	})
}

func writeFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

// entry is one of the database: a function in every version of a module below the one that mends it.
func entry(id, module, pkg, function, mended string) string {
	return fmt.Sprintf(`{"schema_version":"1.3.1","id":%q,"modified":"2026-01-01T00:00:00Z","published":"2026-01-01T00:00:00Z",
"affected":[{"package":{"name":%q,"ecosystem":"Go"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":%q}]}],
"ecosystem_specific":{"imports":[{"path":%q,"symbols":[%q]}]}}]}`, id, module, mended, pkg, function)
}

// never is a version that mends an entry, and that nobody has.
const never = "1000.0.0"

// writeDatabase writes entries that differ in what the toy does with their function.
func writeDatabase(t *testing.T, ids ...string) string {
	t.Helper()
	const mod, semver = "golang.org/x/mod", "golang.org/x/mod/semver"
	files := map[string]string{}
	for _, id := range ids {
		files[id+".json"] = map[string]string{
			"GO-0-CALLED":   entry(id, mod, semver, "Compare", never),
			"GO-0-CALLEE":   entry(id, mod, semver, "parse", never),
			"GO-0-IMPORTED": entry(id, mod, semver, "Build", never),
			"GO-0-REQUIRED": entry(id, mod, mod+"/zip", "Create", never),
			"GO-0-MENDED":   entry(id, mod, semver, "Compare", "0.1.0"),
			"GO-0-STDLIB":   entry(id, "stdlib", "strings", "ToUpper", never),
			"GO-0-STRANGE":  entry(id, "other.example/module", "other.example/module", "F", never),
		}[id]
	}
	return writeFolder(t, files)
}

func TestACalledVulnerabilityOfAModuleFails(t *testing.T) {
	var out strings.Builder
	folder := writeToy(t)
	err := check(t.Context(), &out, writeDatabase(t, "GO-0-CALLED", "GO-0-CALLEE", "GO-0-IMPORTED", "GO-0-REQUIRED", "GO-0-MENDED", "GO-0-STDLIB"),
		[]string{folder}, map[string]string{"GO-0-CALLEE": "a toy", "GO-0-IMPORTED": "likewise"})
	require.Error(t, err)
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 2, "what is called and not allowed, and what is allowed and not called")
	assert.Regexp(t, `GO-0-CALLED: toy\.example/toy\.main calls golang\.org/x/mod/semver\.Compare of golang\.org/x/mod v\S+, mended in v1000\.0\.0$`, lines[0])
	assert.Equal(t, "GO-0-IMPORTED is allowed, but nothing calls it: remove it from the list", lines[1])
	assert.Equal(t, folder+`: 3 modules, 6 entries of the database about them
  called: 2 GO-0-CALLED GO-0-CALLEE
  linked or required, not called: 2 GO-0-IMPORTED GO-0-REQUIRED
  of Go itself, for a newer Go to mend: 1 GO-0-STDLIB
  GO-0-CALLEE is allowed: a toy
`, out.String())
}

func TestWhatIsNotCalledPasses(t *testing.T) {
	entries := writeDatabase(t, "GO-0-IMPORTED", "GO-0-REQUIRED", "GO-0-MENDED", "GO-0-STDLIB")
	assert.NoError(t, check(t.Context(), t.Output(), entries, []string{writeToy(t)}, nil))
}

func TestWhatCannotBeScannedFails(t *testing.T) {
	entries := writeDatabase(t, "GO-0-STDLIB")
	for name, files := range map[string]map[string]string{
		"no module":        {},
		"no package":       {"go.mod": "module toy.example/toy\n"},
		"does not compile": {"go.mod": "module toy.example/toy\n", "main.go": "package main\n\nfunc main() { strings.ToUpper() }\n"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Error(t, check(t.Context(), t.Output(), entries, []string{writeFolder(t, files)}, nil))
		})
	}
	for name, entries := range map[string]string{"an empty database": t.TempDir(), "one of other modules": writeDatabase(t, "GO-0-STRANGE")} {
		t.Run(name, func(t *testing.T) {
			assert.ErrorContains(t, check(t.Context(), t.Output(), entries, []string{writeToy(t)}, nil), "1 packages and 0 entries")
		})
	}
}
