// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"fmt"
	"time"

	"connect-genesys.example/connect-genesys/plugin/window"
)

// Key names a page: stable, path-safe, in the order of the pages when sorted.
// Two fetches of one page have one key, two pages of a dataset never share one.
func Key(dataset string, iv window.Interval, page int) string {
	return fmt.Sprintf("%s/%s/p%04d", dataset, iv.Key(), page)
}

// ManifestKey names the manifest of a window.
func ManifestKey(dataset string, start, end time.Time) string {
	return dataset + "/_manifests/" + window.Interval{Start: start, End: end}.Compact()
}
