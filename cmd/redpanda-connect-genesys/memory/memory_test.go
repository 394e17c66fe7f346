// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package memory

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
)

func TestTheMemoryLimitIsTheCgroups(t *testing.T) {
	files := func(pairs ...string) fstest.MapFS {
		fs := fstest.MapFS{}
		for i := 0; i < len(pairs); i += 2 {
			fs[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
		}
		return fs
	}
	const own = "proc/self/cgroup"
	for name, test := range map[string]struct {
		root fstest.MapFS
		want int64
	}{
		"a container":              {files(own, "0::/\n", "sys/fs/cgroup/memory.max", "536870912\n"), 512 << 20},
		"no limit":                 {files(own, "0::/\n", "sys/fs/cgroup/memory.max", "max\n"), 0},
		"no cgroups":               {files(), 0},
		"nonsense":                 {files(own, "x\n\n0::", "sys/fs/cgroup/memory.max", "-1"), 0},
		"a unit of systemd":        {files(own, "0::/system.slice/a.service\n", "sys/fs/cgroup/system.slice/a.service/memory.max", "100\n"), 100},
		"one around it":            {files(own, "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max", "100\n", "sys/fs/cgroup/a/memory.max", "50\n"), 50},
		"version 1":                {files(own, "4:cpu:/\n5:memory:/a\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes", "100\n"), 100},
		"version 1, without one":   {files(own, "5:memory:/a\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712\n"), 0},
		"version 1 in a container": {files(own, "5:memory:/docker/x\n", "sys/fs/cgroup/memory/memory.limit_in_bytes", "100\n"), 100},
	} {
		t.Run(name, func(t *testing.T) {
			limit, ok := cgroupLimit(test.root)
			assert.Equal(t, test.want, limit)
			assert.Equal(t, test.want > 0, ok)
		})
	}
}
