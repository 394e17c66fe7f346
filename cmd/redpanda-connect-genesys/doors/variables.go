// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package doors

import (
	"fmt"
	"os"
	"strings"
)

// fileSuffix makes of a variable's name that of one that says in which file its value is.
const fileSuffix = "_FILE"

// Lookup is the value of an environment variable that a config names: its own, or else what is
// in the file that NAME_FILE names, less the newline at its end. A mounted secret then is no
// part of the environment, which children inherit and others of the user can read. A file that
// cannot be read is said, and is no value.
func Lookup(name string) (value string, ok bool) {
	if value, ok = os.LookupEnv(name); ok {
		return value, true
	}
	path := os.Getenv(name + fileSuffix)
	if path == "" {
		return "", false
	}
	text, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintf(os.Stderr, "reading %s%s: %v\n", name, fileSuffix, err)
		return "", false
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), true
}
