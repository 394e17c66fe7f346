// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Command licences writes NOTICE: which licence everything that is linked into the
// distribution is under. Run it from the top of the repository, as `make notice` does.
package main

import (
	"context"
	"fmt"
	"os"
)

func main() {
	text, err := notice(context.Background(), ".")
	if err == nil {
		err = os.WriteFile("NOTICE", text, 0o644) //nolint:gosec // for everybody to read
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}
