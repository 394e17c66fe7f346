// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import "syscall"

// keepFilesFromOthers takes from what the process writes the rights of those who are neither
// its user nor in its group: the stock file cache gives a checkpoint 0644.
func keepFilesFromOthers() {
	syscall.Umask(syscall.Umask(0o077) | 0o027)
}
