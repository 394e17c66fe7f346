// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"fmt"
	"time"

	"connect-genesys.example/connect-genesys/plugin/window"
)

// Key returns the key of a page, from 1. It can be a path, and keys sort in the order of
// the pages. A page has the same key whenever it is fetched, and no other page of the
// dataset has it.
func Key(dataset string, iv window.Interval, page int) string {
	return dataset + "/" + iv.Key() + fmt.Sprintf("/p%04d", page)
}

// ManifestKey returns the key of the manifest of a window.
func ManifestKey(dataset string, start, end time.Time) string {
	return dataset + "/_manifests/" + window.Interval{Start: start, End: end}.Compact()
}
