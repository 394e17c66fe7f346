// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package memory keeps a process within the memory that its container may use.
package memory

import (
	"io/fs"
	"os"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// Limit lets the collector work before the kernel kills: it keeps the process to nine
// tenths of what its cgroup may use. GOMEMLIMIT takes precedence where it is set.
func Limit() {
	if _, ok := os.LookupEnv("GOMEMLIMIT"); ok {
		return
	}
	if limit, ok := cgroupLimit(os.DirFS("/")); ok {
		debug.SetMemoryLimit(limit / 10 * 9)
	}
}

const (
	cgroups = "sys/fs/cgroup"
	// limitFile is of version 2 of cgroups, limitFileV1 of version 1.
	limitFile   = "memory.max"
	limitFileV1 = "memory.limit_in_bytes"
	// unlimited is where version 1 says that there is no limit: it has a number for it.
	unlimited = 1 << 60
)

// cgroupLimit is the smallest limit of the cgroup that the process is in and of
// those around it; false where there is none. In a container its own is the root.
func cgroupLimit(root fs.FS) (limit int64, ok bool) {
	for dir, file := range memoryCgroups(root) {
		for ; ; dir = path.Dir(dir) {
			if n, found := readLimit(root, path.Join(dir, file)); found && (!ok || n < limit) {
				limit, ok = n, true
			}
			if !strings.HasPrefix(dir, cgroups+"/") {
				break
			}
		}
	}
	return limit, ok
}

// memoryCgroups are the directories that can have a limit of this process, and the
// name of the file that it is in.
func memoryCgroups(root fs.FS) map[string]string {
	found := map[string]string{cgroups: limitFile, cgroups + "/memory": limitFileV1}
	text, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return found
	}
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3) // hierarchy, controllers, path
		switch {
		case len(parts) != 3:
		case parts[1] == "":
			found[path.Join(cgroups, parts[2])] = limitFile
		case strings.Contains(","+parts[1]+",", ",memory,"):
			found[path.Join(cgroups, "memory", parts[2])] = limitFileV1
		}
	}
	return found
}

func readLimit(root fs.FS, name string) (int64, bool) {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64) // or "max"
	return n, err == nil && n > 0 && n < unlimited
}
