// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package proc

import "syscall"

// attributes ties the child to its parent: it is killed when the parent dies, even of a SIGKILL
// or of a test binary's timeout, where no deferred call runs.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
