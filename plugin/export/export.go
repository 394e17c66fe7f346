// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package export reads a time window interval by interval and returns its pages in
// order, each with the position from which an export goes on once the page has been
// delivered.
//
// A [Walk] reads one window and [Runs] one window after the other. An [AckTracker]
// derives the position from the acknowledgements of the pages, and a [Store] saves it
// in a cache.
package export

import "errors"

// errClosed is the cause of what ends because its walk, runs or tracker was closed.
var errClosed = errors.New("the export is closing")

// tell calls a listener, which may be nil.
func tell[T any](listener func(T), what T) {
	if listener != nil {
		listener(what)
	}
}
