// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

// ForgetExitStatus makes a process as if it had run no pipeline yet, for
// tests of this package from outside: a process for each of a thousand rows would
// take minutes.
func ForgetExitStatus() {
	failed.Store(false)
	unfinished.Clear()
}
